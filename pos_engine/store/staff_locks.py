"""How often a PIN or factor of staff may still be wrong, and until when nobody looks at it."""

from enum import StrEnum

from sqlalchemy import insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.rules.lockout import Tries
from pos_engine.store.database import Tx
from pos_engine.store.schema_staff_factors import staff_lock


class Locked(StrEnum):
    """What is locked."""

    PIN = "PIN"
    FACTOR = "FACTOR"


def find_tries(tx: Tx, staff_id: str, kind: Locked) -> Tries:
    """The tries of one member of staff; nobody else changes them until we commit."""
    query = select(staff_lock.c.tries_left, staff_lock.c.locks, staff_lock.c.until).where(
        staff_lock.c.shard == shard_of(staff_id),
        staff_lock.c.staff_id == staff_id,
        staff_lock.c.kind == kind.value,
    )
    row = tx.execute(query.with_for_update(key_share=True)).one_or_none()
    return Tries(*row) if row else Tries()


def set_tries(tx: Tx, staff_id: str, kind: Locked, new: Tries) -> None:
    """Write them, anew where there are none; `ConflictError` when a rival made the first."""
    values = {"tries_left": new.tries_left, "locks": new.locks, "until": new.until}
    shard = shard_of(staff_id)
    done = tx.execute(
        update(staff_lock)
        .where(
            staff_lock.c.shard == shard,
            staff_lock.c.staff_id == staff_id,
            staff_lock.c.kind == kind.value,
        )
        .values(**values)
    )
    if done.rowcount == 0:
        row = {"shard": shard, "staff_id": staff_id, "kind": kind.value} | values
        tx.execute(insert(staff_lock).values(**row))
