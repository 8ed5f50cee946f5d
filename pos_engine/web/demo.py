"""Pages of the sample installation: devices and messages, for this machine only."""

import json
from http import HTTPStatus
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates

from pos_engine.engine import Engine
from pos_engine.sms import DemoGateway
from pos_engine.web.auth import EngineHere
from pos_engine.web.problem import ProblemError

router = APIRouter(prefix="/demo", include_in_schema=False)
pages = Jinja2Templates(Path(__file__).parent / "templates")
LOCAL_NAMES = {"127.0.0.1", "localhost", "[::1]", "::1"}


def demo_staff(request: Request, engine: Engine) -> list[dict[str, Any]]:
    """The sample log-ins, only on a demo and only for this machine; else nothing."""
    demo_file: Path | None = request.app.state.demo_file
    if demo_file is None or not _is_local(request) or not demo_file.exists():
        return []
    with engine.database.read() as tx:
        if not engine.is_demo(tx):
            return []
    sample = json.loads(demo_file.read_text())
    shops = {shop["shop_id"]: shop for shop in sample["shops"]}
    return [
        row
        | {
            "shop_name": shops.get(row["shop_id"], {}).get("name"),
            "region_name": shops.get(row["shop_id"], {}).get("region_name"),
        }
        for row in sample["staff"]
    ]


@router.get("/devices")
def devices(request: Request, engine: EngineHere) -> dict[str, Any]:
    """The sample tills to choose from."""
    staff = demo_staff(request, engine)
    if not staff:
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Bukan pemasangan contoh.")
    return {"staff": staff}


@router.get("/sms.json")
def messages_json(request: Request, engine: EngineHere) -> dict[str, Any]:
    """The texts that the demo's gateway took, the newest first."""
    return {"messages": _messages(request, engine)}


@router.get("/sms", response_class=HTMLResponse)
def messages_page(request: Request, engine: EngineHere) -> HTMLResponse:
    """The same as a page: the phones of the sample families."""
    context = {"messages": _messages(request, engine)}
    return pages.TemplateResponse(request, "sms.html", context)


def _messages(request: Request, engine: Engine) -> list[dict[str, str]]:
    gateway = engine.sms
    if not isinstance(gateway, DemoGateway) or not demo_staff(request, engine):
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Bukan pemasangan contoh.")
    return [
        {"to": each.to, "text": each.text, "at": each.at.isoformat(timespec="seconds")}
        for each in gateway.messages()
    ]


def _is_local(request: Request) -> bool:
    """Asked from this machine, by its own name (a foreign name would be DNS rebinding)."""
    client = request.client.host if request.client else ""
    try:
        from_here = ip_address(client).is_loopback
    except ValueError:
        from_here = False
    return from_here and (request.url.hostname or "") in LOCAL_NAMES
