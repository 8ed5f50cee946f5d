"""One row more in a CSV file of the catalogue, or one less: what officers signed, and withdrew."""

import csv
import io
from collections.abc import Mapping


def add_row(content: bytes, cells: Mapping[str, str]) -> bytes:
    """The file with a row at its end; columns that it lacks are added, empty in other rows.

    The content is a file that was loaded before, so its header is sound.
    """
    header, *rows = _table(content)
    header = [cell.strip() for cell in header]
    header += [name for name in cells if name not in header]
    rows = [[*row, *[""] * (len(header) - len(row))] if row else row for row in rows]
    return _written([header, *rows, [cells.get(name, "") for name in header]])


def blank_row(content: bytes, column: str, value: str) -> bytes:
    """The file with the rows of this value left empty: readers pass over them.

    The empty row stays, so that the file is another one than before the row was there.
    """
    at = _place(content, column)
    return _written([[] if _cell(row, at) == value else row for row in _table(content)])


def has_row(content: bytes, column: str, value: str) -> bool:
    """Whether a row of the file has this value."""
    at = _place(content, column)
    return any(_cell(row, at) == value for row in _table(content))


def first_cell(content: bytes, column: str, where: str, value: str) -> str:
    """The cell of `column` in the first row whose cell `where` has this value; else empty."""
    at, found = _place(content, where), _place(content, column)
    return next((_cell(row, found) for row in _table(content) if _cell(row, at) == value), "")


def _place(content: bytes, column: str) -> int:
    """Where a column stands; behind every cell when the file has none."""
    header = [cell.strip() for cell in _table(content)[0]]
    return header.index(column) if column in header else len(header)


def _cell(row: list[str], at: int) -> str:
    return row[at].strip() if at < len(row) else ""


def _table(content: bytes) -> list[list[str]]:
    text = content.decode("utf-8-sig")
    delimiter = "," if "," in text.partition("\n")[0] else ";"
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))


def _written(table: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(table)
    return out.getvalue().encode()
