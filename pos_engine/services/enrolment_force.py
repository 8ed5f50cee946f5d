"""Put an enrolled face in force: a first one at once, a replacement when its time has come."""

from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import Status
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.proposal import template_of
from pos_engine.store import enrolment_findings as log
from pos_engine.store import enrolments, outbox, template_log, templates
from pos_engine.store.database import Tx
from pos_engine.store.enrolments import Enrolment

FACE_ENROLLED = "FACE_ENROLLED"
FACE_REPLACING = "FACE_REPLACING"
SYSTEM = "SYSTEM"  # the role of a step that no person takes


def put_in_force(tx: Tx, row: Enrolment, now: datetime) -> None:
    """Revoke every older face of the person and enlist this one; the caller holds the family."""
    for old in templates.in_force(tx, row.kpm_id, row.person_id):
        template_log.revoke(tx, row.kpm_id, old.template_id, now)
    for before in enrolments.of_person(tx, row.person_id, frozenset({Status.IN_FORCE})):
        enrolments.set_status(tx, before.enrolment_id, Status.REPLACED)
    templates.add_template(tx, template_of(row), now)
    template_log.enlist(tx, row.kpm_id, row.enrolment_id, now)
    enrolments.set_status(tx, row.enrolment_id, Status.IN_FORCE, sealed=None)
    notify_family(tx, FACE_ENROLLED, row.kpm_id, row.enrolment_id, now)


def notify_family(tx: Tx, kind: str, kpm_id: str, subject_id: str, now: datetime) -> None:
    """Write the notice into this transaction; it leaves after the commit."""
    outbox.add_event(tx, kind, new_uuid7(now), kpm_id, subject_id, now)


def activate_due(engine: Engine) -> int:
    """Put the replacements in force whose cool-down is over; returns how many."""
    with engine.database.read() as tx:
        waiting = enrolments.due(tx, engine.now())
    return sum(_activate(engine, *each) for each in waiting)


def _activate(engine: Engine, enrolment_id: str, kpm_id: str) -> bool:
    """One replacement in one transaction; who was faster, or an objection, leaves nothing to do."""

    def work(tx: Tx) -> bool:
        enrolments.lock_family(tx, kpm_id)
        row, now = enrolments.find_enrolment(tx, enrolment_id), engine.now()
        if row is None or row.status is not Status.APPROVED:
            return False
        put_in_force(tx, row, now)
        log.add_event(tx, _step(row, now))
        return True

    return engine.database.transact(work)


def _step(row: Enrolment, now: datetime) -> log.Event:
    return log.Event(
        event_id=new_uuid7(now),
        enrolment_id=row.enrolment_id,
        kpm_id=row.kpm_id,
        kind=Status.IN_FORCE.value,
        reason=None,
        staff_id=SYSTEM,
        role=SYSTEM,
        device_id=SYSTEM,
        note=None,
        at=now,
    )
