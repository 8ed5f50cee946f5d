"""Facts in, `Approved` or `Declined` out."""

from dataclasses import replace
from datetime import date
from itertools import combinations

import pytest

from pos_engine.rules.decision import Approved, Declined, lawful_amount
from pos_engine.rules.entitlement import Draw, TrancheStatus
from pos_engine.rules.ids import WalletId
from pos_engine.rules.reasons import PRECEDENCE, Reason
from tests.make import a_line, a_market, a_tranche, decided

EXPIRED = a_tranche(expires_on=date(2026, 11, 20))
# One line for each reason that a line can have in `every_line_reason_market`.
LINES = {
    Reason.ITEM_UNKNOWN: a_line("BATU"),
    Reason.QUANTITY_INVALID: a_line(quantity_milli=0),
    Reason.ITEM_BANNED: a_line("MIRAS", 1000, 100),
    Reason.ITEM_NOT_IN_PROGRAMME: a_line("SABUN", 1000, 100),
    Reason.UNIT_MISMATCH: a_line("JAGUNG", 1000, 100, unit="L"),
    Reason.CEILING_MISSING: a_line("MINYAKITA", 1000, 100),
    Reason.PRICE_ABOVE_CEILING: a_line("BERAS-MEDIUM", 1000, 20_000),
}


def every_line_reason_market():
    """A day before MinyaKita's first ceiling, oil allowed: all seven reasons can happen."""
    market = a_market(day=date(2021, 12, 31))
    group = next(rule for rule in market.policy.rules if rule.target == "KARBO")
    oil = replace(group, target_kind="GOOD", target="MINYAKITA")
    return replace(market, policy=replace(market.policy, rules=(*market.policy.rules, oil)))


def test_a_lawful_basket_is_approved_and_the_balance_adds_up():
    decision = decided(a_line(), a_line("TELUR-AYAM", 10_000, 1_800, unit="butir"))
    assert isinstance(decision, Approved)
    assert decision.amount == 67_000 + 18_000
    assert (decision.balance_before, decision.balance_after) == (200_000, 115_000)
    assert decision.draws == (Draw(WalletId("wallet-1"), decision.amount),)
    assert [line.reason for line in decision.lines] == [None, None]


@pytest.mark.parametrize("credited", [67_000, 67_001])
def test_the_last_rupiah_can_be_spent(credited):
    decision = decided(a_line(), tranches=(a_tranche(credited=credited),))
    assert isinstance(decision, Approved)
    assert decision.balance_after == credited - 67_000


def test_one_rupiah_too_little_is_too_little_and_says_how_much_is_there():
    decision = decided(a_line(), tranches=(a_tranche(credited=66_999),))
    assert isinstance(decision, Declined)
    assert decision.reason is Reason.INSUFFICIENT_BALANCE
    assert decision.approvable_amount == 66_999


def test_the_day_of_expiry_still_buys():
    today = a_tranche(expires_on=a_market().day)
    assert isinstance(decided(a_line(), tranches=(today,)), Approved)


@pytest.mark.parametrize(
    ("lines", "tranches", "reason"),
    [
        ((), None, Reason.BASKET_EMPTY),
        ((a_line(quantity_milli=1),) * 51, None, Reason.BASKET_TOO_LARGE),
        ((a_line(),), (), Reason.NOT_DISBURSED),
        ((a_line(),), (EXPIRED,), Reason.TRANCHE_EXPIRED),
        ((a_line(),), (a_tranche(status=TrancheStatus.RETURNED),), Reason.TRANCHE_RETURNED),
        ((a_line(),), (a_tranche(status=TrancheStatus.FROZEN),), Reason.TRANCHE_RETURNED),
        ((a_line(),), (a_tranche(spent=150_000),), Reason.INSUFFICIENT_BALANCE),
        ((a_line(),), (a_tranche(spent=200_000),), Reason.INSUFFICIENT_BALANCE),
    ],
)
def test_baskets_and_wallets_are_refused_for_their_own_reason(lines, tranches, reason):
    decision = decided(*lines, tranches=tranches)
    assert isinstance(decision, Declined)
    assert decision.reason is reason


def test_fifty_lines_are_a_basket():
    decision = decided(*[a_line(quantity_milli=1)] * 50)
    assert isinstance(decision, Approved)
    assert decision.amount == 50 * 13


