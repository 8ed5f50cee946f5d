"""Locks of log-ins: they end by themselves, each later than the last, and never beyond a day."""

from datetime import UTC, datetime, timedelta

from pos_engine.rules.lockout import (
    LOCK_FIRST,
    LOCK_LONGEST,
    STAFF_TRIES_MAX,
    Tries,
    lock_after,
    take_try,
)

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def spend(tries, count, at=NOW):
    for _ in range(count):
        tries = take_try(tries, at)
    return tries


def test_the_last_try_begins_the_lock_and_no_more_is_looked_at():
    tries = spend(Tries(), STAFF_TRIES_MAX)
    assert tries == Tries(0, 1, NOW + LOCK_FIRST)
    assert take_try(tries, NOW + LOCK_FIRST - timedelta(seconds=1)) is None


def test_when_the_lock_is_over_the_tries_are_back_and_the_next_lock_is_twice_as_long():
    first = spend(Tries(), STAFF_TRIES_MAX)
    later = NOW + LOCK_FIRST
    assert take_try(first, later) == Tries(STAFF_TRIES_MAX - 1, 1, None)
    again = spend(first, STAFF_TRIES_MAX, later)
    assert again == Tries(0, 2, later + 2 * LOCK_FIRST)


def test_no_lock_is_longer_than_a_day():
    assert lock_after(7, NOW) == NOW + 64 * LOCK_FIRST
    assert lock_after(8, NOW) == lock_after(100_000, NOW) == NOW + LOCK_LONGEST
