"""A disbursement file as a stream: rows checked one by one, then in the order of the keys.

The file is read line by line. Good rows go to buckets by shard (temporary files once they are
large), so that a whole nation is sorted and searched for repeats one bucket at a time.
"""

import csv
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO

from pos_engine.rules.ids import SHARDS, shard_of
from pos_engine.store.disbursement_items import Item

COLUMNS = ["family_id", "amount"]
ROWS_MAX = 30_000_000  # of one file: the nation and half of it again
LINE_BYTES_MAX = 1_000
FAMILY_ID_LENGTH_MAX = 64
AMOUNT_MAX = 10_000_000
BUCKETS = 64
BUCKET_BYTES_IN_MEMORY_MAX = 1 << 20
HASHED_AT_ONCE = 1 << 20

Report = Callable[[int, str, str, str], None]  # row, family, code, what is wrong


def open_file(file: Path | bytes) -> IO[bytes]:
    """The file as bytes; small ones may come from memory."""
    return BytesIO(file) if isinstance(file, bytes) else file.open("rb")


def sha256_of(file: Path | bytes) -> str:
    """The hash of the file, which names it for good."""
    digest = hashlib.sha256()
    with closing(open_file(file)) as stream:
        while block := stream.read(HASHED_AT_ONCE):
            digest.update(block)
    return digest.hexdigest()


@dataclass(slots=True)
class Rows:
    """The good rows of a file in buckets, with what was counted on the way."""

    run_id: str
    count: int = 0
    total: int = 0
    sha256: str = ""
    cut: bool = False  # the last line has no end
    _buckets: dict[int, IO[bytes]] = field(default_factory=dict)

    def add(self, kpm_id: str, number: int, amount: int) -> None:
        """Keep a good row."""
        shard = shard_of(kpm_id)
        bucket = shard * BUCKETS // SHARDS
        if bucket not in self._buckets:
            self._buckets[bucket] = tempfile.SpooledTemporaryFile(  # noqa: SIM115 - close()
                max_size=BUCKET_BYTES_IN_MEMORY_MAX
            )
        self._buckets[bucket].write(f"{shard}\t{kpm_id}\t{number}\t{amount}\n".encode())
        self.count += 1
        self.total += amount

    def in_key_order(self, report: Report) -> Iterator[Item]:
        """Every row by shard and family; a family that comes again is reported and left out."""
        for _, bucket in sorted(self._buckets.items()):
            bucket.seek(0)
            lines = (line.decode().split("\t") for line in bucket)
            rows = sorted((int(s), kpm, int(n), int(a)) for s, kpm, n, a in lines)
            before, first = "", 0
            for shard, kpm_id, number, amount in rows:
                if kpm_id == before:
                    message = f"family_id repeats row {first}"
                    report(number, kpm_id, "DUPLICATE_FAMILY", message)
                    continue
                before, first = kpm_id, number
                yield Item(shard, kpm_id, number, amount, wallet_id_of(self.run_id, kpm_id))

    def close(self) -> None:
        """Give the temporary files back."""
        for bucket in self._buckets.values():
            bucket.close()


def wallet_id_of(run_id: str, kpm_id: str) -> str:
    """The tranche of a family in a run: the same whenever it is asked for."""
    return hashlib.blake2s(f"{run_id}|{kpm_id}".encode(), digest_size=16).hexdigest()


def read_rows(file: Path | bytes, run_id: str, report: Report) -> Rows:
    """Check every row by itself; the caller closes what comes back."""
    rows, digest = Rows(run_id), hashlib.sha256()
    with closing(open_file(file)) as stream:
        if not _header(stream, rows, digest.update, report):
            return rows
        for number, cells in enumerate(_cells(stream, rows, digest.update), start=2):
            if number > ROWS_MAX + 1:
                report(number, "", "TOO_MANY_ROWS", f"more than {ROWS_MAX} rows, split the file")
                break
            _row(number, cells, rows, report)
    rows.sha256 = digest.hexdigest()
    return rows


def _header(stream: IO[bytes], rows: Rows, update: Callable[[bytes], None], report: Report) -> bool:
    cells = next(_cells(stream, rows, update), None)
    if cells is not None and [cells[0].removeprefix("\ufeff"), *cells[1:]] == COLUMNS:
        return True
    message = f"the columns must be {','.join(COLUMNS)}"
    if cells and cells[0] == NOT_UTF8:
        message = "the file is not UTF-8 text"
    report(1, "", "BAD_HEADER", message)
    return False


NOT_UTF8 = "\x00not UTF-8"
TOO_LONG = "\x00too long"


def _cells(stream: IO[bytes], rows: Rows, update: Callable[[bytes], None]) -> Iterator[list[str]]:
    """The cells of each line; a line that is no text stands there as one marked cell."""
    while line := stream.readline(LINE_BYTES_MAX + 1):
        update(line)
        rows.cut = not line.endswith(b"\n")
        if len(line) > LINE_BYTES_MAX:
            yield [TOO_LONG]
            return
        try:
            text = line.decode()
        except UnicodeDecodeError:
            yield [NOT_UTF8]
            continue
        yield text.strip().split(",") if '"' not in text else next(csv.reader([text]), [])


def _row(number: int, cells: list[str], rows: Rows, report: Report) -> None:
    if len(cells) != len(COLUMNS):
        report(number, "", "BAD_ROW", _shape(cells))
        return
    kpm_id, amount = cells[0].strip(), cells[1].strip()
    if not (kpm_id.isascii() and kpm_id.isprintable() and 0 < len(kpm_id) <= FAMILY_ID_LENGTH_MAX):
        report(number, "", "BAD_ROW", "family_id and amount are needed, family_id in plain ASCII")
    elif not (amount.isascii() and amount.isdigit() and 0 < _whole(amount) <= AMOUNT_MAX):
        message = f"amount must be whole rupiah from 1 to {AMOUNT_MAX}"
        report(number, kpm_id, "BAD_AMOUNT", message)
    else:
        rows.add(kpm_id, number, int(amount))


def _whole(digits: str) -> int:
    return int(digits) if len(digits) <= len(str(AMOUNT_MAX)) else AMOUNT_MAX + 1


def _shape(cells: list[str]) -> str:
    if cells == [NOT_UTF8]:
        return "the row is not UTF-8 text"
    if cells == [TOO_LONG]:
        return f"the row is longer than {LINE_BYTES_MAX} bytes; nothing after it was read"
    return "family_id and amount are needed"
