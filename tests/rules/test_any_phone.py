"""Silent numbers, the life of a code, and which text goes first."""

from datetime import UTC, datetime, timedelta

import pytest

from pos_engine.rules.outgoing_text import (
    LIFE,
    SUBMIT_PAUSE_MAX,
    SUBMIT_TRIES_MAX,
    Urgency,
    next_try,
)
from pos_engine.rules.phone_life import code_end, silent, worth_noting

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
VALID = timedelta(seconds=180)


@pytest.mark.parametrize(("days", "expected"), [(0, False), (90, False), (91, True)])
def test_a_number_is_silent_after_90_days(days, expected):
    assert silent(NOW - timedelta(days=days), NOW) is expected


def test_a_sign_of_life_is_written_once_a_day_and_never_of_a_silent_number():
    assert not worth_noting(NOW - timedelta(hours=23), NOW)
    assert worth_noting(NOW - timedelta(days=2), NOW)
    assert not worth_noting(NOW - timedelta(days=91), NOW)


def test_a_code_lives_from_its_report_and_ten_minutes_at_most():
    assert code_end(NOW, None, VALID) == NOW + timedelta(minutes=10)
    assert code_end(NOW, NOW + timedelta(seconds=40), VALID) == NOW + timedelta(seconds=220)
    assert code_end(NOW, NOW + timedelta(minutes=9), VALID) == NOW + timedelta(minutes=10)


def test_a_text_is_tried_again_later_each_time_and_then_given_up():
    far = NOW + timedelta(days=3)
    pauses = [next_try(n, far, NOW) - NOW for n in range(1, SUBMIT_TRIES_MAX)]
    assert pauses == sorted(set(pauses))
    assert pauses[-1] <= SUBMIT_PAUSE_MAX
    assert next_try(SUBMIT_TRIES_MAX, far, NOW) is None
    assert next_try(1, NOW + timedelta(seconds=1), NOW) is None


def test_a_code_goes_before_an_answer_before_a_notice():
    assert sorted(Urgency) == [Urgency.CODE, Urgency.ANSWER, Urgency.NOTICE]
    assert LIFE[Urgency.CODE] == timedelta(minutes=10)
