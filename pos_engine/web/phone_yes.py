"""A purchase whose payer agrees on her own phone: held, asked, PENDING until she answered."""

from http import HTTPStatus
from typing import Any

from fastapi import Response
from fastapi.responses import JSONResponse

from pos_engine.engine import Engine
from pos_engine.rules.basket import Line
from pos_engine.rules.ids import PurchaseId
from pos_engine.rules.qris import BasketState, QrisRefusal
from pos_engine.rules.reasons import Reason
from pos_engine.services import day
from pos_engine.services.answers import line_json
from pos_engine.services.baskets import Held, hold
from pos_engine.services.identification import asked_at
from pos_engine.services.payer import Place
from pos_engine.services.phone_request import Waiting, ask_phone
from pos_engine.services.purchase import NotDecided
from pos_engine.services.sessions import Session
from pos_engine.web.problem import ProblemError
from pos_engine.wire.response import WORDINGS, explain

ASK_AGAIN_S = 3  # Retry-After of a PENDING purchase
WAIT_WORDS = "Tunggu: KPM membuka menu BPNT di HP, memilih 2, lalu Setuju bayar."


def ask_for_yes(
    engine: Engine,
    session: Session,
    place: Place,
    purchase_id: PurchaseId,
    lines: tuple[Line, ...],
    msisdn: str,
) -> Response:
    """Hold the basket, ask her phone; the same request again tells what became of it.

    What is not lawful is DECLINED at once and asks nobody. Only what she answered is a purchase.
    """
    asked = asked_at(engine, session, place, None)
    held = hold(engine, asked.shop, place, session.staff_id, purchase_id, lines)
    if isinstance(held, NotDecided):
        raise ProblemError(
            HTTPStatus.CONFLICT,
            held.value,
            "Nomor belanja ini sudah dipakai untuk isi yang lain. Buat nomor baru.",
        )
    stored = day.stored_answer(engine, place.shop_id, purchase_id)
    if stored is not None:
        return Response(stored, media_type="application/json")
    if held.state is not BasketState.OPEN:
        return JSONResponse(_not_open(held))
    done = ask_phone(engine, asked, purchase_id, msisdn)
    if isinstance(done, Waiting):
        body = {
            "purchase_id": purchase_id,
            "status": "PENDING",
            "amount": held.basket.amount,
            "message": WAIT_WORDS,
            "expires_at": done.expires_at.isoformat(timespec="seconds"),
        }
        return JSONResponse(body, HTTPStatus.ACCEPTED, {"Retry-After": str(ASK_AGAIN_S)})
    if isinstance(done, QrisRefusal):  # paid or ran out since it was held, a moment ago
        return JSONResponse(_not_open(held))
    reason = done.reason or Reason.PAYER_UNKNOWN
    return JSONResponse(_declined(held, reason, done.message, done.next_step))


def _not_open(held: Held) -> dict[str, Any]:
    """Unlawful, too late, or paid with other money: it is not asked any more."""
    if held.refused is not None:
        amount = held.basket.amount
        said = explain(held.refused, held.judged, amount=amount, balance=0)
        return _declined(held, held.refused, *said)
    wording = WORDINGS[Reason.CODE_EXPIRED]
    return _declined(held, Reason.CODE_EXPIRED, wording.sentence, wording.next_step)


def _declined(held: Held, reason: Reason, message: str, next_step: str) -> dict[str, Any]:
    return {
        "purchase_id": held.basket.purchase_id,
        "status": "DECLINED",
        "reason": reason.value,
        "message": message,
        "next_step": next_step,
        "approvable_amount": 0,
        "lines": [line_json(line) for line in held.judged],
    }
