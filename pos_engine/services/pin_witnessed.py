"""A new PIN belanja before two officers: both saw her, then she types it herself at a till."""

from dataclasses import replace

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import in_scope
from pos_engine.rules.ids import KpmId
from pos_engine.rules.supervision import SUPERVISION_LIFE, SupervisionReason, SupervisionRefusal
from pos_engine.services.enrolment_force import notify_family
from pos_engine.services.install import Refused
from pos_engine.services.kin import own_family
from pos_engine.services.register import births_of, pin_refused, write_pin
from pos_engine.services.sessions import Session
from pos_engine.services.supervise import own_pin
from pos_engine.store import families, standing_people
from pos_engine.store.database import Tx
from pos_engine.store.standing_people import PinWitness

PIN_RENEWED = "PIN_RENEWED"
Answered = PinWitness | SupervisionRefusal


def first_witness(
    engine: Engine, session: Session, witness_id: str, kpm_id: str, pin: str
) -> Answered:
    """The first officer says that it is she. Twice is once."""
    refusal = own_pin(engine, session, pin)

    def work(tx: Tx) -> Answered:
        family = families.find_family(tx, kpm_id)
        if family is None or not in_scope(session.region, family.region):
            return SupervisionRefusal(SupervisionReason.NOT_FOUND, "kpm_id")
        if refusal is not None:
            return refusal
        stored = standing_people.find_witness(tx, witness_id)
        if stored is not None:
            same = (stored.kpm_id, stored.first_by) == (kpm_id, session.staff_id)
            return stored if same else _different()
        if own_family(tx, family.kpm_id, session.staff_id):
            return SupervisionRefusal(SupervisionReason.OWN_FAMILY, "kpm_id")
        now = engine.now()
        new = PinWitness(witness_id, kpm_id, session.staff_id, None, now, now + SUPERVISION_LIFE)
        standing_people.add_witness(tx, new)
        return new

    return engine.database.transact(work)


def _different() -> SupervisionRefusal:
    return SupervisionRefusal(SupervisionReason.DUPLICATE_DIFFERENT, "witness_id")


def second_witness(engine: Engine, session: Session, witness_id: str, pin: str) -> Answered:
    """Another officer says the same. Twice is once."""
    refusal = own_pin(engine, session, pin)

    def work(tx: Tx) -> Answered:
        row = standing_people.find_witness(tx, witness_id, lock=True)
        family = families.find_family(tx, row.kpm_id) if row else None
        if row is None or family is None or not in_scope(session.region, family.region):
            return SupervisionRefusal(SupervisionReason.NOT_FOUND, "witness_id")
        if row.second_by == session.staff_id and refusal is None:
            return row
        against = refusal or _against(tx, engine, session, row)
        if against is not None:
            return against
        standing_people.change_witness(tx, witness_id, second_by=session.staff_id)
        return replace(row, second_by=session.staff_id)

    return engine.database.transact(work)


def _against(
    tx: Tx, engine: Engine, session: Session, row: PinWitness
) -> SupervisionRefusal | None:
    checks = (
        (own_family(tx, KpmId(row.kpm_id), session.staff_id), SupervisionReason.OWN_FAMILY),
        (
            standing_people.same_person(tx, row.first_by, session.staff_id),
            SupervisionReason.SECOND_PERSON_NEEDED,
        ),
        (row.second_by is not None, SupervisionReason.WRONG_STATUS),
        (row.expires_at < engine.now(), SupervisionReason.EXPIRED),
    )
    return next((SupervisionRefusal(reason) for holds, reason in checks if holds), None)


def witnessed_pin(engine: Engine, witness_id: str, pin: str) -> Refused | SupervisionRefusal | None:
    """The KPM types her new PIN; what two officers said is used up by it, and she is told."""
    refused = pin_refused(pin)
    if refused is not None:
        return refused

    def work(tx: Tx) -> Refused | SupervisionRefusal | None:
        row = standing_people.find_witness(tx, witness_id, lock=True)
        if row is None:
            return SupervisionRefusal(SupervisionReason.NOT_FOUND, "witness_id")
        if row.second_by is None:
            return SupervisionRefusal(SupervisionReason.SECOND_PERSON_NEEDED, "witness_id")
        if row.used_at is not None:
            return SupervisionRefusal(SupervisionReason.WRONG_STATUS, "witness_id")
        now = engine.now()
        if row.expires_at < now:
            return SupervisionRefusal(SupervisionReason.EXPIRED, "witness_id")
        hers = pin_refused(pin, births_of(tx, row.kpm_id))
        if hers is not None:
            return hers
        standing_people.change_witness(tx, witness_id, used_at=now)
        write_pin(tx, engine, row.kpm_id, pin)
        notify_family(tx, PIN_RENEWED, row.kpm_id, witness_id, now)
        return None

    return engine.database.transact(work)
