"""Stage a disbursement file: read as a stream, checked whole, nothing credited yet."""

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from catalog.load import load_shipped
from catalog.programmes import Programme
from pos_engine.engine import Engine, NotReadyError
from pos_engine.rules.bank import ENGINE
from pos_engine.services.disburse_chunks import forget_items, give_way
from pos_engine.services.disburse_credit import (
    Credited,
    Overview,
    approve,
    overview,
    pause,
    resume,
    status,
)
from pos_engine.services.disburse_file import Rows, read_rows, sha256_of
from pos_engine.services.disburse_rejects import FileRefused, Rejects
from pos_engine.services.disburse_return import Asked, Returned, kept_of, reverse, undo
from pos_engine.store import disbursement_items as items
from pos_engine.store import disbursements as runs
from pos_engine.store.database import Tx
from pos_engine.store.disbursement_items import Chunk, Finding, Item

# SQLite has one writer: a chunk is what a purchase waits for. PostgreSQL locks rows only.
CHUNK_ROWS = {"sqlite": 5_000, "postgresql": 50_000}
CHUNK_ROWS_OF_A_SHARD_MAX = 30_000  # legs of one movement are numbered in 16 bits
SAME_FILE_SHARE = 0.5  # from here on it is the earlier file with changes, not another one
_NAMESPACE = uuid.UUID("6f1a2c9e-52b0-5e0b-9a5c-2f0d6f7f4d11")


@dataclass(frozen=True, slots=True)
class Order:
    """What the decree says: programme, period, its last usable day, counts, papers.

    Papers: `decree`, `sp2d`, `budget_year`, `bank`, and `escrow`: the account in which the money
    lies that this engine keeps the books of; a demo needs none.
    """

    programme: str
    period: str
    expires_on: date
    expect_count: int
    expect_total: int
    papers: dict[str, str]


def stage(
    engine: Engine,
    file: Path | bytes,
    order: Order,
    made_by: str,
    *,
    rejects: Path | None = None,
    on_rows: Callable[[int], None] = lambda _rows: None,
) -> str | FileRefused:
    """Read the file and write the run; the same file for the same period is the same run."""
    found = Rejects(rejects)
    sha256 = sha256_of(file)
    with engine.database.read() as tx:
        run_id, run = _run_of(tx, order, sha256)
        known = _programmes(engine, tx)
        order = _in_custody(order, known)
        refused = _custody_refused(tx, engine, order, known)
        if refused is not None:
            found.add(0, "", *refused)
            return found.refused()
    if run is not None and run.status not in {runs.STAGING, runs.REFUSED}:
        return run_id
    with closing(found), closing(read_rows(file, run_id, found.add)) as rows:
        if not found and rows.sha256 != sha256:
            found.add(0, "", "FILE_CHANGED", "the file changed while it was read; send it again")
        _begin(engine, run_id, sha256, order, made_by)
        overlaps = _write_chunks(engine, run_id, order, rows, found, on_rows)
        _check_sums(rows, order, found)
        existing = _name_the_earlier(engine, run_id, order, overlaps, found)
        if found:
            forget_items(engine, run_id, rows.count)
        _end(engine, run_id, made_by, refused=bool(found))
        return found.refused(existing) if found else run_id


NO_ESCROW = (
    "escrow: name the account in which the money lies that this engine keeps the books of "
    "(--escrow or EWARONG_ESCROW_ACCOUNT)"
)


def _in_custody(order: Order, known: Mapping[str, Programme]) -> Order:
    """The order with the bank that holds the programme's money among its papers."""
    programme = known.get(order.programme)
    if programme is None or programme.custodian == ENGINE:
        papers = {name: value for name, value in order.papers.items() if name != runs.CUSTODIAN}
        return replace(order, papers=papers)
    return replace(order, papers={**order.papers, runs.CUSTODIAN: programme.custodian})


