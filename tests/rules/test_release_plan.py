"""A release calendar: nobody is forgotten, the engine has room, queues are what they must be."""

import pytest

from pos_engine.rules.release_plan import (
    DAY_SHARES,
    HOUR_SHARES,
    Group,
    Terms,
    on_one_day,
    outcome,
    plan,
    queue_of,
    stretched,
    wait_minutes,
)

TERMS = Terms(capacity=1.0)


def villages(count, families=200, shops=1, ahead=0):
    return [
        Group(
            f"35.07.{at:02d}",
            {f"shop-{at}-{shop}": families // shops for shop in range(shops)},
            ahead,
        )
        for at in range(count)
    ]


def test_shares_are_whole_and_keep_their_shape_over_other_hours():
    assert sum(DAY_SHARES) == pytest.approx(1)
    assert sum(HOUR_SHARES) == pytest.approx(1)
    for hours in (4, 8, 10):
        assert sum(stretched(HOUR_SHARES, hours)) == pytest.approx(1)
    assert stretched(HOUR_SHARES, 8) == pytest.approx(HOUR_SHARES)
    assert stretched(HOUR_SHARES, 4)[0] == pytest.approx(0.475)


def test_a_queue_grows_by_who_comes_and_shrinks_by_who_is_served_and_waits_for_the_morning():
    terms = Terms(capacity=1, opens=8, closes=10, seconds=360)  # ten families an hour
    first, second = stretched(HOUR_SHARES, 2)
    queue = queue_of({0: 100}, 3, terms)
    assert queue[0][0] == pytest.approx(100 * first - 10)
    assert queue[0][1] == pytest.approx(100 * first - 10 + 100 * second - 10)
    assert queue[1] == (pytest.approx(70), pytest.approx(60))
    assert wait_minutes(60, terms) == 360


def test_everybody_is_placed_once_in_the_order_of_codes_and_the_engine_keeps_its_reserve():
    groups = villages(12, families=3_000, shops=20)
    placed = plan(groups, TERMS)
    assert [each.code for each in placed] == sorted(each.code for each in groups)
    assert sum(each.families for each in placed) == 12 * 3_000
    assert not any(each.tight for each in placed)
    found, beside = outcome(groups, placed, TERMS), outcome(groups, on_one_day(groups), TERMS)
    assert found.peak <= TERMS.capacity * TERMS.usable + 1e-9
    assert beside.peak > found.peak
    assert placed[0].day == 0
    assert placed[-1].day > 0


def test_a_shop_of_several_villages_gets_them_on_different_days():
    groups = [Group(f"35.07.01.{at}", {"one-shop": 300}) for at in (2001, 2002, 2003)]
    terms = Terms(capacity=1_000)
    placed = plan(groups, terms)
    assert len({each.day for each in placed}) == 3
    found, beside = outcome(groups, placed, terms), outcome(groups, on_one_day(groups), terms)
    assert found.longest("one-shop") <= terms.queue_max
    assert beside.longest("one-shop") > terms.queue_max
    assert beside.worst_shop == "one-shop"


def test_what_no_day_can_take_is_placed_all_the_same_and_said():
    big = [Group("35.07.01", {"shop": 5_000})]
    [placed] = plan(big, Terms(capacity=1_000))
    assert (placed.day, placed.tight) == (0, True)
    two = [Group("35.07.01", {"a": 900}), Group("35.07.02", {"b": 900})]
    small = Terms(capacity=0.001, days_max=2)  # the engine has room for nobody either
    assert [each.tight for each in plan(two, small)] == [True, True]
    assert len({each.day for each in plan(two, small)}) == 2


def test_sales_of_the_east_reach_the_engine_two_hours_earlier():
    east = villages(1, ahead=2)
    engine = outcome(east, on_one_day(east), TERMS).engine[0]
    assert next(hour for hour, load in enumerate(engine) if load) == TERMS.opens - 2
    assert sum(sum(day) for day in outcome(east, on_one_day(east), TERMS).engine) * 3600 == (
        pytest.approx(200)
    )


def test_no_families_need_no_days():
    assert plan([], TERMS) == ()
    nothing = outcome([], (), TERMS)
    assert (nothing.peak, nothing.worst_shop, nothing.longest("x")) == (0.0, "", 0.0)


def test_terms_that_make_no_sense_are_named():
    assert TERMS.faults() == []
    wrong = Terms(0, 16, 8, 0, 0, 0, 0, 2)
    assert wrong.faults() == [
        "capacity", "opens", "seconds", "tills", "queue_max", "days_max", "usable",
    ]  # fmt: skip
