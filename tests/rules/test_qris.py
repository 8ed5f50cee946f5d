"""What a QRIS payment costs the shop."""

import pytest

from pos_engine.rules.money import Rupiah
from pos_engine.rules.qris import PayKind, merchant_fee


@pytest.mark.parametrize(
    ("amount", "criteria", "kind", "fee"),
    [
        (67_000, "UMI", PayKind.AID, 0),
        (9_000_000, "UBE", PayKind.AID, 0),
        (500_000, "UMI", PayKind.ORDINARY, 0),
        (500_001, "UMI", PayKind.ORDINARY, 1_500),
        (100_000, "UKE", PayKind.ORDINARY, 700),
        (100, "UBE", PayKind.ORDINARY, 0),
    ],
)
def test_aid_costs_nothing_and_small_shops_little(amount, criteria, kind, fee):
    assert merchant_fee(Rupiah(amount), criteria, kind) == fee
