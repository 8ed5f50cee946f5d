"""Credit a period from a file: staged by one person, approved by another, done once."""

import csv
import hashlib
import io
import uuid
from dataclasses import dataclass
from datetime import date

from pos_engine.engine import Engine
from pos_engine.rules.entitlement import Draw
from pos_engine.rules.ids import KpmId, WalletId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import credit_postings
from pos_engine.services.install import Refused
from pos_engine.store import disbursements, families, ledger
from pos_engine.store.database import Tx

COLUMNS = ["family_id", "amount"]
ROWS_MAX = 200_000  # of one file; the nation's file comes in parts
AMOUNT_MAX = 10_000_000
PROBLEMS_MAX = 20
CHUNK_ROWS = 1_000
CUSTODIAN_ENGINE = "ENGINE"
_NAMESPACE = uuid.UUID("6f1a2c9e-52b0-5e0b-9a5c-2f0d6f7f4d11")


@dataclass(frozen=True, slots=True)
class Order:
    """What the decree says: programme, period, its last usable day, counts, papers."""

    programme: str
    period: str
    expires_on: date
    expect_count: int
    expect_total: int
    papers: dict[str, str]


@dataclass(frozen=True, slots=True)
class FileRefused:
    """The file was not taken: every problem with its row (the header is row 1)."""

    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Credited:
    """A run that is done. `fresh` counts the families credited this time."""

    run_id: str
    fresh: int
    total: int


def stage(engine: Engine, content: bytes, order: Order, made_by: str) -> str | FileRefused:
    """Read the file and write the run; the same file for the same period is the same run."""
    rows, problems = _read(content)
    problems += _sums(rows, order)
    sha256 = hashlib.sha256(content).hexdigest()
    run_id = str(uuid.uuid5(_NAMESPACE, f"{order.programme}|{order.period}|{sha256}"))
    with engine.database.begin() as tx:
        if disbursements.find_run(tx, run_id) is not None:
            return run_id
        problems += _unknown_families(tx, rows)
        if problems:
            return FileRefused(tuple(problems[:PROBLEMS_MAX]))
        run = disbursements.Run(
            run_id=run_id,
            programme=order.programme,
            period=order.period,
            file_sha256=sha256,
            expected_count=order.expect_count,
            expected_total=order.expect_total,
            expires_on=order.expires_on,
            status=disbursements.STAGED,
            papers=order.papers,
            made_by=made_by,
            approved_by=None,
        )
        disbursements.stage(tx, run, [(each.kpm_id, each.amount) for each in rows], engine.now())
    return run_id


@dataclass(frozen=True, slots=True)
class _Row:
    number: int
    kpm_id: str
    amount: int


def _read(content: bytes) -> tuple[list[_Row], list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], ["the file is not UTF-8 text"]
    table = csv.reader(io.StringIO(text))
    if next(table, []) != COLUMNS:
        return [], [f"row 1: the columns must be {','.join(COLUMNS)}"]
    rows: list[_Row] = []
    problems: list[str] = []
    seen: dict[str, int] = {}
    for number, cells in enumerate(table, start=2):
        if number > ROWS_MAX + 1:
            return rows, [*problems, f"row {number}: more than {ROWS_MAX} rows, split the file"]
        row = _row(number, cells)
        if isinstance(row, str):
            problems.append(row)
        elif row.kpm_id in seen:
            problems.append(f"row {number}: family_id repeats row {seen[row.kpm_id]}")
        else:
            seen[row.kpm_id] = number
            rows.append(row)
    return rows, problems


def _row(number: int, cells: list[str]) -> _Row | str:
    if len(cells) != len(COLUMNS) or not cells[0].strip():
        return f"row {number}: family_id and amount are needed"
    amount = cells[1].strip()
    if not (amount.isascii() and amount.isdigit()) or not 0 < int(amount) <= AMOUNT_MAX:
        return f"row {number}: amount must be whole rupiah from 1 to {AMOUNT_MAX}"
    return _Row(number, cells[0].strip(), int(amount))


def _sums(rows: list[_Row], order: Order) -> list[str]:
    problems = []
    total = sum(row.amount for row in rows)
    if len(rows) != order.expect_count:
        problems.append(f"the file has {len(rows)} good rows, expected {order.expect_count}")
    if total != order.expect_total:
        problems.append(f"the file sums to {total}, expected {order.expect_total}")
    return problems


def _unknown_families(tx: Tx, rows: list[_Row]) -> list[str]:
    return [
        f"row {row.number}: no family {row.kpm_id}"
        for row in rows
        if families.find_family(tx, row.kpm_id) is None
    ]


def approve(engine: Engine, run_id: str, approved_by: str) -> Credited | Refused:
    """Credit a staged run. The approver is another person than the maker, except in a demo."""
    with engine.database.read() as tx:
        run = disbursements.find_run(tx, run_id)
        if run is None:
            return Refused("run", f"no run {run_id}")
        if run.made_by == approved_by and not engine.is_demo(tx):
            return Refused("officer", "a second person must approve: made and approved by one")
        items = disbursements.items_of(tx, run_id)
    fresh = 0
    for start in range(0, len(items), CHUNK_ROWS):
        with engine.database.begin() as tx:
            chunk = items[start : start + CHUNK_ROWS]
            fresh += sum(_credit(tx, engine, run, KpmId(kpm), amount) for kpm, amount in chunk)
    with engine.database.begin() as tx:
        disbursements.close_run(tx, run_id, approved_by, engine.now())
    return Credited(run_id, fresh, sum(amount for _, amount in items))


def needs_second_person(engine: Engine) -> bool:
    """Two people everywhere but on a demo's samples."""
    with engine.database.read() as tx:
        return not engine.is_demo(tx)


def _credit(tx: Tx, engine: Engine, run: disbursements.Run, kpm_id: KpmId, amount: int) -> bool:
    wallet_id = WalletId(str(uuid.uuid5(_NAMESPACE, f"{kpm_id}|{run.programme}|{run.period}")))
    new = ledger.NewWallet(
        wallet_id=wallet_id,
        kpm_id=kpm_id,
        programme=run.programme,
        period=run.period,
        credited=Rupiah(amount),
        expires_on=run.expires_on,
        custodian=CUSTODIAN_ENGINE,
        run_id=run.run_id,
    )
    if not ledger.credit(tx, new):
        return False
    legs = credit_postings(run.programme, run.period, Draw(wallet_id, Rupiah(amount)))
    ledger.post(tx, shard_of(kpm_id), wallet_id, legs, engine.now())
    return True


def status(engine: Engine, run_id: str) -> disbursements.Run | None:
    """The run as it stands."""
    with engine.database.read() as tx:
        return disbursements.find_run(tx, run_id)
