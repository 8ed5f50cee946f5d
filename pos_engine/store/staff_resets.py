"""Officers with their factors, and what one asks and another does about a lost telephone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import staff
from pos_engine.store.schema_staff_factors import staff_factor, staff_reset
from pos_engine.store.staff_factors import FactorState

OFFICERS_LISTED_MAX = 500
RESETS_LISTED_MAX = 100


@dataclass(frozen=True, slots=True)
class Reset:
    """All factors of an officer shall go; `approved_at` says that they are gone."""

    reset_id: str
    staff_id: str
    reason: str
    made_by: str
    made_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer on the list, with how many factors of each kind she has."""

    staff_id: str
    name: str
    role: str
    region: str | None
    status: str
    apps: int
    passkeys: int


_RESET = [staff_reset.c[name] for name in Reset.__slots__]


def add_reset(tx: Tx, new: Reset) -> None:
    """Write what was asked for; `ConflictError` when the id is known."""
    values = {name: getattr(new, name) for name in new.__slots__}
    tx.execute(insert(staff_reset).values(shard=shard_of(new.reset_id), **values))


def find_reset(tx: Tx, reset_id: str) -> Reset | None:
    """One of them; nobody else decides it until we commit."""
    query = select(*_RESET).where(
        staff_reset.c.shard == shard_of(reset_id), staff_reset.c.reset_id == reset_id
    )
    row = tx.execute(query.with_for_update(key_share=True)).one_or_none()
    return Reset(*row) if row else None


def approve_reset(tx: Tx, reset_id: str, by: str, now: datetime) -> None:
    """A second person did it. The row is locked."""
    tx.execute(
        update(staff_reset)
        .where(staff_reset.c.shard == shard_of(reset_id), staff_reset.c.reset_id == reset_id)
        .values(approved_by=by, approved_at=now)
    )


def waiting_resets(tx: Tx) -> list[Reset]:
    """Those that wait for a second person, the oldest first."""
    rows = tx.execute(
        select(*_RESET)
        .where(staff_reset.c.approved_at.is_(None))
        .order_by(staff_reset.c.made_at, staff_reset.c.reset_id)
        .limit(RESETS_LISTED_MAX)
    )
    return [Reset(*row) for row in rows]


def officers(tx: Tx, roles: Collection[str]) -> list[Officer]:
    """Officers of these roles by role and name."""
    c, f = staff.c, staff_factor.c
    active = (f.shard == c.shard) & (f.staff_id == c.staff_id)
    active &= f.state == FactorState.ACTIVE.value
    counts = [func.count(f.factor_id).filter(f.kind == kind) for kind in ("TOTP", "PASSKEY")]
    own = (c.staff_id, c.name, c.role, c.region, c.status)
    rows = tx.execute(
        select(*own, *counts)
        .join_from(staff, staff_factor, active, isouter=True)
        .where(c.role.in_(sorted(roles)))
        .group_by(c.shard, *own)
        .order_by(c.role, c.name, c.staff_id)
        .limit(OFFICERS_LISTED_MAX)
    )
    return [Officer(*row) for row in rows]
