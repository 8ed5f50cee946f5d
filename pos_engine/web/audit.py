"""The public proof of a receipt: JSON for programs, one page for people that checks itself."""

import base64
import hashlib
import json
from http import HTTPStatus
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Header, Response
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse, JSONResponse

from pos_engine.services.audit_prove import Found, found_json, prove_receipt
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import pages
from pos_engine.web.problem import ProblemError

router = APIRouter(prefix="/v1/receipts", tags=["audit"])
NAME = r"^(\d{4}-\d{6}-[0-9A-F]{8}|[0-9a-f]{64})$"
FILES = Path(__file__).parent / "static"
STYLE, SCRIPT = (FILES / "proof.css").read_text(), (FILES / "proof.js").read_text()


def _allowed(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


PAGE_HEADERS = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_allowed(STYLE)}; script-src {_allowed(SCRIPT)}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}


@router.get(
    "/{name}/proof",
    responses={
        200: {
            "description": "RECORDED with a proof, OPEN, or MISSING; with Accept: text/html a page",
            "content": {"text/html": {}},
        },
        404: {"description": "a leaf that no record knows: ask by the receipt's number"},
    },
)
def get_proof(
    engine: EngineHere,
    name: Annotated[str, InPath(pattern=NAME, description="number or leaf of a receipt")],
    accept: Annotated[str, Header()] = "",
) -> Response:
    """Does a receipt stand in the signed record of its day? Open to anyone, names nobody."""
    found = prove_receipt(engine, name)
    if found is None:
        raise ProblemError(
            HTTPStatus.NOT_FOUND,
            "NOT_FOUND",
            "Segel ini tidak dikenal. Periksa dengan nomor struk.",
        )
    if "text/html" in accept:
        return HTMLResponse(proof_page(found), headers=PAGE_HEADERS)
    return JSONResponse(found_json(found))


def proof_page(found: Found) -> str:
    """The page on its own: it can be kept and opened without any network."""
    text = json.dumps(found_json(found), ensure_ascii=True, separators=(",", ":"))
    safe = text.replace("<", "\\u003c")  # no tag can begin in it
    page = pages.get_template("proof.html")
    return page.render(found=safe, style=STYLE, script=SCRIPT)