def _custody_refused(
    tx: Tx, engine: Engine, order: Order, known: Mapping[str, Programme]
) -> tuple[str, str] | None:
    """What is missing before a rupiah of this programme may be credited here."""
    bank = order.papers.get(runs.CUSTODIAN)
    if order.programme not in known:
        return "PROGRAMME_UNKNOWN", _unknown(order.programme, known)
    if bank is not None and not (engine.banks and bank in engine.banks.codes):
        return "BANK_NOT_LINKED", NOT_LINKED.format(programme=order.programme, bank=bank)
    if bank is None and not order.papers.get("escrow") and not engine.is_demo(tx):
        return "ESCROW_MISSING", NO_ESCROW
    return None


def _programmes(engine: Engine, tx: Tx) -> Mapping[str, Programme]:
    """Those of the catalogue in force; an installation that has none yet goes by the shipped."""
    try:
        return engine.catalogue(tx).programmes
    except NotReadyError:
        return load_shipped().programmes


NOT_LINKED = (
    "custodian: the money of {programme} lies with {bank} (programmes.csv), and no link to its "
    "switch is set up here: a tranche of it could not be spent. Nothing was staged"
)


def _unknown(programme: str, known: Iterable[str]) -> str:
    return (
        f"programme: {programme!r} is not in the catalogue in force (programmes.csv); "
        f"known are {', '.join(known)}"
    )


def run_of_file(engine: Engine, file: Path | bytes, order: Order) -> runs.Run | None:
    """The run that this file made before for this programme and period."""
    with engine.database.read() as tx:
        return _run_of(tx, order, sha256_of(file))[1]


def _run_of(tx: Tx, order: Order, sha256: str) -> tuple[str, runs.Run | None]:
    """The file's own run; a file whose runs were all taken back begins another."""
    before = [
        run
        for run in runs.runs_of_period(tx, order.programme, order.period)
        if run.file_sha256 == sha256 and run.status in runs.ENDED
    ]
    again = f"|{len(before)}" if before else ""
    name = f"{order.programme}|{order.period}|{sha256}{again}"
    run_id = str(uuid.uuid5(_NAMESPACE, name))
    return run_id, runs.find_run(tx, run_id)


def _begin(engine: Engine, run_id: str, sha256: str, order: Order, made_by: str) -> None:
    """The run's row; an attempt that was cut off goes on, one that was refused starts anew."""
    run = runs.Run(
        run_id=run_id,
        programme=order.programme,
        period=order.period,
        file_sha256=sha256,
        expected_count=order.expect_count,
        expected_total=order.expect_total,
        expires_on=order.expires_on,
        status=runs.STAGING,
        papers=order.papers,
        made_by=made_by,
        approved_by=None,
    )
    with engine.database.begin() as tx:
        now = engine.now()
        if runs.find_run(tx, run_id, lock=True) is None:
            runs.add_run(tx, run, now)
        else:
            facts = {name: getattr(run, name) for name in runs.Run.__slots__ if name != "run_id"}
            runs.change_run(tx, run_id, **facts)
        runs.note(tx, run_id, runs.STAGING, made_by, now)


def _batches(rows: Iterator[Item], size: int) -> Iterator[list[Item]]:
    batch: list[Item] = []
    in_shard: Counter[int] = Counter()
    for row in rows:
        full = len(batch) == size or in_shard[row.shard] == CHUNK_ROWS_OF_A_SHARD_MAX
        if batch and full:
            yield batch
            batch, in_shard = [], Counter()
        batch.append(row)
        in_shard[row.shard] += 1
    if batch:
        yield batch


def _write_chunks(
    engine: Engine,
    run_id: str,
    order: Order,
    rows: Rows,
    found: Rejects,
    on_rows: Callable[[int], None],
) -> Counter[str]:
    """Each chunk with its items in one transaction, then its checks; overlaps by earlier run."""
    overlaps: Counter[str] = Counter()
    others = _other_runs(engine, run_id, order)
    size = CHUNK_ROWS[engine.database.dialect]
    for number, batch in enumerate(_batches(rows.in_key_order(found.add), size), start=1):
        chunk = Chunk(run_id, number, batch[0].shard, batch[-1].shard)
        began = time.monotonic()
        engine.database.transact(lambda tx, c=chunk, b=batch: items.add_chunk(tx, c, b))  # type: ignore[misc]
        _check_chunk(engine, chunk, order, others, found, overlaps)
        give_way(engine, time.monotonic() - began)
        on_rows(len(batch))
    return overlaps


