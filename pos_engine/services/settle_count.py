"""Count what each shop is owed for a bank day: sums without a lock, windows in short steps."""

import time
from collections.abc import Sequence

from pos_engine.engine import Engine
from pos_engine.rules.ids import shard_of
from pos_engine.services.disburse_chunks import OnProgress, Progress, give_way
from pos_engine.store import settlements as runs
from pos_engine.store.database import Tx
from pos_engine.store.settlements import Run, Turnover, Window

WINDOWS_AT_ONCE = {"sqlite": 1_000, "postgresql": 10_000}


def count(engine: Engine, run: Run, recount: bool, on_progress: OnProgress) -> None:
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
        runs.set_status(tx, run.day, runs.COUNTED)
