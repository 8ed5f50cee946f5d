"""What each part of the KPM's page shares: the visit of a cookie, our own forms, strict headers."""

import secrets
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Form, Request, Response
from fastapi.responses import RedirectResponse

from pos_engine.engine import Engine
from pos_engine.services.kpm_visits import VISIT_LIFE, form_key, visit_of
from pos_engine.store.kpm_sessions import Visit
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import pages
from pos_engine.web.rates import Rate
from pos_engine.wire.kpm_words import day_shown

HOME = "/saya"
COOKIE = "ewarong_saya"
KEY_LENGTH_MAX = 64
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
}
ASKS_OF_A_NUMBER_MAX = 3
ASKS_OF_AN_ADDRESS_MAX = 60  # a telephone operator gives thousands the same address
TRIES_OF_AN_ADDRESS_MAX = 120
ASKS_WINDOW_S = 600.0
PICTURES_OF_A_VISIT_MAX = 20
PICTURES_WINDOW_S = 60.0
pages.env.filters["day"] = day_shown

FormKey = Annotated[str, Form(alias="kunci", max_length=KEY_LENGTH_MAX)]


class Gate:
    """The limits of one server process."""

    def __init__(self) -> None:
        self.asks_of_a_number = Rate(ASKS_OF_A_NUMBER_MAX, ASKS_WINDOW_S)
        self.asks = Rate(ASKS_OF_AN_ADDRESS_MAX, ASKS_WINDOW_S)
        self.tries = Rate(TRIES_OF_AN_ADDRESS_MAX, ASKS_WINDOW_S)
        self.pictures = Rate(PICTURES_OF_A_VISIT_MAX, PICTURES_WINDOW_S)


def gate_of(request: Request) -> Gate:
    """The limits of this app."""
    state = request.app.state
    if not hasattr(state, "kpm_gate"):
        state.kpm_gate = Gate()
    gate: Gate = state.kpm_gate
    return gate


def address_of(request: Request) -> str:
    """Who asks, as far as the network tells."""
    return request.client.host if request.client else ""


def the_visit(request: Request, engine: EngineHere) -> Visit | None:
    """The living visit of the cookie."""
    token = request.cookies.get(COOKIE)
    return visit_of(engine, token) if token else None


VisitHere = Annotated[Visit | None, Depends(the_visit)]


def acting(engine: Engine, visit: Visit | None, key: str, *, full: bool = True) -> Visit | None:
    """Who sent a form: a living visit with a form of its own; None when it is neither."""
    if visit is None or (full and not visit.full):
        return None
    return visit if secrets.compare_digest(form_key(engine, visit).encode(), key.encode()) else None


def from_elsewhere(request: Request) -> bool:
    """Did another site send this form; old browsers do not say, and are let through."""
    return request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")


def show(
    request: Request,
    engine: Engine,
    name: str,
    visit: Visit | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    **context: Any,
) -> Response:
    """A page. `key` is in every form of a visit."""
    key = form_key(engine, visit) if visit else ""
    full = visit is not None and visit.full
    return pages.TemplateResponse(
        request,
        f"kpm_{name}.html",
        {"key": key, "full": full, **context},
        status_code=status,
        headers=HEADERS,
    )


def to_home() -> Response:
    """Back to the beginning, which asks for the number when nobody is there."""
    return RedirectResponse(HOME, HTTPStatus.SEE_OTHER, headers=HEADERS)


def keep_visit(request: Request, token: str) -> Response:
    """To the beginning, with the cookie of a visit."""
    answer = to_home()
    answer.set_cookie(
        COOKIE,
        token,
        max_age=int(VISIT_LIFE.total_seconds()),
        path=HOME,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer
