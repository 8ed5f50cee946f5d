"""Money of several programmes: each line is paid by what may pay for it, and told when not."""

from dataclasses import replace
from datetime import date
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.load import load_files, shipped_files
from catalog.policy import Verdict
from pos_engine.rules.basket import Market, find_good
from pos_engine.rules.decision import Approved, Declined, decide
from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.rules.ids import WalletId
from pos_engine.rules.purse import BoundMoney
from pos_engine.rules.reasons import Reason
from tests.make import KRETEK_GTIN, TODAY, a_line, a_market, a_tranche, decided, some_facts

SOAP = a_line("SABUN", 1000, 5_000)
RICE = a_line()  # Rp67.000
CIGARETTES = a_line(gtin=KRETEK_GTIN, quantity_milli=1000, unit_price=1_000)
SEMBAKO = "Program Sembako (BPNT)"


def food(credited=200_000, **other):
    return a_tranche("food", credited, **other)


def cash(credited=100_000, **other):
    return a_tranche("cash", credited, programme="PKH", **other)


def drawn(decision):
    assert isinstance(decision, Approved), decision
    return {each.wallet_id: each.amount for each in decision.draws}


def test_each_good_is_paid_by_the_money_that_may_pay_for_it():
    decision = decided(RICE, SOAP, tranches=(food(), cash()))
    assert drawn(decision) == {"food": 67_000, "cash": 5_000}
    assert (decision.balance_before, decision.balance_after) == (300_000, 228_000)


def test_of_money_that_ends_together_the_narrow_goes_first():
    assert drawn(decided(RICE, tranches=(cash(), food()))) == {"food": 67_000}


def test_what_ends_first_goes_first_even_if_it_could_buy_more():
    soon = cash(expires_on=date(2026, 11, 30))
    assert drawn(decided(RICE, tranches=(food(), soon))) == {"cash": 67_000}


def test_rice_does_not_eat_the_money_that_soap_needs():
    soon = cash(5_000, expires_on=date(2026, 11, 30))
    assert drawn(decided(RICE, SOAP, tranches=(food(67_000), soon))) == {
        "food": 67_000,
        "cash": 5_000,
    }


def test_rice_takes_both_when_the_food_money_is_short():
    assert drawn(decided(RICE, SOAP, tranches=(food(60_000), cash(12_000)))) == {
        "food": 60_000,
        "cash": 12_000,
    }


@pytest.mark.parametrize("tranches", [(cash(),), (food(), cash()), (cash(), food())])
def test_no_programme_pays_for_cigarettes(tranches):
    decision = decided(SOAP, CIGARETTES, tranches=tranches)
    assert decision.reason is Reason.ITEM_BANNED
    assert [line.reason for line in decision.lines] == [None, Reason.ITEM_BANNED]
    assert decision.approvable_amount == 5_000


def test_no_programme_pays_above_the_ceiling():
    decision = decided(a_line(unit_price=13_501), tranches=(cash(),))
    assert decision.reason is Reason.PRICE_ABOVE_CEILING


def test_money_that_may_not_pay_says_so():
    decision = decided(RICE, SOAP, tranches=(food(), cash(4_000)))
    assert isinstance(decision, Declined)
    assert decision.reason is Reason.INSUFFICIENT_BALANCE
    assert decision.approvable_amount == 71_000
    assert decision.bound == BoundMoney(("Sabun",), 1_000, 133_000, (SEMBAKO,))


def test_too_little_of_all_money_is_plainly_too_little():
    decision = decided(RICE, SOAP, tranches=(food(60_000), cash(4_000)))
    assert (decision.reason, decision.bound) == (Reason.INSUFFICIENT_BALANCE, None)
    assert (decision.approvable_amount, decision.payable) == (64_000, 64_000)


@pytest.mark.parametrize(
    ("tranches", "reason"),
    [
        # the cash is spent or gone: what is left is food money, and that is for food
        ((food(), cash(spent=100_000)), Reason.ITEM_NOT_IN_PROGRAMME),
        ((food(), cash(expires_on=date(2026, 11, 20))), Reason.ITEM_NOT_IN_PROGRAMME),
        # nothing is left at all: then soap is no question of the programme
        ((food(spent=200_000), cash(spent=100_000)), Reason.INSUFFICIENT_BALANCE),
        ((cash(spent=100_000),), Reason.INSUFFICIENT_BALANCE),
        ((cash(expires_on=date(2026, 11, 20)),), Reason.TRANCHE_EXPIRED),
        ((cash(status=TrancheStatus.FROZEN),), Reason.TRANCHE_RETURNED),
        ((food(),), Reason.ITEM_NOT_IN_PROGRAMME),
        ((), Reason.ITEM_NOT_IN_PROGRAMME),
    ],
)
def test_soap_without_usable_cash(tranches, reason):
    decision = decided(SOAP, tranches=tranches)
    assert isinstance(decision, Declined)
    assert decision.reason is reason
    assert decision.approvable_amount == 0


