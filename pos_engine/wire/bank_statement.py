"""A bank's statement as lines and closing balances, or all its faults by row. CSV."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

STATEMENT_BYTES_MAX = 128 * 1024 * 1024
STATEMENT_LINES_MAX = 1_000_000
STATEMENT_PROBLEMS_MAX = 1_000
COLUMNS = ("value_date", "account", "entry", "reference", "amount", "currency")
BALANCE = "balance"  # optional: the account's balance after this line
CURRENCY = "IDR"
REFERENCE_LENGTH_MAX, ENTRY_LENGTH_MAX, ACCOUNT_LENGTH_MAX = 140, 64, 34
_AMOUNT = re.compile(r"[+-]?[0-9]{1,15}(\.00)?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One line in the bank's words. `amount` in rupiah, positive: into the account."""

    number: int
    account: str
    entry: str
    value_date: date
    reference: str
    amount: int


@dataclass(frozen=True, slots=True)
class StatementProblem:
    """What is wrong, in which row (the header is 1, 0 is the file)."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"row {self.row}" if self.row else "the file"
        return f"{place}{', ' + self.column if self.column else ''}: {self.message}"


@dataclass(slots=True)
class Statement:
    """What a file says. With problems it is not to be used."""

    format: str
    lines: list[StatementLine] = field(default_factory=list)
    balances: dict[tuple[str, date], int] = field(default_factory=dict)
    problems: list[StatementProblem] = field(default_factory=list)

    def wrong(self, row: int, column: str, message: str) -> None:
        """Note a fault; after the first thousand they are no longer collected."""
        if len(self.problems) < STATEMENT_PROBLEMS_MAX:
            self.problems.append(StatementProblem(row, column, message))


def read_csv(content: bytes, today: date) -> Statement:
    """Read a CSV statement; `today` is the bank's day: no line lies after it."""
    found = Statement("CSV")
    text = _text(content, found)
    if found.problems:
        return found
    delimiter = "," if "," in text.partition("\n")[0] else ";"
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        _read_table(reader, found, today)
    except csv.Error as fault:
        found.wrong(reader.line_num, "", f"is no CSV: {fault}")
    return found


def _text(content: bytes, found: Statement) -> str:
    if len(content) > STATEMENT_BYTES_MAX:
        found.wrong(0, "", f"larger than {STATEMENT_BYTES_MAX} bytes")
        return ""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        found.wrong(0, "", "is not UTF-8 text")
        return ""
    if not text.strip():
        found.wrong(0, "", "is empty")
    return text


def _read_table(reader: Iterator[list[str]], found: Statement, today: date) -> None:
    header = [cell.strip() for cell in next(reader)]
    _check_header(header, found)
    if found.problems:
        return
    seen: dict[tuple[str, str], int] = {}
    for number, cells in enumerate(reader, start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            found.wrong(number, "", f"has {len(cells)} cells, the header has {len(header)}")
            continue
        if len(found.lines) >= STATEMENT_LINES_MAX:
            found.wrong(number, "", f"more than {STATEMENT_LINES_MAX} lines")
            return
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        _read_row(row, number, found, seen, today)
    if not found.lines and not found.problems:
        found.wrong(0, "", "has no lines")


def _check_header(header: list[str], found: Statement) -> None:
    for column in COLUMNS:
        if header.count(column) != 1:
            found.wrong(1, column, "must be in the header once")
    for column in header:
        if column not in (*COLUMNS, BALANCE):
            found.wrong(1, column, f"unknown column; known are {', '.join((*COLUMNS, BALANCE))}")


def _read_row(
    row: dict[str, str],
    number: int,
    found: Statement,
    seen: dict[tuple[str, str], int],
    today: date,
) -> None:
    line = StatementLine(
        number=number,
        account=_word(row, "account", ACCOUNT_LENGTH_MAX, number, found),
        entry=_word(row, "entry", ENTRY_LENGTH_MAX, number, found),
        value_date=_day(row["value_date"], number, found, today),
        reference=row["reference"][:REFERENCE_LENGTH_MAX],
        amount=_rupiah(row["amount"], "amount", number, found),
    )
    if row["currency"].upper() != CURRENCY:
        found.wrong(number, "currency", f"{row['currency']!r}: only {CURRENCY} is kept here")
    key = (line.account, line.entry)
    if seen.setdefault(key, number) != number:
        found.wrong(number, "entry", f"{line.entry!r} stands in row {seen[key]} already")
    if row.get(BALANCE):
        _check_balance(row[BALANCE], line, found)
    found.lines.append(line)


def _check_balance(text: str, line: StatementLine, found: Statement) -> None:
    """A line that was cut out or changed shows in the balance of the next."""
    balance = _rupiah(text, BALANCE, line.number, found, zero=True)
    before = [each for each in reversed(found.balances) if each[0] == line.account][:1]
    for key in before:
        if found.balances[key] + line.amount != balance:
            message = f"{balance} does not follow from {found.balances[key]} and {line.amount}"
            found.wrong(line.number, BALANCE, message)
        if key[1] > line.value_date:
            found.wrong(line.number, "value_date", f"{line.value_date} comes after {key[1]}")
            return
    found.balances[line.account, line.value_date] = balance


def _word(row: dict[str, str], column: str, longest: int, number: int, found: Statement) -> str:
    text = row[column]
    if not text or len(text) > longest or not text.isprintable():
        found.wrong(number, column, f"must have 1 to {longest} printable characters")
    return text[:longest]


def _day(text: str, number: int, found: Statement, today: date) -> date:
    try:
        day = date.fromisoformat(text if _DAY.fullmatch(text) else "")
    except ValueError:
        found.wrong(number, "value_date", f"{text!r} is no date (write 2026-11-21)")
        return date.min
    if day > today:
        found.wrong(number, "value_date", f"{day} lies in the future")
    return day


def _rupiah(text: str, column: str, number: int, found: Statement, *, zero: bool = False) -> int:
    if not _AMOUNT.fullmatch(text):
        message = f"{text!r} is no sum in whole rupiah (write -67000, not 67.000)"
        found.wrong(number, column, message)
        return 0
    amount = int(text.removesuffix(".00"))
    if amount == 0 and not zero:
        found.wrong(number, column, "must not be 0")
    return amount
