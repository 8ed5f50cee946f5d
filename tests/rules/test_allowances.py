"""How much is put aside for one device, and what is left of it: money is never made nor lost."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.allowances import (
    ALLOWANCE_DEFAULT,
    ALLOWANCE_GRACE,
    ALLOWANCE_LIFE,
    ALLOWANCE_MAX,
    DEVICE_ALLOWANCES_MAX,
    REMOTE_LIFE,
    Asked,
    NoAllowance,
    left_after_draw,
    left_after_sale,
    release_at,
    reserve_of,
    sold_until,
    without_reserve,
)
from pos_engine.rules.decision import Approved, decide
from pos_engine.rules.entitlement import Draw, TrancheStatus, draw, spendable
from pos_engine.rules.holds import HOLD_LIFE_MAX
from pos_engine.rules.ids import WalletId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason
from tests.make import TODAY, a_line, a_tranche, decided, some_facts
from tests.world import NOW

USUAL = Asked(None, remote_home=False, on_device=0)
EARLIER = date(2026, 11, 30)


def reserve(*tranches, asked=USUAL, free=()):
    return reserve_of(asked, tranches, TODAY, free)


def d(wallet_id, amount):
    return Draw(WalletId(wallet_id), Rupiah(amount))


class TestReserve:
    @pytest.mark.parametrize(
        ("amount", "credited", "reserved"),
        [
            (None, 600_000, ALLOWANCE_DEFAULT),
            (None, 70_000, 70_000),
            (150_000, 600_000, 150_000),
            (900_000, 600_000, ALLOWANCE_MAX),
            (1, 600_000, 1),
        ],
    )
    def test_it_is_the_usual_sum_or_what_is_asked_within_the_limits(
        self, amount, credited, reserved
    ):
        found = reserve(a_tranche(credited=credited), asked=replace(USUAL, amount=amount))
        assert found.amount == reserved == sum(each.amount for each in found.draws)

    def test_a_remote_shop_may_hold_all_of_its_own_family(self):
        asked = Asked(900_000, remote_home=True, on_device=DEVICE_ALLOWANCES_MAX)
        assert reserve(a_tranche(credited=600_000), asked=asked).amount == 600_000
        assert reserve(a_tranche(), asked=replace(asked, amount=None)).amount == ALLOWANCE_DEFAULT

    def test_a_device_holds_only_so_much(self):
        nearly = replace(USUAL, on_device=DEVICE_ALLOWANCES_MAX - 30_000)
        assert reserve(a_tranche(), asked=nearly).amount == 30_000
        for full in (0, 1):
            asked = replace(USUAL, on_device=DEVICE_ALLOWANCES_MAX + full)
            assert reserve(a_tranche(), asked=asked) is NoAllowance.DEVICE_FULL

    def test_the_oldest_money_goes_first_and_it_does_not_outlive_its_money(self):
        old = a_tranche("old", 60_000, expires_on=EARLIER)
        new = a_tranche("new", 200_000)
        found = reserve(new, old)
        assert found.draws == (d("old", 60_000), d("new", 40_000))
        assert found.last_day == new.expires_on
        assert reserve(old).last_day == EARLIER

    def test_only_food_money_of_our_own_books_is_put_aside(self):
        bank = replace(a_tranche("bank"), custodian="BRI")
        free = a_tranche("free", programme="PKH")
        assert reserve(bank, free, free=("PKH",)) is NoAllowance.AT_BANK
        assert reserve(free, free=("PKH",)) is NoAllowance.NO_MONEY
        assert reserve() is NoAllowance.NO_MONEY
        over = a_tranche(expires_on=TODAY - timedelta(days=1))
        frozen = a_tranche("frozen", status=TrancheStatus.FROZEN)
        assert reserve(over, frozen) is NoAllowance.NO_MONEY
        assert reserve(bank, free, a_tranche("own", 5_000), free=("PKH",)).amount == 5_000

    def test_it_lives_a_week_or_a_month_and_no_longer_than_its_money(self):
        far = NOW + timedelta(days=90)
        assert sold_until(NOW, far, remote=False) == NOW + ALLOWANCE_LIFE
        assert sold_until(NOW, far, remote=True) == NOW + REMOTE_LIFE
        soon = NOW + timedelta(days=2)
        assert sold_until(NOW, soon, remote=True) == soon
        assert release_at(soon) == soon + ALLOWANCE_GRACE

    def test_no_hold_ends_before_its_allowance(self):
        assert REMOTE_LIFE + ALLOWANCE_GRACE <= HOLD_LIFE_MAX


class TestSameDevice:
    def test_what_it_holds_is_free_for_its_own_device(self):
        held = a_tranche(held=100_000)
        seen = without_reserve((held, a_tranche("other")), (d("wallet-1", 100_000),))
        assert spendable(seen, TODAY) == 400_000
        kept = without_reserve((held,), (d("wallet-1", 100_000),), (d("wallet-1", 30_000),))
        assert kept[0].held == 30_000

    def test_a_sale_draws_it_first(self):
        held, free = (d("a", 60_000), d("b", 40_000)), {"a": 0, "b": 100_000}
        assert left_after_sale(held, (d("a", 60_000), d("b", 10_000)), free) == (d("b", 30_000),)
        assert left_after_sale(held, (d("a", 60_000), d("b", 60_000)), free) == ()

    def test_what_is_given_up_is_what_ends_last(self):
        """The purchase was paid from another tranche: the reserve shrinks as much."""
        held, free = (d("a", 60_000), d("b", 40_000)), {"a": 0, "b": 0, "c": 90_000}
        assert left_after_sale(held, (d("c", 50_000),), free) == (d("a", 50_000),)

    def test_an_envelope_takes_its_parts(self):
        held = (d("a", 60_000), d("b", 40_000))
        assert left_after_draw(held, (d("a", 60_000), d("b", 1))) == (d("b", 39_999),)
        assert left_after_draw(held, held) == ()


@st.composite
def reserved_money(draw_from):
    """Tranches with an allowance in them, and a sum that her money at this device can pay."""
    credited = draw_from(st.lists(st.integers(1, 300_000), min_size=1, max_size=4))
    days = draw_from(st.lists(st.integers(0, 60), min_size=len(credited), max_size=len(credited)))
    tranches = tuple(
        a_tranche(f"w{place}", amount, expires_on=TODAY + timedelta(days=day))
        for place, (amount, day) in enumerate(zip(credited, days, strict=True))
    )
    asked = Asked(
        draw_from(st.one_of(st.none(), st.integers(1, 1_000_000))),
        remote_home=draw_from(st.booleans()),
        on_device=draw_from(st.integers(0, DEVICE_ALLOWANCES_MAX)),
    )
    return tranches, asked, draw_from(st.integers(0, sum(credited)))


@given(reserved_money())
def test_available_held_and_spent_are_what_was_credited(world):
    """Whatever is put aside, drawn and kept: no tranche is asked for more than it has.

    The allowance shrinks by what was paid, and by nothing else.
    """
    tranches, asked, amount = world
    made = reserve_of(asked, tranches, TODAY, ())
    if made is NoAllowance.DEVICE_FULL:
        assert asked.on_device == DEVICE_ALLOWANCES_MAX
        return
    held = {each.wallet_id: each.amount for each in made.draws}
    assert all(0 < held[t.wallet_id] <= t.left for t in tranches if t.wallet_id in held)
    aside = tuple(replace(t, held=Rupiah(held.get(t.wallet_id, 0))) for t in tranches)
    free = {t.wallet_id: t.left for t in aside}
    paid = draw(without_reserve(aside, made.draws), Rupiah(amount), TODAY)
    assert sum(each.amount for each in paid) == amount
    kept = left_after_sale(made.draws, paid, free)
    assert sum(each.amount for each in kept) == max(made.amount - amount, 0)
    spent = {each.wallet_id: each.amount for each in paid}
    still = {each.wallet_id: each.amount for each in kept}
    for each in tranches:
        left = each.credited - spent.get(each.wallet_id, 0) - still.get(each.wallet_id, 0)
        assert left >= 0
        assert still.get(each.wallet_id, 0) <= held.get(each.wallet_id, 0)


class TestElsewhere:
    @pytest.mark.parametrize(
        ("free", "reserved", "reason"),
        [
            (50_000, 50_000, Reason.RESERVED_OFFLINE),
            (66_999, 1, Reason.RESERVED_OFFLINE),
            (0, 1, Reason.RESERVED_OFFLINE),
            (16_000, 50_000, Reason.INSUFFICIENT_BALANCE),
            (66_999, 0, Reason.INSUFFICIENT_BALANCE),
        ],
    )
    def test_too_little_because_of_it_says_so(self, free, reserved, reason):
        found = refused(free, reserved)
        assert found.reason is reason
        assert found.approvable_amount == free

    def test_enough_is_enough(self):
        assert isinstance(refused(67_000, 100_000), Approved)
        assert isinstance(decided(a_line()), Approved)


def refused(free, reserved):
    """The decision on Rp67.000 of rice with so much free and so much aside elsewhere."""
    facts = replace(some_facts(a_tranche(credited=free + 1, spent=1)), reserved=reserved)
    return decide((a_line(),), facts)
