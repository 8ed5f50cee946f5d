"""Tell the family after the commit: drain the outbox into SMS."""

import json
from dataclasses import dataclass
from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.services.authorize import PURCHASE_APPROVED
from pos_engine.services.face_notices import FACE_NOTICES, tell_about_face
from pos_engine.services.money_notices import (
    MONEY_IDLE,
    RETURN_NOTICES,
    tell_about_idle,
    tell_about_return,
)
from pos_engine.services.people_notices import PEOPLE_NOTICES, tell_about_people
from pos_engine.services.qris_notices import QRIS_REFUNDED, tell_about_refund
from pos_engine.sms import Message
from pos_engine.store import families, outbox, purchases, shops
from pos_engine.wire.sms import purchase_text

BATCH_MAX = 100
TELL = {
    **dict.fromkeys(FACE_NOTICES, tell_about_face),
    **dict.fromkeys(RETURN_NOTICES, tell_about_return),
    **dict.fromkeys(PEOPLE_NOTICES, tell_about_people),
    MONEY_IDLE: tell_about_idle,
    QRIS_REFUNDED: tell_about_refund,
}


@dataclass(frozen=True, slots=True)
class Drained:
    """How many events left, and how many have to wait."""

    done: int
    waiting: int


def drain(engine: Engine) -> Drained:
    """Deliver the events that wait, at most BATCH_MAX; a failing one waits for the next round."""
    with engine.database.read() as tx:
        events = outbox.waiting_events(tx, BATCH_MAX)
    done = 0
    for event in events:
        delivered = _deliver(engine, event)
        done += delivered
        with engine.database.begin() as tx:
            outbox.settle_event(tx, event, done=delivered, now=engine.now())
    return Drained(done, len(events) - done)


def _deliver(engine: Engine, event: outbox.Event) -> bool:
    if event.kpm_id is None:
        return True
    if event.kind in TELL:
        return TELL[event.kind](engine, event, event.kpm_id)
    return event.kind != PURCHASE_APPROVED or _tell_purchase(engine, event, event.kpm_id)


def _tell_purchase(engine: Engine, event: outbox.Event, kpm_id: str) -> bool:
    with engine.database.read() as tx:
        phones = families.phones_of(tx, kpm_id)
        claim = purchases.find_claim(tx, event.subject_id)
    shop = _shop(engine, claim.shop_id) if claim else None
    if not phones or claim is None or shop is None:
        return True  # no phone is a valid state: she has her receipt
    phone_id, _, sealed = phones[0]
    answer = json.loads(claim.answer)
    at = datetime.fromisoformat(answer["decided_at"])
    text = purchase_text(answer["amount"], shop.name, at, answer["balance_after"])
    try:
        engine.sms.send(Message(engine.keys.open_personal(sealed, phone_id), text, engine.now()))
    except OSError:
        return False
    return True


def _shop(engine: Engine, shop_id: str) -> shops.Shop | None:
    with (engine.reference or engine.database).read() as tx:
        return shops.find_shop(tx, shop_id)
