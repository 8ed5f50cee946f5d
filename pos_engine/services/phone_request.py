"""A held basket asks for a yes on her own phone: the cashier sees no code."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pos_engine.engine import Engine
from pos_engine.rules.identity import Method
from pos_engine.rules.outgoing_text import Urgency
from pos_engine.rules.qris import QrisRefusal
from pos_engine.rules.reasons import Reason
from pos_engine.services.confirm_basket import Confirmed, confirm_basket, not_payable
from pos_engine.services.identification import Asked, Identification, logged, refused
from pos_engine.services.outgoing import put, send_after_commit
from pos_engine.services.payer import PHONE, TokenProof
from pos_engine.services.phone_signs import is_silent
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.sms import Message
from pos_engine.store import baskets, families, phone_requests
from pos_engine.store.baskets import Basket
from pos_engine.store.database import Tx
from pos_engine.store.families import Known
from pos_engine.store.phone_requests import PhoneRequest
from pos_engine.wire.sms_answers import confirm_text

REQUESTS_PER_WINDOW_MAX = 5
REQUESTS_WINDOW = timedelta(minutes=10)
NO_NEXT_STEP = "Periksa nomor HP dan isi belanja, lalu buat belanja baru."


@dataclass(frozen=True, slots=True)
class Waiting:
    """Her phone was asked; the basket tells what became of it."""

    expires_at: datetime
    told: bool  # by an SMS that left or waits; she may open the menu without it


def ask_phone(
    engine: Engine, asked: Asked, purchase_id: str, msisdn: str
) -> Waiting | Identification | QrisRefusal:
    """Ask the owner of a number to agree to a held basket. Asking twice is asking once."""

    def work(tx: Tx) -> tuple[Waiting, list[Message]] | Identification | QrisRefusal:
        basket = baskets.find_basket(tx, purchase_id)
        if basket is None or basket.shop_id != asked.place.shop_id:
            return QrisRefusal.BASKET_UNKNOWN
        if (refusal := not_payable(tx, engine, basket)) is not None:
            return refusal
        known = families.find_credential(tx, PHONE, engine.keys.lookup(PHONE, msisdn))
        if known is None:
            return logged(tx, asked, refused(Method.PHONE, Reason.PAYER_UNKNOWN))
        if is_silent(tx, known.kpm_id, known.reference, asked.now):
            answer = refused(Method.PHONE, Reason.STEP_UP_REQUIRED)
            return logged(tx, asked, answer, known.kpm_id)
        return _asked(tx, engine, asked, basket, known, msisdn)

    done = engine.database.transact(work)
    if not isinstance(done, tuple):
        return done
    waiting, messages = done
    return Waiting(waiting.expires_at, told=send_after_commit(engine, messages))


def _asked(
    tx: Tx, engine: Engine, asked: Asked, basket: Basket, known: Known, msisdn: str
) -> tuple[Waiting, list[Message]] | Identification:
    waiting = Waiting(basket.expires_at, told=True)
    before = phone_requests.find_request(tx, known.kpm_id, basket.purchase_id)
    if before is not None:
        said_no = before.state == phone_requests.REFUSED
        return logged(tx, asked, _said_no(), known.kpm_id) if said_no else (waiting, [])
    since = asked.now - REQUESTS_WINDOW
    if phone_requests.count_since(tx, known.kpm_id, since) >= REQUESTS_PER_WINDOW_MAX:
        return logged(tx, asked, refused(Method.PHONE, Reason.LIMIT_REACHED), known.kpm_id)
    phone_requests.add_request(
        tx,
        PhoneRequest(
            kpm_id=known.kpm_id,
            purchase_id=basket.purchase_id,
            person_id=known.person_id,
            phone_id=known.reference,
            shop_id=basket.shop_id,
            amount=basket.amount,
            state=phone_requests.WAITING,
            asked_at=asked.now,
            expires_at=basket.expires_at,
        ),
    )
    message = Message(
        msisdn,
        confirm_text(basket.amount, asked.shop.name, engine.ussd_number),
        asked.now,
        kpm_id=known.kpm_id,
        phone_id=known.reference,
        urgency=Urgency.CODE,
    )
    put(tx, engine, [message])
    return waiting, [message]


def _said_no() -> Identification:
    answer = refused(Method.PHONE, Reason.STEP_UP_REQUIRED)
    return replace(answer, message="KPM menolak belanja ini di HP.", next_step=NO_NEXT_STEP)


def pay_request(engine: Engine, kpm_id: str, purchase_id: str) -> Confirmed | QrisRefusal:
    """She said yes on her own phone: the basket is paid through the one way in."""
    with engine.database.read() as tx:
        request = phone_requests.find_request(tx, kpm_id, purchase_id)
        basket = baskets.find_basket(tx, purchase_id)
    if request is None or basket is None or request.state == phone_requests.REFUSED:
        return QrisRefusal.BASKET_UNKNOWN
    if request.expires_at <= engine.now() and request.state == phone_requests.WAITING:
        return QrisRefusal.BASKET_EXPIRED
    done = confirm_basket(engine, purchase_id, _proof(engine, request, basket))
    if isinstance(done, Confirmed):
        engine.database.transact(
            lambda tx: phone_requests.settle_request(
                tx, kpm_id, purchase_id, phone_requests.CONFIRMED
            )
        )
    return done


def _proof(engine: Engine, request: PhoneRequest, basket: Basket) -> TokenProof:
    """Her yes, good for this basket alone: its till, its id, its sum."""
    token = new_payer_token(
        request.kpm_id,
        request.person_id,
        (basket.shop_id, basket.till_id),
        Method.PHONE,
        engine.now(),
        proven=True,
        bounds=(basket.purchase_id, basket.amount),
    )
    return TokenProof(sign_payer_token(engine.keys, token))
