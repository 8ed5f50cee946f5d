"""Persons whom an officer called look-alikes of each other: their faces always step up."""

from datetime import datetime

from sqlalchemy import insert, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_enrolment import look_alike


def flag(tx: Tx, one: str, other: str, enrolment_id: str, staff_id: str, now: datetime) -> None:
    """Flag two persons as look-alikes of each other; again is once."""
    for person_id, other_person_id in ((one, other), (other, one)):
        if other_person_id not in _others(tx, person_id):
            tx.execute(
                insert(look_alike).values(
                    shard=shard_of(person_id),
                    person_id=person_id,
                    other_person_id=other_person_id,
                    enrolment_id=enrolment_id,
                    flagged_by=staff_id,
                    flagged_at=now,
                )
            )


def flagged(tx: Tx, person_id: str) -> bool:
    """Does somebody in the nation look like this person, as far as officers have said."""
    return bool(_others(tx, person_id))


def _others(tx: Tx, person_id: str) -> frozenset[str]:
    rows = tx.execute(
        select(look_alike.c.other_person_id).where(
            look_alike.c.shard == shard_of(person_id), look_alike.c.person_id == person_id
        )
    )
    return frozenset(rows.scalars())
