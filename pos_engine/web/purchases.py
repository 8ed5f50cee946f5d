"""Routes of a sale: catalogue snapshot, quote, purchase, the list of the day."""

import gzip
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import JSONResponse

from catalog.zones import region_exists
from pos_engine.rules.basket import Line
from pos_engine.rules.ids import PurchaseId, parse_uuid7
from pos_engine.services import catalogue, day, identify, sessions
from pos_engine.services.answers import line_json
from pos_engine.services.authorize import NotDecided, PurchaseRequest, authorize
from pos_engine.services.identification import asked_at, signed_token
from pos_engine.services.identify import identify_card
from pos_engine.services.payer import Place, TokenProof
from pos_engine.services.quote import DayLimit, ProgrammeShare, Quote, quote
from pos_engine.store.shops import Shop
from pos_engine.web.auth import EngineHere, QuotasHere, TillSession, no_session, place_of
from pos_engine.web.phone_yes import ask_for_yes
from pos_engine.web.phone_yes_bodies import PurchaseAsked, YesPurchaseIn
from pos_engine.web.problem import RETRY_AFTER_S, ProblemError
from pos_engine.web.quotas import number_of
from pos_engine.web.reports import REGION
from pos_engine.web.schemas import LineIn, QuoteIn, TokenIn
from pos_engine.web.sealed_pin import opened
from pos_engine.wire.response import WORDINGS

router = APIRouter(prefix="/v1", tags=["sale"])
JSON = "application/json"
CATALOGUE_GZIP_LEVEL = 6  # a slow line waits for nothing longer than for the goods
NOT_DECIDED = {
    NotDecided.DUPLICATE_DIFFERENT: (
        HTTPStatus.CONFLICT,
        "Nomor belanja ini sudah dipakai untuk isi yang lain. Buat nomor baru.",
    ),
    NotDecided.CLOCK_SKEW: (
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Jam perangkat berbeda lebih dari 24 jam. Betulkan tanggal dan jam perangkat.",
    ),
}


@router.get("/catalog")
def get_catalog(
    engine: EngineHere,
    _session: TillSession,
    region: Annotated[str, Query(pattern=REGION)],
    if_none_match: Annotated[str | None, Header()] = None,
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """The signed snapshot of goods, ceilings, bans and policy of a region today."""
    if not region_exists(region):
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY, "MALFORMED", "Kode wilayah tidak dikenal.", "region"
        )
    taken = catalogue.snapshot(engine, region)
    headers = {
        "ETag": taken.etag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding",
    }  # fmt: skip
    if if_none_match == taken.etag:
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=headers)
    if "gzip" not in accept_encoding:
        return Response(taken.body, media_type=JSON, headers=headers)
    packed = gzip.compress(taken.body.encode(), CATALOGUE_GZIP_LEVEL)
    return Response(packed, media_type=JSON, headers=headers | {"Content-Encoding": "gzip"})


@router.post("/quotes")
def post_quote(engine: EngineHere, session: TillSession, body: QuoteIn) -> dict[str, Any]:
    """The verdict of each line now; with a proven payer also the balances."""
    place, shop = _own_place(session)
    if body.payer is None:
        return _quote_json(quote(engine, shop, place.till_id, _lines(body.lines), None))
    if isinstance(body.payer, TokenIn):
        token = identify.token_of(engine, TokenProof(body.payer.token), place)
        made = quote(engine, shop, place.till_id, _lines(body.lines), token, session.device_id)
        return _quote_json(made)
    asked = asked_at(engine, session, place, None)
    proof = opened(engine, body.payer.to_proof(), place.till_id)
    identified = identify_card(engine, asked, proof)
    lines, token = _lines(body.lines), identified.token
    made = quote(engine, shop, place.till_id, lines, token, session.device_id)
    return _quote_json(made) | {
        "payer_token": signed_token(engine, identified),
        "payer_reason": identified.reason.value if identified.reason else None,
        "payer_message": identified.message,
    }


def _quote_json(made: Quote) -> dict[str, Any]:
    body: dict[str, Any] = {
        "quote_id": made.quote_id,
        "lines": [line_json(line) for line in made.lines],
        "amount": made.amount,
        "approvable_amount": made.approvable_amount,
    }
    if made.reason is not None:
        wording = WORDINGS[made.reason]
        body |= {"reason": made.reason.value, "message": wording.sentence}
    if made.balance_before is not None:
        body |= {"balance_before": made.balance_before, "balance_after": made.balance_after}
    if made.programmes:
        body["programmes"] = [_programme_json(each) for each in made.programmes]
    if made.day_limits:
        body["day_limits"] = [_day_limit_json(each) for each in made.day_limits]
    return body


def _programme_json(share: ProgrammeShare) -> dict[str, Any]:
    return {
        "programme": share.programme,
        "title": share.title,
        "balance_before": share.before,
        "balance_after": share.after,
    }


def _day_limit_json(limit: DayLimit) -> dict[str, Any]:
    return {
        "sku": limit.sku,
        "name": limit.name,
        "maximum_milli": limit.maximum_milli,
        "used_milli": limit.used_milli,
        "unit": limit.unit,
    }


