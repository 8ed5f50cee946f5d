"""Approve a staged run as a second person and credit it chunk by chunk; pause, resume, look."""

from dataclasses import dataclass
from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.rules.bank import ENGINE
from pos_engine.rules.latency import Spread
from pos_engine.services.disburse_chunks import OnProgress, nobody_looks, work
from pos_engine.services.install import Refused
from pos_engine.store import disbursement_chunks as chunks
from pos_engine.store import disbursements as runs
from pos_engine.store import latencies, standing_people
from pos_engine.store.database import Tx
from pos_engine.store.disbursement_items import OPEN, Chunk
from pos_engine.store.disbursement_returns import kept_sum

RESUMED = "RESUMED"
APPROVED = "APPROVED"


@dataclass(frozen=True, slots=True)
class Credited:
    """How far a run is. `fresh` counts the families credited this time, `total` is the run's.

    `skipped` families had a tranche of this period by another run; `left` are still to come.
    """

    run_id: str
    fresh: int
    total: int
    skipped: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True)
class Overview:
    """A run as it stands: its facts, how far it is, who did what, how purchases fared meanwhile."""

    run: runs.Run
    tally: chunks.Tally
    kept_families: int
    kept: int
    events: list[runs.Event]
    meanwhile: Spread | None  # None before the approval


def approve(
    engine: Engine, run_id: str, approved_by: str, on_progress: OnProgress = nobody_looks
) -> Credited | Refused:
    """Credit a staged run. The approver is another person than the maker, except in a demo."""
    refused = engine.database.transact(lambda tx: _approve(tx, engine, run_id, approved_by))
    return refused or _credit(engine, run_id, on_progress)


def _approve(tx: Tx, engine: Engine, run_id: str, officer: str) -> Refused | None:
    run = runs.find_run(tx, run_id, lock=True)
    if run is None:
        return Refused("run", f"no run {run_id}")
    if run.status == runs.CREDITED:
        return None
    if run.status in {runs.CREDITING, runs.PAUSED}:
        return _go_on(tx, engine, run, officer)
    if run.status != runs.STAGED:
        return Refused("run", f"{run_id} is {run.status} and cannot be approved")
    refused = None if engine.is_demo(tx) else _not_allowed(tx, run, officer)
    if refused is not None:
        return refused
    now = engine.now()
    runs.approve_run(tx, run_id, officer, now)
    runs.note(tx, run_id, APPROVED, officer, now)
    return None


def _not_allowed(tx: Tx, run: runs.Run, officer: str) -> Refused | None:
    if run.custodian == ENGINE and not run.papers.get("escrow"):
        return Refused("escrow", "no escrow account is named in this run: stage its file again")
    if standing_people.same_person(tx, run.made_by, officer):
        return Refused("officer", "a second person must approve: made and approved by one")
    return None


def resume(
    engine: Engine, run_id: str, officer: str, on_progress: OnProgress = nobody_looks
) -> Credited | Refused:
    """Go on with an approved run that was paused, killed or cut off."""
    refused = engine.database.transact(lambda tx: _resume(tx, engine, run_id, officer))
    return refused or _credit(engine, run_id, on_progress)


def _resume(tx: Tx, engine: Engine, run_id: str, officer: str) -> Refused | None:
    run = runs.find_run(tx, run_id, lock=True)
    if run is None:
        return Refused("run", f"no run {run_id}")
    if run.status == runs.CREDITED:
        return None
    if run.status not in {runs.CREDITING, runs.PAUSED}:
        return Refused("run", f"{run_id} is {run.status}: only an approved run goes on")
    return _go_on(tx, engine, run, officer)


def _go_on(tx: Tx, engine: Engine, run: runs.Run, officer: str) -> Refused | None:
    if not chunks.has_chunks(tx, run.run_id):
        return Refused("run", f"{run.run_id} is of before runs had chunks: send its file again")
    runs.change_run(tx, run.run_id, status=runs.CREDITING)
    runs.note(tx, run.run_id, RESUMED, officer, engine.now())
    return None


def pause(engine: Engine, run_id: str, officer: str) -> Refused | None:
    """Stop after the chunk under way, from any process; `resume` goes on."""
    with engine.database.begin() as tx:
        run = runs.find_run(tx, run_id, lock=True)
        if run is None:
            return Refused("run", f"no run {run_id}")
        if run.status != runs.CREDITING:
            return Refused("run", f"{run_id} is {run.status} and is not being credited")
        runs.change_run(tx, run_id, status=runs.PAUSED)
        runs.note(tx, run_id, runs.PAUSED, officer, engine.now())
    return None


def _credit(engine: Engine, run_id: str, on_progress: OnProgress) -> Credited:
    def step(tx: Tx, run: runs.Run, chunk: Chunk) -> int:
        return chunks.credit_chunk(tx, run, chunk, engine.now())

    fresh = work(engine, run_id, (runs.CREDITING, OPEN), step, on_progress)
    with engine.database.begin() as tx:
        run = runs.find_run(tx, run_id, lock=True)
        at = chunks.tally(tx, run_id, OPEN)
        if run is not None and run.status == runs.CREDITING and at.chunks_left == 0:
            runs.change_run(tx, run_id, status=runs.CREDITED)
            runs.note(tx, run_id, runs.CREDITED, run.approved_by or "", engine.now())
    skipped = at.rows - at.rows_left - at.credited_rows
    return Credited(run_id, fresh, at.credited, skipped, at.rows_left)


def status(engine: Engine, run_id: str) -> runs.Run | None:
    """The run as it stands."""
    with engine.database.read() as tx:
        return runs.find_run(tx, run_id)


def overview(engine: Engine, run_id: str) -> Overview | None:
    """The run with how far it is and who did what."""
    with engine.database.read() as tx:
        run = runs.find_run(tx, run_id)
        if run is None:
            return None
        going_back = run.status in {runs.UNDOING, runs.REVERSING}
        at = chunks.tally(tx, run_id, chunks.DONE if going_back else OPEN)
        families, kept = kept_sum(tx, run_id)
        events = runs.events_of(tx, run_id)
        return Overview(run, at, families, kept, events, _meanwhile(tx, events, engine.now()))


def _meanwhile(tx: Tx, events: list[runs.Event], now: datetime) -> Spread | None:
    """How long answers took from the approval to the end of the crediting, or until now."""
    acts = [each for each in events if each.kind in {APPROVED, RESUMED, runs.PAUSED, runs.CREDITED}]
    if not acts:
        return None
    under_way = acts[-1].kind in {APPROVED, RESUMED}
    return latencies.between(tx, acts[0].at, now if under_way else acts[-1].at)
