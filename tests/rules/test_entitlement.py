"""What a family may spend today, and from which month it is taken."""

from datetime import date

import pytest

from pos_engine.rules.entitlement import Draw, TrancheStatus, draw, shortage_reason, spendable
from pos_engine.rules.ids import WalletId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason
from tests.make import TODAY, a_tranche

YESTERDAY, TOMORROW = date(2026, 11, 20), date(2026, 11, 22)
FROZEN, RETURNED = TrancheStatus.FROZEN, TrancheStatus.RETURNED


def taken(*pairs: tuple[str, int]) -> tuple[Draw, ...]:
    return tuple(Draw(WalletId(wallet), Rupiah(amount)) for wallet, amount in pairs)


def test_left_is_what_is_neither_spent_nor_held():
    assert a_tranche(credited=200_000, spent=50_000, held=30_000).left == 120_000


@pytest.mark.parametrize(
    ("expires_on", "money"), [(YESTERDAY, 0), (TODAY, 200_000), (TOMORROW, 200_000)]
)
def test_the_day_of_expiry_is_the_last_usable_day(expires_on, money):
    assert spendable((a_tranche(expires_on=expires_on),), TODAY) == money


@pytest.mark.parametrize("status", [FROZEN, RETURNED])
def test_frozen_or_returned_money_is_not_spendable(status):
    assert spendable((a_tranche(status=status),), TODAY) == 0


def test_what_expires_first_is_taken_first_whatever_the_order_given():
    october = a_tranche("b", period="2026-10", expires_on=date(2026, 11, 30))
    november = a_tranche("a", period="2026-11", expires_on=date(2026, 12, 31))
    for tranches in ((october, november), (november, october)):
        assert draw(tranches, Rupiah(67_000), TODAY) == taken(("b", 67_000))


def test_several_tranches_are_drawn_and_each_only_as_far_as_it_goes():
    tranches = (
        a_tranche("c", expires_on=date(2027, 1, 31)),
        a_tranche("a", 20_000, expires_on=date(2026, 11, 30)),
        a_tranche("b", 100_000, spent=70_000, expires_on=date(2026, 12, 31)),
    )
    assert draw(tranches, Rupiah(67_000), TODAY) == taken(
        ("a", 20_000), ("b", 30_000), ("c", 17_000)
    )


def test_of_tranches_with_the_same_end_the_older_period_goes_first_then_the_id():
    tranches = (
        a_tranche("z", 10, period="2026-10"),
        a_tranche("b", 10, period="2026-11"),
        a_tranche("a", 10, period="2026-11"),
    )
    assert [each.wallet_id for each in draw(tranches, Rupiah(30), TODAY)] == ["z", "a", "b"]


def test_expired_frozen_returned_held_or_empty_tranches_are_never_drawn():
    tranches = (
        a_tranche("expired", expires_on=YESTERDAY),
        a_tranche("frozen", status=FROZEN, expires_on=TODAY),
        a_tranche("returned", status=RETURNED, expires_on=TODAY),
        a_tranche("empty", spent=200_000, expires_on=TODAY),
        a_tranche("held", held=200_000, expires_on=TODAY),
        a_tranche("good"),
    )
    assert spendable(tranches, TODAY) == 200_000
    assert draw(tranches, Rupiah(200_000), TODAY) == taken(("good", 200_000))


@pytest.mark.parametrize(
    ("tranches", "reason"),
    [
        ((), Reason.NOT_DISBURSED),
        ((a_tranche(expires_on=YESTERDAY),), Reason.TRANCHE_EXPIRED),
        ((a_tranche(status=FROZEN),), Reason.TRANCHE_RETURNED),
        ((a_tranche(status=RETURNED),), Reason.TRANCHE_RETURNED),
        ((a_tranche(status=TrancheStatus.HELD),), Reason.NOT_DISBURSED),
        (
            (a_tranche(spent=200_000), a_tranche("two", status=TrancheStatus.HELD)),
            Reason.INSUFFICIENT_BALANCE,
        ),
        ((a_tranche(spent=199_999),), Reason.INSUFFICIENT_BALANCE),
        ((a_tranche(spent=200_000),), Reason.INSUFFICIENT_BALANCE),
        ((a_tranche(held=200_000),), Reason.INSUFFICIENT_BALANCE),
        ((a_tranche(spent=200_000, expires_on=YESTERDAY),), Reason.INSUFFICIENT_BALANCE),
        ((a_tranche(spent=200_000, status=RETURNED),), Reason.TRANCHE_RETURNED),
        (
            (a_tranche(spent=200_000, status=RETURNED, expires_on=YESTERDAY),),
            Reason.INSUFFICIENT_BALANCE,
        ),
        (
            (a_tranche(expires_on=YESTERDAY), a_tranche("two", status=RETURNED)),
            Reason.TRANCHE_EXPIRED,
        ),
        ((a_tranche(expires_on=YESTERDAY), a_tranche("two")), Reason.INSUFFICIENT_BALANCE),
    ],
)
def test_the_family_is_told_why_the_money_is_not_there(tranches, reason):
    assert shortage_reason(tranches, TODAY) is reason
