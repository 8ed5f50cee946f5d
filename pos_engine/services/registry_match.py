"""After the rows: walk along the touched villages and find persons who stand in two families."""

import zlib
from dataclasses import replace

from pos_engine.engine import Engine
from pos_engine.rules.look_alikes import Someone, look_alikes
from pos_engine.rules.registry import Code, Disposition
from pos_engine.store import registry_holds as holds
from pos_engine.store import registry_rows, registry_runs
from pos_engine.store.database import Tx
from pos_engine.store.registry_runs import DONE, Found, Run

VILLAGES_AT_ONCE = 20
PEOPLE_OF_A_VILLAGE_MAX = 200_000


def match_villages(engine: Engine, run: Run) -> Run:
    """Search every touched village; a kill goes on with the next one."""
    while True:
        with engine.database.read() as tx:
            regions = registry_runs.villages_after(
                tx, run.run_id, run.matched_region, VILLAGES_AT_ONCE
            )
            pairs = [pair for each in regions for pair in _pairs(tx, run, each)]
        before = run
        if not regions:
            return engine.database.transact(lambda tx, r=before: _finish(tx, engine, r))  # type: ignore[misc]
        run = replace(run, matched_region=regions[-1])
        engine.database.transact(
            lambda tx, b=before, a=run, p=pairs: _keep(tx, engine, b, a, p)  # type: ignore[misc]
        )


Pair = tuple[Someone, Someone]


def _pairs(tx: Tx, run: Run, region: str) -> list[Pair]:
    people = registry_rows.people_of(tx, region, run.run_id, PEOPLE_OF_A_VILLAGE_MAX)
    return [
        (other, someone) if someone.fresh else (someone, other)
        for other, someone in look_alikes(people)
    ]


def _keep(tx: Tx, engine: Engine, before: Run, after: Run, pairs: list[Pair]) -> None:
    """What was found: the newcomer's change waits, and a new family's credit with it."""
    found, waiting = [], []
    paid = registry_rows.paid_families(tx, {new.kpm_id for _, new in pairs})
    for old, new in pairs:
        heads = new.role == "PENGURUS"
        disposition = Disposition.HELD if heads else Disposition.REMARK
        # a negative number is a person who joined a family of before
        number = new.row or -(zlib.crc32(new.person_id.encode()) >> 1)
        found.append(Found(number, Code.LOOKS_ALIKE, "name", disposition, new.kpm_id, old.kpm_id))
        if heads and new.kpm_id not in paid:
            code = Code.LOOKS_ALIKE
            waiting.append(
                holds.Hold(new.kpm_id, code, old.kpm_id, before.run_id, holds.HELD, engine.now())
            )
    registry_runs.add_findings(tx, before.run_id, found)
    holds.add_holds(tx, waiting)
    registry_runs.advance_or_fail(tx, before, after)


def _finish(tx: Tx, engine: Engine, run: Run) -> Run:
    rows = run.accepted + run.corrected + run.held + run.unchanged
    held, corrected = registry_runs.rows_by_disposition(tx, run.run_id)
    accepted = rows - held - corrected - run.unchanged
    after = replace(
        run,
        status=DONE,
        held=held,
        corrected=corrected,
        accepted=max(accepted, 0),
        unchanged=run.unchanged + min(accepted, 0),
    )
    registry_runs.advance_or_fail(tx, run, after, engine.now())
    registry_runs.forget_villages(tx, run.run_id)
    return after
