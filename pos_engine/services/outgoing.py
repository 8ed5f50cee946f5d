"""Texts for phones: queued in the transaction that causes them, taken by a line, settled."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.outgoing_text import LIFE, SUBMIT_PAUSE, Urgency, next_try
from pos_engine.rules.phone_life import code_end
from pos_engine.services.phone_signs import heard_all
from pos_engine.sms import Message, QueuedGateway
from pos_engine.store import code_delivery, sms_out
from pos_engine.store.database import Tx
from pos_engine.wire.delivery import Delivery, Report

TEXTS_KEPT = timedelta(days=30)  # of texts that left, without number and words
TOO_LATE = "TOO_LATE"


@dataclass(frozen=True, slots=True, repr=False)
class Outgoing:
    """A text that a line is to hand over."""

    text: sms_out.Text
    to: str
    words: str


class Taken(Enum):
    """What an operator did with a text."""

    ACCEPTED = "ACCEPTED"
    BUSY = "BUSY"  # too much for the moment: no try is spent
    REFUSED = "REFUSED"  # never, as it is
    UNCLEAR = "UNCLEAR"  # no answer, or a fault of theirs: tried again


@dataclass(frozen=True, slots=True)
class Handed:
    """The outcome of handing one text over."""

    outgoing: Outgoing
    taken: Taken
    gateway_id: str | None = None
    reason: str | None = None


def queued(engine: Engine) -> bool:
    """Do texts wait in the database for a line."""
    return isinstance(engine.sms, QueuedGateway)


def put(tx: Tx, engine: Engine, messages: Iterable[Message]) -> None:
    """Queue messages with what causes them; nothing to do with a gateway that takes them at once.

    After the commit call `send_after_commit` with the same messages.
    """
    if queued(engine):
        sms_out.add_texts(tx, [_text(engine, each) for each in messages])


def send_after_commit(engine: Engine, messages: Iterable[Message]) -> bool:
    """Hand over what was not queued; False when the gateway cannot take it now."""
    if queued(engine):
        return True
    try:
        for each in messages:
            engine.sms.send(each)
    except OSError:
        return False
    return True


def _text(engine: Engine, message: Message) -> sms_out.Text:
    message_id = new_uuid7(message.at)
    return sms_out.Text(
        message_id=message_id,
        kpm_id=message.kpm_id,
        phone_id=message.phone_id,
        code_id=message.code_id,
        subject_id=message.subject_id,
        priority=int(message.urgency),
        sealed=engine.keys.seal_personal(f"{message.to}\n{message.text}", message_id),
        tries=0,
        due_at=message.at,
        expires_at=message.at + LIFE[message.urgency],
    )


def take(engine: Engine, limit: int) -> list[Outgoing]:
    """The next texts for a line, codes first. What came too late is given up instead."""
    now = engine.now()

    def work(tx: Tx) -> list[sms_out.Text]:
        found = sms_out.take(tx, limit, now)
        late = [each for each in found if each.expires_at <= now]
        sms_out.settle(
            tx,
            [
                sms_out.Settled(each, sms_out.FAILED, now, each.tries, reason=TOO_LATE)
                for each in late
            ],
        )
        return [each for each in found if each.expires_at > now]

    return [_opened(engine, each) for each in engine.database.transact(work)]


def _opened(engine: Engine, text: sms_out.Text) -> Outgoing:
    to, _, words = engine.keys.open_personal(text.sealed, text.message_id).partition("\n")
    return Outgoing(text, to, words)


def settle(engine: Engine, handed: Sequence[Handed]) -> None:
    """Write what became of texts that a line had."""
    settled = [_settled(engine, each) for each in handed]
    engine.database.transact(lambda tx: sms_out.settle(tx, settled))


def _settled(engine: Engine, handed: Handed) -> sms_out.Settled:
    text, now = handed.outgoing.text, engine.now()
    tries = text.tries + (handed.taken is not Taken.BUSY)
    if handed.taken is Taken.ACCEPTED:
        return sms_out.Settled(text, sms_out.SENT, now, tries, handed.gateway_id)
    if handed.taken is Taken.BUSY:
        return sms_out.Settled(text, sms_out.WAITING, now + SUBMIT_PAUSE, tries, None, "BUSY")
    again = next_try(tries, text.expires_at, now) if handed.taken is Taken.UNCLEAR else None
    if again is None:
        return sms_out.Settled(text, sms_out.FAILED, now, tries, None, handed.reason)
    return sms_out.Settled(text, sms_out.WAITING, again, tries, None, handed.reason)


def note_reports(engine: Engine, reports: Sequence[Report]) -> list[Report]:
    """Write delivery reports; a code lives from its report on. Those of unknown texts come back."""
    final = {each.gateway_id: each for each in reports if each.delivery is not Delivery.ON_ITS_WAY}
    if not final:
        return []
    known = engine.database.transact(lambda tx: _note(tx, engine, final))
    return [each for number, each in final.items() if number not in known]


def _note(tx: Tx, engine: Engine, reports: dict[str, Report]) -> set[str]:
    now = engine.now()
    found = sms_out.by_gateway_ids(tx, list(reports))
    fresh = [each for each in found if each.state == sms_out.SENT]
    told = [(each, reports[each.gateway_id]) for each in fresh]
    states = [(each, said.delivery.value, said.word) for each, said in told]
    sms_out.report(tx, states, now)
    arrived = [each for each, said in told if said.delivery is Delivery.DELIVERED]
    _start_codes(tx, engine, arrived)
    phones = {(e.kpm_id, e.phone_id) for e in arrived if e.kpm_id and e.phone_id}
    heard_all(tx, phones, now)
    return {each.gateway_id for each in found}


def _start_codes(tx: Tx, engine: Engine, arrived: Sequence[sms_out.Reported]) -> None:
    codes = [(e.kpm_id, e.code_id) for e in arrived if e.kpm_id and e.code_id]
    now, valid = engine.now(), timedelta(seconds=engine.code_valid_s)
    ends = [
        (kpm_id, code_id, code_end(sent_at, now, valid))
        for kpm_id, code_id, sent_at in code_delivery.sent_at(tx, codes)
    ]
    code_delivery.set_ends(tx, ends)


def forget_old(engine: Engine) -> int:
    """Take away what left long ago; how many rows."""
    before = engine.now() - TEXTS_KEPT
    return engine.database.transact(lambda tx: sms_out.forget_done(tx, before))


__all__ = [
    "Handed",
    "Outgoing",
    "Taken",
    "Urgency",
    "forget_old",
    "note_reports",
    "put",
    "queued",
    "send_after_commit",
    "settle",
    "take",
]
