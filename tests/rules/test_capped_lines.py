"""Where a ceiling caps, the family pays the ceiling and the shop bears the rest."""

from dataclasses import replace

import pytest

from catalog.price_book import Action, PriceBook
from pos_engine.rules.basket import Market, judge_line
from pos_engine.rules.decision import Approved
from pos_engine.rules.reasons import Reason
from tests.make import RICE_SACK_GTIN, a_line, a_market, decided


def capping(action: Action = Action.CAP, rupiah: int | None = None) -> Market:
    market = a_market()
    book = market.catalogue.price_book
    rows = [
        replace(row, action=action, rupiah=rupiah or row.rupiah)
        if row.sku == "BERAS-MEDIUM"
        else row
        for row in book.rows
    ]
    catalogue = replace(market.catalogue, price_book=PriceBook.of(rows, book.zones))
    return replace(market, catalogue=catalogue)


@pytest.mark.parametrize(
    ("line", "paid", "total"),
    [
        (a_line(unit_price=14_000), 13_500, 67_500),
        (a_line(unit_price=70_001, quantity_milli=2000, unit="karung5"), 67_500, 135_000),
        (a_line(gtin=RICE_SACK_GTIN, unit_price=99_000, quantity_milli=1000), 67_500, 67_500),
    ],
)
def test_the_ceiling_is_paid_and_the_asked_price_stays_known(line, paid, total):
    judged = judge_line(line, capping())
    assert (judged.reason, judged.unit_price, judged.total) == (None, paid, total)
    assert (judged.asked_price, judged.flags) == (line.unit_price, ("CAPPED_HET",))


def test_a_lawful_price_is_not_touched():
    judged = judge_line(a_line(unit_price=13_400), capping())
    assert (judged.total, judged.asked_price, judged.flags) == (67_000, None, ())


def test_her_balance_loses_the_ceiling_alone():
    decision = decided(a_line(unit_price=20_000), market=capping())
    assert isinstance(decision, Approved)
    assert (decision.amount, decision.balance_after) == (67_500, 132_500)


def test_a_ceiling_below_a_rupiah_a_line_still_refuses():
    judged = judge_line(a_line(quantity_milli=1, unit_price=20_000), capping(rupiah=1))
    assert judged.reason is Reason.PRICE_ABOVE_CEILING


def test_flag_and_decline_are_as_ever():
    flagged = judge_line(a_line(unit_price=14_000), capping(Action.FLAG))
    assert (flagged.reason, flagged.total, flagged.flags) == (None, 70_000, ("ABOVE_HET",))
    refused = judge_line(a_line(unit_price=14_000), capping(Action.DECLINE))
    assert refused.reason is Reason.PRICE_ABOVE_CEILING
