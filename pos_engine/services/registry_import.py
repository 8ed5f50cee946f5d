"""Import a registry file: looked through whole, written chunk by chunk, searched for twins."""

import gc
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from itertools import islice
from pathlib import Path

from pos_engine.engine import Engine
from pos_engine.rules.registry import Code, Disposition, Finding, heaviest
from pos_engine.rules.registry_row import Entry, check_row
from pos_engine.services.registry_chunk import Chunk
from pos_engine.services.registry_file import (
    Line,
    Looked,
    Picker,
    Unreadable,
    lines_from,
    look_through,
)
from pos_engine.services.registry_match import match_villages
from pos_engine.services.registry_words import words
from pos_engine.store import registry_rows, registry_runs
from pos_engine.store.database import Tx
from pos_engine.store.registry_runs import DONE, MATCHING, READING, Found, Run

# Rows are checked outside the transaction: meanwhile SQLite's one writer is the tills'.
CHUNK_ROWS = {"sqlite": 5_000, "postgresql": 10_000}
CHUNKS_BETWEEN_COLLECTIONS = 50
_NAMESPACE = uuid.UUID("0c8a0f0e-0a51-5d51-8f6b-3f7a5f3d9b21")
OnRows = Callable[[int, int], None]  # bytes that are done, bytes of the file


@dataclass(frozen=True, slots=True)
class Imported:
    """An import as it stands. `again` says that this file was imported before."""

    run: Run
    counts: dict[tuple[str, str], int]
    not_used: tuple[str, ...] = ()
    again: bool = False


def run_id_of(sha256: str) -> str:
    """The import of a file, whenever it is asked for."""
    return str(uuid.uuid5(_NAMESPACE, sha256))


def nobody_looks(_done: int, _whole: int) -> None:
    """No progress is shown."""


def import_registry(
    engine: Engine, file: Path | bytes, made_by: str, on_rows: OnRows = nobody_looks
) -> Imported | Unreadable:
    """Import a file, or go on where it was cut off; the same file twice changes nothing."""
    looked = look_through(file)
    if isinstance(looked, Unreadable):
        return looked
    run, again = _begin(engine, looked, made_by)
    if run.status == READING:
        run = _read(engine, file, looked, run, on_rows)
    if run.status == MATCHING:
        run = match_villages(engine, run)
    with engine.database.read() as tx:
        counts = registry_runs.count_findings(tx, run.run_id)
    return Imported(run, counts, looked.layout.not_used, again)


def _begin(engine: Engine, looked: Looked, made_by: str) -> tuple[Run, bool]:
    run_id = run_id_of(looked.sha256)

    def work(tx: Tx) -> tuple[Run, bool]:
        known = registry_runs.find_run(tx, run_id)
        if known is not None:
            return known, known.status == DONE
        start = looked.layout.first_row_at
        run = Run(run_id, looked.sha256, READING, made_by, position=start, rows=1)
        registry_runs.add_run(tx, run, engine.now())
        return run, False

    return engine.database.transact(work)


def _read(engine: Engine, file: Path | bytes, looked: Looked, run: Run, on_rows: OnRows) -> Run:
    with engine.database.read() as tx:
        shops = registry_rows.shop_ids(tx)
    picker = Picker(looked.layout)
    lines = lines_from(file, looked.layout, run.position, run.rows)
    with _without_cycles():
        for number, batch in enumerate(_batches(lines, CHUNK_ROWS[engine.database.dialect])):
            if number % CHUNKS_BETWEEN_COLLECTIONS == 0:
                gc.collect()
            run = _write(engine, run, batch, picker, shops)
            on_rows(run.position, looked.size)
    ended = replace(run, status=MATCHING)
    engine.database.transact(lambda tx: registry_runs.advance_or_fail(tx, run, ended))
    return ended


@contextmanager
def _without_cycles() -> Iterator[None]:
    """Circles of objects are few and looked for now and then: else it takes a tenth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _batches(lines: Iterator[Line], size: int) -> Iterator[list[Line]]:
    while batch := list(islice(lines, size)):
        yield batch


def _write(engine: Engine, run: Run, batch: list[Line], picker: Picker, shops: set[str]) -> Run:
    """Check a chunk's rows, then one transaction: rows, findings and how far the import is."""
    today = engine.now().date()
    checked = [_check(line, picker, today) for line in batch]

    def work(tx: Tx) -> Run:
        entries = [entry for _, entry, _ in checked if entry is not None]
        chunk = Chunk(tx, engine, run.run_id, entries, shops)
        found: list[Found] = []
        tally: Counter[str] = Counter()
        for number, entry, said in checked:
            _work_in(chunk, number, entry, list(said), found, tally)
        villages = chunk.write()
        registry_runs.add_villages(tx, run.run_id, villages)
        registry_runs.add_findings(tx, run.run_id, found)
        after = replace(
            run,
            position=batch[-1].end,
            rows=batch[-1].number,
            accepted=run.accepted + tally["accepted"],
            corrected=run.corrected + tally[Disposition.CORRECTED],
            held=run.held + tally[Disposition.HELD],
            unchanged=run.unchanged + tally["unchanged"],
        )
        registry_runs.advance_or_fail(tx, run, after)
        return after

    return engine.database.transact(work)


Checked = tuple[int, Entry | None, list[Finding]]


def _check(line: Line, picker: Picker, today: date) -> Checked:
    cells = picker.pick(line.cells) if line.cells is not None else None
    if cells is None:
        code = Code.ROW_NOT_TEXT if line.cells is None else Code.ROW_SHAPE
        return line.number, None, [Finding("row", code, Disposition.HELD)]
    return (line.number, *check_row(line.number, cells, words(), today))


def _work_in(
    chunk: Chunk,
    number: int,
    entry: Entry | None,
    said: list[Finding],
    found: list[Found],
    tally: Counter[str],
) -> None:
    kpm_id = other = None
    changed = True
    if entry is not None:
        kpm_id = entry.kpm_id
        more, changed, other = chunk.take(entry)
        said += more
    found += [Found(number, s.code, s.field, s.disposition, kpm_id, other) for s in said]
    became = heaviest(said)
    if became in {Disposition.HELD, Disposition.CORRECTED}:
        tally[became or ""] += 1
    else:
        tally["accepted" if changed else "unchanged"] += 1
