"""Settlement runs and windows: what is on the shops' accounts, counted by sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, insert, select, text, update

from pos_engine.rules.ids import SHARDS, shard_of
from pos_engine.rules.posting import Kind
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema import OF_SHOPS, catalogue, posting
from pos_engine.store.schema_settlement import settlement_run as run_table
from pos_engine.store.schema_settlement import settlement_window as window
from pos_engine.store.set_writes import insert_rows, inserts

SHARD = 0  # runs are a row a day, the same for all
COUNTING = "COUNTING"
COUNTED = "COUNTED"  # planned by one officer; nothing is paid before another approves
PLANNING = "PLANNING"  # approved: the transfers are being written
DONE = "DONE"
SHOP_PREFIX = "shop:"
OUR_OWN = (Kind.SETTLEMENT.value, Kind.BANK.value)  # what paying itself writes is no turnover
_INSERT_WINDOWS = inserts(window)
_c = run_table.c


@dataclass(frozen=True, slots=True)
class Run:
    """One settlement. `opens_at` None: the first one, which takes whatever is older.

    `planned` transfers of `planned_total` rupiah are what its maker saw and its approver signs.
    """

    day: date
    opens_at: datetime | None
    closes_at: datetime
    pays_on: date
    minimum: int
    status: str
    made_by: str
    made_at: datetime
    planned: int | None = None
    planned_total: int | None = None
    plan_sha256: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """The transfers of a settlement in three figures; `sha256` is over their ids and amounts."""

    payouts: int
    total: int
    sha256: str


class Turnover(NamedTuple):
    """What the postings of a span of time say about one shop."""

    shop_id: str
    entries: int
    amount: int


@dataclass(frozen=True, slots=True)
class Window:
    """What a shop is owed for one run. `late` came to light of the window before."""

    shop_id: str
    entries: int
    gross: int
    late: int


def find_run(tx: Tx, day: date, *, lock: bool = False) -> Run | None:
    """One run; with `lock` settlements wait for each other."""
    query = _runs().where(_c.day == day)
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return Run(*row) if row else None


def one_at_a_time(tx: Tx) -> None:
    """Whoever begins a settlement waits here: the oldest catalogue stands for all of them.

    Two days that began together would both take whatever is older.
    """
    c = catalogue.c
    oldest = select(c.version).where(c.shard == SHARD).order_by(c.loaded_at, c.version).limit(1)
    tx.execute(oldest.with_for_update()).all()


def newest_run(tx: Tx) -> Run | None:
    """The settlement of the latest day."""
    row = tx.execute(_runs().order_by(_c.day.desc()).limit(1)).one_or_none()
    return Run(*row) if row else None


def run_before(tx: Tx, day: date) -> Run:
    """The settlement before that of `day`; there must be one."""
    return Run(*tx.execute(_runs().where(_c.day < day).order_by(_c.day.desc()).limit(1)).one())


def _runs() -> Select[Any]:
    columns = [getattr(_c, name) for name in Run.__slots__]
    return select(*columns).where(_c.shard == SHARD)


def add_run(tx: Tx, run: Run) -> None:
    """Write a run; `ConflictError` when its day is taken."""
    values = {name: getattr(run, name) for name in Run.__slots__}
    tx.execute(insert(run_table).values(shard=SHARD, **values))


def set_status(tx: Tx, day: date, status: str) -> None:
    """How far a run is."""
    tx.execute(
        update(run_table).where(_c.shard == SHARD, _c.day == day).values(status=status)
    )  # fmt: skip


def put_plan(tx: Tx, day: date, plan: Plan, officer: str, now: datetime) -> None:
    """What an officer would pay; whoever plans it anew is its maker."""
    values = {"planned": plan.payouts, "planned_total": plan.total, "plan_sha256": plan.sha256}
    tx.execute(
        update(run_table)
        .where(_c.shard == SHARD, _c.day == day, _c.status == COUNTED)
        .values(made_by=officer, made_at=now, **values)
    )


def approve_run(tx: Tx, day: date, officer: str, now: datetime) -> None:
    """A second person wants it paid: from now on only the run's status changes."""
    tx.execute(
        update(run_table)
        .where(_c.shard == SHARD, _c.day == day)
        .values(status=PLANNING, approved_by=officer, approved_at=now)
    )
    announce(tx, Fact.SETTLEMENT, [(SHARD, day.isoformat())])


def any_run(tx: Tx) -> bool:
    """Was anything ever settled, or begun to be."""
    return tx.execute(select(_c.day).limit(1)).first() is not None


def turnover(tx: Tx, since: datetime | None, until: datetime) -> list[Turnover]:
    """Sums of every kind of posting on the shops' accounts in since <= time < until, by shop."""
    where = [of_shops(tx), posting.c.posted_at < until, posting.c.kind.not_in(OUR_OWN)]
    if since is not None:
        where.append(posting.c.posted_at >= since)
    rows = tx.execute(
        select(posting.c.account, func.count(), func.sum(posting.c.amount))
        .where(*where)
        .group_by(posting.c.account)
    )
    return [Turnover(row[0].removeprefix(SHOP_PREFIX), int(row[1]), int(row[2])) for row in rows]


def of_shops(tx: Tx) -> ColumnElement[bool]:
    """Legs of shops, as the index of this database asks for them.

    A range of text is an order of bytes on SQLite only; elsewhere it is what a language says.
    """
    if tx.dialect.name == "sqlite":
        return text(f"({OF_SHOPS})")  # type: ignore[return-value]
    return posting.c.account.like(f"{SHOP_PREFIX}%")


def settled_of(tx: Tx, day: date) -> dict[str, int]:
    """What the window of one run took of its own span of time, by shop."""
    rows = tx.execute(select(window.c.shop_id, window.c.gross).where(window.c.day == day))
    return {row.shop_id: int(row.gross) for row in rows}


def settled_ever(tx: Tx) -> dict[str, int]:
    """What all windows took, by shop."""
    rows = tx.execute(
        select(window.c.shop_id, func.sum(window.c.amount)).group_by(window.c.shop_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def add_windows(tx: Tx, day: date, windows: Sequence[Window]) -> int:
    """Write those that are not there yet; how many were new."""
    shards = [shard_of(each.shop_id) for each in windows]
    inside = window.c.shard.between(min(shards), max(shards))  # a batch lies in key order
    there = set(tx.execute(select(window.c.shop_id).where(window.c.day == day, inside)).scalars())
    fresh = [each for each in windows if each.shop_id not in there]
    insert_rows(tx, _INSERT_WINDOWS, [_row(day, each) for each in fresh])
    names = [(shard_of(each.shop_id), f"{each.shop_id}:{day}") for each in fresh]
    announce(tx, Fact.WINDOW, names)
    return len(fresh)


def _row(day: date, each: Window) -> dict[str, Any]:
    amount = each.gross + each.late
    return {
        "shard": shard_of(each.shop_id),
        "shop_id": each.shop_id,
        "day": day,
        "entries": each.entries,
        "gross": each.gross,
        "late": each.late,
        "amount": amount,
        "left_open": amount,
    }


def count_open(tx: Tx) -> int:
    """Windows that are not covered yet."""
    query = select(func.count()).select_from(window).where(text("left_open <> 0"))
    return int(tx.execute(query).scalar_one())


def shard_steps(rows: int, rows_at_once: int) -> list[range]:
    """All shards in ranges that hold about so many rows each."""
    step = max(1, min(SHARDS, SHARDS * rows_at_once // max(rows, 1)))
    return [range(first, min(first + step, SHARDS)) for first in range(0, SHARDS, step)]
