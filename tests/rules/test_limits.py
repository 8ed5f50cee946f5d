"""Limits of a day: shared by lines and purchases of one good, and by all tills of a shop."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.limits import Limit, LimitBook, LimitKind
from catalog.price_book import Action
from pos_engine.rules.basket import LineLimit
from pos_engine.rules.decision import Approved
from pos_engine.rules.limits import (
    AMOUNT_LIMIT_UNVERIFIED,
    QUANTITY_LIMIT_UNVERIFIED,
    AmountLimit,
    Used,
    limited_quantities,
)
from pos_engine.rules.reasons import Reason
from tests.make import a_line, a_market, a_tranche, decided

CASH = (a_tranche("cash", 500_000, programme="PKH"),)
TWO_LITRES = LineLimit(2000, 2000, "L", "SE 03/2023")


def oil(quantity_milli=2000, unit=None, unit_price=15_000):
    return a_line("MINYAKITA", quantity_milli, unit_price, unit=unit)


def verdicts(decision):
    return [line.reason for line in decision.lines]


def a_limit(kind, maximum, action=Action.DECLINE, sku="", valid_from=date(2026, 1, 1)):
    return Limit(kind, sku, maximum, "SK 1", valid_from, None, "test", "H", action)


def limited(*limits):
    market = a_market()
    return replace(market, catalogue=replace(market.catalogue, limits=LimitBook.of(limits)))


@pytest.mark.parametrize(
    "lines",
    [
        (oil(),),
        (oil(1000), oil(1000)),
        (oil(2000, "pouch500", 7_000), oil(1000)),
        (oil(1000, "pouch2", 30_000),),
        (oil(2000, "botol900", 13_000),),
    ],
    ids=["two", "one-and-one", "pouches", "a-pouch-of-two", "bottles"],
)
def test_two_litres_are_lawful_however_they_are_packed(lines):
    assert isinstance(decided(*lines, tranches=CASH), Approved)


@pytest.mark.parametrize(
    "lines",
    [
        (oil(2001),),
        (oil(1000), oil(1001)),
        (oil(5000, "pouch500", 7_000),),
        (oil(1000, "pouch2", 30_000), oil(1000, "pouch500", 7_000)),
        (oil(3000, "botol900", 13_000),),
    ],
    ids=["milli", "two-lines", "pouches", "pouch-and-half", "bottles"],
)
def test_more_than_two_litres_are_refused_and_each_line_says_what_is_left(lines):
    decision = decided(*lines, tranches=CASH)
    assert decision.reason is Reason.QUANTITY_LIMIT
    assert verdicts(decision) == [Reason.QUANTITY_LIMIT] * len(lines)
    assert {line.limit for line in decision.lines} == {TWO_LITRES}
    assert decision.approvable_amount == 0


def test_a_barcode_counts_as_what_is_inside():
    pack = next(p for p in a_market().catalogue.packs.values() if p.sku == "MINYAKITA")
    base = 1000 * pack.unit.ratio.numerator // pack.unit.ratio.denominator
    judged = decided(a_line(gtin=pack.gtin, quantity_milli=1000, unit_price=5_000), tranches=CASH)
    assert limited_quantities(judged.lines, a_market()) == {"MINYAKITA": base}


def test_what_was_bought_before_counts():
    assert isinstance(decided(oil(500), tranches=CASH, used=Used({"MINYAKITA": 1500})), Approved)
    refused = decided(oil(501), tranches=CASH, used=Used({"MINYAKITA": 1500}))
    assert refused.lines[0].limit == replace(TWO_LITRES, left_milli=500)
    beyond = decided(oil(100), tranches=CASH, used=Used({"MINYAKITA": 9000}))
    assert beyond.lines[0].limit == replace(TWO_LITRES, left_milli=0)


def test_the_other_lines_stay_lawful():
    decision = decided(oil(3000), a_line(), tranches=CASH)
    assert verdicts(decision) == [Reason.QUANTITY_LIMIT, None]
    assert decision.approvable_amount == 67_000


def test_a_line_that_is_refused_anyway_uses_nothing_of_the_limit():
    decision = decided(oil(2000), oil(1000, unit_price=99_000), tranches=CASH)
    assert verdicts(decision) == [None, Reason.PRICE_ABOVE_CEILING]
    assert decision.approvable_amount == 30_000


def test_before_the_limit_was_in_force_there_is_none():
    market = a_market(day=date(2023, 1, 31), policy="PANGAN-2022")
    decision = decided(oil(5000, unit_price=14_000), market=market)
    assert isinstance(decision, Approved)
    assert limited_quantities(decision.lines, market) == {}


def test_an_unproven_payer_never_learns_what_she_bought():
    used = [Used(), Used({"MINYAKITA": 2000}), Used({}, {LimitKind.KPM: 10**9})]
    market = a_market(policy="PANGAN-2022")
    for line in (oil(1000), oil(3000)):
        assert len({decided(line, proven=False, used=each, market=market) for each in used}) == 1


def test_a_limit_that_nobody_verified_flags():
    market = limited(a_limit(LimitKind.KPM_GOOD, 1000, Action.FLAG, "JAGUNG"))
    corn = a_line("JAGUNG", 1000, 5_000)
    fits, beyond = decided(corn, market=market), decided(corn, corn, a_line(), market=market)
    assert [line.flags for line in fits.lines] == [()]
    assert isinstance(beyond, Approved)
    flagged = (QUANTITY_LIMIT_UNVERIFIED,)
    assert [line.flags for line in beyond.lines] == [flagged, flagged, ()]


@pytest.mark.parametrize("kind", [LimitKind.KPM, LimitKind.SHOP, LimitKind.TILL])
def test_the_rupiah_of_a_day(kind):
    market = limited(a_limit(kind, 100_000))
    used = Used({}, {kind: 33_000})
    assert isinstance(decided(a_line(), market=market, used=used), Approved)
    over = decided(a_line(), market=market, used=Used({}, {kind: 33_001}))
    assert over.reason is Reason.LIMIT_REACHED
    assert over.limit == AmountLimit(kind, 100_000, 66_999)
    assert over.approvable_amount == 66_999
    full = decided(a_line(), market=market, used=Used({}, {kind: 100_500}))
    assert (full.limit.left, full.approvable_amount) == (0, 0)


def test_of_several_limits_the_familys_is_told_first():
    market = limited(a_limit(LimitKind.TILL, 10), a_limit(LimitKind.KPM, 20))
    assert decided(a_line(), market=market).limit.kind is LimitKind.KPM


def test_a_limit_in_rupiah_that_nobody_verified_flags_the_purchase():
    market = limited(a_limit(LimitKind.SHOP, 50_000, Action.FLAG))
    decision = decided(a_line(), market=market)
    assert isinstance(decision, Approved)
    assert decision.flags == (f"SHOP_{AMOUNT_LIMIT_UNVERIFIED}",)
    assert decided(a_line("JAGUNG", 1000, 100), market=market).flags == ()


def test_too_little_money_is_told_before_the_limit_and_with_the_true_balance():
    market = limited(a_limit(LimitKind.KPM, 10_000))
    decision = decided(a_line(), tranches=(a_tranche(credited=50_000),), market=market)
    assert decision.reason is Reason.INSUFFICIENT_BALANCE
    assert (decision.payable, decision.approvable_amount) == (50_000, 10_000)


@given(
    st.lists(st.tuples(st.integers(1, 1500), st.sampled_from([None, "L"])), min_size=1, max_size=6),
    st.integers(0, 2500),
)
def test_a_basket_is_lawful_exactly_while_it_fits_what_is_left(parts, before):
    lines = [oil(quantity, unit, 12_000) for quantity, unit in parts]
    rich = (a_tranche("cash", 10**9, programme="PKH"),)
    decision = decided(*lines, tranches=rich, used=Used({"MINYAKITA": before}))
    fits = before + sum(quantity for quantity, _ in parts) <= 2000
    assert isinstance(decision, Approved) is fits
