"""A registry file as a stream: looked through whole before any row of it is written."""

import csv
import hashlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from io import BytesIO
from operator import itemgetter
from pathlib import Path
from typing import IO, NamedTuple

from pos_engine.rules.registry_row import FIELDS
from pos_engine.services.registry_words import field_of

LINE_BYTES_MAX = 4_000
COLUMNS_MAX = 200
ROWS_MAX = 120_000_000  # of one file: every member of the nation's families, half of it again
LOOKED_AT_ONCE = 1 << 20
NEEDED = ("family_id", "name", "region")
SEPARATORS = ",;\t|"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is cut: its separator and the place of each field in a row."""

    separator: str
    headings: tuple[str, ...]
    places: tuple[int, ...]  # one a field of FIELDS; len(headings) when it is not there
    not_used: tuple[str, ...]
    first_row_at: int  # byte

    def place_of(self, field: str) -> int | None:
        """Where a field stands in a row."""
        place = self.places[FIELDS.index(field)]
        return place if place < len(self.headings) else None


@dataclass(frozen=True, slots=True)
class Looked:
    """A file that can be read."""

    layout: Layout
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why nothing of the file is taken: which row (0 is the whole file), what helps."""

    row: int
    code: str
    message: str


class Line(NamedTuple):
    """A row: its number as an editor shows it, the byte behind it, its cells or None."""

    number: int
    end: int
    cells: list[str] | None


def open_file(file: Path | bytes) -> IO[bytes]:
    """The file as bytes; small ones may come from memory."""
    return BytesIO(file) if isinstance(file, bytes) else file.open("rb")


def look_through(file: Path | bytes) -> Looked | Unreadable:
    """Header, encoding, length of every line and the end, before any row is believed."""
    with closing(open_file(file)) as stream:
        layout = _layout(stream.readline(LINE_BYTES_MAX + 1))
        if isinstance(layout, Unreadable):
            return layout
        stream.seek(0)
        digest, rows, size, tail = hashlib.sha256(), 0, 0, b""
        while block := stream.read(LOOKED_AT_ONCE):
            digest.update(block)
            size += len(block)
            lines = (tail + block).split(b"\n")
            tail = lines.pop()
            problem = _lines_problem(lines, tail, rows)
            if problem is not None:
                return problem
            rows += len(lines)
    if tail:
        return Unreadable(rows + 1, "FILE_CUT", "the last row has no end: ask for the file again")
    if rows > ROWS_MAX:
        return Unreadable(0, "TOO_MANY_ROWS", f"more than {ROWS_MAX} rows: split the file")
    return Looked(layout, digest.hexdigest(), size)


def _lines_problem(lines: list[bytes], tail: bytes, rows: int) -> Unreadable | None:
    text = b"\n".join(lines)
    if b"\0" in text:
        return _in_row(lines, rows, "NOT_UTF8", "the file is not UTF-8 text: save it as UTF-8 CSV")
    try:
        text.decode()
    except UnicodeDecodeError:
        return _in_row(lines, rows, "NOT_UTF8", "the file is not UTF-8 text: save it as UTF-8 CSV")
    if max(map(len, lines), default=0) > LINE_BYTES_MAX or len(tail) > LINE_BYTES_MAX:
        place = next((n for n, line in enumerate(lines) if len(line) > LINE_BYTES_MAX), len(lines))
        message = f"the row is longer than {LINE_BYTES_MAX} bytes"
        return Unreadable(rows + place + 1, "ROW_TOO_LONG", message)
    return None


def _in_row(lines: list[bytes], rows: int, code: str, message: str) -> Unreadable:
    for place, line in enumerate(lines):
        if b"\0" in line or line.decode(errors="replace").encode() != line:
            return Unreadable(rows + place + 1, code, message)
    return Unreadable(rows + 1, code, message)


def _layout(line: bytes) -> Layout | Unreadable:
    message = f"row 1 must name the columns; needed: {', '.join(NEEDED)}"
    if not line.endswith(b"\n"):
        return Unreadable(1, "BAD_HEADER", message)
    try:
        text = line.removeprefix(_BOM).decode().rstrip("\r\n")
    except UnicodeDecodeError:
        return Unreadable(1, "NOT_UTF8", "the file is not UTF-8 text: save it as UTF-8 CSV")
    separator = max(SEPARATORS, key=text.count)
    headings = _cut(text, separator) or []
    if len(headings) > COLUMNS_MAX:
        return Unreadable(1, "BAD_HEADER", f"more than {COLUMNS_MAX} columns")
    fields = [field_of(each) for each in headings]
    twice = sorted({each for each in fields if each and fields.count(each) > 1})
    missing = [each for each in NEEDED if each not in fields]
    if twice or missing:
        what = f"twice: {', '.join(twice)}" if twice else f"missing: {', '.join(missing)}"
        return Unreadable(1, "BAD_HEADER", f"{message}; {what}")
    places = tuple(fields.index(each) if each in fields else len(headings) for each in FIELDS)
    unused = tuple(h for h, each in zip(headings, fields, strict=True) if each not in FIELDS)
    return Layout(separator, tuple(headings), places, unused, len(line))


def headings_at(layout: Layout) -> dict[str, int]:
    """The place of every field that any list names, reason, date and decree too."""
    fields = [field_of(each) for each in layout.headings]
    return {each: fields.index(each) for each in fields if each}


def _cut(text: str, separator: str) -> list[str] | None:
    """The cells of one line; None when its quotes do not close in it."""
    if '"' not in text:
        return text.split(separator)
    try:
        return next(csv.reader([text], delimiter=separator, strict=True), None)
    except csv.Error:
        return None


def lines_from(file: Path | bytes, layout: Layout, position: int, number: int) -> Iterator[Line]:
    """The rows from a byte on; `number` is that of the row before. Empty lines are passed over."""
    separator = layout.separator
    with closing(open_file(file)) as stream:
        stream.seek(position)
        end = position
        for line in stream:
            end += len(line)
            number += 1
            text = line.decode().rstrip("\r\n")
            if text.strip(" ,;\t|"):
                yield Line(number, end, _cut(text, separator))


class Picker:
    """The fields of a row in the order of FIELDS; None when the row has another shape."""

    def __init__(self, layout: Layout) -> None:
        self._length = len(layout.headings)
        self._pick = itemgetter(*layout.places)

    def pick(self, cells: list[str]) -> tuple[str, ...] | None:
        """The values; a field that the file does not have is empty."""
        if len(cells) != self._length:
            return None
        values: tuple[str, ...] = self._pick([*cells, ""])
        return values
