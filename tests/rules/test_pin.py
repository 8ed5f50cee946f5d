"""PINs that are guessed first are known, and nearly all others are free."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.card import expired_if_issued_before
from pos_engine.rules.pin import guessable

BORN = date(1980, 8, 5)


@pytest.mark.parametrize(
    "pin", ["111111", "123456", "654321", "890123", "121212", "123123", "000000"]
)
def test_patterns_are_guessed(pin):
    assert guessable(pin)


@pytest.mark.parametrize(
    "pin", ["050880", "080580", "800805", "800508", "198008", "081980", "450880"]
)
def test_each_way_of_writing_a_birth_date_is_guessed_and_only_with_that_birth_date(pin):
    assert guessable(pin, (date(2001, 12, 30), BORN))
    assert not guessable(pin, (date(2001, 12, 30),))
    assert not guessable(pin)


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)))
def test_a_birth_date_takes_few_pins(born):
    assert sum(guessable(f"{pin:06d}", (born,)) for pin in range(493_800, 493_900)) <= 3


@pytest.mark.parametrize(
    ("today", "before"),
    [(date(2031, 11, 30), date(2026, 11, 1)), (date(2028, 2, 29), date(2023, 2, 1))],
)
def test_a_card_runs_out_after_the_month_in_which_it_was_issued(today, before):
    assert expired_if_issued_before(today) == before
