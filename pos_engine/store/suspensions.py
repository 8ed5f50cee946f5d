"""Suspensions of families: reason, office, decree, officers, objection."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import FromClause, Select, and_, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.schema_registry import suspension

ASKED, IN_FORCE, RESTORED = "ASKED", "IN_FORCE", "RESTORED"


@dataclass(frozen=True, slots=True)
class Suspension:
    """Why a family is suspended, by whom, since when, and what she said against it."""

    suspension_id: str
    kpm_id: str
    reason: str
    office: str
    decree: str
    status: str
    asked_by: str
    asked_at: datetime
    confirmed_by: str | None = None
    confirmed_at: datetime | None = None
    objection: str | None = None
    objected_at: datetime | None = None
    restore_asked_by: str | None = None
    restored_by: str | None = None
    restored_at: datetime | None = None


_COLUMNS = [suspension.c[name] for name in Suspension.__slots__]


def _of_family(wanted: FromClause) -> Select[tuple[object, ...]]:
    c = suspension.c
    mine = and_(c.shard == wanted.c.shard, c.kpm_id == wanted.c.first, c.status != RESTORED)
    return select(*_COLUMNS).join_from(wanted, suspension, mine)


_OPEN = keyed(2, _of_family)


def open_suspensions(tx: Tx, kpm_ids: Collection[str]) -> Sequence[Suspension]:
    """Those of these families that are asked for or in force."""
    keys = sorted((shard_of(each), each) for each in kpm_ids)
    return [Suspension(*row) for row in rows_by(tx, _OPEN, keys)]


def add_suspension(tx: Tx, new: Suspension) -> None:
    """A suspension that the first of two officers asks for."""
    values = {name: getattr(new, name) for name in Suspension.__slots__}
    tx.execute(insert(suspension).values(shard=shard_of(new.kpm_id), **values))


def change_suspension(tx: Tx, found: Suspension, **facts: object) -> None:
    """What happened to it."""
    c = suspension.c
    tx.execute(
        update(suspension)
        .where(c.shard == shard_of(found.kpm_id), c.suspension_id == found.suspension_id)
        .values(**facts)
    )
