"""The officers' way in and out, and the files behind their pictures."""

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Request, Response

from pos_engine.engine import Engine
from pos_engine.lake.folder import LakeError
from pos_engine.services.log_in import Halfway, first_step
from pos_engine.services.report import NAMES, officers_of
from pos_engine.services.report_download import Asked
from pos_engine.services.sessions import LoginRefusal, Role, end_session, refresh_session
from pos_engine.web.auth import EngineHere
from pos_engine.web.demo import demo_staff
from pos_engine.web.office import (
    COOKIE,
    HOME,
    READERS,
    VISITORS,
    log_in_first,
    pages,
    pages_for,
    reader,
    show,
    span_of,
    way_back,
)
from pos_engine.web.office_cookie import RENEWAL, let_in, site_of
from pos_engine.web.office_log_in import factor_page
from pos_engine.web.reports import as_file

router = APIRouter(prefix=HOME, include_in_schema=False)
PRINTABLE = r"^[\x20-\x7e]*$"


@router.get("/unduh/{name}.{output}")
def download(
    request: Request,
    engine: EngineHere,
    name: str,
    output: Literal["csv", "xlsx", "parquet"],
) -> Response:
    """The rows behind a picture as a file that says its filter, time, rows and SHA-256."""
    session = reader(request, engine, VISITORS)
    if session is None or name not in NAMES or session.role not in (officers_of(name) or READERS):
        return log_in_first()
    span = span_of(request, engine, session)
    try:
        return as_file(engine, Asked(name, span.first, span.last, span.scope), output)
    except LakeError:
        return show(request, session, "office_no_file.html", HTTPStatus.CONFLICT, span=span)


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
    site = site_of(request)
    opened = first_step(engine, device_id, device_secret, staff_id, pin, site)
    if isinstance(opened, Halfway):
        return factor_page(request, opened)
    if isinstance(opened, LoginRefusal) or not pages_for(opened.session.role):
        return login_page(request, engine, "Perangkat, petugas, atau PIN belum cocok.")
    return let_in(request, opened, pages_for(opened.session.role)[0].path)


def renewed(request: Request, engine: Engine) -> Response | None:
    """An officer whose ten minutes are over goes on where he was; None: he has to log in."""
    opened = refresh_session(engine, request.cookies.get(RENEWAL, ""))
    if opened is None or not pages_for(opened.session.role):
        return None
    return let_in(request, opened, way_back(request))


@router.post("/keluar")
def log_out(request: Request, engine: EngineHere) -> Response:
    """Log out."""
    session = reader(request, engine, tuple(Role))
    if session is None:  # her ten minutes are over, the session is not
        again = refresh_session(engine, request.cookies.get(RENEWAL, ""))
        session = again.session if again else None
    if session is not None:
        end_session(engine, session)
    answer = log_in_first()
    for name in (COOKIE, RENEWAL):
        answer.delete_cookie(name, path=HOME)
    return answer


def login_page(request: Request, engine: Engine, error: str = "") -> Response:
    """What stands at the front for who is not logged in."""
    sample = next((row for row in demo_staff(request, engine) if row["role"] == "KEMENSOS"), None)
    status = HTTPStatus.UNAUTHORIZED if error else HTTPStatus.OK
    context = {"error": error, "sample": sample}
    return pages.TemplateResponse(request, "login.html", context, status_code=status)
