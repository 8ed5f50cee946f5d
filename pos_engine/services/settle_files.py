"""The files of a settlement for the bank: made from what is stored, so always the same bytes."""

import csv
import io
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pos_engine.engine import Engine
from pos_engine.services.settle import Settled
from pos_engine.services.settle_plan import transfers
from pos_engine.services.shop_account import open_account
from pos_engine.store import payouts
from pos_engine.wire.payout_file import Order, PayoutLine, payout_csv

FILE_MODE = 0o600  # they hold account numbers
DRAFT_COLUMNS = ("payout_id", "shop_id", "account_version", "amount", "windows")


@dataclass(frozen=True, slots=True)
class Debtor:
    """Who pays: the name on the escrow account, its number, its bank (BIC, code or empty)."""

    name: str
    escrow: str
    escrow_bank: str


@dataclass(frozen=True, slots=True)
class PayoutFile:
    """One file that was written, with its control sums."""

    path: Path
    payouts: int
    total: int
    sha256: str


def write_files(
    engine: Engine,
    settled: Settled,
    debtor: Debtor,
    folder: Path,
    on_payouts: Callable[[int], None] = lambda _count: None,
) -> list[PayoutFile]:
    """One CSV and as many pain.001 as there are messages. `OSError` when the folder refuses.

    Only of an approved settlement: `write_draft` is what a second officer looks at.
    """
    if not settled.final:
        raise ValueError(settled.run.day)  # a fault: nobody approved it
    from pos_engine.wire.pain001 import pain_message  # noqa: PLC0415 - half a second to load

    run = settled.run
    order = Order(run.made_at, run.pays_on, debtor.name, debtor.escrow, debtor.escrow_bank)
    written, rows = [], [payout_csv(order, [], header=True)]
    for message_id in settled.messages:
        lines = _lines(engine, settled, message_id)
        content = pain_message(order, message_id, lines)
        rows.append(payout_csv(order, lines, header=False))
        total = sum(each.amount for each in lines)
        written.append(_write(folder / f"{message_id}.xml", content, len(lines), total))
        on_payouts(len(lines))
    path = folder / f"payout-{run.day}.csv"
    return [_write(path, b"".join(rows), settled.payouts, settled.total), *written]


def write_draft(engine: Engine, settled: Settled, folder: Path) -> PayoutFile:
    """What would be paid, as a CSV without accounts and names: for eyes, useless to a bank."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(DRAFT_COLUMNS)
    for due, transfer in transfers(engine, settled.run):
        windows = " ".join(item.day.isoformat() for item in transfer.items)
        writer.writerow(
            (transfer.payout_id, due.shop_id, due.account_version, transfer.amount, windows)
        )
    path = folder / f"payout-{settled.run.day}.draft.csv"
    return _write(path, text.getvalue().encode(), settled.payouts, settled.total)


def _lines(engine: Engine, settled: Settled, message_id: str) -> list[PayoutLine]:
    day = settled.run.day
    with engine.database.read() as tx:
        covered = payouts.windows_paid(tx, day, message_id)
        found = list(payouts.payouts_of(tx, day, message_id))
    lines = []
    for each, sealed, bank in found:
        account = open_account(engine, each.shop_id, each.account_version, sealed)
        lines.append(
            PayoutLine(
                payout_id=each.payout_id,
                message_id=message_id,
                shop_id=each.shop_id,
                bank=bank,
                account=account.number,
                name=account.name,
                amount=each.amount,
                windows=covered[each.payout_id],
            )
        )
    return lines


def _write(path: Path, content: bytes, count: int, total: int) -> PayoutFile:
    """Whole or not at all: a file that is cut off must not reach a bank."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), FILE_MODE)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return PayoutFile(path, count, total, sha256(content).hexdigest())
