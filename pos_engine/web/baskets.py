"""Routes of a basket that waits to be paid by its code: the till holds it, and looks."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path

from pos_engine.rules.ids import PurchaseId, parse_uuid7
from pos_engine.rules.qris import BasketState, QrisRefusal
from pos_engine.services.answers import line_json
from pos_engine.services.baskets import Held, hold, look
from pos_engine.services.identification import asked_at
from pos_engine.services.phone_request import Waiting, ask_phone
from pos_engine.services.purchase import NotDecided
from pos_engine.services.sessions import Session
from pos_engine.web.auth import EngineHere, TillSession, place_of
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import Code, Lines, Msisdn
from pos_engine.web.strict import Strict
from pos_engine.wire.qris_words import REFUSAL_WORDS
from pos_engine.wire.response import explain

router = APIRouter(prefix="/v1/baskets", tags=["sale"])
PurchasePath = Annotated[str, Path(max_length=36)]


class BasketIn(Strict):
    """What the KPM wants to buy; who pays is known when she scans."""

    till_id: Code
    lines: Lines


@router.put("/{purchase_id}")
def put_basket(
    engine: EngineHere, session: TillSession, purchase_id: PurchasePath, body: BasketIn
) -> dict[str, Any]:
    """Judge and hold a basket for ten minutes; the same again is the same."""
    place = place_of(session, body.till_id)
    lines = tuple(line.to_line() for line in body.lines)
    if session.shop is None:
        raise _not_found()
    held = hold(engine, session.shop, place, session.staff_id, _parsed(purchase_id), lines)
    if isinstance(held, NotDecided):
        raise ProblemError(
            HTTPStatus.CONFLICT,
            held.value,
            "Nomor belanja ini sudah dipakai untuk isi yang lain. Buat nomor baru.",
        )
    return _json(held)


class PhoneAsked(Strict):
    """Whose phone is to say yes."""

    till_id: Code
    msisdn: Msisdn


@router.post("/{purchase_id}/phone")
def post_phone(
    engine: EngineHere, session: TillSession, purchase_id: PurchasePath, body: PhoneAsked
) -> dict[str, Any]:
    """Ask for a yes on her own phone; the basket tells when it is paid. The till sees no code."""
    asked = asked_at(engine, session, place_of(session, body.till_id), None)
    done = ask_phone(engine, asked, _parsed(purchase_id), body.msisdn)
    if isinstance(done, Waiting):
        message = "Tanya KPM: buka menu BPNT di HP, pilih 2, lalu Setuju bayar."
        return {
            "status": "WAITING",
            "expires_at": done.expires_at.isoformat(timespec="seconds"),
            "told": done.told,
            "message": message,
        }
    if isinstance(done, QrisRefusal):
        if done is QrisRefusal.BASKET_UNKNOWN:
            raise _not_found()
        return {"status": "NOT_ASKED", "reason": done.value, "message": REFUSAL_WORDS[done]}
    return {
        "status": "NOT_ASKED",
        "reason": done.reason.value if done.reason else None,
        "message": done.message,
        "next_step": done.next_step,
    }


@router.get("/{purchase_id}")
def get_basket(
    engine: EngineHere, session: TillSession, purchase_id: PurchasePath
) -> dict[str, Any]:
    """What became of a basket of this shop."""
    held = look(engine, _parsed(purchase_id))
    if held is None or not _own(session, held):
        raise _not_found()
    return _json(held)


def _own(session: Session, held: Held) -> bool:
    return session.shop is not None and session.shop.shop_id == held.basket.shop_id


def _json(held: Held) -> dict[str, Any]:
    basket = held.basket
    body: dict[str, Any] = {
        "purchase_id": basket.purchase_id,
        "status": held.state.value,
        "amount": basket.amount,
        "reference": held.reference,
        "payload": held.payload,
        "expires_at": basket.expires_at.isoformat(timespec="seconds"),
        "lines": [line_json(line) for line in held.judged],
    }
    if held.refused is not None:
        message, next_step = explain(held.refused, held.judged, amount=basket.amount, balance=0)
        body |= {"reason": held.refused.value, "message": message, "next_step": next_step}
    elif held.state is BasketState.OPEN and held.payload is None:
        body["message"] = REFUSAL_WORDS[QrisRefusal.NMID_PENDING]
    return body


def _parsed(purchase_id: str) -> PurchaseId:
    parsed = parse_uuid7(purchase_id)
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
