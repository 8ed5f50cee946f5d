"""Which days of idleness count, when it is announced, and when money may be put aside."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.idle import NOTICE_GAP, Pause, counted_days, due_notice, may_freeze

SINCE = date(2026, 1, 1)


def day(number):
    return SINCE + timedelta(days=number)


@pytest.mark.parametrize(
    ("pauses", "days"),
    [
        ([], 100),
        ([Pause(day(11), day(20))], 90),
        ([Pause(day(11), day(20)), Pause(day(15), day(25))], 85),
        ([Pause(day(91), None)], 90),
        ([Pause(day(-30), day(10))], 90),
        ([Pause(day(96), day(200))], 95),
        ([Pause(day(200), None)], 100),
        ([Pause(day(11), day(20)), Pause(day(12), day(13))], 90),
        ([Pause(day(-9), None)], 0),
    ],
    ids=["none", "one", "overlap", "open", "before", "beyond", "later", "inside", "always"],
)
def test_days_of_a_pause_do_not_count(pauses, days):
    assert counted_days(SINCE, day(100), pauses) == days


spans = st.tuples(st.integers(-50, 250), st.none() | st.integers(0, 80))


@given(st.lists(spans, max_size=6), st.integers(0, 200))
def test_counting_is_the_number_of_days_that_nothing_covers(some, today):
    pauses = [Pause(day(a), None if n is None else day(a + n)) for a, n in some]
    covered = sum(
        any(p.first <= day(d) and (p.last is None or day(d) <= p.last) for p in pauses)
        for d in range(1, today + 1)
    )
    assert counted_days(SINCE, day(today), pauses) == today - covered


def test_a_clock_that_goes_back_counts_nothing():
    assert counted_days(SINCE, day(-1), []) == 0


@pytest.mark.parametrize(
    ("days", "told", "due"),
    [
        (59, {}, None),
        (60, {}, 60),
        (61, {60: day(60)}, None),
        (90, {60: day(60)}, 90),
        (200, {}, 60),
        (200, {60: day(195)}, None),
        (200, {60: day(193)}, 90),
        (200, {60: day(60), 90: day(90)}, None),
    ],
)
def test_each_announcement_is_made_once_and_never_two_in_a_week(days, told, due):
    assert due_notice(days, told, day(200 if days == 200 else days)) == due


@pytest.mark.parametrize(
    ("days", "after", "told", "may"),
    [
        (120, 0, {60: day(60), 90: day(90)}, False),
        (104, 105, {60: day(60), 90: day(90)}, False),
        (105, 105, {60: day(60), 90: day(90)}, True),
        (105, 105, {60: day(60)}, False),
        (105, 105, {60: day(60), 90: day(105) - NOTICE_GAP + timedelta(days=1)}, False),
        (105, 105, {60: day(60), 90: day(105) - NOTICE_GAP}, True),
    ],
    ids=["off", "early", "yes", "not-told", "just-told", "told-a-week-ago"],
)
def test_money_is_put_aside_only_when_it_is_on_and_was_announced(days, after, told, may):
    assert may_freeze(days, after, told, day(days)) is may
