"""Months of a credit."""

from datetime import date

import pytest

from pos_engine.rules.period import parse_period


def test_a_month_and_a_quarter():
    month = parse_period("2026-02")
    assert (month.first, month.last) == (date(2026, 2, 1), date(2026, 2, 28))
    quarter = parse_period("2026-10..2026-12")
    assert (quarter.first, quarter.last) == (date(2026, 10, 1), date(2026, 12, 31))
    assert quarter.usable_until == date(2027, 4, 15)


def test_a_year_over_new_year_is_the_longest():
    assert parse_period("2026-03..2027-02") is not None
    assert parse_period("2026-03..2027-03") is None


@pytest.mark.parametrize(
    "text",
    ["", "2026", "2026-13", "2026-00", "2026-12..2026-10", "2026-10-01", "0000-01", "9999-12"],
)
def test_what_is_no_period(text):
    assert parse_period(text) is None
