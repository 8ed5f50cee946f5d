"""The bank's day: when it ends, and the next one on which banks settle."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from catalog.bank_days import BankHoliday

BANK_ZONE = ZoneInfo("Asia/Jakarta")  # the clearing of Bank Indonesia keeps WIB everywhere
CLOSED_DAYS_MAX = 30  # more in a row is a fault of the calendar, not a holiday
SATURDAY = 5


class CalendarError(Exception):
    """The calendar closes the banks for longer than any feast: its rows are wrong."""


@dataclass(frozen=True, slots=True)
class BankDay:
    """A day on which banks settle, and what is not certain about it.

    `unverified`: names of the skipped holidays whose source nobody has signed. `covered` is False
    when the calendar holds no row of that year: only week-ends are known then.
    """

    day: date
    unverified: tuple[str, ...]
    covered: bool


def bank_day_of(moment: datetime) -> date:
    """The bank's day of an aware moment."""
    return moment.astimezone(BANK_ZONE).date()


def day_end(day: date) -> datetime:
    """The first moment after a bank's day, in UTC."""
    midnight = datetime.combine(day + timedelta(days=1), time(), tzinfo=BANK_ZONE)
    return midnight.astimezone(UTC)


def is_bank_day(day: date, holidays: Mapping[date, BankHoliday]) -> bool:
    """Do banks settle on this day."""
    return day.weekday() < SATURDAY and day not in holidays


def next_bank_day(after: date, holidays: Mapping[date, BankHoliday]) -> BankDay:
    """The first bank day after `after`; `CalendarError` when there is none for a month."""
    unverified: list[str] = []
    for days in range(1, CLOSED_DAYS_MAX + 1):
        day = after + timedelta(days=days)
        if is_bank_day(day, holidays):
            covered = any(each.year == day.year for each in holidays)
            return BankDay(day, tuple(unverified), covered)
        closed = holidays.get(day)
        if closed is not None and not closed.verified:
            unverified.append(closed.name)
    raise CalendarError(f"No bank day within {CLOSED_DAYS_MAX} days after {after}.")
