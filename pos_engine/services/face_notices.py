"""Tell a family what happened to its face: on every phone, so that a stranger's act is seen."""

from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.services.enrolment_force import FACE_ENROLLED, FACE_REPLACING
from pos_engine.services.face_lock import FACE_LOCKED, FACE_UNLOCKED, FACE_WITHDRAWN
from pos_engine.services.tell import tell_family
from pos_engine.store import enrolments, face_locks, families
from pos_engine.store.database import Tx
from pos_engine.store.outbox import Event
from pos_engine.wire import sms

_BY_ENROLMENT = {
    FACE_ENROLLED: sms.face_enrolled_text,
    FACE_REPLACING: sms.face_replacing_text,
}
_BY_LOCK = {
    FACE_LOCKED: sms.face_locked_text,
    FACE_UNLOCKED: sms.face_unlocked_text,
    FACE_WITHDRAWN: sms.face_withdrawn_text,
}
FACE_NOTICES = _BY_ENROLMENT | _BY_LOCK


def tell_about_face(engine: Engine, event: Event, kpm_id: str) -> bool:
    """Send the notice to the family's phones; False asks for another round."""
    with engine.database.read() as tx:
        family = families.find_family(tx, kpm_id)
        at = _moment(tx, event, kpm_id)
        if family is None or at is None:
            return True
        zone = engine.catalogue(tx).zones.time_zone_of(family.region)
    return tell_family(engine, kpm_id, FACE_NOTICES[event.kind](at.astimezone(zone)))


def _moment(tx: Tx, event: Event, kpm_id: str) -> datetime | None:
    """When it is, or will be, so."""
    if event.kind in _BY_LOCK:
        act = face_locks.find_lock(tx, kpm_id, event.subject_id)
        return act.at if act else None
    row = enrolments.find_enrolment(tx, event.subject_id)
    return row.effective_at if row else None
