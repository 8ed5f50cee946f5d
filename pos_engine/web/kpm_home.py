"""The KPM's page: her number, a code, her balance. It needs no script and no app."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.rules.identity import PIN_DIGITS, compact, is_digits, phone_number
from pos_engine.rules.reasons import Reason
from pos_engine.services.kpm_view import balance_of
from pos_engine.services.kpm_visits import ask_code, enter_code, leave, prove_pin
from pos_engine.store.kpm_sessions import Visit
from pos_engine.web.auth import EngineHere
from pos_engine.web.kpm_visit import (
    COOKIE,
    HOME,
    FormKey,
    VisitHere,
    acting,
    address_of,
    from_elsewhere,
    gate_of,
    keep_visit,
    show,
    to_home,
)
from pos_engine.web.schemas import MSISDN_LENGTH_MAX, TOKEN_LENGTH_MAX
from pos_engine.wire.response import WORDINGS

router = APIRouter(prefix=HOME, include_in_schema=False, default_response_class=HTMLResponse)
TOO_OFTEN = "Terlalu sering. Tunggu 10 menit, lalu coba lagi."
NO_NUMBER = "Nomor HP belum benar. Contoh: 0812 3456 7890."
CODE_WRONG = "Kode belum cocok atau sudah lewat waktunya. Periksa SMS terakhir."


@router.get("")
def home(request: Request, engine: EngineHere, visit: VisitHere) -> Response:
    """The number first; then the balance, or the PIN when the number was long silent."""
    if visit is None:
        return show(request, engine, "enter")
    if not visit.full:
        return show(request, engine, "pin", visit)
    return _balance(request, engine, visit)


def _balance(request: Request, engine: EngineHere, visit: Visit) -> Response:
    balance = balance_of(engine, visit.kpm_id)
    return show(request, engine, "home", visit, balance=balance)


@router.post("/masuk")
def send_code(
    request: Request,
    engine: EngineHere,
    number: Annotated[str, Form(alias="nomor", max_length=MSISDN_LENGTH_MAX)],
) -> Response:
    """Send a code. The answer is the same for a number that nobody knows."""
    msisdn, gate = phone_number(number), gate_of(request)
    if msisdn is None or from_elsewhere(request):
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return show(request, engine, "enter", status=status, error=NO_NUMBER)
    if not (gate.asks.allow(address_of(request)) and gate.asks_of_a_number.allow(msisdn)):
        status = HTTPStatus.TOO_MANY_REQUESTS
        return show(request, engine, "enter", status=status, error=TOO_OFTEN)
    return show(request, engine, "code", token=ask_code(engine, msisdn))


@router.post("/kode")
def open_visit(
    request: Request,
    engine: EngineHere,
    token: Annotated[str, Form(alias="masuk", max_length=TOKEN_LENGTH_MAX)],
    code: Annotated[str, Form(alias="kode", max_length=16)],
) -> Response:
    """Open a visit with the code; three tries a code."""
    if from_elsewhere(request) or not gate_of(request).tries.allow(address_of(request)):
        status = HTTPStatus.TOO_MANY_REQUESTS
        return show(request, engine, "enter", status=status, error=TOO_OFTEN)
    digits = compact(code)
    opened = enter_code(engine, token, digits) if is_digits(digits, PIN_DIGITS) else None
    if opened is None:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return show(request, engine, "code", status=status, token=token, error=CODE_WRONG)
    return keep_visit(request, opened.token)


@router.post("/pin")
def second_proof(
    request: Request,
    engine: EngineHere,
    visit: VisitHere,
    key: FormKey,
    pin: Annotated[str, Form(max_length=16)],
) -> Response:
    """Her PIN belanja, where the number alone proves nobody."""
    who = acting(engine, visit, key, full=False)
    if who is None:
        return to_home()
    digits = compact(pin)
    done = prove_pin(engine, who, digits) if is_digits(digits, PIN_DIGITS) else Reason.PIN_WRONG
    if isinstance(done, Reason):
        words = WORDINGS[done]
        error = f"{words.sentence} {words.next_step}"
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return show(request, engine, "pin", who, status=status, error=error)
    return to_home()


@router.post("/keluar")
def end(engine: EngineHere, visit: VisitHere, key: FormKey) -> Response:
    """Leave."""
    who = acting(engine, visit, key, full=False)
    answer = to_home()
    if who is not None:
        leave(engine, who)
        answer.delete_cookie(COOKIE, path=HOME)
    return answer
