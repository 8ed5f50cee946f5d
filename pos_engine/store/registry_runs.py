"""Imports of the registry: how far each is, and what was found in which row."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import SelectBase, delete, func, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.rules.registry import Disposition
from pos_engine.store.copy_rows import copy_rows
from pos_engine.store.database import Tx
from pos_engine.store.schema_registry import (
    registry_finding,
    registry_run,
    registry_village,
)
from pos_engine.store.set_writes import insert_rows, inserts

READING, MATCHING, DONE = "READING", "MATCHING", "DONE"
FETCHED_AT_ONCE = 5_000
RUNS_LISTED_MAX = 50


@dataclass(frozen=True, slots=True)
class Run:
    """An import. `position` is the byte behind the last row written, `rows` that row's number."""

    run_id: str
    file_sha256: str
    status: str
    made_by: str
    position: int
    rows: int
    accepted: int = 0
    corrected: int = 0
    held: int = 0
    unchanged: int = 0
    matched_region: str = ""


class Found(NamedTuple):
    """What is said of a row; who it is about, and whom it meets."""

    number: int
    code: str
    field: str
    disposition: str
    kpm_id: str | None
    other_kpm_id: str | None


_COLUMNS = [registry_run.c[name] for name in Run.__slots__]
_ADD_VILLAGES = inserts(registry_village)


def find_run(tx: Tx, run_id: str) -> Run | None:
    """One import."""
    where = (registry_run.c.shard == shard_of(run_id)) & (registry_run.c.run_id == run_id)
    row = tx.execute(select(*_COLUMNS).where(where)).one_or_none()
    return Run(*row) if row else None


def add_run(tx: Tx, run: Run, now: datetime) -> None:
    """A new import; `ConflictError` when somebody else began it in this moment."""
    values = {name: getattr(run, name) for name in Run.__slots__}
    tx.execute(insert(registry_run).values(shard=shard_of(run.run_id), created_at=now, **values))


def advance_run(tx: Tx, before: Run, after: Run, done_at: datetime | None = None) -> bool:
    """Write how far an import is; False when somebody else has gone on with it meanwhile."""
    done = tx.execute(
        update(registry_run)
        .where(
            registry_run.c.shard == shard_of(before.run_id),
            registry_run.c.run_id == before.run_id,
            registry_run.c.status == before.status,
            registry_run.c.position == before.position,
            registry_run.c.matched_region == before.matched_region,
        )
        .values(
            done_at=done_at,
            **{name: getattr(after, name) for name in Run.__slots__ if name != "run_id"},
        )
    )
    return done.rowcount == 1


class ElsewhereError(RuntimeError):
    """Another process goes on with this import at the same time."""


def advance_or_fail(tx: Tx, before: Run, after: Run, done_at: datetime | None = None) -> None:
    """`ElsewhereError` when two processes import one file: the later one stops."""
    if not advance_run(tx, before, after, done_at):
        raise ElsewhereError("another process goes on with this import")


def rows_by_disposition(tx: Tx, run_id: str) -> tuple[int, int]:
    """Rows that wait, and rows that were corrected and do not wait."""
    c = registry_finding.c
    mine = (c.shard == shard_of(run_id)) & (c.run_id == run_id) & (c.number > 0)
    numbers = select(c.number).where(mine)
    held = numbers.where(c.disposition == Disposition.HELD.value)
    corrected = numbers.where(c.disposition == Disposition.CORRECTED.value).except_(held)
    return _how_many(tx, held.distinct()), _how_many(tx, corrected)


def _how_many(tx: Tx, query: SelectBase) -> int:
    return int(tx.execute(select(func.count()).select_from(query.subquery())).scalar_one())


def add_findings(tx: Tx, run_id: str, found: Iterable[Found]) -> None:
    """What is said of rows: each code once a row."""
    shard = shard_of(run_id)
    unique = {(each.number, each.code): each for each in found}
    rows = [(shard, run_id, *each) for _, each in sorted(unique.items())]
    copy_rows(tx, registry_finding, ("shard", "run_id", *Found._fields), rows)


def findings(tx: Tx, run_id: str) -> Iterator[Found]:
    """Everything that was found, by row."""
    c = registry_finding.c
    rows = tx.execute(
        select(c.number, c.code, c.field, c.disposition, c.kpm_id, c.other_kpm_id)
        .where(c.shard == shard_of(run_id), c.run_id == run_id)
        .order_by(c.number, c.code)
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )
    return (Found(*row) for row in rows)


def count_findings(tx: Tx, run_id: str) -> dict[tuple[str, str], int]:
    """How many rows by disposition and code."""
    c = registry_finding.c
    rows = tx.execute(
        select(c.disposition, c.code, func.count())
        .where(c.shard == shard_of(run_id), c.run_id == run_id)
        .group_by(c.disposition, c.code)
        .order_by(c.disposition, c.code)
    )
    return {(row[0], row[1]): row[2] for row in rows}


def add_villages(tx: Tx, run_id: str, regions: set[str]) -> None:
    """Villages that this import touched, each once."""
    c, shard = registry_village.c, shard_of(run_id)
    known = tx.execute(
        select(c.region).where(c.shard == shard, c.run_id == run_id, c.region.in_(regions))
    ).scalars()
    fresh = sorted(regions - set(known))
    rows = [{"shard": shard, "run_id": run_id, "region": region} for region in fresh]
    insert_rows(tx, _ADD_VILLAGES, rows)


def villages_after(tx: Tx, run_id: str, region: str, limit: int) -> Sequence[str]:
    """The next villages to look for look-alikes in."""
    c = registry_village.c
    return (
        tx.execute(
            select(c.region)
            .where(c.shard == shard_of(run_id), c.run_id == run_id, c.region > region)
            .order_by(c.region)
            .limit(limit)
        )
        .scalars()
        .all()
    )


def forget_villages(tx: Tx, run_id: str) -> None:
    """The search is over."""
    c = registry_village.c
    tx.execute(delete(registry_village).where(c.shard == shard_of(run_id), c.run_id == run_id))
