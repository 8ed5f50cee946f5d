"""The page of the officers' second factors: who has one, and a new beginning by two people."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pos_engine.services.sessions import Role, Session
from pos_engine.services.staff_resets import (
    REASON_LENGTH_MAX,
    SECOND,
    ResetRefused,
    approve_reset,
    ask_reset,
    desk,
)
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import log_in_first, new_act, reader, show

PATH = "/kemensos/petugas"
router = APIRouter(prefix=PATH, include_in_schema=False)
Name = Annotated[str, Form(alias="petugas", max_length=64)]
Why = Annotated[str, Form(alias="alasan", max_length=REASON_LENGTH_MAX)]
Act = Annotated[str, Form(alias="act", max_length=64)]
REFUSED = {
    ResetRefused.UNKNOWN: (HTTPStatus.NOT_FOUND, "Petugas atau usulan ini tidak ada."),
    ResetRefused.DONE: (HTTPStatus.CONFLICT, "Usulan ini sudah dijalankan."),
    ResetRefused.SAME_PERSON: (
        HTTPStatus.FORBIDDEN,
        "Harus orang lain: bukan pengusul, bukan petugas itu sendiri.",
    ),
    ResetRefused.NO_REASON: (HTTPStatus.UNPROCESSABLE_ENTITY, "Tulis alasannya."),
    ResetRefused.ROLE: (HTTPStatus.FORBIDDEN, "Peran ini tidak boleh melakukan itu."),
}


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """Officers with their factors, and what waits for a second person."""
    session = reader(request, engine, SECOND)
    if session is None:
        return log_in_first(request)
    found = desk(engine)
    own = session.role is Role.ADMIN
    return show(request, session, "office_staff.html", desk=found, act=new_act(engine), may_ask=own)


@router.post("/ulang")
def ask(request: Request, engine: EngineHere, act: Act, officer: Name, why: Why) -> Response:
    """An ADMIN asks that an officer begins anew."""
    session = reader(request, engine, SECOND)
    if session is None:
        return log_in_first()
    refused = ask_reset(engine, session, act, officer, why)
    if refused is not None:
        return _told(request, session, refused)
    return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)


@router.post("/ulang/{reset_id}")
def approve(request: Request, engine: EngineHere, reset_id: str) -> Response:
    """A second person does it; the new set-up code is shown once."""
    session = reader(request, engine, SECOND)
    if session is None:
        return log_in_first()
    done = approve_reset(engine, session, reset_id)
    if isinstance(done, ResetRefused):
        return _told(request, session, done)
    answer = show(request, session, "office_staff_code.html", done=done)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _told(request: Request, session: Session, refused: ResetRefused) -> Response:
    status, error = REFUSED[refused]
    return show(request, session, "office_staff_code.html", status, error=error)
