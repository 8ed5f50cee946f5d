"""A till's day: what should lie in the drawer, when it may be closed, and its slip."""

from datetime import UTC, date, datetime, timedelta

import pytest

from pos_engine.rules.day_slip import DaySlip, Sold, day_slip_text
from pos_engine.rules.receipt import COLUMNS
from pos_engine.rules.shift import DAYS_BACK_MAX, Cash, NotClosed, Unsent, may_close

TODAY = date(2026, 11, 21)
NONE_LEFT = Unsent(0, 0, handed_over=False)
CASH = Cash(opening=200_000, sales=350_000, taken_in=50_000, taken_out=120_000, counted=478_000)


def test_what_should_be_in_the_drawer_and_what_is_missing():
    assert CASH.expected == 480_000
    assert CASH.difference == -2_000


def test_more_taken_out_than_there_was_is_a_negative_sum_and_no_error():
    assert Cash(0, 0, 0, 10_000, 0).expected == -10_000
    assert Cash(0, 0, 0, 10_000, 0).difference == 10_000


@pytest.mark.parametrize("back", [0, 1, DAYS_BACK_MAX])
def test_a_day_of_the_last_week_may_be_closed(back):
    assert may_close(TODAY - timedelta(days=back), TODAY, NONE_LEFT, closed=False) is None


@pytest.mark.parametrize("back", [-1, DAYS_BACK_MAX + 1])
def test_another_day_may_not(back):
    day = TODAY - timedelta(days=back)
    assert may_close(day, TODAY, NONE_LEFT, closed=False) is NotClosed.DAY_NOT_OPEN


def test_unsent_sales_are_never_closed_over_in_silence():
    left = Unsent(3, 245_000, handed_over=False)
    assert may_close(TODAY, TODAY, left, closed=False) is NotClosed.UNSENT_SALES
    known = Unsent(3, 245_000, handed_over=True)
    assert may_close(TODAY, TODAY, known, closed=False) is None


def test_a_day_is_closed_once():
    assert may_close(TODAY, TODAY, NONE_LEFT, closed=True) is NotClosed.DAY_CLOSED


def slip(**changes):
    fields = {
        "shop_name": "Warung Bu Sri",
        "place": "Kabupaten Malang",
        "day": TODAY,
        "at": datetime(2026, 11, 21, 17, 5, tzinfo=UTC),
        "zone": "WIB",
        "sold": Sold(approved=41, amount=2_750_000, returned=2, returned_amount=134_000),
        "cash": CASH,
        "unsent": NONE_LEFT,
    }
    return day_slip_text(DaySlip(**(fields | changes)))


def test_the_slip_says_what_was_sold_and_what_is_missing_and_fits_the_paper():
    rows = slip().splitlines()
    assert max(map(len, rows)) <= COLUMNS
    assert "JUMLAH BANTUAN       Rp2.616.000" in rows
    assert "Seharusnya             Rp480.000" in rows
    assert "SELISIH                 -Rp2.000" in rows
    assert "Ditutup 21 Nov 2026 17.05 WIB" in rows
    assert not any("Belum terkirim" in row for row in rows)


def test_the_slip_names_sales_that_were_handed_over():
    rows = slip(unsent=Unsent(3, 245_000, handed_over=True)).splitlines()
    assert "Belum terkirim 3       Rp245.000" in rows
