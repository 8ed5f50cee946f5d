"""Whose money pays, what a reversal's answer means, when it is said again."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from pos_engine.rules.bank import (
    ENGINE,
    FIRST_REPEAT,
    REPEAT_GAP_MAX,
    Reversal,
    by_custodian,
    next_repeat,
    reversal_answered,
)
from pos_engine.rules.entitlement import Draw
from pos_engine.rules.escrow import escrow_of
from pos_engine.rules.identity import bank_card_ok
from pos_engine.rules.ids import ShopId, WalletId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import Kind, Return, purchase_postings, return_postings
from tests.make import TODAY, a_tranche

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def at(custodian, ends, **changed):
    return replace(a_tranche(expires_on=ends, **changed), custodian=custodian)


@pytest.mark.parametrize(
    ("code", "means"),
    [
        ("00", Reversal.DONE),
        ("25", Reversal.DONE),
        ("21", Reversal.DONE),
        ("94", Reversal.DONE),
        ("", Reversal.AGAIN),
        ("91", Reversal.AGAIN),
        ("96", Reversal.AGAIN),
        ("05", Reversal.REFUSED),
        ("12", Reversal.REFUSED),
    ],
)
def test_a_reversal_is_settled_said_again_or_for_a_person(code, means):
    assert reversal_answered(code) is means


def test_a_reversal_is_said_again_at_growing_gaps_for_ever():
    gaps = [next_repeat(tries, NOW) - NOW for tries in (0, 1, 2, 9, 30_000)]
    assert gaps == [
        FIRST_REPEAT,
        FIRST_REPEAT * 2,
        FIRST_REPEAT * 4,
        REPEAT_GAP_MAX,
        REPEAT_GAP_MAX,
    ]
    assert timedelta(minutes=59) < REPEAT_GAP_MAX


def test_money_that_ends_first_is_tried_first_and_a_basket_has_one_custodian():
    early, late = date(2026, 11, 30), date(2026, 12, 31)
    own, bank = at(ENGINE, late), at("BRI", early, wallet_id="w2")
    empty = at("BNI", date(2026, 11, 22), wallet_id="w3", spent=200_000)
    groups = by_custodian((own, bank, empty), TODAY)
    assert [name for name, _ in groups] == ["BRI", ENGINE, "BNI"]
    assert groups[0][1] == (bank,)


def test_a_family_with_one_custodian_or_none_is_not_sorted():
    own = (at(ENGINE, date(2026, 12, 31)),)
    assert by_custodian(own, TODAY) == [(ENGINE, own)]
    assert by_custodian((), TODAY) == [(ENGINE, ())]


def test_what_a_bank_pays_is_owed_to_no_shop_and_lies_in_no_escrow_account():
    drawn = (Draw(WalletId("w"), Rupiah(500)),)
    back = (Return(WalletId("w"), WalletId("w"), Rupiah(500)),)
    legs = purchase_postings(ShopId("s"), drawn, "BRI")
    returned = return_postings(ShopId("s"), back, Kind.VOID, "BRI")
    assert [(each.account, each.amount) for each in legs] == [
        ("wallet:w", -500),
        ("custody:BRI", 500),
    ]
    assert [(each.account, each.amount) for each in returned] == [
        ("wallet:w", 500), ("custody:BRI", -500),
    ]  # fmt: skip
    sums = {"wallet": 1_000, "custody": -400, "shop": 100, "programme:BPNT:2026-11": 0}
    found = escrow_of(sums, 700, 0)
    assert (found.wallets, found.other, found.difference) == (600, 0, 0)


@pytest.mark.parametrize(
    ("card", "ok"),
    [
        ("6013010000000001", True),
        ("6013010000000002", False),
        ("9991000000000005", False),
        ("60130100000001", False),
        ("6013 0100 0000 0001", False),
        ("\u0666013010000000001", False),
    ],
    ids=["bank", "check-digit", "ours", "short", "blanks", "other-digits"],
)
def test_a_banks_card_is_no_card_of_ours(card, ok):
    assert bank_card_ok(card) is ok
