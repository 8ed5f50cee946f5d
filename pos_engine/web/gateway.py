"""Hooks for aggregators: texts, delivery reports and dialogues come in, signed."""

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import Field, StrictStr, ValidationError

from pos_engine.engine import Engine
from pos_engine.services.gateway import Call, Headers, check_call
from pos_engine.services.outgoing import note_reports
from pos_engine.services.sms_in import Incoming, receive_text
from pos_engine.services.ussd import Dialled, dial
from pos_engine.web.auth import EngineHere
from pos_engine.web.problem import ProblemError, problem
from pos_engine.web.strict import Strict
from pos_engine.wire.delivery import Delivery, Report

router = APIRouter(prefix="/gateway", tags=["gateway"])
LINE = "http"
REPORTS_MAX = 500  # of one call
_DIALLED = re.compile(r"[*#][0-9*#]{0,30}#")
Id = Annotated[StrictStr, Field(pattern=r"^[\x21-\x7e]{1,64}$")]
Number = Annotated[StrictStr, Field(pattern=r"^[\x20-\x7e]{1,24}$")]
Body = TypeVar("Body", bound=Strict)
REFUSED = {
    Call.CLOSED: (HTTPStatus.NOT_FOUND, "NOT_FOUND", "Pintu ini tidak dibuka."),
    Call.FORGED: (HTTPStatus.UNAUTHORIZED, "SIGNATURE_WRONG", "Tanda tangan panggilan salah."),
    Call.OUTSIDE_WINDOW: (
        HTTPStatus.UNAUTHORIZED,
        "TIME_OUTSIDE",
        "Waktu panggilan lebih dari 5 menit berbeda.",
    ),
}


class SmsIn(Strict):
    """A text from a phone; `message_id` is the aggregator's own."""

    sender: Annotated[Number, Field(alias="from")]
    text: Annotated[str, Field(max_length=1_000)]
    message_id: Id


class ReportIn(Strict):
    """What became of a text that we handed over."""

    id: Id
    status: Literal["DELIVERED", "FAILED", "ON_ITS_WAY"]


class ReportsIn(Strict):
    """Delivery reports."""

    reports: Annotated[list[ReportIn], Field(max_length=REPORTS_MAX)]


class UssdIn(Strict):
    """A step of a dialogue: the key she pressed, or what she dialled first."""

    session_id: Id
    msisdn: Number
    text: Annotated[str, Field(max_length=182)]


@router.post("/sms")
async def post_sms(request: Request, engine: EngineHere) -> Response:
    """A text from a phone; the answer leaves as a text of its own."""

    def act(engine: Engine, body: SmsIn, _once: str) -> dict[str, Any]:
        incoming = Incoming(LINE, body.message_id, body.sender, body.text)
        return {"outcome": receive_text(engine, incoming).outcome}

    return await _called(request, engine, SmsIn, act)


@router.post("/reports")
async def post_reports(request: Request, engine: EngineHere) -> Response:
    """Delivery reports; the time of a code begins with its own."""

    def act(engine: Engine, body: ReportsIn, _once: str) -> dict[str, Any]:
        told = [Report(each.id, Delivery(each.status), each.status) for each in body.reports]
        return {"unknown": [each.gateway_id for each in note_reports(engine, told)]}

    return await _called(request, engine, ReportsIn, act)


@router.post("/ussd")
async def post_ussd(request: Request, engine: EngineHere) -> Response:
    """A step of a dialogue: what she reads, and whether it ends there."""

    def act(engine: Engine, body: UssdIn, once: str) -> dict[str, Any]:
        begins = not body.text or _DIALLED.fullmatch(body.text) is not None
        step = Dialled(LINE, body.session_id, body.msisdn, body.text, begins=begins, once=once)
        shown = dial(engine, step)
        return {"text": shown.text, "end": shown.end}

    return await _called(request, engine, UssdIn, act)


async def _called(
    request: Request,
    engine: Engine,
    shape: type[Body],
    act: Callable[[Engine, Any, str], dict[str, Any]],
) -> Response:
    """The body as it was sent, for its signature; read only when that held."""
    raw, path = await request.body(), request.url.path
    named = request.headers
    headers = Headers(named.get("x-timestamp", ""), named.get("x-signature", ""))

    def work() -> Response:
        call = check_call(engine, headers, request.method, path, raw)
        if call is not Call.OURS:
            raise ProblemError(*REFUSED[call])
        try:
            body = shape.model_validate_json(raw)
        except ValidationError as error:
            fields = [
                {"field": ".".join(map(str, each["loc"])) or "body", "message": each["type"]}
                for each in error.errors(include_input=False, include_context=False)
            ]
            return problem(
                HTTPStatus.UNPROCESSABLE_ENTITY, "MALFORMED", "Isi permintaan salah.", fields
            )
        return JSONResponse(act(engine, body, headers.signature))

    return await run_in_threadpool(work)
