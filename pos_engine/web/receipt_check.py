"""Anyone checks the QR code of a receipt: as JSON for programs, as a page for people."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import Field, StrictStr

from pos_engine.rules.receipt import written_at
from pos_engine.services.receipt_check import CheckedReceipt, Match, check_receipt
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import pages
from pos_engine.web.problem import ProblemError
from pos_engine.web.rates import Rate
from pos_engine.web.strict import Strict
from pos_engine.wire.envelope import QR_LETTERS_MAX

router = APIRouter(tags=["audit"])
CHECKS_OF_AN_ADDRESS_MAX = 30
CHECKS_OF_ALL_MAX = 200
CHECKS_WINDOW_S = 60.0
TOO_OFTEN = "Terlalu sering memeriksa. Tunggu satu menit."
_HELD = "Belanja tanpa sinyal ini sedang diperiksa petugas."
BECAME = {
    "RECORDED": "Belanja tanpa sinyal: belum sampai ke mesin. Simpan struk ini sampai SMS datang.",
    "SHOP_LIABLE": "Belanja tanpa sinyal ini ditanggung warung: bantuan tidak terpotong.",
    "PROGRAMME_LOSS": "Belanja tanpa sinyal ini dibayar program: bantuan tidak terpotong.",
    "HELD_FORK": _HELD,
    "HELD_REVIEW": _HELD,
    "PENDING_GAP": _HELD,
    "DISPUTED": "Belanja ini sedang disanggah keluarganya.",
    "VOIDED": "Belanja ini sudah dibatalkan: uangnya kembali ke bantuan keluarga itu.",
    "REVERSED": "Uang belanja ini sudah dikembalikan ke bantuan keluarga itu.",
}


class ReceiptIn(Strict):
    """The text of a receipt's QR code."""

    text: Annotated[StrictStr, Field(min_length=1, max_length=QR_LETTERS_MAX)]


class Gate:
    """The limits of one server process."""

    def __init__(self) -> None:
        self.address = Rate(CHECKS_OF_AN_ADDRESS_MAX, CHECKS_WINDOW_S)
        self.all = Rate(CHECKS_OF_ALL_MAX, CHECKS_WINDOW_S)

    def allow(self, request: Request) -> bool:
        """Count one more check of this address."""
        host = request.client.host if request.client else ""
        return self.address.allow(host) and self.all.allow("")


def _gate(request: Request) -> Gate:
    state = request.app.state
    if not hasattr(state, "receipt_gate"):
        state.receipt_gate = Gate()
    gate: Gate = state.receipt_gate
    return gate


@router.post("/v1/receipts/check", responses={429: {"description": "TOO_OFTEN"}})
def post_check(request: Request, engine: EngineHere, body: ReceiptIn) -> dict[str, Any]:
    """MATCH with number, sum, time, shop and hash of the goods; NO_MATCH; NO_RECEIPT."""
    if not _gate(request).allow(request):
        raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "TOO_OFTEN", TOO_OFTEN)
    return _json(check_receipt(engine, body.text))


@router.get("/struk", include_in_schema=False, response_class=HTMLResponse)
def get_page(request: Request) -> Response:
    """A field for the code's text and, where a browser can, the camera."""
    return _shown(request, HTTPStatus.OK)


@router.post("/struk", include_in_schema=False, response_class=HTMLResponse)
def post_page(
    request: Request,
    engine: EngineHere,
    code: Annotated[str, Form(alias="kode", max_length=QR_LETTERS_MAX)],
) -> Response:
    """Cocok or tidak cocok, with what to compare on the paper."""
    if not _gate(request).allow(request):
        return _shown(request, HTTPStatus.TOO_MANY_REQUESTS, error=TOO_OFTEN)
    found = check_receipt(engine, code)
    if found.match is Match.NO_RECEIPT:
        error = "Ini bukan kode struk. Pindai kode QR di bagian bawah struk."
        return _shown(request, HTTPStatus.UNPROCESSABLE_ENTITY, error=error)
    said = found.said
    at = written_at(said.at, said.zone) if said else ""
    became = BECAME.get(said.status, "") if said else ""
    return _shown(request, HTTPStatus.OK, found=found, said=said, at=at, became=became)


def _shown(request: Request, status: HTTPStatus, **context: Any) -> Response:
    context["longest"] = QR_LETTERS_MAX
    return pages.TemplateResponse(request, "receipt_check.html", context, status_code=status)


def _json(found: CheckedReceipt) -> dict[str, Any]:
    body: dict[str, Any] = {"match": found.match.value}
    said = found.said
    if said is None:
        return body
    return body | {
        "number": said.number,
        "amount": said.amount,
        "at": said.at.isoformat(timespec="minutes"),
        "zone": said.zone,
        "content": said.content,
        "shop": said.shop_name,
        "place": said.place,
        "status": said.status,
        "returned": said.returned,
    }
