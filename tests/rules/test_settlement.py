"""What a shop is paid: every open rupiah once, in transfers that the bank takes."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules import settlement
from pos_engine.rules.escrow import escrow_of
from pos_engine.rules.posting import UnbalancedError
from pos_engine.rules.settlement import (
    MESSAGE,
    REFERENCE,
    Held,
    Hold,
    OpenWindow,
    ShopDue,
    bank_postings,
    message_reference,
    payout_postings,
    payout_reference,
    plan,
)

DAY = date(2026, 11, 21)


def due(*amounts, suspended=False, version=1):
    windows = [OpenWindow(DAY + timedelta(each), amount) for each, amount in enumerate(amounts)]
    return ShopDue("shop", windows, suspended, version)


def test_nothing_open_is_nothing_to_do():
    assert plan(due(), DAY, 1) is None
    assert plan(due(0), DAY, 1) is None


def test_a_window_that_a_reversal_made_even_waits_with_it():
    assert plan(due(500, -500), DAY, 1) == Held(Hold.NEGATIVE_CARRIED, 0)


@pytest.mark.parametrize(
    ("shop", "reason"),
    [
        (due(-1), Hold.NEGATIVE_CARRIED),
        (due(100, suspended=True, version=None), Hold.SHOP_SUSPENDED),
        (due(100, version=None), Hold.NO_ACCOUNT),
        (due(99), Hold.BELOW_MINIMUM),
    ],
    ids=["negative", "suspended", "no account", "small"],
)
def test_why_money_waits(shop, reason):
    assert plan(shop, DAY, 100).reason is reason


def test_parts_that_do_not_fit_wait_for_the_next_settlement():
    total = settlement.TRANSFER_RUPIAH_MAX * (settlement.PARTS_MAX + 1)
    made = plan(due(total), DAY, 1)
    assert len(made) == settlement.PARTS_MAX
    assert sum(each.amount for each in made) == total - settlement.TRANSFER_RUPIAH_MAX


@given(st.lists(st.integers(-(10**9), 10**9).filter(bool), max_size=8))
def test_transfers_cover_each_window_exactly_and_none_is_too_big(amounts):
    shop = due(*amounts)
    made = plan(shop, DAY, 1)
    if sum(amounts) <= 0:
        assert made is None or made.reason is Hold.NEGATIVE_CARRIED
        return
    covered = {each.day: 0 for each in shop.windows}
    for transfer in made:
        assert 0 < transfer.amount <= settlement.TRANSFER_RUPIAH_MAX
        assert transfer.amount == sum(item.amount for item in transfer.items)
        for item in transfer.items:
            covered[item.day] += item.amount
    assert covered == {each.day: each.amount for each in shop.windows}
    assert len({each.payout_id for each in made}) == len(made)


def test_names_at_the_bank_are_stable_and_found_in_a_text():
    name = payout_reference("shop", DAY, 1)
    assert name == payout_reference("shop", DAY, 1) != payout_reference("shop", DAY, 2)
    assert REFERENCE.findall(f"TRF {name} BPNT") == [name]
    assert MESSAGE.findall(f"BULK {message_reference(DAY, 7)}") == ["EWM261121-0007"]


def test_postings_of_payouts_and_of_the_bank_balance():
    assert sum(each.amount for each in payout_postings("s", 5)) == 0
    legs = bank_postings("1", [("clearing:s", -5), ("clearing:t", -7)])
    assert (legs[-1].account, legs[-1].amount) == ("bank:1", 12)
    assert UnbalancedError  # what is unbalanced never reaches the store


def test_the_equation_names_each_part_of_a_difference():
    sums = {"wallet": 50, "shop": 20, "clearing": 10, "treasury": 5, "programme:A:1": 7,
            "programme:B:1": -30, "odd:x": -2, "bank": -60}  # fmt: skip
    found = escrow_of(sums, 58, -2)
    assert (found.owed, found.due_to_treasury, found.unfunded, found.other) == (92, 12, -30, -2)
    assert (found.difference, found.unexplained, found.holds) == (-34, 0, False)
    assert escrow_of(sums, None, 0).difference is None
    assert escrow_of(sums, None, 0).unexplained is None
    assert escrow_of({"wallet": 5, "bank": -5}, 5, 0).holds
