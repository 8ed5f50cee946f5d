"""bank_days.csv: dated holidays on which banks do not settle."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from catalog.bank_days import BankHoliday, HolidayKind
from catalog.csv_table import Columns, Row
from catalog.trust import CONFIDENCES, may_refuse

BANK_DAYS_FILE = "bank_days.csv"
BANK_DAY_COLUMNS = Columns(
    ("day", "name", "kind", "source", "confidence"), ("signed_by", "comment")
)  # fmt: skip


def read_bank_days(rows: list[Row]) -> Mapping[date, BankHoliday]:
    """Return the holidays of the readable rows by day."""
    found: dict[date, BankHoliday] = {}
    first_row: dict[date, int] = {}
    for row in rows:
        holiday = _holiday(row)
        readable = holiday.day > date.min
        if readable and first_row.setdefault(holiday.day, row.number) != row.number:
            row.wrong("day", f"{holiday.day} stands in row {first_row[holiday.day]} already")
        if row.ok:
            found[holiday.day] = holiday
    return MappingProxyType(found)


def _holiday(row: Row) -> BankHoliday:
    confidence = row.one_of("confidence", CONFIDENCES)
    return BankHoliday(
        day=row.day("day"),
        name=row.text("name"),
        kind=row.choice("kind", HolidayKind),
        source=row.text("source"),
        verified=may_refuse(row, confidence),
    )