def test_an_unproven_payer_never_learns_of_a_programme():
    answers = {decided(SOAP, tranches=each, proven=False) for each in ((), (food(),), (cash(),))}
    assert len(answers) == 1


def test_an_empty_and_an_endless_basket_are_told_as_ever():
    assert decided(tranches=(cash(),)).reason is Reason.BASKET_EMPTY
    endless = decided(*[SOAP] * 51, tranches=(cash(),))
    assert (endless.reason, endless.amount) == (Reason.BASKET_TOO_LARGE, 0)


def test_an_unknown_good_is_unknown_in_every_programme():
    assert decided(a_line("BATU"), tranches=(cash(),)).reason is Reason.ITEM_UNKNOWN


def test_a_programme_that_no_file_names_is_governed_by_the_policy_in_force():
    other = a_tranche("other", 50_000, programme="LAMA")
    assert decided(SOAP, tranches=(other,)).reason is Reason.ITEM_NOT_IN_PROGRAMME
    decision = decided(SOAP, tranches=(other, cash(1_000)))
    assert decision.bound == BoundMoney(("Sabun",), 4_000, 50_000, ("LAMA",))


def test_with_food_money_only_the_answer_is_what_it_was():
    """The purse of a market without other programmes decides nothing else."""
    plain = a_market()
    alone = replace(plain, catalogue=replace(plain.catalogue, own_policies={}))
    for lines in ((RICE,), (RICE, SOAP), (CIGARETTES,), (a_line(quantity_milli=20_000),)):
        assert decided(*lines, market=plain) == decided(*lines, market=alone)


# ---- no lawful basket is refused because of the order in which money is drawn ---------------
FILES = shipped_files()
FILES["programmes.csv"] += b"BERAS,Bantuan beras,BPNT-2017,ENGINE,test,H,,\n"
FILES["programmes.csv"] += b"PANGAN,Bantuan pangan,PANGAN-2022,ENGINE,test,H,,\n"
CATALOGUE = load_files(FILES)
MARKET = Market(CATALOGUE, CATALOGUE.policies["SEMBAKO-2021"], "35.07", TODAY)
GOODS = ("TELUR-AYAM", "TEMPE", "GULA-PASIR", "SABUN")

LINES = st.lists(
    st.builds(
        lambda sku, price: a_line(sku, 1000, price),
        st.sampled_from(GOODS),
        st.sampled_from((500, 1_000, 1_500)),  # few and small: money is scarce or just enough
    ),
    min_size=1,
    max_size=5,
).map(tuple)
TRANCHES = st.lists(
    st.builds(
        lambda credited, programme, until: a_tranche(
            credited=credited, programme=programme, expires_on=date(2026, 12, until)
        ),
        st.sampled_from((500, 1_000, 1_500, 2_000)),
        st.sampled_from(("BPNT", "PKH", "BERAS", "PANGAN")),
        st.sampled_from((1, 31)),
    ),
    max_size=4,
).map(lambda found: tuple(replace(t, wallet_id=WalletId(f"w{n}")) for n, t in enumerate(found)))


def may_pay(tranche, line):
    good = find_good(line.sku, None, CATALOGUE)
    policy = MARKET.policy_of(tranche.programme)
    return policy.judge(good, None, TODAY).verdict is Verdict.OK


def can_be_paid(lines, tranches):
    """Every set of lines must find its sum in the money that may pay for any of them (Hall)."""
    chosen = (
        [line for at, line in enumerate(lines) if mask >> at & 1]
        for mask in range(1, 2 ** len(lines))
    )
    return all(
        sum(line.unit_price for line in some)
        <= sum(t.left for t in tranches if any(may_pay(t, line) for line in some))
        for some in chosen
    )


@settings(max_examples=400, deadline=None)
@given(LINES, TRANCHES)
def test_no_lawful_basket_is_refused_because_of_the_drawing_order(lines, tranches):
    decision = decide(lines, some_facts(*tranches, market=MARKET))
    assert isinstance(decision, Approved) is can_be_paid(lines, tranches)
    if isinstance(decision, Approved):
        by_wallet = {each.wallet_id: each for each in tranches}
        assert sum(each.amount for each in decision.draws) == decision.amount
        for each in decision.draws:
            assert 0 < each.amount <= by_wallet[each.wallet_id].left
            assert any(may_pay(by_wallet[each.wallet_id], line) for line in lines)
        assert decision.balance_after == sum(t.left for t in tranches) - decision.amount
    else:
        assert decision.approvable_amount <= sum(line.unit_price for line in lines)


@settings(max_examples=100, deadline=None)
@given(LINES, TRANCHES)
def test_neither_the_order_of_lines_nor_of_tranches_matters(lines, tranches):
    plain = decide(lines, some_facts(*tranches, market=MARKET))
    for order in list(permutations(tranches))[:3]:
        other = decide(lines[::-1], some_facts(*order, market=MARKET))
        assert type(other) is type(plain)
        if isinstance(plain, Approved):
            assert other.draws == plain.draws
        else:
            assert (other.reason, other.approvable_amount) == (
                plain.reason,
                plain.approvable_amount,
            )
