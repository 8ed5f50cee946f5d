"""Settle the shops for a bank day: count windows, plan transfers, name the files."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.bank_days import BankHoliday
from pos_engine.engine import Engine
from pos_engine.rules.bank_day import BankDay, bank_day_of, day_end, next_bank_day
from pos_engine.rules.ids import SHARDS, shard_of
from pos_engine.rules.settlement import Held, ShopDue, Transfer, plan
from pos_engine.services.disburse_chunks import Progress, give_way, nobody_looks
from pos_engine.services.install import Refused
from pos_engine.store import payouts
from pos_engine.store import settlements as runs
from pos_engine.store.database import Tx
from pos_engine.store.settlements import Run, Turnover, Window

SETTLE_DELAY = timedelta(minutes=10)  # a purchase of 23.59 may be committed a little later
WINDOWS_AT_ONCE = {"sqlite": 1_000, "postgresql": 10_000}
SHOPS_AT_ONCE = {"sqlite": 500, "postgresql": 2_000}
MESSAGE_PAYOUTS_MAX = 10_000  # transfers in one file for the bank
OnProgress = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class Settled:
    """A finished settlement. `fresh` False: it was finished before, these are its facts.

    `held`: shop, reason and rupiah of what stays payable. `unverified`: feasts that moved
    `pays_on` and that nobody has signed; `covered` False: the calendar ends before it.
    """

    run: Run
    payouts: int
    total: int
    messages: list[str]
    held: list[tuple[str, str, int]]
    unverified: tuple[str, ...]
    covered: bool
    fresh: bool


def settle(
    engine: Engine,
    day: date,
    officer: str,
    *,
    minimum: int = 1,
    recount: bool = False,
    on_progress: OnProgress = nobody_looks,
) -> Settled | Refused:
    """Pay what the shops are owed by the end of this bank day (WIB); again is the same.

    Cut off anywhere, the same command goes on. Purchases are not stopped. `recount` compares
    all days there ever were with what was settled, not only the window before.
    """
    run = engine.database.transact(lambda tx: _begin(tx, engine, day, officer, minimum))
    if isinstance(run, Refused):
        return run
    if run.status == runs.COUNTING:
        _count(engine, run, recount, on_progress)
    if run.status != runs.DONE:
        _pay(engine, run, on_progress)
        engine.database.transact(lambda tx: _name_and_end(tx, run))
    return _settled(engine, day, fresh=run.status != runs.DONE)


def _begin(tx: Tx, engine: Engine, day: date, officer: str, minimum: int) -> Run | Refused:
    runs.one_at_a_time(tx)
    known = runs.find_run(tx, day, lock=True)
    if known is not None:
        return known
    now, newest = engine.now(), runs.newest_run(tx)
    if now < day_end(day) + SETTLE_DELAY:
        return Refused("day", f"{day} is not over: it is settled from {_from(day)} on")
    if newest is not None and newest.day > day:
        return Refused("day", f"{day} is inside the settlement of {newest.day}")
    if newest is not None and newest.status != runs.DONE:
        return Refused("day", f"finish {newest.day} first: ewarong settle --day {newest.day}")
    run = Run(
        day=day,
        opens_at=newest.closes_at if newest else None,
        closes_at=day_end(day),
        pays_on=_pays_on(tx, engine, day).day,
        minimum=minimum,
        status=runs.COUNTING,
        made_by=officer,
        made_at=now,
    )
    runs.add_run(tx, run)
    return run


def _from(day: date) -> str:
    return f"{day_end(day) + SETTLE_DELAY:%Y-%m-%d %H:%M}Z"


def _pays_on(tx: Tx, engine: Engine, day: date) -> BankDay:
    """The first bank day after the window, and none that has gone by."""
    holidays = engine.catalogue(tx).bank_holidays
    yesterday = bank_day_of(engine.now()) - timedelta(days=1)
    return next_bank_day(max(day, yesterday), holidays)


def _count(engine: Engine, run: Run, recount: bool, on_progress: OnProgress) -> None:
    """Read the sums without stopping anybody, then write windows in short transactions."""
    windows = _windows(engine, run, recount)
    size = WINDOWS_AT_ONCE[engine.database.dialect]
    for first in range(0, len(windows), size):
        began = time.monotonic()
        batch = windows[first : first + size]
        if not engine.database.transact(lambda tx, b=batch: _write(tx, run, b)):  # type: ignore[misc]
            return
        on_progress(Progress(first + len(batch), len(windows)))
        give_way(engine, time.monotonic() - began)
    engine.database.transact(lambda tx: _go_on(tx, run))


def _windows(engine: Engine, run: Run, recount: bool) -> list[Window]:
    with engine.database.read() as tx:
        fresh = {each.shop_id: each for each in runs.turnover(tx, run.opens_at, run.closes_at)}
        late = _late(tx, run, recount)
    ids = sorted({*fresh, *late}, key=lambda shop_id: (shard_of(shop_id), shop_id))
    found = [_window(fresh.get(each), each, late.get(each, 0)) for each in ids]
    return [each for each in found if each.entries or each.late]


def _window(turnover: Turnover | None, shop_id: str, late: int) -> Window:
    entries, gross = (turnover.entries, turnover.amount) if turnover else (0, 0)
    return Window(shop_id, entries, gross, late)


def _late(tx: Tx, run: Run, recount: bool) -> dict[str, int]:
    """What the span before holds by now and did not hold when it was settled."""
    if run.opens_at is None:
        return {}
    if recount:
        counted, settled = runs.turnover(tx, None, run.opens_at), runs.settled_ever(tx)
    else:
        before = runs.run_before(tx, run.day)
        counted = runs.turnover(tx, before.opens_at, before.closes_at)
        settled = runs.settled_of(tx, before.day)
    sums = {each.shop_id: each.amount for each in counted}
    ids = sums.keys() | settled.keys()
    return {each: late for each in ids if (late := sums.get(each, 0) - settled.get(each, 0))}


def _write(tx: Tx, run: Run, batch: Sequence[Window]) -> bool:
    """False when another process has counted this run to its end."""
    now = runs.find_run(tx, run.day, lock=True)
    if now is None or now.status != runs.COUNTING:
        return False
    runs.add_windows(tx, run.day, batch)
    return True


def _go_on(tx: Tx, run: Run) -> None:
    now = runs.find_run(tx, run.day, lock=True)
    if now is not None and now.status == runs.COUNTING:
        runs.set_status(tx, run.day, runs.PLANNING)


def _pay(engine: Engine, run: Run, on_progress: OnProgress) -> None:
    with engine.database.read() as tx:
        rows = runs.count_open(tx)
    for shards in runs.shard_steps(rows, SHOPS_AT_ONCE[engine.database.dialect]):
        began = time.monotonic()
        engine.database.transact(lambda tx, s=shards: _pay_shards(tx, engine, run, s))  # type: ignore[misc]
        on_progress(Progress(shards.stop, SHARDS))
        give_way(engine, time.monotonic() - began)


def _pay_shards(tx: Tx, engine: Engine, run: Run, shards: range) -> None:
    """Decide and write the shops of some shards; what is covered is not open any more."""
    now = runs.find_run(tx, run.day, lock=True)
    if now is None or now.status != runs.PLANNING:
        return
    planned: list[tuple[ShopDue, tuple[Transfer, ...]]] = []
    held: list[tuple[str, Held]] = []
    for due in payouts.open_shops(tx, run.day, shards):
        decided = plan(due, run.day, run.minimum)
        if isinstance(decided, Held):
            held.append((due.shop_id, decided))
        elif decided:
            planned.append((due, decided))
    payouts.add_payouts(tx, run.day, planned, engine.now())
    payouts.add_held(tx, run.day, held)


def _name_and_end(tx: Tx, run: Run) -> None:
    now = runs.find_run(tx, run.day, lock=True)
    if now is None or now.status != runs.PLANNING:
        return
    count, _total = payouts.count_payouts(tx, run.day)
    payouts.name_messages(tx, run.day, -(-count // MESSAGE_PAYOUTS_MAX), SHARDS)
    runs.set_status(tx, run.day, runs.DONE)


def _settled(engine: Engine, day: date, *, fresh: bool) -> Settled:
    with engine.database.read() as tx:
        run = runs.find_run(tx, day)
        if run is None:
            raise LookupError(day)
        count, total = payouts.count_payouts(tx, day)
        told = _told(engine.catalogue(tx).bank_holidays, run)
        return Settled(
            run=run,
            payouts=count,
            total=total,
            messages=payouts.messages_of(tx, day),
            held=payouts.held_of(tx, day),
            unverified=told.unverified,
            covered=told.covered,
            fresh=fresh,
        )


def _told(holidays: Mapping[date, BankHoliday], run: Run) -> BankDay:
    """What is uncertain about the day of payment, by the calendar of today."""
    return next_bank_day(run.day, holidays)
