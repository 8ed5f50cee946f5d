"""Limits of a day: dated, sourced, and refusing only when verified or signed."""

from datetime import date

import pytest

from catalog.limits import LimitKind
from catalog.load import load_files
from catalog.price_book import Action

DAY = date(2026, 11, 21)
LIMITS = "limits.csv"


def test_minyakita_is_limited_to_two_litres_a_day(shipped):
    [limit] = shipped.limits.of_good("MINYAKITA", DAY)
    assert (limit.maximum, limit.action, limit.regulation) == (2000, Action.DECLINE, "SE 03/2023")
    assert shipped.limits.goods == {"MINYAKITA"}
    assert not shipped.limits.has_amounts


@pytest.mark.parametrize(("day", "there"), [(date(2023, 1, 31), 0), (date(2023, 2, 1), 1)])
def test_a_limit_holds_from_its_day(shipped, day, there):
    assert len(shipped.limits.of_good("MINYAKITA", day)) == there


def test_a_limit_ends_with_its_last_day(files):
    limits = load_files(files.set(LIMITS, 2, "valid_to", "2026-11-21")).limits
    assert limits.of_good("MINYAKITA", DAY)
    assert not limits.of_good("MINYAKITA", date(2026, 11, 22))


def test_no_unverified_limit_is_loaded_as_a_refusal(shipped):
    assert all(row.confidence == "H" for row in shipped.limits.rows if row.action is Action.DECLINE)


@pytest.mark.parametrize(
    ("signed_by", "action"),
    [("", Action.FLAG), ("ana+Ana", Action.FLAG), ("ana+budi", Action.DECLINE)],
)
@pytest.mark.parametrize("kind", ["KPM", "SHOP", "TILL"])
def test_two_officers_turn_an_unverified_limit_on(files, kind, signed_by, action):
    row = files.add(
        LIMITS, kind=kind, item_code="", daily_max_milli="", daily_max_rupiah="300000",
        confidence="L",
    )  # fmt: skip
    limits = load_files(files.set(LIMITS, row, "signed_by", signed_by)).limits
    [found] = limits.of_amount(LimitKind(kind), DAY)
    assert (found.maximum, found.action) == (300_000, action)
    assert limits.has_amounts


def test_the_latest_refusal_and_the_latest_flag_hold(files):
    files.add(LIMITS, daily_max_milli="4000", valid_from="2026-01-01")
    files.add(LIMITS, daily_max_milli="3000", valid_from="2026-02-01", confidence="M")
    files.add(LIMITS, daily_max_milli="1000", valid_from="2027-01-01")
    found = load_files(files).limits.of_good("MINYAKITA", DAY)
    assert [(each.maximum, each.action) for each in found] == [
        (4000, Action.DECLINE),
        (3000, Action.FLAG),
    ]


def test_two_limits_of_one_day_contradict_each_other(files):
    row = files.add(LIMITS, daily_max_milli="4000")
    assert files.places() == [(LIMITS, row, "valid_from")]


@pytest.mark.parametrize("kind", ["KPM", "SHOP", "TILL"])
def test_a_limit_in_rupiah_names_no_good(files, kind):
    files.set(LIMITS, 2, "kind", kind)
    assert files.places() == [
        (LIMITS, 2, "daily_max_milli"),
        (LIMITS, 2, "daily_max_rupiah"),
        (LIMITS, 2, "item_code"),
    ]


def test_a_catalogue_may_have_no_limits(files):
    files.edit(LIMITS, lambda table: table.__delitem__(slice(1, None)))
    assert load_files(files).limits.rows == ()


def test_a_number_without_date_and_source_flags_until_limits_csv_tells_more(files):
    oil = files.row_of("goods.csv", item_code="MINYAKITA")
    sugar = files.row_of("goods.csv", item_code="GULA-PASIR")
    files.set("goods.csv", oil, "daily_max_milli", "9000")
    limits = load_files(files.set("goods.csv", sugar, "daily_max_milli", "5000")).limits
    [told] = limits.of_good("GULA-PASIR", DAY)
    assert (told.maximum, told.action) == (5000, Action.FLAG)
    assert [each.maximum for each in limits.of_good("MINYAKITA", DAY)] == [2000]
