"""What a programme pays for sales without signal: legs that sum to zero, unfunded until it is."""

import pytest

from pos_engine.rules.escrow import escrow_of
from pos_engine.rules.ids import ShopId, WalletId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import (
    Kind,
    Return,
    credited_first_postings,
    loss_account,
    loss_postings,
)

SHOP = ShopId("shop-1")


@pytest.mark.parametrize("sign", [1, -1])
def test_a_loss_goes_to_the_shop_and_back(sign):
    legs = loss_postings(SHOP, {"BPNT": sign * 10_000, "PKH": sign * 5_000})
    assert [(each.account, each.amount) for each in legs] == [
        ("programme_loss:BPNT", -sign * 10_000),
        ("programme_loss:PKH", -sign * 5_000),
        ("shop:shop-1", sign * 15_000),
    ]
    assert {each.kind for each in legs} == {Kind.OFFLINE_LOSS}


def test_a_family_is_credited_first_by_the_programme():
    same = Return(WalletId("w1"), WalletId("w1"), Rupiah(7_000))
    carried = Return(WalletId("w2"), WalletId("w1"), Rupiah(3_000))
    legs = credited_first_postings((same, carried), {"BPNT": 10_000}, Kind.REVERSAL)
    assert sum(each.amount for each in legs) == 0
    assert [each.kind for each in legs] == [Kind.REVERSAL, Kind.CARRIED, Kind.OFFLINE_LOSS]
    assert legs[-1].account == loss_account("BPNT")


def test_a_loss_is_unfunded_until_money_for_it_came_in():
    sums = {
        "wallet": 80_000,
        "shop": 30_000,
        "programme:BPNT:2026-11": 0,
        "programme_loss:BPNT": -10_000,
        "bank": -100_000,
    }
    found = escrow_of(sums, statement=100_000, unposted=0)
    assert (found.difference, found.unfunded, found.unexplained) == (-10_000, -10_000, 0)
    assert not found.holds
