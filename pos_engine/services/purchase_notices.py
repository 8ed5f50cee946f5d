"""What families are told after their purchases: the texts of a batch, read in sets."""

import json
from collections.abc import Sequence
from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.services.family_keys import opener
from pos_engine.sms import Message
from pos_engine.store import batch_facts, purchase_news
from pos_engine.store.database import Tx
from pos_engine.store.outbox import Event
from pos_engine.wire.sms import purchase_text


def purchase_messages(tx: Tx, engine: Engine, events: Sequence[Event]) -> dict[str, Message]:
    """The message of each event. None of a family without a phone, or that wants no news."""
    claims = purchase_news.claims_by(tx, {each.subject_id for each in events})
    phones = purchase_news.first_phones(tx, {each.kpm_id for each in events if each.kpm_id})
    names = _shop_names(tx, engine, {each.shop_id for each in claims.values()})
    keys = opener(tx, engine, list(phones))
    messages = {}
    for event in events:
        whose = event.kpm_id or ""
        claim, phone = claims.get(event.subject_id), phones.get(whose)
        if claim is None or phone is None or phone.stopped_at or claim.shop_id not in names:
            continue
        answer = json.loads(claim.answer)
        at = datetime.fromisoformat(answer["decided_at"])
        name = names[claim.shop_id]
        messages[event.event_id] = Message(
            keys.open(whose, phone.sealed, phone.phone_id),
            purchase_text(answer["amount"], name, at, answer["balance_after"]),
            engine.now(),
            kpm_id=event.kpm_id,
            phone_id=phone.phone_id,
            subject_id=event.subject_id,
        )
    return messages


def _shop_names(tx: Tx, engine: Engine, shop_ids: set[str]) -> dict[str, str]:
    if engine.reference is None:
        found = batch_facts.shops_of(tx, shop_ids)()
    else:
        with engine.reference.read() as elsewhere:
            found = batch_facts.shops_of(elsewhere, shop_ids)()
    return {shop_id: shop.name for shop_id, shop in found.items()}
