"""What a KPM did with her own face: locked, unlocked, withdrew. The newest row is her state."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, func, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import template
from pos_engine.store.schema_enrolment import face_lock


class Kind(StrEnum):
    """What she did."""

    LOCK = "LOCK"
    UNLOCK = "UNLOCK"
    WITHDRAW = "WITHDRAW"


@dataclass(frozen=True, slots=True)
class FaceLock:
    """One act of a person, her `number`-th; `template_ids`: taken out of force, or put back."""

    lock_id: str
    kpm_id: str
    person_id: str
    number: int
    kind: Kind
    template_ids: Sequence[str]
    till_id: str
    staff_id: str
    device_id: str
    at: datetime


def add_lock(tx: Tx, new: FaceLock) -> None:
    """Append an act."""
    row = asdict(new) | {"template_ids": list(new.template_ids)}
    tx.execute(insert(face_lock).values(shard=shard_of(new.kpm_id), **row))


def newest_lock(tx: Tx, kpm_id: str, person_id: str) -> FaceLock | None:
    """The last act of a person; None when she never did anything."""
    query = _select(kpm_id).where(face_lock.c.person_id == person_id)
    return _one(tx, query.order_by(face_lock.c.number.desc()).limit(1))


def find_lock(tx: Tx, kpm_id: str, lock_id: str) -> FaceLock | None:
    """One act by id."""
    return _one(tx, _select(kpm_id).where(face_lock.c.lock_id == lock_id))


def _select(kpm_id: str) -> Select[Any]:
    columns = face_lock.c
    return select(
        columns.lock_id,
        columns.kpm_id,
        columns.person_id,
        columns.number,
        columns.kind,
        columns.template_ids,
        columns.till_id,
        columns.staff_id,
        columns.device_id,
        columns.at,
    ).where(columns.shard == shard_of(kpm_id), columns.kpm_id == kpm_id)


def _one(tx: Tx, query: Select[Any]) -> FaceLock | None:
    row = tx.execute(query).one_or_none()
    if row is None:
        return None
    lock_id, kpm_id, person_id, number, kind, *rest = row
    return FaceLock(lock_id, kpm_id, person_id, number, Kind(kind), *rest)


def had_a_face(tx: Tx, kpm_id: str, person_id: str) -> bool:
    """Was any template of this person ever written: then a new one is a replacement."""
    counted = select(func.count()).where(
        template.c.shard == shard_of(kpm_id),
        template.c.kpm_id == kpm_id,
        template.c.person_id == person_id,
    )
    return bool(tx.execute(counted).scalar_one())


def destroy_templates(tx: Tx, kpm_id: str, person_id: str) -> None:
    """Empty the sealed bytes of all her templates; that they were there stays on record."""
    tx.execute(
        update(template)
        .where(
            template.c.shard == shard_of(kpm_id),
            template.c.kpm_id == kpm_id,
            template.c.person_id == person_id,
        )
        .values(sealed=b"")
    )
