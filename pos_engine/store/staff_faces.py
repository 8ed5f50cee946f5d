"""Faces of staff: kept only so that none of them is enrolled for a KPM."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, insert, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_enrolment import staff_template

STAFF_TEMPLATES_MAX = 500_000


@dataclass(frozen=True, slots=True)
class StaffFace:
    """A sealed face of a member of staff; `person_id` when she is registered as that KPM."""

    staff_id: str
    model_id: str
    version: int
    sealed: bytes
    quality: int
    person_id: str | None

    @property
    def bound_to(self) -> str:
        """What the sealed bytes are bound to: they open for nothing else."""
        return f"staff:{self.staff_id}|{self.model_id}|{self.version}"


def add_staff_face(tx: Tx, new: StaffFace, now: datetime) -> None:
    """Append a face; the newest version of each member of staff counts."""
    tx.execute(
        insert(staff_template).values(
            shard=shard_of(new.staff_id),
            staff_id=new.staff_id,
            model_id=new.model_id,
            version=new.version,
            sealed=new.sealed,
            quality=new.quality,
            person_id=new.person_id,
            created_at=now,
        )
    )


def next_version(tx: Tx, staff_id: str, model_id: str) -> int:
    """The version of the next face of a member of staff."""
    columns = staff_template.c
    newest = tx.execute(
        select(func.max(columns.version)).where(
            columns.shard == shard_of(staff_id),
            columns.staff_id == staff_id,
            columns.model_id == model_id,
        )
    ).scalar_one()
    return (newest or 0) + 1


def count_faces(tx: Tx, model_id: str) -> int:
    """How many members of staff a face is compared with."""
    counted = select(func.count(staff_template.c.staff_id.distinct())).where(
        staff_template.c.model_id == model_id
    )
    return int(tx.execute(counted).scalar_one())


def faces_after(tx: Tx, model_id: str, after: str, limit: int) -> list[StaffFace]:
    """The newest face of each member of staff, by id, after a cursor."""
    columns = staff_template.c
    newest = (
        select(columns.staff_id, func.max(columns.version).label("version"))
        .where(columns.model_id == model_id, columns.staff_id > after)
        .group_by(columns.staff_id)
        .order_by(columns.staff_id)
        .limit(limit)
        .subquery()
    )
    same = and_(columns.staff_id == newest.c.staff_id, columns.version == newest.c.version)
    rows = tx.execute(
        select(
            columns.staff_id,
            columns.model_id,
            columns.version,
            columns.sealed,
            columns.quality,
            columns.person_id,
        )
        .join_from(staff_template, newest, same)
        .where(columns.model_id == model_id)
        .order_by(columns.staff_id)
    )
    return [StaffFace(*row) for row in rows]
