"""Routes of SNAP for providers: signed calls in, SNAP's own answers out, whatever happens."""

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from pos_engine.engine import Engine
from pos_engine.rules.money import Rupiah
from pos_engine.services import snap_notify, snap_qr
from pos_engine.services.snap_auth import SNAP_TOKEN_LIFE, Headers, check_call, issue_token
from pos_engine.services.snap_found import Answered
from pos_engine.services.snap_notify import Paid
from pos_engine.services.snap_qr import CpmAsked
from pos_engine.store.database import ConflictError, UnavailableError
from pos_engine.store.snap_partners import Partner
from pos_engine.web.auth import EngineHere
from pos_engine.web.snap_bodies import (
    AmountIn,
    CpmIn,
    GenerateIn,
    NotifyIn,
    QueryIn,
    Snap,
    TokenIn,
)
from pos_engine.wire import snap
from pos_engine.wire.snap import Service

router = APIRouter(prefix="/v1.0", tags=["snap"])
log = structlog.get_logger()
Body = TypeVar("Body", bound=Snap)
Act = Callable[[Engine, Partner, Any], Answered | snap.Case]


@router.post("/access-token/b2b")
async def post_token(request: Request, engine: EngineHere) -> Response:
    """A token for who signs `X-CLIENT-KEY|X-TIMESTAMP` with the registered RSA key."""
    body = _read(TokenIn, await request.body())
    if isinstance(body, snap.Case):
        return _answer(Service.TOKEN, body)
    headers = _headers(request, "x-client-key")
    try:
        token = await run_in_threadpool(issue_token, engine, headers)
    except (UnavailableError, ConflictError):
        return _answer(Service.TOKEN, snap.TRY_AGAIN)
    if isinstance(token, snap.Case):
        return _answer(Service.TOKEN, token)
    life = str(int(SNAP_TOKEN_LIFE.total_seconds()))
    given = {"accessToken": token, "tokenType": "Bearer", "expiresIn": life}
    return _answer(Service.TOKEN, snap.OK, given)


@router.post("/qr/qr-mpm-generate")
async def post_generate(request: Request, engine: EngineHere) -> Response:
    """The code of a held basket."""

    def act(engine: Engine, partner: Partner, body: GenerateIn) -> Answered | snap.Case:
        amount = _rupiah(body.amount)
        if amount is None:
            return snap.MALFORMED
        where = (body.partnerReferenceNo, body.merchantId)
        return snap_qr.generate(engine, partner, *where, amount)

    return await _called(request, engine, Service.GENERATE, GenerateIn, act)


@router.post("/qr/qr-mpm-query")
async def post_query(request: Request, engine: EngineHere) -> Response:
    """What became of a basket."""

    def act(engine: Engine, partner: Partner, body: QueryIn) -> Answered | snap.Case:
        return snap_qr.query(engine, partner, body.originalPartnerReferenceNo)

    return await _called(request, engine, Service.QUERY, QueryIn, act)


@router.post("/qr/qr-mpm-notify")
async def post_notify(request: Request, engine: EngineHere) -> Response:
    """A code was paid: honoured, or refused and to be sent back."""

    def act(engine: Engine, partner: Partner, body: NotifyIn) -> Answered | snap.Case:
        amount, paid_at = _rupiah(body.amount), snap.moment(body.transactionDate)
        if amount is None or paid_at is None:
            return snap.MALFORMED
        paid = Paid(
            reference_no=body.originalReferenceNo,
            reference=body.originalPartnerReferenceNo or "",
            merchant=body.externalStoreId,
            amount=amount,
            paid_at=paid_at,
            status=body.latestTransactionStatus,
            kpm_code=body.additionalInfo.kpmCode,
        )
        return snap_notify.notify(engine, partner, paid)

    return await _called(request, engine, Service.NOTIFY, NotifyIn, act)


@router.post("/qr/qr-cpm-payment")
async def post_cpm(request: Request, engine: EngineHere) -> Response:
    """Pay a held basket by the customer's code."""

    def act(engine: Engine, partner: Partner, body: CpmIn) -> Answered | snap.Case:
        amount = _rupiah(body.amount)
        fee = Rupiah(0) if body.feeAmount is None else _rupiah(body.feeAmount)
        if amount is None or fee is None:
            return snap.MALFORMED
        asked = CpmAsked(body.partnerReferenceNo, body.merchantId, amount, fee, body.qrContent)
        return snap_qr.pay_by_code(engine, partner, asked)

    return await _called(request, engine, Service.CPM, CpmIn, act)


async def _called(
    request: Request, engine: Engine, service: Service, shape: type[Body], act: Act
) -> Response:
    """Read the body as it was sent, for its signature; answer in a thread."""
    raw, headers = await request.body(), _headers(request, "x-partner-id")
    path = request.url.path

    def work() -> Response:
        partner = check_call(engine, headers, request.method, path, raw)
        if isinstance(partner, snap.Case):
            log.warning("snap.call_refused", service=service.name, case=partner.message)
            return _answer(service, partner)
        body = _read(shape, raw)
        done = body if isinstance(body, snap.Case) else act(engine, partner, body)
        if isinstance(done, Answered):
            return _answer(service, done.case, done.body)
        return _answer(service, done)

    try:
        return await run_in_threadpool(work)
    except (UnavailableError, ConflictError):
        return _answer(service, snap.TRY_AGAIN)


def _read(shape: type[Body], raw: bytes) -> Body | snap.Case:
    try:
        return shape.model_validate_json(raw)
    except ValidationError as error:
        missing = any(each["type"] == "missing" for each in error.errors(include_input=False))
        return snap.MISSING if missing else snap.MALFORMED


def _headers(request: Request, partner: str) -> Headers:
    named = request.headers
    return Headers(
        authorization=named.get("authorization", ""),
        timestamp=named.get("x-timestamp", ""),
        signature=named.get("x-signature", ""),
        partner_id=named.get(partner, ""),
        external_id=named.get("x-external-id", ""),
        channel_id=named.get("channel-id", ""),
    )


def _rupiah(amount: AmountIn) -> Rupiah | None:
    return snap.rupiah(amount.value, amount.currency)


def _answer(service: Service, case: snap.Case, body: dict[str, Any] | None = None) -> JSONResponse:
    head = {"responseCode": case.code(service), "responseMessage": case.message}
    return JSONResponse(head | (body or {}), case.http)
