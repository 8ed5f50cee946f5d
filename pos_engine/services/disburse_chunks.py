"""Work through the chunks of a run: one transaction each, in any process, as often as needed."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.ids import SHARDS
from pos_engine.store import disbursement_items as items
from pos_engine.store import disbursements as runs
from pos_engine.store.database import Tx, UnavailableError
from pos_engine.store.disbursement_chunks import Tally, chunks_in, tally
from pos_engine.store.disbursement_items import Chunk

FORGOTTEN_AT_ONCE = 20_000
PAUSE_SHARE = 0.5  # of the time that a chunk held SQLite's writer: then the tills have it
PAUSE_S_MAX = 1.0
BUSY_TRIES_MAX = 10


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is, for a bar on the screen."""

    rows_done: int
    rows: int


OnProgress = Callable[[Progress], None]
Step = Callable[[Tx, runs.Run, Chunk], int]


def nobody_looks(_progress: Progress) -> None:
    """No bar."""


def give_way(engine: Engine, took_s: float) -> None:
    """Let purchases through: another process waits for SQLite's writer by looking now and then."""
    if engine.database.dialect == "sqlite":
        time.sleep(min(took_s * PAUSE_SHARE, PAUSE_S_MAX))


def work(
    engine: Engine, run_id: str, states: tuple[str, str], step: Step, on_progress: OnProgress
) -> int:
    """Do every chunk that is left while the run stays in its status; the sum of the steps.

    `states` are the run's status meanwhile and the state of the chunks to be done.
    """
    status, left = states
    with engine.database.read() as tx:
        todo, at = chunks_in(tx, run_id, left), tally(tx, run_id, left)
    done, total = at.rows - at.rows_left, 0
    for chunk in todo:
        began = time.monotonic()
        result = _patiently(engine, lambda tx, c=chunk: _one(tx, run_id, status, c, step))  # type: ignore[misc]
        if result is None:  # paused, or undone, by somebody
            break
        total += result
        done += _rows_of(at, len(todo))
        on_progress(Progress(min(done, at.rows), at.rows))
        give_way(engine, time.monotonic() - began)
    return total


def _rows_of(at: Tally, chunks: int) -> int:
    return -(-at.rows_left // chunks)


def _one(tx: Tx, run_id: str, status: str, chunk: Chunk, step: Step) -> int | None:
    before = runs.find_run(tx, run_id)
    if before is None:
        return None
    runs.lock_period(tx, before)
    run = runs.find_run(tx, run_id)  # again: who pauses or undoes it waits for this chunk
    return step(tx, run, chunk) if run is not None and run.status == status else None


def _patiently(engine: Engine, act: Callable[[Tx], int | None]) -> int | None:
    """A busy writer is no reason to end a run of an hour."""
    for _ in range(BUSY_TRIES_MAX - 1):
        try:
            return engine.database.transact(act)
        except UnavailableError:
            time.sleep(PAUSE_S_MAX)
    return engine.database.transact(act)


def forget_items(engine: Engine, run_id: str, rows: int) -> None:
    """Drop the staging of a run that was never approved, in short transactions."""
    step = max(1, min(SHARDS, SHARDS * FORGOTTEN_AT_ONCE // max(rows, 1)))
    for first in range(0, SHARDS, step):
        shards = range(first, min(first + step, SHARDS))
        engine.database.transact(lambda tx, s=shards: items.drop_staging(tx, run_id, s))  # type: ignore[misc]
