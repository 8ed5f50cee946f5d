"""Disbursement runs: what is to be credited, on whose decree, and who did what to it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update

from pos_engine.rules.bank import ENGINE
from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind, announce
from pos_engine.store.database import Tx
from pos_engine.store.schema import disbursement_run
from pos_engine.store.schema_disbursement import disbursement_event as event

STAGING = "STAGING"  # being read; cut off in the middle it is staged again from its file
REFUSED = "REFUSED"  # read and found wrong
STAGED = "STAGED"
CREDITING = "CREDITING"
PAUSED = "PAUSED"
CREDITED = "CREDITED"
UNDOING = "UNDOING"
REVERSING = "REVERSING"
UNDONE = "UNDONE"  # everything went back
REVERSED = "REVERSED"  # what was unspent went back
WITHDRAWN = "WITHDRAWN"  # taken back before it was approved
STATUSES = (
    STAGING, REFUSED, STAGED, CREDITING, PAUSED, CREDITED, UNDOING, REVERSING, UNDONE, REVERSED,
    WITHDRAWN,
)  # fmt: skip
ENDED = (UNDONE, REVERSED, WITHDRAWN)
RUNS_OF_A_PERIOD_MAX = 1_000
CUSTODIAN = "custodian"  # among the papers, when it is not the engine


@dataclass(frozen=True, slots=True)
class Run:
    """One file of one programme and period.

    `papers`: decree, SP2D, budget year, bank, escrow; custodian when a bank keeps the money.
    """

    run_id: str
    programme: str
    period: str
    file_sha256: str
    expected_count: int
    expected_total: int
    expires_on: date
    status: str
    papers: dict[str, str]
    made_by: str
    approved_by: str | None

    @property
    def custodian(self) -> str:
        """Who keeps the money: our own books, or a bank."""
        return self.papers.get(CUSTODIAN, ENGINE)


@dataclass(frozen=True, slots=True)
class Event:
    """One act of one officer."""

    kind: str
    officer: str
    at: datetime


_c = disbursement_run.c
_COLUMNS = (
    _c.run_id,
    _c.programme,
    _c.period,
    _c.file_sha256,
    _c.expected_count,
    _c.expected_total,
    _c.expires_on,
    _c.status,
    _c.papers,
    _c.made_by,
    _c.approved_by,
)


def add_run(tx: Tx, run: Run, now: datetime) -> None:
    """Write a run; nothing is credited yet."""
    values = {name: getattr(run, name) for name in Run.__slots__}
    tx.execute(
        insert(disbursement_run).values(shard=shard_of(run.run_id), created_at=now, **values)
    )


def change_run(tx: Tx, run_id: str, **values: Any) -> None:
    """Write new facts of a run: its status, or what a repeated staging was told."""
    tx.execute(
        update(disbursement_run)
        .where(_c.shard == shard_of(run_id), _c.run_id == run_id)
        .values(**values)
    )


def approve_run(tx: Tx, run_id: str, officer: str, now: datetime) -> None:
    """A second person wants it credited: from now on only the run's status changes."""
    change_run(tx, run_id, status=CREDITING, approved_by=officer, approved_at=now)
    announce(tx, Kind.RUN, [(shard_of(run_id), run_id)])


def lock_period(tx: Tx, run: Run) -> None:
    """Credit one run of a period at a time: each must see the tranches that the others opened.

    All rows of the period, in key order: whoever comes later finds at least one that is locked.
    """
    mine = (_c.programme == run.programme) & (_c.period == run.period)
    rows = select(_c.run_id).where(mine).order_by(_c.shard, _c.run_id)
    tx.execute(rows.with_for_update()).all()


def find_run(tx: Tx, run_id: str, *, lock: bool = False) -> Run | None:
    """One run; with `lock` nobody else changes it meanwhile."""
    query = select(*_COLUMNS).where(_c.shard == shard_of(run_id), _c.run_id == run_id)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return Run(*row) if row else None


def runs_of_period(tx: Tx, programme: str, period: str) -> list[Run]:
    """Every run of a programme and period, in the order of their staging."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(_c.programme == programme, _c.period == period)
        .order_by(_c.created_at, _c.run_id)
        .limit(RUNS_OF_A_PERIOD_MAX)
    )
    return [Run(*row) for row in rows]


def note(tx: Tx, run_id: str, kind: str, officer: str, now: datetime) -> None:
    """Append who did what."""
    shard = shard_of(run_id)
    newest = select(func.coalesce(func.max(event.c.number), 0)).where(
        event.c.shard == shard, event.c.run_id == run_id
    )
    number = tx.execute(newest).scalar_one() + 1
    row = {"shard": shard, "run_id": run_id, "number": number}
    tx.execute(insert(event).values(**row, kind=kind, officer=officer, at=now))
    announce(tx, Kind.RUN_EVENT, [(shard, f"{run_id}:{number}")])


def events_of(tx: Tx, run_id: str) -> list[Event]:
    """What was done to a run, in order."""
    rows = tx.execute(
        select(event.c.kind, event.c.officer, event.c.at)
        .where(event.c.shard == shard_of(run_id), event.c.run_id == run_id)
        .order_by(event.c.number)
    )
    return [Event(*row) for row in rows]
