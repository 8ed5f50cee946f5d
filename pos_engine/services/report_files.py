"""Reports as files: CSV, XLSX, Parquet, JSON, streamed; each says what it is and its own hash.

The hash is of the rows as plain CSV (UTF-8, comma, CRLF, header first), the same in every format:
two files with one hash hold the same rows. A report as of a moment has the same bytes each time.
"""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pos_engine.services.report_columns import meaning_of
from pos_engine.services.report_sheets import Book
from pos_engine.services.report_words import harmless

Row = dict[str, Any]
XLSX_ROWS_MAX = 1_000_000  # of a sheet; what is more stands on further sheets
PAGE_ROWS = 10_000
FORMATS = ("csv", "xlsx", "parquet", "json")
SHEET, DICTIONARY_SHEET = "Data", "Kamus"
NOT_SAID = datetime(1980, 1, 1, tzinfo=UTC)  # made when: of a file that must not say it


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says of itself: the question, when it was asked, what was known then."""

    report: str
    columns: tuple[str, ...]
    filter: dict[str, str]
    made_at: datetime | None  # None with `as_of`: the same question has the same bytes for ever
    as_of: datetime | None = None
    known_until: datetime | None = None  # the newest manifest of the lake

    def said(self) -> dict[str, str]:
        """As texts, without what is not known."""
        times = {"as_of": self.as_of, "made_at": self.made_at, "known_until": self.known_until}
        if self.as_of is not None:
            times = {"as_of": self.as_of}
        given = {name: at.isoformat() for name, at in times.items() if at}
        return {"report": self.report, **self.filter, **given}


@dataclass(slots=True)
class Counted:
    """Rows that pass by: how many, and their hash."""

    columns: Sequence[str]
    rows: int = 0
    cells: list[list[object]] = field(default_factory=list)  # of the newest page, harmless
    _digest: Any = field(default_factory=hashlib.sha256)
    _buffer: io.StringIO = field(default_factory=io.StringIO)

    def __post_init__(self) -> None:
        """The header is part of the hash."""
        self._write([self.columns])

    def pages(self, rows: Iterable[Row]) -> Iterator[tuple[list[Row], bytes]]:
        """Pages of rows with their text as CSV."""
        page: list[Row] = []
        for row in rows:
            page.append(row)
            if len(page) == PAGE_ROWS:
                yield page, self._page(page)
                page = []
        if page:
            yield page, self._page(page)

    def _page(self, page: list[Row]) -> bytes:
        self.rows += len(page)
        self.cells = [[harmless(row[name]) for name in self.columns] for row in page]
        return self._write(self.cells)

    def _write(self, cells: Iterable[Sequence[object]]) -> bytes:
        csv.writer(self._buffer).writerows(cells)
        text = self._buffer.getvalue().encode()
        self._buffer.seek(0)
        self._buffer.truncate()
        self._digest.update(text)
        return text

    @property
    def header(self) -> bytes:
        """The first line."""
        buffer = io.StringIO()
        csv.writer(buffer).writerow(self.columns)
        return buffer.getvalue().encode()

    @property
    def sha256(self) -> str:
        """Of header and rows so far."""
        return str(self._digest.hexdigest())


def write_file(path: Path, output: str, facts: Facts, rows: Iterable[Row]) -> Counted:
    """Write a report; how many rows it has and their hash. `KeyError` for another format."""
    counted = Counted(facts.columns)
    _WRITERS[output](path, facts, counted, rows)
    return counted


def _said(facts: Facts, counted: Counted) -> dict[str, str]:
    return {**facts.said(), "rows": str(counted.rows), "sha256": counted.sha256}


def _csv(path: Path, facts: Facts, counted: Counted, rows: Iterable[Row]) -> None:
    """With a byte order mark for Excel, and what it says of itself in lines that begin with #."""
    with path.open("wb") as file:
        file.write(b"\xef\xbb\xbf" + counted.header)
        for _, text in counted.pages(rows):
            file.write(text)
        for name, value in _said(facts, counted).items():
            file.write(f"# {name}: {value}\r\n".encode())


def _json(path: Path, facts: Facts, counted: Counted, rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"columns": ' + json.dumps(facts.columns) + ', "data": [')
        comma = "\n"
        for page, _ in counted.pages(rows):
            for row in page:
                file.write(comma + json.dumps(row, ensure_ascii=False))
                comma = ",\n"
        said = json.dumps(_said(facts, counted), ensure_ascii=False)
        file.write(f'\n], "about": {said}}}\n')


def _parquet(path: Path, facts: Facts, counted: Counted, rows: Iterable[Row]) -> None:
    """Typed by the first page; the hash stands in the footer with the rest."""
    schema: pa.Schema | None = None
    writer: pq.ParquetWriter | None = None
    try:
        for page, _ in counted.pages(rows):
            schema = schema or _schema(facts.columns, page)
            writer = writer or pq.ParquetWriter(path, schema, compression="zstd")
            writer.write_table(pa.Table.from_pylist(page, schema))
        if writer is None:
            writer = pq.ParquetWriter(path, _schema(facts.columns, []))
        writer.add_key_value_metadata(
            {f"ewarong.{name}": value for name, value in _said(facts, counted).items()}
        )
    finally:
        if writer is not None:
            writer.close()


def _schema(columns: Sequence[str], page: Sequence[Row]) -> pa.Schema:
    """Whole numbers, fractions, yes or no; everything else is text."""
    return pa.schema([pa.field(name, _type(name, page)) for name in columns])


def _type(name: str, page: Sequence[Row]) -> pa.DataType:
    first = next((row[name] for row in page if row[name] is not None), None)
    kinds = ((bool, pa.bool_()), (int, pa.int64()), (float, pa.float64()))
    return next((kind for python, kind in kinds if isinstance(first, python)), pa.string())


def _xlsx(path: Path, facts: Facts, counted: Counted, rows: Iterable[Row]) -> None:
    """A sheet for each million rows, and one that says what they are."""
    with Book(path, facts.made_at or facts.as_of or NOT_SAID) as book:
        book.begin_sheet(SHEET, facts.columns)
        left, number = XLSX_ROWS_MAX, 1
        for _ in counted.pages(rows):
            cells = counted.cells
            while len(cells) > left:
                book.add(cells[:left])
                cells, left, number = cells[left:], XLSX_ROWS_MAX, number + 1
                book.begin_sheet(f"{SHEET} {number}", facts.columns)
            book.add(cells)
            left -= len(cells)
        _dictionary(book, facts, counted)


def _dictionary(book: Book, facts: Facts, counted: Counted) -> None:
    book.begin_sheet(DICTIONARY_SHEET)
    book.add([*_said(facts, counted).items(), ("", "")])
    book.add((name, meaning_of(facts.report, name)) for name in facts.columns)


_WRITERS = {"csv": _csv, "json": _json, "parquet": _parquet, "xlsx": _xlsx}
