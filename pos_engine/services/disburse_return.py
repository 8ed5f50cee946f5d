"""Take a run back: undo before anybody has spent, reverse what is unspent afterwards."""

from collections.abc import Iterator
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.services.disburse_chunks import OnProgress, forget_items, nobody_looks, work
from pos_engine.services.install import Refused
from pos_engine.store import disbursement_chunks as chunks
from pos_engine.store import disbursement_returns as returns
from pos_engine.store import disbursements as runs
from pos_engine.store import standing_people
from pos_engine.store.database import Tx
from pos_engine.store.disbursement_items import Chunk

UNDO, REVERSE = "UNDO", "REVERSE"
GOING_BACK = {UNDO: runs.UNDOING, REVERSE: runs.REVERSING}
NO_CHUNKS = (
    "{run_id} was credited before runs had chunks: its rows are not kept, so it cannot be taken "
    "back here. Nothing was changed"
)
MONEY_OUT = (runs.CREDITED, runs.CREDITING, runs.PAUSED)


@dataclass(frozen=True, slots=True)
class Asked:
    """One person has asked for it; nothing moved, a second person must say the same."""

    run_id: str
    verb: str


@dataclass(frozen=True, slots=True)
class Returned:
    """What went back to the programme, and what could not."""

    run_id: str
    status: str
    returned: int
    kept_families: int
    kept: int


Outcome = Asked | Returned | Refused


def undo(
    engine: Engine, run_id: str, officer: str, on_progress: OnProgress = nobody_looks
) -> Outcome:
    """Take back a wrong run of which nothing is spent; one that is only staged is withdrawn."""
    return _take_back(engine, run_id, officer, UNDO, on_progress)


def reverse(
    engine: Engine, run_id: str, officer: str, on_progress: OnProgress = nobody_looks
) -> Outcome:
    """Return what is unspent of a run; what is spent is listed by `kept_of`."""
    return _take_back(engine, run_id, officer, REVERSE, on_progress)


def kept_of(engine: Engine, run_id: str) -> Iterator[returns.Kept]:
    """Families of a returned run and what they had spent or were spending."""
    with engine.database.read() as tx:
        yield from returns.kept_of(tx, run_id)


def _take_back(
    engine: Engine, run_id: str, officer: str, verb: str, on_progress: OnProgress
) -> Outcome:
    with engine.database.read() as tx:
        run = runs.find_run(tx, run_id)
        refused = _not_now(tx, run, run_id, verb)
    if refused is not None or run is None:
        return refused or Refused("run", f"no run {run_id}")
    if run.status in {runs.STAGED, runs.STAGING, runs.REFUSED}:
        return _withdraw(engine, run, officer)
    if run.status in MONEY_OUT:
        asked = engine.database.transact(lambda tx: _agree(tx, engine, run_id, officer, verb))
        if asked is not None:
            return asked
    return _return(engine, run_id, GOING_BACK[verb], on_progress)


def _not_now(tx: Tx, run: runs.Run | None, run_id: str, verb: str) -> Refused | None:
    if run is None or run.status in {runs.STAGED, runs.STAGING, runs.REFUSED, GOING_BACK[verb]}:
        return None
    if run.status not in MONEY_OUT:
        return Refused("run", f"{run_id} is {run.status} already")
    if not chunks.has_chunks(tx, run_id):
        return Refused("run", NO_CHUNKS.format(run_id=run_id))
    spent = _spent(tx, run_id) if verb == UNDO else None
    if spent is None:
        return None
    return Refused(
        "run",
        f"family {spent} has spent of run {run_id}: an undo is for runs nobody has spent of. "
        f"`ewarong disburse reverse {run_id}` returns what is unspent and lists the rest",
    )


def _spent(tx: Tx, run_id: str) -> str | None:
    found = (returns.spent_in(tx, chunk) for chunk in chunks.chunks_in(tx, run_id, chunks.DONE))
    return next((each for each in found if each is not None), None)


def _withdraw(engine: Engine, run: runs.Run, officer: str) -> Outcome:
    with engine.database.begin() as tx:
        now = runs.find_run(tx, run.run_id, lock=True)
        if now is None or now.status != run.status:
            return Refused("run", f"{run.run_id} was changed by somebody; look at its status")
        runs.change_run(tx, run.run_id, status=runs.WITHDRAWN)
        runs.note(tx, run.run_id, runs.WITHDRAWN, officer, engine.now())
    forget_items(engine, run.run_id, run.expected_count)
    return Returned(run.run_id, runs.WITHDRAWN, 0, 0, 0)


def _agree(
    tx: Tx, engine: Engine, run_id: str, officer: str, verb: str
) -> Asked | Refused | None:  # fmt: skip
    """None when two people want it: from now on the run only goes back."""
    run = runs.find_run(tx, run_id, lock=True)
    if run is None or run.status not in MONEY_OUT:
        return Refused("run", f"{run_id} was changed by somebody; look at its status")
    now, last = engine.now(), runs.events_of(tx, run_id)[-1]
    asked_by = last.officer if last.kind == f"{verb}_ASKED" else None
    if not engine.is_demo(tx):
        if asked_by is None:
            _ask(tx, run, verb, officer, engine)
            return Asked(run_id, verb)
        if standing_people.same_person(tx, asked_by, officer):
            return Refused("officer", f"a second person must say it too: {officer} asked for it")
    runs.note(tx, run_id, GOING_BACK[verb], officer, now)
    runs.change_run(tx, run_id, status=GOING_BACK[verb])
    returns.cancel_open(tx, run_id)
    return None


def _ask(tx: Tx, run: runs.Run, verb: str, officer: str, engine: Engine) -> None:
    """Whoever finds a run wrong stops it at once."""
    if run.status == runs.CREDITING:
        runs.change_run(tx, run.run_id, status=runs.PAUSED)
    runs.note(tx, run.run_id, f"{verb}_ASKED", officer, engine.now())


def _return(engine: Engine, run_id: str, going: str, on_progress: OnProgress) -> Returned:
    def step(tx: Tx, run: runs.Run, chunk: Chunk) -> int:
        return returns.return_chunk(tx, run, chunk, engine.now())

    work(engine, run_id, (going, chunks.DONE), step, on_progress)
    with engine.database.begin() as tx:
        at = chunks.tally(tx, run_id, chunks.DONE)
        families, kept = returns.kept_sum(tx, run_id)
        ends = runs.REVERSED if kept or going == runs.REVERSING else runs.UNDONE
        if at.chunks_left == 0 and _still(tx, run_id, going):
            runs.change_run(tx, run_id, status=ends)
            runs.note(tx, run_id, ends, "", engine.now())
        return Returned(run_id, ends if at.chunks_left == 0 else going, at.returned, families, kept)


def _still(tx: Tx, run_id: str, going: str) -> bool:
    run = runs.find_run(tx, run_id, lock=True)
    return run is not None and run.status == going
