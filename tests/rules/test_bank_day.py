"""The bank's day: WIB, week-ends, feasts, and how certain the next one is."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.bank_days import BankHoliday, HolidayKind
from catalog.load import load_shipped
from pos_engine.rules.bank_day import (
    CLOSED_DAYS_MAX,
    CalendarError,
    bank_day_of,
    day_end,
    is_bank_day,
    next_bank_day,
)

SHIPPED = load_shipped().bank_holidays


def test_a_day_ends_at_midnight_in_jakarta():
    assert day_end(date(2026, 11, 21)) == datetime(2026, 11, 21, 17, tzinfo=UTC)
    assert bank_day_of(datetime(2026, 11, 21, 16, 59, tzinfo=UTC)) == date(2026, 11, 21)
    assert bank_day_of(datetime(2026, 11, 21, 17, 0, tzinfo=UTC)) == date(2026, 11, 22)


def test_nyepi_and_lebaran_of_2026_close_the_banks_for_a_week():
    found = next_bank_day(date(2026, 3, 17), SHIPPED)
    assert (found.day, found.unverified, found.covered) == (date(2026, 3, 25), (), True)


def test_a_feast_that_nobody_has_signed_is_named():
    found = next_bank_day(date(2027, 3, 5), SHIPPED)
    assert found.day == date(2027, 3, 15)
    assert "Idulfitri 1448 H" in found.unverified


def test_a_year_without_rows_knows_only_week_ends():
    found = next_bank_day(date(2030, 1, 4), SHIPPED)
    assert (found.day, found.covered) == (date(2030, 1, 7), False)


def test_a_calendar_that_never_opens_is_a_fault():
    first = date(2026, 1, 1)
    days = [first + timedelta(each) for each in range(CLOSED_DAYS_MAX + 2)]
    closed = {day: BankHoliday(day, "x", HolidayKind.BANK, "x", verified=True) for day in days}
    with pytest.raises(CalendarError):
        next_bank_day(first, closed)


@given(st.dates(date(2025, 1, 1), date(2027, 12, 1)))
def test_the_next_bank_day_is_open_and_all_between_are_closed(day):
    found = next_bank_day(day, SHIPPED).day
    assert found > day
    assert is_bank_day(found, SHIPPED)
    between = (found - day).days
    assert not any(is_bank_day(day + timedelta(each), SHIPPED) for each in range(1, between))
