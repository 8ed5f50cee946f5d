"""A hold has one way out, and a capture takes at most what is held."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.entitlement import Draw
from pos_engine.rules.holds import (
    HOLD_LIFE_MAX,
    RESOLVED,
    Hold,
    HoldRefusal,
    HoldState,
    captured_draws,
    may_be_captured,
    may_be_held,
)
from pos_engine.rules.ids import WalletId
from pos_engine.rules.money import Rupiah
from tests.world import NOW

END = NOW + timedelta(hours=1)


def a_hold(state=HoldState.HELD, amount=50_000):
    return Hold(
        "hold", "KPM-1", "shop", "BANK", Rupiah(amount), state, Rupiah(0), None, NOW, END, None
    )


@pytest.mark.parametrize(
    ("amount", "span", "refusal"),
    [
        (1, timedelta(seconds=1), None),
        (1, HOLD_LIFE_MAX, None),
        (0, timedelta(hours=1), HoldRefusal.AMOUNT_INVALID),
        (-5, timedelta(hours=1), HoldRefusal.AMOUNT_INVALID),
        (1, timedelta(0), HoldRefusal.EXPIRY_INVALID),
        (1, HOLD_LIFE_MAX + timedelta(seconds=1), HoldRefusal.EXPIRY_INVALID),
    ],
)
def test_what_may_be_held(amount, span, refusal):
    assert may_be_held(amount, NOW, NOW + span) is refusal


@pytest.mark.parametrize(
    ("amount", "refusal"),
    [
        (50_000, None),
        (1, None),
        (0, HoldRefusal.AMOUNT_INVALID),
        (50_001, HoldRefusal.HOLD_ABOVE),
    ],
)
def test_what_may_be_captured(amount, refusal):
    assert may_be_captured(a_hold(), amount, NOW) is refusal


def test_a_capture_at_the_end_is_late():
    assert may_be_captured(a_hold(), 1, END - timedelta(microseconds=1)) is None
    assert may_be_captured(a_hold(), 1, END) is HoldRefusal.HOLD_TIMED_OUT


@pytest.mark.parametrize("state", RESOLVED)
def test_what_is_resolved_stays_so(state):
    assert may_be_captured(a_hold(state), 1, NOW) is RESOLVED[state]


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=5), st.data())
def test_a_capture_takes_exactly_its_amount_in_the_order_of_the_draws(amounts, data):
    draws = tuple(Draw(WalletId(f"w{n}"), Rupiah(each)) for n, each in enumerate(amounts))
    amount = data.draw(st.integers(1, sum(amounts)))
    taken = captured_draws(draws, amount)
    assert sum(each.amount for each in taken) == amount
    assert [each.wallet_id for each in taken] == [each.wallet_id for each in draws[: len(taken)]]
    assert all(part == whole for part, whole in zip(taken[:-1], draws, strict=False))
    assert all(part.amount <= whole.amount for part, whole in zip(taken, draws, strict=False))