@router.put(
    "/purchases/{purchase_id}",
    responses={
        200: {"description": "APPROVED or DECLINED; the same bytes for the same request"},
        202: {"description": "PENDING: a bank or her own phone is asked; send the same again"},
        409: {"description": "DUPLICATE_DIFFERENT"},
        422: {"description": "malformed, or CLOCK_SKEW"},
        503: {"description": "outcome unknown: send the same request again"},
    },
)
def put_purchase(
    engine: EngineHere,
    quotas: QuotasHere,
    session: TillSession,
    purchase_id: str,
    body: PurchaseAsked,
) -> Response:
    """Decide a purchase once: the same id again gives the stored answer."""
    place, parsed = place_of(session, body.till_id), _purchase_id(purchase_id)
    if isinstance(body, YesPurchaseIn):
        quotas.of_payer(body.payer.msisdn)
        lines = _lines(body.lines)
        return ask_for_yes(engine, session, place, parsed, lines, body.payer.msisdn)
    proof = opened(engine, body.payer.to_proof(), place.till_id, parsed)
    quotas.of_payer(number_of(proof))
    outcome = authorize(
        engine,
        PurchaseRequest(
            purchase_id=parsed,
            shop_id=place.shop_id,
            till_id=place.till_id,
            staff_id=session.staff_id,
            occurred_at=body.occurred_at,
            proof=proof,
            lines=_lines(body.lines),
            session=session,
        ),
    )
    if outcome is NotDecided.PENDING:
        return pending(purchase_id)
    if isinstance(outcome, NotDecided):
        raise not_decided(outcome)
    return Response(outcome.body, media_type=JSON)


def pending(purchase_id: str) -> Response:
    """202: a bank is being asked; the same request again, or GET, tells what it said."""
    body = {"purchase_id": purchase_id.lower(), "status": "PENDING"}
    headers = {"Retry-After": RETRY_AFTER_S}
    return JSONResponse(body, HTTPStatus.ACCEPTED, headers)


def not_decided(outcome: NotDecided) -> ProblemError:
    """The error for a purchase that was not decided."""
    if outcome is NotDecided.NO_SESSION:
        return no_session()
    status, detail = NOT_DECIDED[outcome]
    field = "occurred_at" if outcome is NotDecided.CLOCK_SKEW else None
    return ProblemError(status, outcome.value, detail, field)


@router.get("/purchases/{purchase_id}")
def get_purchase(engine: EngineHere, session: TillSession, purchase_id: str) -> Response:
    """The stored answer of a purchase of this shop."""
    place, _ = _own_place(session)
    answer = day.stored_answer(engine, place.shop_id, _purchase_id(purchase_id))
    if answer is None and day.is_pending(engine, place.shop_id, _purchase_id(purchase_id)):
        return pending(purchase_id)
    if answer is None:
        raise _not_found()
    return Response(answer, media_type=JSON)


@router.get("/purchases/{purchase_id}/receipt.svg")
def get_receipt_code(engine: EngineHere, session: TillSession, purchase_id: str) -> Response:
    """The QR code of the receipt: anyone can check that it was not altered."""
    place, _ = _own_place(session)
    picture = day.receipt_code(engine, place.shop_id, _purchase_id(purchase_id))
    if picture is None:
        raise _not_found()
    return Response(picture, media_type="image/svg+xml")


@router.get("/purchases")
def list_purchases(
    engine: EngineHere,
    session: TillSession,
    _day: Annotated[Literal["today"], Query(alias="day")] = "today",
) -> dict[str, Any]:
    """The shop's purchases and refusals of its local day, the newest first, at most 200."""
    _, shop = _own_place(session)
    local_day, entries = day.today(engine, shop)
    return {
        "day": local_day.isoformat(),
        "total_approved": sum(
            each.amount - each.returned for each in entries if each.status == "APPROVED"
        ),
        "purchases": [
            {
                "purchase_id": each.purchase_id,
                "status": each.status,
                "amount": each.amount,
                "returned": each.returned,
                "reason": each.reason,
                "method": each.method,
                "decided_at": each.decided_at.isoformat(timespec="seconds"),
                "number": each.number,
            }
            for each in entries
        ],
    }


def _own_place(session: sessions.Session) -> tuple[Place, Shop]:
    scope = sessions.shop_scope(session)
    if scope is None or session.shop is None:
        raise ProblemError(HTTPStatus.FORBIDDEN, "OTHER_TILL", "Sesi ini tidak punya kasir.")
    return Place(*scope), session.shop


def _lines(lines: list[LineIn]) -> tuple[Line, ...]:
    return tuple(line.to_line() for line in lines)


def _purchase_id(text: str) -> PurchaseId:
    parsed = parse_uuid7(text)
    if parsed is None:
        raise ProblemError(
            HTTPStatus.UNPROCESSABLE_ENTITY,
            "MALFORMED",
            "Nomor belanja harus UUIDv7.",
            "purchase_id",
        )
    return PurchaseId(parsed)


def _not_found() -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Belanja ini tidak ada di warung ini.")
