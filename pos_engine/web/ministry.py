"""The ministry's page: paid prices against the ceiling, a table and a picture."""

from datetime import date, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse, StreamingResponse
from fastapi.templating import Jinja2Templates

from catalog.zones import region_exists, region_name
from pos_engine.engine import Engine
from pos_engine.rules.money import written
from pos_engine.rules.quantity import quantity_written, unit_name
from pos_engine.services.report import REPORTS, make_report
from pos_engine.services.sessions import (
    ACCESS_LIFE,
    LoginRefusal,
    Role,
    Session,
    authenticate,
    end_session,
    open_session,
)
from pos_engine.web.auth import EngineHere
from pos_engine.web.demo import demo_staff
from pos_engine.web.pictures import prices_against_ceiling, reading
from pos_engine.web.reports import DAYS_MAX, REGION, csv_rows, scope_of

router = APIRouter(prefix="/kemensos", include_in_schema=False)
pages = Jinja2Templates(Path(__file__).parent / "templates")
pages.env.filters["rupiah"] = lambda amount: written(amount) if amount is not None else "-"
pages.env.filters["quantity"] = quantity_written
pages.env.filters["unit"] = unit_name
pages.env.filters["place"] = lambda code: region_name(code) if region_exists(code) else code
COOKIE = "ewarong_ministry"
READERS = (Role.DINSOS, Role.KEMENSOS, Role.AUDITOR)
DAYS_SHOWN = 30
PRINTABLE = r"^[\x20-\x7e]*$"
# what a person reads on the page, in Indonesian; the download has every column
SHOWN: dict[str, dict[str, str]] = {
    "purchases": {
        "day": "Hari", "region": "Tempat", "shop": "Warung", "name": "Barang",
        "quantity_milli": "Banyaknya", "unit_price": "Harga satuan", "line_total": "Jumlah",
        "ceiling": "Batas", "ceiling_kind": "Aturan",
    },
    "prices": {
        "name": "Barang", "unit": "Satuan", "regency": "Kabupaten/kota", "purchases": "Belanja",
        "p10": "p10", "p50": "Tengah", "p90": "p90", "ceiling": "Batas",
        "ceiling_kind": "Aturan", "above_ceiling": "Di atas batas",
    },
    "ceiling-gap": {
        "day": "Hari", "regency": "Kabupaten/kota", "shop": "Warung", "name": "Barang",
        "unit": "Satuan", "asked_price": "Harga diminta", "ceiling": "Batas", "gap": "Selisih",
    },
    "banned-attempts": {
        "regency": "Kabupaten/kota", "shop": "Warung", "name": "Barang", "reason": "Sebab",
        "attempts": "Kali", "first_day": "Pertama", "last_day": "Terakhir",
    },
}  # fmt: skip
CAUSES = {"ITEM_BANNED": "terlarang", "ITEM_NOT_IN_PROGRAMME": "di luar program"}
MONEY = {"unit_price", "line_total", "ceiling", "p10", "p50", "p90", "asked_price", "gap"}
ROWS_SHOWN = 200


@router.get("", response_class=HTMLResponse)
def page(
    request: Request,
    engine: EngineHere,
    first: Annotated[date | None, Query(alias="dari")] = None,
    last: Annotated[date | None, Query(alias="sampai")] = None,
    region: Annotated[str | None, Query(alias="wilayah", pattern=REGION)] = None,
) -> Response:
    """Prices, refusals for price and refused goods of a range of days."""
    session = _reader(request, engine)
    if session is None:
        return _login_page(request, engine)
    today = engine.now().date() + timedelta(days=1)  # the east of the nation is a day ahead
    shown_last = last or today
    shown_first = first or shown_last - timedelta(days=DAYS_SHOWN)
    if not 0 <= (shown_last - shown_first).days < DAYS_MAX:
        shown_first = shown_last - timedelta(days=DAYS_SHOWN)
    scope = scope_of(session, region or None)
    reports = {name: make_report(engine, name, shown_first, shown_last, scope) for name in SHOWN}
    prices = reports["prices"].rows
    context: dict[str, Any] = {
        "session": session,
        "first": shown_first,
        "last": shown_last,
        "region": scope.region or "",
        "reports": reports,
        "rows_shown": ROWS_SHOWN,
        "shown": SHOWN,
        "causes": CAUSES,
        "money": MONEY,
        "picture": prices_against_ceiling(prices),
        "reading": reading(prices),
        "spent": sum(row["line_total"] for row in reports["purchases"].rows),
    }
    return pages.TemplateResponse(request, "ministry.html", context)


@router.get("/unduh/{name}.csv")
def download(
    request: Request,
    engine: EngineHere,
    name: str,
    first: Annotated[date, Query(alias="dari")],
    last: Annotated[date, Query(alias="sampai")],
    region: Annotated[str | None, Query(alias="wilayah", pattern=REGION)] = None,
) -> Response:
    """The rows behind a picture as CSV."""
    session = _reader(request, engine)
    if session is None or name not in REPORTS or not 0 <= (last - first).days < DAYS_MAX:
        return RedirectResponse("/kemensos", HTTPStatus.SEE_OTHER)
    report = make_report(engine, name, first, last, scope_of(session, region or None))
    headers = {"Content-Disposition": f'attachment; filename="{name}-{first}-{last}.csv"'}
    return StreamingResponse(csv_rows(report), media_type="text/csv", headers=headers)


@router.post("/masuk")
def log_in(
    request: Request,
    engine: EngineHere,
    staff_id: Annotated[str, Form(max_length=64, pattern=PRINTABLE)],
    pin: Annotated[str, Form(max_length=12, pattern=PRINTABLE)],
    device_id: Annotated[str, Form(max_length=64, pattern=PRINTABLE)],
    device_secret: Annotated[str, Form(max_length=128, pattern=PRINTABLE)],
) -> Response:
    """Log an officer in; the session lives in a cookie of this site only."""
    opened = open_session(engine, device_id, device_secret, staff_id, pin)
    if isinstance(opened, LoginRefusal) or opened.session.role not in READERS:
        return _login_page(request, engine, "Perangkat, petugas, atau PIN belum cocok.")
    answer = RedirectResponse("/kemensos", HTTPStatus.SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        opened.access_token,
        max_age=int(ACCESS_LIFE.total_seconds()),
        path="/kemensos",
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


@router.post("/keluar")
def log_out(request: Request, engine: EngineHere) -> Response:
    """Log out."""
    session = _reader(request, engine)
    if session is not None:
        end_session(engine, session)
    answer = RedirectResponse("/kemensos", HTTPStatus.SEE_OTHER)
    answer.delete_cookie(COOKIE, path="/kemensos")
    return answer


def _reader(request: Request, engine: Engine) -> Session | None:
    session = authenticate(engine, request.cookies.get(COOKIE, ""))
    return session if session is not None and session.role in READERS else None


def _login_page(request: Request, engine: Engine, error: str = "") -> Response:
    sample = next((row for row in demo_staff(request, engine) if row["role"] == "KEMENSOS"), None)
    status = HTTPStatus.UNAUTHORIZED if error else HTTPStatus.OK
    context = {"error": error, "sample": sample}
    return pages.TemplateResponse(request, "login.html", context, status_code=status)
