"""What of a purchase comes back: never more than was paid, to the tranches it came from."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.entitlement import Draw, TrancheStatus, frozen, thawed
from pos_engine.rules.ids import ShopId, WalletId
from pos_engine.rules.money import Rupiah, line_total
from pos_engine.rules.posting import Kind, Return, return_postings, treasury_postings
from pos_engine.rules.voids import (
    AskedLine,
    BoughtLine,
    ReturnedLine,
    Standing,
    Status,
    VoidReason,
    back_to_tranches,
    became,
    carried,
    may_be_voided,
    pick_lines,
    returned_value,
    whole,
)
from tests.make import TODAY, a_tranche

CLEAR = Standing(
    a_purchase=True,
    approved=True,
    of_today=True,
    other_payer=False,
    returned_before=False,
    nothing_left=False,
)


def a_bought(sku="BERAS-MEDIUM", quantity=5000, price=13_400, *, left=None, gtin=None, unit="kg"):
    kept = quantity if left is None else left
    return BoughtLine(sku, gtin, unit, quantity, Rupiah(price), kept)


def a_return(wallet="w", amount=10, to=None):
    return Return(WalletId(wallet), WalletId(to or wallet), Rupiah(amount))


@pytest.mark.parametrize(
    ("changes", "all_of_it", "reason"),
    [
        ({}, True, None),
        ({"a_purchase": False, "approved": False}, True, VoidReason.VOID_OF_VOID),
        ({"approved": False, "of_today": False}, True, VoidReason.VOID_NOT_APPROVED),
        ({"of_today": False, "other_payer": True}, True, VoidReason.VOID_TOO_LATE),
        ({"other_payer": True, "returned_before": True}, True, VoidReason.VOID_OTHER_PAYER),
        ({"returned_before": True}, True, VoidReason.ALREADY_VOIDED),
        ({"returned_before": True}, False, None),
        ({"returned_before": True, "nothing_left": True}, False, VoidReason.ALREADY_VOIDED),
    ],
    ids=[
        "clear", "no-purchase", "declined", "yesterday", "other", "twice", "part", "empty",
    ],
)  # fmt: skip
def test_the_first_thing_in_the_way_is_told(changes, all_of_it, reason):
    standing = Standing(
        **{name: changes.get(name, getattr(CLEAR, name)) for name in Standing.__slots__}
    )
    assert may_be_voided(standing, all_of_it=all_of_it) is reason


@given(st.integers(1, 100_000), st.lists(st.integers(1, 3000), min_size=1, max_size=8))
def test_parts_of_a_line_sum_to_its_total(price, parts):
    line, amount = a_bought(quantity=sum(parts), price=price), 0
    for part in parts:
        amount += returned_value(line, part)
        left = line.left_milli - part
        line = a_bought(quantity=sum(parts), price=price, left=left)
    assert amount == line_total(Rupiah(price), sum(parts))


def test_the_whole_is_every_line_that_is_still_bought():
    lines = [a_bought(), a_bought("TEMPE", 1000, 9_000, left=0)]
    assert whole(lines) == (ReturnedLine(0, 5000, Rupiah(67_000)),)


def ask(sku="BERAS-MEDIUM", quantity=1000, **more):
    return AskedLine(sku, more.pop("gtin", None), quantity, **more)


def test_a_line_is_found_by_its_name():
    lines = [a_bought("TEMPE", 1000, 9_000), a_bought()]
    assert pick_lines(lines, [ask()]) == (ReturnedLine(1, 1000, Rupiah(13_400)),)


def test_the_same_goods_in_two_lines_are_taken_one_after_the_other():
    lines = [a_bought(quantity=1000), a_bought(quantity=2000)]
    assert pick_lines(lines, [ask(quantity=500), ask(quantity=2000)]) == (
        ReturnedLine(0, 1000, Rupiah(13_400)),
        ReturnedLine(1, 1500, Rupiah(20_100)),
    )


def test_goods_at_two_prices_must_be_told_apart():
    lines = [a_bought(price=13_000), a_bought(price=13_400)]
    assert pick_lines(lines, [ask()]) is VoidReason.VOID_LINE_UNKNOWN
    picked = pick_lines(lines, [ask(unit_price=Rupiah(13_400))])
    assert picked == (ReturnedLine(1, 1000, Rupiah(13_400)),)


def test_a_pack_is_found_by_its_gtin_and_a_unit_by_its_name():
    lines = [a_bought(gtin="2990000000019", unit="pak", price=67_000), a_bought()]
    assert pick_lines(lines, [AskedLine(None, "2990000000019", 1000)])[0].place == 0
    assert pick_lines(lines, [ask(unit="kg")])[0].place == 1


@pytest.mark.parametrize(
    ("line", "want", "reason"),
    [
        (a_bought(), ask("TEMPE"), VoidReason.VOID_LINE_UNKNOWN),
        (a_bought(), ask(quantity=0), VoidReason.VOID_LINE_UNKNOWN),
        (a_bought(), ask(quantity=-5), VoidReason.VOID_LINE_UNKNOWN),
        (a_bought(), ask(quantity=5001), VoidReason.VOID_ABOVE_PURCHASE),
        (a_bought(left=0), ask(), VoidReason.ALREADY_VOIDED),
        (a_bought(left=10), ask(), VoidReason.VOID_ABOVE_PURCHASE),
    ],
    ids=["unknown", "zero", "negative", "above", "gone", "above-the-rest"],
)
def test_what_is_not_there_does_not_come_back(line, want, reason):
    assert pick_lines([line], [want]) is reason


@given(st.lists(st.integers(1, 10**6), min_size=1, max_size=5), st.data())
def test_money_goes_back_where_it_came_from_last_drawn_first(amounts, data):
    drawn = [Draw(WalletId(f"w{n}"), Rupiah(each)) for n, each in enumerate(amounts)]
    amount = data.draw(st.integers(1, sum(amounts)))
    returns = back_to_tranches(drawn, amount)
    assert sum(each.amount for each in returns) == amount
    assert all(each.same_tranche for each in returns)
    last = [each.wallet_id for each in reversed(drawn)]
    assert [each.to for each in returns] == last[: len(returns)]
    by_name = {each.wallet_id: each.amount for each in drawn}
    assert all(each.amount <= by_name[each.to] for each in returns)


class TestCarried:
    OLD = a_tranche("old", expires_on=TODAY - timedelta(days=1), period="2026-08")

    def test_to_a_usable_tranche_it_goes_back(self):
        returns = (a_return("wallet-1"),)
        assert carried(returns, [a_tranche(), self.OLD], TODAY) == returns

    def test_from_an_expired_one_it_is_carried_to_the_newest_usable_of_the_programme(self):
        tranches = [
            self.OLD,
            a_tranche("soon", expires_on=TODAY, period="2026-10"),
            a_tranche("late", expires_on=date(2027, 1, 31)),
            a_tranche("gone", expires_on=date(2027, 5, 31), status=TrancheStatus.RETURNED),
        ]
        assert carried((a_return("old"),), tranches, TODAY) == (a_return("old", to="late"),)

    def test_where_there_is_none_it_stays(self):
        assert carried((a_return("old"),), [self.OLD], TODAY) == (a_return("old"),)


def test_what_a_purchase_became():
    assert became(100, 99, by_officers=False) is None
    assert became(100, 100, by_officers=False) is Status.VOIDED
    assert became(100, 100, by_officers=True) is Status.REVERSED


def test_a_return_takes_off_the_shop_what_the_tranches_get():
    legs = return_postings(ShopId("s"), (a_return("a", 7), a_return("b", 5, to="c")), Kind.VOID)
    assert [(leg.account, leg.amount, leg.kind) for leg in legs] == [
        ("wallet:a", 7, Kind.VOID),
        ("wallet:c", 5, Kind.CARRIED),
        ("shop:s", -12, Kind.VOID),
    ]


def test_idle_money_goes_to_the_treasury_of_its_programme():
    legs = treasury_postings({WalletId("a"): 7, WalletId("b"): 5}, "BPNT")
    assert [(leg.account, leg.amount) for leg in legs] == [
        ("treasury:BPNT", 12),
        ("wallet:a", -7),
        ("wallet:b", -5),
    ]


def test_thawing_opens_what_was_frozen_and_nothing_else():
    ice = a_tranche("ice", status=TrancheStatus.FROZEN)
    gone = a_tranche("gone", status=TrancheStatus.RETURNED)
    assert frozen((a_tranche(), ice, gone)) == ("ice",)
    assert [each.status for each in thawed((a_tranche(), ice, gone))] == [
        TrancheStatus.OPEN,
        TrancheStatus.OPEN,
        TrancheStatus.RETURNED,
    ]
    warm = (a_tranche(), gone)
    assert thawed(warm) is warm
