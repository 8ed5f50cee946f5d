"""Tell the family after the commit: drain the outbox into SMS."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from pos_engine.engine import Engine
from pos_engine.services.authorize import PURCHASE_APPROVED
from pos_engine.services.complaint_words import COMPLAINT_NOTICES, tell_about_complaint
from pos_engine.services.face_notices import FACE_NOTICES, tell_about_face
from pos_engine.services.money_notices import (
    MONEY_IDLE,
    RETURN_NOTICES,
    tell_about_idle,
    tell_about_return,
)
from pos_engine.services.outgoing import Urgency, put, queued
from pos_engine.services.people_notices import PEOPLE_NOTICES, tell_about_people
from pos_engine.services.purchase_notices import purchase_messages
from pos_engine.services.qris_notices import QRIS_REFUNDED, tell_about_refund
from pos_engine.sms import Gathering, Message
from pos_engine.store import outbox, sms_out

BATCH_MAX = 100
QUEUED_AT_ONCE_MAX = 500
NOTICES_QUEUED_MAX = 10_000  # what else waits, waits as an event: the queue of texts stays short
TELL = {
    **dict.fromkeys(FACE_NOTICES, tell_about_face),
    **dict.fromkeys(RETURN_NOTICES, tell_about_return),
    **dict.fromkeys(PEOPLE_NOTICES, tell_about_people),
    **dict.fromkeys(COMPLAINT_NOTICES, tell_about_complaint),
    MONEY_IDLE: tell_about_idle,
    QRIS_REFUNDED: tell_about_refund,
}


@dataclass(frozen=True, slots=True)
class Drained:
    """How many events left, and how many have to wait."""

    done: int
    waiting: int


def drain(engine: Engine) -> Drained:
    """Deliver the events that wait, a bounded number; a failing one waits for the next round."""
    if queued(engine):
        return _into_the_queue(engine)
    with engine.database.read() as tx:
        events = outbox.waiting_events(tx, BATCH_MAX)
        messages = purchase_messages(tx, engine, _purchases(events))
    done = 0
    for event in events:
        delivered = _deliver(engine, event, messages.get(event.event_id))
        done += delivered
        with engine.database.begin() as tx:
            outbox.settle_event(tx, event, done=delivered, now=engine.now())
    return Drained(done, len(events) - done)


def _into_the_queue(engine: Engine) -> Drained:
    """Queue the texts of events in the transaction that settles them: each is told once."""
    with engine.database.read() as tx:
        waiting = sms_out.count_waiting(tx, int(Urgency.NOTICE), NOTICES_QUEUED_MAX)
        room = min(QUEUED_AT_ONCE_MAX, NOTICES_QUEUED_MAX - waiting)
        events = outbox.waiting_events(tx, room) if room > 0 else []
        messages = purchase_messages(tx, engine, _purchases(events))
    gathering = Gathering()
    view = replace(engine, sms=gathering)
    for event in events:
        _deliver(view, event, messages.get(event.event_id))
    if events:
        with engine.database.begin() as tx:
            put(tx, engine, gathering.messages)
            outbox.settle_together(tx, events, engine.now())
    return Drained(len(events), 0)


def _purchases(events: Sequence[outbox.Event]) -> list[outbox.Event]:
    return [each for each in events if each.kind == PURCHASE_APPROVED]


def _deliver(engine: Engine, event: outbox.Event, message: Message | None) -> bool:
    if event.kpm_id is None:
        return True
    if event.kind in TELL:
        return TELL[event.kind](engine, event, event.kpm_id)
    if message is None:  # no phone is a valid state: she has her receipt
        return True
    try:
        engine.sms.send(message)
    except OSError:
        return False
    return True
