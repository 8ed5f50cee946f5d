"""Double entry: legs sum to zero, or nothing is written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.entitlement import Draw
from pos_engine.rules.ids import ShopId, WalletId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import (
    Kind,
    Posting,
    UnbalancedError,
    balanced,
    purchase_postings,
    taken_back_postings,
)

draws = st.lists(
    st.builds(
        Draw,
        st.text("abc0123456789-", min_size=1).map(WalletId),
        st.integers(1, 10**12).map(Rupiah),
    ),
    max_size=6,
).map(tuple)


@given(draws)
def test_a_purchase_moves_exactly_what_was_drawn_to_the_shop(drawn):
    legs = purchase_postings(ShopId("shop-1"), drawn)
    assert sum(leg.amount for leg in legs) == 0
    assert legs[-1] == Posting("shop:shop-1", sum(each.amount for each in drawn), Kind.PURCHASE)
    assert [(leg.account, -leg.amount) for leg in legs[:-1]] == [
        (f"wallet:{each.wallet_id}", each.amount) for each in drawn
    ]


def test_a_credit_that_goes_back_is_its_programmes_again():
    legs = taken_back_postings(WalletId("w"), Rupiah(200_000), "BPNT", "2026-12")
    assert [(leg.account, leg.amount, leg.kind) for leg in legs] == [
        ("programme:BPNT:2026-12", 200_000, Kind.RETURN),
        ("wallet:w", -200_000, Kind.RETURN),
    ]


def test_legs_that_do_not_sum_to_zero_never_leave_the_rules():
    with pytest.raises(UnbalancedError):
        balanced((Posting("wallet:w", Rupiah(-1), Kind.PURCHASE),))
