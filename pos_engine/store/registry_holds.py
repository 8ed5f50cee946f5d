"""Families whose next credit waits: the seam for the held tranche of a disbursement."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.schema_registry import registry_hold

HELD = "HELD"  # also the status of the tranche that such a family's credit becomes
RELEASED = "RELEASED"
DOUBLE = "DOUBLE"  # two people said so: its credits wait, and what waited went back
WAITING = (HELD, DOUBLE)
HOLDS_LISTED_MAX = 500


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a family's next credit waits, because of whom, since which import."""

    kpm_id: str
    code: str
    other_kpm_id: str
    run_id: str
    status: str
    held_at: datetime
    asked_by: str | None = None
    released_by: str | None = None
    asked_for: str | None = None


_COLUMNS = [registry_hold.c[name] for name in Hold.__slots__]


def _held(wanted: FromClause) -> Select[tuple[object, ...]]:
    c = registry_hold.c
    mine = and_(c.shard == wanted.c.shard, c.kpm_id == wanted.c.first)
    return select(*_COLUMNS).join_from(wanted, registry_hold, mine)


_HOLDS = keyed(2, _held)


def held_families(tx: Tx, kpm_ids: Collection[str]) -> set[str]:
    """Those of these families whose next credit is written as HELD, not OPEN.

    Money that is credited already is never touched by it.
    """
    return {each.kpm_id for each in holds_of(tx, kpm_ids) if each.status in WAITING}


def waits(shard: ColumnElement[int], kpm_id: ColumnElement[str]) -> ColumnElement[bool]:
    """The same for the rows of a set: is the family of this row one whose credit waits."""
    c = registry_hold.c
    mine = select(c.kpm_id).where(c.shard == shard, c.kpm_id == kpm_id, c.status.in_(WAITING))
    return mine.exists()


def holds_of(tx: Tx, kpm_ids: Collection[str]) -> list[Hold]:
    """Every hold of these families, released ones too."""
    keys = sorted((shard_of(each), each) for each in kpm_ids)
    return [Hold(*row) for row in rows_by(tx, _HOLDS, keys)]


def add_holds(tx: Tx, holds: Collection[Hold]) -> None:
    """Holds that are not there yet; one that two people released is not made again."""
    known = {(each.kpm_id, each.code) for each in holds_of(tx, {h.kpm_id for h in holds})}
    rows = {
        (each.kpm_id, each.code): {
            "shard": shard_of(each.kpm_id),
            **{name: getattr(each, name) for name in Hold.__slots__},
        }
        for each in holds
        if (each.kpm_id, each.code) not in known
    }
    if rows:
        tx.execute(insert(registry_hold), list(rows.values()))


def list_holds(tx: Tx, limit: int) -> Sequence[Hold]:
    """Holds that wait for two people, the oldest first."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(registry_hold.c.status == HELD)
        .order_by(registry_hold.c.held_at, registry_hold.c.kpm_id, registry_hold.c.code)
        .limit(limit)
    )
    return [Hold(*row) for row in rows]


def ask(tx: Tx, kpm_id: str, officer: str, decision: str) -> None:
    """The first of two people says what the family is."""
    _change(tx, kpm_id, asked_by=officer, asked_for=decision)


def decide(tx: Tx, kpm_id: str, officer: str, decision: str, now: datetime) -> None:
    """The second of two people agrees: RELEASED, or DOUBLE."""
    values = {"released_by": officer, "released_at": now}
    _change(tx, kpm_id, status=decision, asked_by=None, asked_for=None, **values)


def _change(tx: Tx, kpm_id: str, **values: Any) -> None:
    c = registry_hold.c
    tx.execute(
        update(registry_hold)
        .where(c.shard == shard_of(kpm_id), c.kpm_id == kpm_id, c.status.in_(WAITING))
        .values(**values)
    )
