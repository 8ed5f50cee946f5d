"""A text from a phone: read once, answered to the number that is registered, logged without it."""

import hashlib
from dataclasses import dataclass
from datetime import timedelta

import structlog

from pos_engine.engine import Engine
from pos_engine.rules.identity import phone_number
from pos_engine.rules.outgoing_text import Urgency
from pos_engine.services.complaint_words import opened_text
from pos_engine.services.complaints import BY_SMS, Grievance, open_complaint
from pos_engine.services.outgoing import put, send_after_commit
from pos_engine.services.payer import PHONE
from pos_engine.services.phone_answers import balance_of, market_of, prices_at
from pos_engine.services.phone_signs import heard_all, is_silent, set_stopped
from pos_engine.services.resend import send_again
from pos_engine.sms import Message
from pos_engine.store import families, sms_in
from pos_engine.store.database import Tx
from pos_engine.store.families import Known
from pos_engine.wire import sms_answers
from pos_engine.wire.sms_words import Asked, Word, read

TEXTS_PER_WINDOW_MAX = 10  # of one number; what is more is logged and not answered
TEXTS_WINDOW = timedelta(minutes=10)
STRANGER_ANSWERED_EVERY = timedelta(days=1)
NO_PHONE = "NO_PHONE"  # a short number or a name sent it: nobody to answer
log = structlog.get_logger()


@dataclass(frozen=True, slots=True, repr=False)
class Incoming:
    """A text as a line brought it. `message_id` is the line's own number of it."""

    line: str
    message_id: str
    sender: str
    text: str


@dataclass(frozen=True, slots=True)
class Received:
    """What became of a text: a word for the log, never what was said."""

    outcome: str


@dataclass(slots=True, repr=False)
class _Reply:
    """What is sent back, and what is noted."""

    outcome: str
    messages: list[Message]


def receive_text(engine: Engine, incoming: Incoming) -> Received:
    """Answer a text. The same text again is answered once; a stranger learns nothing."""
    number = phone_number(incoming.sender)
    if number is None:
        log.warning("sms.refused", reason=NO_PHONE, line=incoming.line)
        return Received(NO_PHONE)
    reply = engine.database.transact(lambda tx: _receive(tx, engine, incoming, number))
    if reply.outcome not in (word.value for word in Word):
        log.warning("sms.refused", reason=reply.outcome, line=incoming.line)
    send_after_commit(engine, reply.messages)
    return Received(reply.outcome)


def _receive(tx: Tx, engine: Engine, incoming: Incoming, number: str) -> _Reply:
    now = engine.now()
    key = hashlib.sha256(f"{incoming.line}\n{incoming.message_id}".encode()).hexdigest()
    if sms_in.known(tx, key):
        return _Reply("SEEN_BEFORE", [])
    lookup = engine.keys.lookup(PHONE, number)
    asked, known = read(incoming.text), families.find_credential(tx, PHONE, lookup)
    if sms_in.count_since(tx, lookup, now - TEXTS_WINDOW) >= TEXTS_PER_WINDOW_MAX:
        reply = _Reply("TOO_MANY", [])
    elif known is None:
        reply = _to_stranger(tx, engine, lookup, number)
    else:
        reply = _answer(tx, engine, known, number, asked)
    kpm_id = known.kpm_id if known else None
    sms_in.add(tx, sms_in.Came(key, lookup, kpm_id, asked.word.value, reply.outcome, now))
    return reply


def _to_stranger(tx: Tx, engine: Engine, lookup: bytes, number: str) -> _Reply:
    before = sms_in.count_since(tx, lookup, engine.now() - STRANGER_ANSWERED_EVERY)
    text = None if before else sms_answers.UNREGISTERED
    return _Reply("UNREGISTERED", _said(tx, engine, number, None, text))


def _answer(tx: Tx, engine: Engine, known: Known, number: str, asked: Asked) -> _Reply:
    silent = is_silent(tx, known.kpm_id, known.reference, engine.now())
    heard_all(tx, [(known.kpm_id, known.reference)], engine.now())
    if asked.word is Word.KODE and not silent:
        sent, text = send_again(tx, engine, known)
        messages = [sent.message] if sent else _said(tx, engine, number, known, text)
        return _Reply(asked.word.value, messages)
    text = _text(tx, engine, known, asked, silent=silent)
    return _Reply(asked.word.value, _said(tx, engine, number, known, text))


def _text(tx: Tx, engine: Engine, known: Known, asked: Asked, *, silent: bool) -> str:
    kpm_id, phone_id = known.kpm_id, known.reference
    match asked.word:
        case Word.SALDO | Word.KODE:
            return sms_answers.SILENT if silent else balance_of(tx, engine, kpm_id)
        case Word.LAPOR:
            said = Grievance(kpm_id, BY_SMS, phone_id, note=asked.rest)
            return opened_text(open_complaint(tx, engine, said))
        case Word.STOP:
            set_stopped(tx, kpm_id, phone_id, engine.now())
            return sms_answers.STOPPED
        case Word.MULAI:
            set_stopped(tx, kpm_id, phone_id, None)
            return sms_answers.STARTED
        case Word.HARGA:
            prices = prices_at(market_of(tx, engine, kpm_id), asked.rest)
            return sms_answers.prices_text(prices) if prices else sms_answers.GOOD_UNKNOWN
        case Word.BANTUAN:
            return sms_answers.HELP


def _said(
    tx: Tx, engine: Engine, number: str, known: Known | None, text: str | None
) -> list[Message]:
    """The answer, queued with what it answers."""
    if text is None:
        return []
    message = Message(
        number,
        text,
        engine.now(),
        kpm_id=known.kpm_id if known else None,
        phone_id=known.reference if known else None,
        urgency=Urgency.ANSWER,
    )
    put(tx, engine, [message])
    return [message]
