"""An officer's second factor on the log-in page: asked for, or made the first time."""

import base64
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from pos_engine.services.log_in import (
    Halfway,
    Made,
    Making,
    again,
    begin_making,
    finish_making,
    second_step,
)
from pos_engine.services.passkeys import ANSWER_LETTERS_MAX
from pos_engine.services.qr_picture import svg_of
from pos_engine.services.sessions import LoginRefusal, end_session
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import HOME, pages, pages_for
from pos_engine.web.office_cookie import let_in, site_of, with_session
from pos_engine.web.sessions import DETAILS

router = APIRouter(prefix=f"{HOME}/masuk", include_in_schema=False)
PRINTABLE = r"^[\x20-\x7e]*$"
Ticket = Annotated[str, Form(alias="tiket", max_length=1_000, pattern=PRINTABLE)]
Code = Annotated[str, Form(alias="kode", max_length=32, pattern=PRINTABLE)]
Passkey = Annotated[str, Form(alias="kunci", max_length=ANSWER_LETTERS_MAX, pattern=PRINTABLE)]


@router.post("/faktor")
def prove(
    request: Request, engine: EngineHere, ticket: Ticket, code: Code = "", passkey: Passkey = ""
) -> Response:
    """The second step: a code of the app, a recovery code, or a passkey's answer."""
    site = site_of(request)
    opened = second_step(engine, ticket, code, passkey, site)
    if not isinstance(opened, LoginRefusal):
        own = pages_for(opened.session.role)
        return let_in(request, opened, own[0].path if own else HOME)
    halfway = again(engine, ticket, site)
    if halfway is None or opened is LoginRefusal.TICKET_OVER:
        return over(request)
    return factor_page(request, halfway, DETAILS[opened])


@router.post("/siapkan")
def begin(request: Request, engine: EngineHere, ticket: Ticket, code: Code) -> Response:
    """The first time: the set-up code, then the app's secret or a new passkey."""
    site = site_of(request)
    making = begin_making(engine, ticket, code, site)
    if not isinstance(making, LoginRefusal):
        return _making_page(request, making)
    halfway = again(engine, ticket, site)
    if halfway is None or making is LoginRefusal.TICKET_OVER:
        return over(request)
    locked = making is LoginRefusal.FACTOR_LOCKED
    error = DETAILS[making] if locked else "Kode pemasangan belum cocok atau sudah lewat waktunya."
    return factor_page(request, halfway, error)


@router.post("/pasang")
def finish(
    request: Request, engine: EngineHere, ticket: Ticket, code: Code = "", passkey: Passkey = ""
) -> Response:
    """The new factor is proven: she is in, and sees her recovery codes once."""
    made = finish_making(engine, ticket, code, passkey, site_of(request))
    if made is LoginRefusal.FACTOR_WRONG or made is LoginRefusal.FACTOR_LOCKED:
        return _plain(request, "login_again.html", HTTPStatus.UNAUTHORIZED, error=DETAILS[made],
                      ticket=ticket)  # fmt: skip
    if not isinstance(made, Made):
        return over(request)
    own = pages_for(made.opened.session.role)
    if not own:
        end_session(engine, made.opened.session)
    path = own[0].path if own else HOME
    page = _plain(request, "login_codes.html", codes=made.recovery_codes, path=path)
    return with_session(request, page, made.opened)


def factor_page(request: Request, halfway: Halfway, error: str = "") -> Response:
    """What stands between PIN and session."""
    status = HTTPStatus.UNAUTHORIZED if error else HTTPStatus.OK
    return _plain(request, "login_factor.html", status, halfway=halfway, error=error)


def over(request: Request) -> Response:
    """Too late, or finished already: from the beginning."""
    error = DETAILS[LoginRefusal.TICKET_OVER]
    return _plain(request, "login.html", HTTPStatus.UNAUTHORIZED, error=error, sample=None)


def _making_page(request: Request, making: Making) -> Response:
    picture = base64.b64encode(svg_of(making.totp.uri)).decode()
    return _plain(request, "login_making.html", making=making, picture=picture)


def _plain(
    request: Request, template: str, status: HTTPStatus = HTTPStatus.OK, /, **context: object
) -> Response:
    answer = pages.TemplateResponse(request, template, context, status_code=status)
    answer.headers["Cache-Control"] = "no-store"
    return answer
