"""Settle the shops for a bank day: one officer counts and plans, another one has it paid."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.bank_days import BankHoliday
from pos_engine.engine import Engine
from pos_engine.rules.bank_day import BankDay, bank_day_of, day_end, next_bank_day
from pos_engine.rules.ids import SHARDS
from pos_engine.rules.settlement import Held, ShopDue, Transfer, plan
from pos_engine.services.disburse_chunks import OnProgress, Progress, give_way, nobody_looks
from pos_engine.services.install import Refused
from pos_engine.services.officers import not_an_officer, same_person
from pos_engine.services.settle_count import count
from pos_engine.services.settle_plan import SHOPS_AT_ONCE, Preview, preview
from pos_engine.store import payouts
from pos_engine.store import settlements as runs
from pos_engine.store.database import Tx
from pos_engine.store.settlements import Run

SETTLE_DELAY = timedelta(minutes=10)  # a purchase of 23.59 may be committed a little later
MESSAGE_PAYOUTS_MAX = 10_000  # transfers in one file for the bank


@dataclass(frozen=True, slots=True)
class Settled:
    """A settlement. `fresh` False: it was finished before, these are its facts.

    `final` False: it is planned, and nothing is paid before a second officer approves.
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
    final: bool = True


def settle(
    engine: Engine,
    day: date,
    officer: str,
    *,
    minimum: int = 1,
    recount: bool = False,
    on_progress: OnProgress = nobody_looks,
) -> Settled | Refused:
    """Plan what the shops are owed by the end of this bank day (WIB); again is the same.

    Nothing is paid before `approve_settlement`, but on a demo, which has one officer. Cut off
    anywhere, the same command goes on. Purchases are not stopped. `recount` compares all days
    there ever were with what was settled, not only the window before.
    """
    run = engine.database.transact(lambda tx: _begin(tx, engine, day, officer, minimum))
    if isinstance(run, Refused):
        return run
    if run.status == runs.COUNTING:
        count(engine, run, recount, on_progress)
    if run.status in {runs.COUNTING, runs.COUNTED}:
        planned = preview(engine, run)
        demo = engine.database.transact(lambda tx: _put(tx, engine, run, planned, officer))
        if not demo:
            return _planned(engine, day, planned)
    return _finish(engine, run, on_progress)


def approve_settlement(
    engine: Engine, day: date, officer: str, on_progress: OnProgress = nobody_looks
) -> Settled | Refused:
    """Pay what another officer planned, transfer by transfer as it was planned; again is the same.

    Who suspects a shop suspends it and has the day planned anew: its money then waits.
    """
    with engine.database.read() as tx:
        run = runs.find_run(tx, day)
    if run is None or run.status == runs.COUNTING:
        return Refused("day", f"{day} is not planned: ewarong settle --day {day}")
    if run.status == runs.COUNTED:
        now = preview(engine, run)
        refused = engine.database.transact(lambda tx: _approve(tx, engine, run, now, officer))
        if refused is not None:
            return refused
    return _finish(engine, run, on_progress)


def _approve(
    tx: Tx, engine: Engine, planned: Run, now: Preview, officer: str
) -> Refused | None:  # fmt: skip
    run = runs.find_run(tx, planned.day, lock=True)
    if run is None or run.status != runs.COUNTED:
        return None  # a rival approved it
    refused = not_an_officer(tx, engine, officer, field="officer")
    if refused is not None:
        return refused
    if same_person(tx, engine, run.made_by, officer):
        return Refused("officer", "a second person must approve: planned and approved by one")
    if run.plan_sha256 != now.plan.sha256:
        return Refused(
            "day",
            f"planned were {run.planned} transfers of {run.planned_total} rupiah, now it would be "
            f"{now.plan.payouts} of {now.plan.total}: ewarong settle --day {run.day} plans it anew",
        )
    runs.approve_run(tx, run.day, officer, engine.now())
    return None


def _put(tx: Tx, engine: Engine, run: Run, planned: Preview, officer: str) -> bool:
    """Keep the plan; on a demo it is approved at once."""
    runs.put_plan(tx, run.day, planned.plan, officer, engine.now())
    now = runs.find_run(tx, run.day, lock=True)
    if engine.is_demo(tx) and now is not None and now.status == runs.COUNTED:
        runs.approve_run(tx, run.day, officer, engine.now())
    return engine.is_demo(tx)


def _finish(engine: Engine, run: Run, on_progress: OnProgress) -> Settled:
    if run.status != runs.DONE:
        _pay(engine, run, on_progress)
        engine.database.transact(lambda tx: _name_and_end(tx, run))
    return _settled(engine, run.day, fresh=run.status != runs.DONE)


def _begin(tx: Tx, engine: Engine, day: date, officer: str, minimum: int) -> Run | Refused:
    runs.one_at_a_time(tx)
    refused = not_an_officer(tx, engine, officer, field="officer")
    known = runs.find_run(tx, day, lock=True)
    if refused is not None:
        return refused
    if known is not None:
        return known
    now, newest = engine.now(), runs.newest_run(tx)
    if now < day_end(day) + SETTLE_DELAY:
        return Refused("day", f"{day} is not over: it is settled from {_from(day)} on")
    if newest is not None and newest.day > day:
        return Refused("day", f"{day} is inside the settlement of {newest.day}")
    if newest is not None and newest.status != runs.DONE:
        return Refused("day", f"{newest.day} is not paid yet: {_next(newest)}")
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


def _next(run: Run) -> str:
    more = " --approve" if run.status == runs.COUNTED else ""
    return f"ewarong settle --day {run.day}{more}"


def _from(day: date) -> str:
    return f"{day_end(day) + SETTLE_DELAY:%Y-%m-%d %H:%M}Z"


def _pays_on(tx: Tx, engine: Engine, day: date) -> BankDay:
    """The first bank day after the window, and none that has gone by."""
    holidays = engine.catalogue(tx).bank_holidays
    yesterday = bank_day_of(engine.now()) - timedelta(days=1)
    return next_bank_day(max(day, yesterday), holidays)


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


def _planned(engine: Engine, day: date, planned: Preview) -> Settled:
    with engine.database.read() as tx:
        run = runs.find_run(tx, day)
        if run is None:
            raise LookupError(day)
        told = _told(engine.catalogue(tx).bank_holidays, run)
    return Settled(
        run=run,
        payouts=planned.plan.payouts,
        total=planned.plan.total,
        messages=[],
        held=planned.held,
        unverified=told.unverified,
        covered=told.covered,
        fresh=True,
        final=False,
    )


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
