"""What a family is told of her complaint: by when, and that it was answered."""

from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.rules.complaints import DUE, Kind
from pos_engine.services.complaint_swap import COMPLAINT_ANSWERED
from pos_engine.services.complaints import Opened
from pos_engine.services.tell import tell_family
from pos_engine.store import complaints
from pos_engine.store.outbox import Event
from pos_engine.wire import sms_answers

COMPLAINT_NOTICES = (COMPLAINT_ANSWERED,)
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def within_words(kind: Kind) -> str:
    """The time that she is promised: 24 jam, 3 hari."""
    within = DUE[kind].within
    return f"{within // _DAY} hari" if within > _DAY else f"{within // _HOUR} jam"


def opened_text(opened: Opened) -> str:
    """The answer to a text or a menu."""
    return sms_answers.complaint_text(opened.reference, within_words(opened.kind))


def tell_about_complaint(engine: Engine, event: Event, kpm_id: str) -> bool:
    """Send the answer to every phone of hers; no phone is a valid state."""
    with engine.database.read() as tx:
        found = complaints.find_complaint(tx, kpm_id, event.subject_id)
    if found is None:
        return True
    text = sms_answers.complaint_answered_text(found.reference, found.outcome or "")
    return tell_family(engine, kpm_id, text)