def _other_runs(engine: Engine, run_id: str, order: Order) -> list[runs.Run]:
    with engine.database.read() as tx:
        return [
            run
            for run in runs.runs_of_period(tx, order.programme, order.period)
            if run.run_id != run_id and run.status not in {*runs.ENDED, runs.REFUSED}
        ]


def _check_chunk(
    engine: Engine,
    chunk: Chunk,
    order: Order,
    others: list[runs.Run],
    found: Rejects,
    overlaps: Counter[str],
) -> None:
    waiting = [run.run_id for run in others if run.status != runs.CREDITED]
    with engine.database.read() as tx:
        unknown = items.unknown_families(tx, chunk)
        twice = items.credited_elsewhere(tx, chunk, order.programme, order.period)
        if waiting:
            credited = {each.kpm_id for each in twice}
            staged = items.staged_elsewhere(tx, chunk, waiting)
            twice += [each for each in staged if each.kpm_id not in credited]
    for each in unknown:
        found.add(each.number, each.kpm_id, "UNKNOWN_FAMILY", f"no family {each.kpm_id}")
    for each in twice:
        overlaps[each.other_run] += 1
        if each.amount != each.other_amount:
            _changed(each, found)


def _changed(each: Finding, found: Rejects) -> None:
    message = (
        f"{each.kpm_id} has {each.other_amount} rupiah of this period by run {each.other_run}, "
        f"{each.amount} here"
    )
    found.add(each.number, each.kpm_id, "CHANGED_AMOUNT", message)


def _check_sums(rows: Rows, order: Order, found: Rejects) -> None:
    cut = " The last row has no end: the file may be cut; ask for it again." if rows.cut else ""
    if rows.count != order.expect_count:
        message = f"the file has {rows.count} good rows, expected {order.expect_count}.{cut}"
        found.add(0, "", "COUNT_DIFFERS", message)
    if rows.total != order.expect_total:
        message = f"the file sums to {rows.total}, expected {order.expect_total}.{cut}"
        found.add(0, "", "TOTAL_DIFFERS", message)


def _name_the_earlier(
    engine: Engine, run_id: str, order: Order, overlaps: Counter[str], found: Rejects
) -> str | None:
    """Say which run has the same families, and in what the two files differ."""
    if not overlaps:
        return None
    earlier, same = overlaps.most_common(1)[0]
    message = (
        f"another file for {order.programme} {order.period}: {same} of its families stand in run "
        f"{earlier} already. See `ewarong disburse status {earlier}`; a wrong run is taken back by "
        f"`ewarong disburse undo {earlier}`, then this file is sent again"
    )
    found.first.insert(0, message)
    found.add(0, "", "PERIOD_CREDITED", message)
    with engine.database.read() as tx:
        run = runs.find_run(tx, earlier)
        if run is not None and same >= run.expected_count * SAME_FILE_SHARE:
            for each in items.missing_here(tx, run_id, earlier):
                text = (
                    f"row {each.number} of run {earlier} ({each.other_amount} rupiah) is not here"
                )
                found.add(0, each.kpm_id, "MISSING_HERE", text)
    return earlier


def _end(engine: Engine, run_id: str, made_by: str, *, refused: bool) -> None:
    becomes = runs.REFUSED if refused else runs.STAGED
    with engine.database.begin() as tx:
        runs.change_run(tx, run_id, status=becomes)
        runs.note(tx, run_id, becomes, made_by, engine.now())


def needs_second_person(engine: Engine) -> bool:
    """Two people everywhere but on a demo's samples."""
    with engine.database.read() as tx:
        return not engine.is_demo(tx)


__all__ = [
    "Asked", "Credited", "FileRefused", "Order", "Overview", "Returned", "approve", "kept_of",
    "needs_second_person", "overview", "pause", "resume", "reverse", "run_of_file", "stage",
    "status", "undo",
]  # fmt: skip
