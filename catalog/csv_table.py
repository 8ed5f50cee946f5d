"""One CSV file as numbered rows whose cells are parsed, every fault noted and none fatal."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import TypeVar

from catalog.problems import Problem

FILE_BYTES_MAX = 2 * 1024 * 1024
ROWS_MAX = 20_000
DIGITS_MAX = 9

_Choice = TypeVar("_Choice", bound=Enum)
_WHOLE = re.compile(rf"[0-9]{{1,{DIGITS_MAX}}}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Columns:
    """The header a file must have, and the columns it may have besides."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    rows_min: int = 1


class Row:
    """One row; a cell that cannot be read is noted, and a harmless value stands in for it.

    Whoever builds a value from the cells keeps it only while `ok` still holds.
    """

    def __init__(self, file: str, number: int, cells: dict[str, str], noted: list[Problem]) -> None:
        self.file = file
        self.number = number
        self.ok = True
        self._cells = cells
        self._noted = noted

    def wrong(self, column: str, message: str) -> None:
        """Note a fault of this row."""
        self.ok = False
        self._noted.append(Problem(self.file, self.number, column, message))

    def optional(self, column: str) -> str:
        """Return the cell without outer blanks, empty if the column is absent."""
        return self._cells.get(column, "").strip()

    def text(self, column: str) -> str:
        """Return a cell that must not be empty."""
        found = self.optional(column)
        if not found:
            self.wrong(column, "must not be empty")
        elif not found.isprintable():  # it would reach the receipt printer as a command
            self.wrong(column, "holds an unprintable character")
        return found

    def whole(self, column: str) -> int:
        """Return a whole number above zero; 0 stands for an unreadable one."""
        found = self.text(column)
        value = int(found) if _WHOLE.fullmatch(found) else 0
        if found and value == 0:
            self.wrong(column, f"{found!r} is no whole number above 0 (write 13500, not 13.500)")
        return value

    def optional_whole(self, column: str) -> int | None:
        """Return a whole number above zero, or None for an empty cell."""
        return self.whole(column) if self.optional(column) else None

    def day(self, column: str) -> date:
        """Return a date written YYYY-MM-DD; `date.min` stands for an unreadable one."""
        found = self.text(column)
        try:
            return date.fromisoformat(found if _DAY.fullmatch(found) else "")
        except ValueError:
            if found:
                self.wrong(column, f"{found!r} is no date (write 2026-11-21)")
            return date.min

    def optional_day(self, column: str) -> date | None:
        """Return a date, or None for an empty cell."""
        return self.day(column) if self.optional(column) else None

    def period(self) -> tuple[date, date | None]:
        """Return `valid_from` and `valid_to`, the last valid day, not before the first."""
        first, last = self.day("valid_from"), self.optional_day("valid_to")
        if last is not None and date.min < last < first:
            self.wrong("valid_to", f"{last} is before valid_from {first}")
        return first, last

    def one_of(self, column: str, choices: Iterable[str]) -> str:
        """Return one of the named words, in whatever case it was typed."""
        found, words = self.text(column).upper(), tuple(choices)
        if found and found not in words:
            self.wrong(column, f"{found!r} is none of {', '.join(words)}")
        return found

    def choice(self, column: str, kind: type[_Choice]) -> _Choice:
        """Return a member of the enumeration."""
        found = self.one_of(column, (member.value for member in kind))
        return next((member for member in kind if member.value == found), next(iter(kind)))


def read_rows(
    name: str, files: Mapping[str, bytes], columns: Columns, noted: list[Problem]
) -> list[Row]:
    """Return the rows of one file; faults of file and header are noted and give no rows.

    So no rows from a file that must have some means: told already, ask no more of it.
    """
    if name not in files:
        noted.append(Problem(name, 0, "", "file is missing"))
        return []
    try:
        lines = _lines(files[name])
    except ValueError as fault:
        noted.append(Problem(name, 0, "", str(fault)))
        return []
    header = [cell.strip() for cell in lines[0]]
    faults = list(_header_faults(name, header, columns))
    noted.extend(faults)
    rows = [] if faults else list(_rows(name, header, lines[1:], noted))
    if len(rows) < columns.rows_min and not faults:
        noted.append(Problem(name, 0, "", "has no rows"))
    return rows


def _lines(content: bytes) -> list[list[str]]:
    if len(content) > FILE_BYTES_MAX:
        raise ValueError(f"larger than {FILE_BYTES_MAX} bytes")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise ValueError("is not UTF-8 text") from fault
    # An Indonesian spreadsheet writes semicolons, because the comma is its decimal sign.
    head = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter="," if "," in head else ";", strict=True
    )
    try:
        lines = list(reader)
    except csv.Error as fault:
        raise ValueError(f"is no CSV near line {reader.line_num}: {fault}") from fault
    if not lines:
        raise ValueError("is empty")
    if len(lines) > ROWS_MAX + 1:
        raise ValueError(f"has more than {ROWS_MAX} rows")
    return lines


def _header_faults(name: str, header: list[str], columns: Columns) -> Iterator[Problem]:
    known = (*columns.required, *columns.optional)
    for column in dict.fromkeys(header):
        if column not in known:
            yield Problem(name, 1, column, f"unknown column; known are {', '.join(known)}")
        elif header.count(column) > 1:
            yield Problem(name, 1, column, "column stands twice")
    for column in columns.required:
        if column not in header:
            yield Problem(name, 1, column, "column is missing")


def _rows(
    name: str, header: list[str], lines: list[list[str]], noted: list[Problem]
) -> Iterator[Row]:
    for number, cells in enumerate(lines, start=2):
        if not any(cell.strip() for cell in cells):
            continue  # spreadsheets leave empty rows behind
        row = Row(name, number, dict(zip(header, cells, strict=False)), noted)
        if len(cells) != len(header):
            row.wrong("", f"has {len(cells)} cells, the header has {len(header)}")
        yield row
