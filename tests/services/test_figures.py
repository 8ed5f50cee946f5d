"""What the officers' pictures are made of: families reached, baskets, places inside a place."""

from dataclasses import replace

import pytest

from pos_engine.services.authorize import authorize
from pos_engine.services.report import NeedsLakeError, Scope, make_report
from pos_engine.services.void import void
from tests.lakes import with_lake, write
from tests.returning import a_void, buy, lines
from tests.world import BALANCE, NOW, a_purchase, rice

DAY = NOW.date()


@pytest.fixture
def engine(engine, tmp_path):
    return with_lake(engine, tmp_path)


def said(engine, name, last=DAY, **scope):
    write(engine)
    return make_report(engine, name, DAY, last, Scope(**scope)).rows


def test_families_reached_are_those_who_bought_since_their_credit(engine, world, clock):
    [before] = said(engine, "reach")
    assert (before["families"], before["bought"], before["silent"]) == (2, 0, 2)
    assert (before["credited"], before["spent"]) == (2 * BALANCE, 0)
    authorize(engine, a_purchase(world, rice(1000, 20_000)))  # refused for its price
    [tried] = said(engine, "reach")
    assert (tried["bought"], tried["turned_away"], tried["silent"]) == (0, 1, 1)
    clock.advance(days=5)
    sold = buy(engine, world, rice(2000))
    void(engine, a_void(world, sold, lines=lines(1000)))
    [after] = said(engine, "reach", last=clock.at.date())
    assert (after["bought"], after["turned_away"], after["days_4_7"]) == (1, 0, 1)
    assert after["spent"] == 13_400


LEVELS = {"": "35", "35": "35.07", "35.07": "35.07.13", "35.07.13": "35.07.13.2001"}


def test_each_level_opens_into_the_next(engine, world):
    buy(engine, world, rice(1000))
    authorize(engine, a_purchase(world, rice(1000, 20_000)))
    for region, inner in (*LEVELS.items(), ("35.07.13.2001", "35.07.13.2001")):
        scope = {"region": region} if region else {}
        for name in ("places", "asked-prices", "reach"):
            assert [row["place"] for row in said(engine, name, **scope)] == [inner], (name, region)
        [row] = said(engine, "places", **scope)
        assert (row["purchases"], row["rupiah"], row["refused_price"]) == (1, 13_400, 1)


def test_baskets_tell_who_took_the_whole_balance_in_one_good(engine, world):
    buy(engine, world, rice(1000), rice(1000, 12_000, "BERAS-SPHP"))
    left = BALANCE - 25_400
    buy(engine, world, rice(left, 1000))
    [one, two] = said(engine, "baskets")
    assert (one["goods"], one["purchases"], one["amount"], one["whole_balance"]) == (1, 1, left, 1)
    assert (two["goods"], two["whole_balance"]) == (2, 0)


def test_asked_prices_are_a_share_of_all_that_was_tried(engine, world):
    buy(engine, world, rice(1000))
    for price in (14_000, 15_000, 14_500):
        authorize(engine, a_purchase(world, rice(1000, price)))
    [row] = said(engine, "asked-prices")
    assert (row["attempts"], row["tried"], row["ceiling"]) == (3, 4, 13_500)
    assert (row["asked_p50"], row["asked_most"]) == (14_500, 15_000)


def test_spending_names_the_food_group(engine, world):
    buy(engine, world, rice(2000), rice(1000, 28_000, "TELUR-AYAM"))
    rows = said(engine, "spending")
    assert [(row["commodity"], row["group"]) for row in rows] == [
        ("TELUR-AYAM", "HEWANI"), ("BERAS-MEDIUM", "KARBO"),
    ]  # fmt: skip
    alone = make_report(replace(engine, lake=None), "spending", DAY, DAY, Scope()).rows
    assert alone == rows


def test_a_shop_has_no_families_and_without_a_lake_nobody_counts_them(engine, world, tmp_path):
    assert said(engine, "reach", shop_id=world.shop_id) == []
    alone = replace(engine, lake=tmp_path / "none")
    for name in ("reach", "baskets"):
        with pytest.raises(NeedsLakeError):
            make_report(alone, name, DAY, DAY, Scope())
