"""Tell a family that somebody stands in for her: on every phone, so that a stranger is seen."""

from pos_engine.engine import Engine
from pos_engine.rules.identity import masked_name
from pos_engine.services.delegates import DELEGATE_APPROVED, DELEGATE_ENDED, DELEGATE_PROPOSED
from pos_engine.services.pin_witnessed import PIN_RENEWED
from pos_engine.services.supervise_confirm import SUPERVISED_CONFIRMED
from pos_engine.services.tell import tell_family
from pos_engine.store import delegations, supervisions
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
    return tell_family(engine, kpm_id, text) if text else True


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
