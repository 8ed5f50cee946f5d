"""Tell a family that somebody stands in for her: on every phone, so that a stranger is seen."""

from pos_engine.engine import Engine
from pos_engine.rules.identity import masked_name
from pos_engine.services.delegates import DELEGATE_APPROVED, DELEGATE_ENDED, DELEGATE_PROPOSED
from pos_engine.services.face_notices import PHONES_TOLD_MAX
from pos_engine.services.pin_witnessed import PIN_RENEWED
from pos_engine.services.supervise_confirm import SUPERVISED_CONFIRMED
from pos_engine.sms import Message
from pos_engine.store import delegations, families, supervisions
from pos_engine.store.database import Tx
from pos_engine.store.outbox import Event
from pos_engine.wire import people

_OF_DELEGATES = {
    DELEGATE_PROPOSED: people.delegate_proposed_text,
    DELEGATE_APPROVED: people.delegate_approved_text,
    DELEGATE_ENDED: people.delegate_ended_text,
}
PEOPLE_NOTICES = (*_OF_DELEGATES, SUPERVISED_CONFIRMED, PIN_RENEWED)


def tell_about_people(engine: Engine, event: Event, kpm_id: str) -> bool:
    """Send the notice; no phone is a valid state. False asks for another round."""
    with engine.database.read() as tx:
        text = _text(tx, event)
        phones = families.phones_of(tx, kpm_id)[:PHONES_TOLD_MAX]
    if text is None:
        return True
    try:
        for phone_id, _, sealed in phones:
            number = engine.keys.open_personal(sealed, phone_id)
            engine.sms.send(Message(number, text, engine.now()))
    except OSError:
        return False
    return True


def _text(tx: Tx, event: Event) -> str | None:
    if event.kind == PIN_RENEWED:
        return people.pin_renewed_text()
    if event.kind == SUPERVISED_CONFIRMED:
        row = supervisions.find_supervision(tx, event.subject_id)
        return people.supervised_text(row.amount) if row else None
    found = delegations.find_delegation(tx, event.subject_id)
    if found is None:
        return None
    return _OF_DELEGATES[event.kind](masked_name(found.name), found.expires_on)