def test_an_empty_basket_is_refused_even_without_money():
    decision = decided(tranches=())
    assert (decision.reason, decision.amount) == (Reason.BASKET_EMPTY, 0)
    assert decision.approvable_amount == 0


@pytest.mark.parametrize("reason", LINES)
def test_one_bad_line_refuses_the_basket_and_tells_what_would_be_lawful(reason):
    market = every_line_reason_market()
    decision = decided(a_line(unit_price=9_000), LINES[reason], market=market)
    assert isinstance(decision, Declined)
    assert decision.reason is reason
    assert [line.reason for line in decision.lines] == [None, reason]
    assert decision.approvable_amount == 45_000


@pytest.mark.parametrize("pair", list(combinations(LINES, 2)), ids="-".join)
def test_of_two_bad_lines_the_contract_says_which_is_told(pair):
    market = every_line_reason_market()
    for order in (pair, pair[::-1]):
        decision = decided(*[LINES[reason] for reason in order], market=market)
        assert decision.reason is min(pair, key=PRECEDENCE.__getitem__)
        assert [line.reason for line in decision.lines] == list(order)


def test_what_is_lawful_and_affordable_is_told_beside_a_refusal():
    lines = (a_line(), a_line("MIRAS", 1000, 50_000))
    decision = decided(*lines)
    assert (decision.amount, decision.approvable_amount) == (117_000, 67_000)
    assert lawful_amount(decision.lines) == 67_000
    poor = decided(*lines, tranches=(a_tranche(credited=30_000),))
    assert (poor.reason, poor.approvable_amount) == (Reason.ITEM_BANNED, 30_000)


def test_a_bad_line_is_told_before_missing_money():
    decision = decided(a_line(unit_price=13_501), tranches=())
    assert decision.reason is Reason.PRICE_ABOVE_CEILING


def test_the_payers_state_is_told_before_the_basket():
    decision = decided(a_line("MIRAS"), standing=(Reason.KPM_SUSPENDED, Reason.PIN_BLOCKED))
    assert decision.reason is Reason.PIN_BLOCKED


def test_an_unproven_payer_is_never_served():
    decision = decided(a_line(), proven=False)
    assert isinstance(decision, Declined)
    assert decision.reason is Reason.STEP_UP_REQUIRED


@pytest.mark.parametrize("standing", [(), (Reason.PIN_WRONG,), (Reason.SHOP_SUSPENDED,)])
@pytest.mark.parametrize("lines", [(), (a_line(),), (a_line(unit_price=99_999),)])
def test_an_unproven_payer_never_learns_a_balance(standing, lines):
    answers = {
        decided(*lines, tranches=tranches, standing=standing, proven=False)
        for tranches in ((), (EXPIRED,), (a_tranche(credited=1),), (a_tranche(credited=10**9),))
    }
    assert len(answers) == 1
    assert answers.pop().approvable_amount == 0


def test_enormous_lines_are_refused_and_do_not_break_the_sum():
    lines = [a_line("JAGUNG", 1000, 100_000_000)] * 50
    decision = decided(*lines)
    assert decision.reason is Reason.INSUFFICIENT_BALANCE
    assert decision.amount == 5_000_000_000
    assert decision.approvable_amount == 200_000
    absurd = decided(*[a_line("JAGUNG", 10**12, 10**8)] * 50)
    assert (absurd.reason, absurd.approvable_amount) == (Reason.QUANTITY_INVALID, 0)
    assert absurd.amount < 2**63


def test_a_negative_line_never_pays_for_another():
    decision = decided(a_line(quantity_milli=20_000), a_line(quantity_milli=-19_000))
    assert isinstance(decision, Declined)
    assert decision.reason is Reason.QUANTITY_INVALID


def test_the_order_of_too_many_lines_changes_nothing():
    lines = [*[a_line(quantity_milli=1)] * 50, a_line(quantity_milli=1000)]
    forwards, backwards = decided(*lines), decided(*lines[::-1])
    assert forwards.reason is backwards.reason is Reason.BASKET_TOO_LARGE
    assert forwards.amount == backwards.amount
    assert forwards.approvable_amount == backwards.approvable_amount
