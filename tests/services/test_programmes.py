"""A family with money of two programmes: food money buys food, cash what is not banned."""

import json
from datetime import timedelta

import pytest

from pos_engine.rules.basket import Line
from pos_engine.rules.identity import Method
from pos_engine.rules.money import Rupiah
from pos_engine.services import disburse
from pos_engine.services.authorize import authorize, decide_together
from pos_engine.services.catalogue import snapshot
from pos_engine.services.prove import check_ledger
from pos_engine.services.quote import quote
from pos_engine.services.tokens import new_payer_token, open_quote
from pos_engine.store import ledger, shops
from tests.world import BALANCE, NOW, a_purchase, credit, rice

CASH = 50_000


def soap(pieces=1, unit_price=5_000):
    return Line("SABUN", None, pieces * 1000, Rupiah(unit_price), None)


@pytest.fixture
def cash(engine, world):
    """The first family has cash aid beside its food aid."""
    credit(engine, {world.kpm_id: CASH}, programme="PKH")
    yield world.kpm_id
    assert check_ledger(engine).good


def buy(engine, world, *lines, **other):
    return json.loads(authorize(engine, a_purchase(world, *lines, **other)).body)


def left(engine, kpm_id):
    with engine.database.read() as tx:
        return {t.programme: t.left for t in ledger.tranches_of(tx, kpm_id, lock=False)}


def quoted(engine, world, *lines, proven=True):
    where = (world.shop_id, world.till_id)
    token = new_payer_token(world.kpm_id, "person", where, Method.FACE, NOW, proven=proven)
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, world.shop_id)
    return quote(engine, shop, world.till_id, lines, token if proven else None)


def test_soap_and_rice_are_paid_by_the_money_that_may(engine, world, cash):
    answer = buy(engine, world, rice(), soap())
    assert answer["status"] == "APPROVED"
    assert (answer["balance_before"], answer["balance_after"]) == (250_000, 178_000)
    assert [(each["programme"], each["balance_after"]) for each in answer["programmes"]] == [
        ("BPNT", 133_000), ("PKH", 45_000),
    ]  # fmt: skip
    receipt = answer["receipt"]["text"]
    assert " untuk BPNT" in receipt
    assert " untuk PKH" in receipt
    assert left(engine, cash) == {"BPNT": BALANCE - 67_000, "PKH": CASH - 5_000}


def test_a_quote_tells_what_is_left_of_each_programme(engine, world, cash):
    made = quoted(engine, world, rice(), soap())
    assert [(each.programme, each.before, each.after) for each in made.programmes] == [
        ("BPNT", BALANCE, 133_000), ("PKH", CASH, 45_000),
    ]  # fmt: skip
    refused = quoted(engine, world, rice(), soap(11))
    assert [(each.before, each.after) for each in refused.programmes] == [
        (BALANCE, None), (CASH, None),
    ]  # fmt: skip
    assert quoted(engine, world, rice(), proven=False).programmes == ()


def test_food_money_alone_is_answered_and_printed_as_ever(engine, world):
    assert quoted(engine, world, rice()).programmes == ()
    answer = buy(engine, world, rice())
    assert "programmes" not in answer
    assert "untuk" not in answer["receipt"]["text"]


def test_soap_for_food_money_alone_is_outside_the_programme(engine, world):
    answer = buy(engine, world, rice(), soap())
    assert answer["reason"] == "ITEM_NOT_IN_PROGRAMME"
    assert answer["approvable_amount"] == 67_000
    assert left(engine, world.kpm_id) == {"BPNT": BALANCE}


def test_more_soap_than_cash_says_what_the_rest_is_for(engine, world, cash):
    answer = buy(engine, world, rice(), soap(11))
    assert answer["reason"] == "INSUFFICIENT_BALANCE"
    assert answer["message"] == (
        "Uang untuk Sabun kurang Rp5.000. "
        "Sisa saldo Rp133.000 hanya untuk barang Program Sembako (BPNT)."
    )
    assert answer["next_step"] == "Kurangi Sabun atau bayar Rp5.000 tunai."
    assert answer["approvable_amount"] == 117_000
    assert left(engine, cash) == {"BPNT": BALANCE, "PKH": CASH}


def test_purchases_of_a_batch_see_which_money_is_gone(engine, world, cash):
    requests = [a_purchase(world, soap(4)) for _ in range(3)]
    outcomes = engine.database.transact(lambda tx: decide_together(tx, engine, requests))
    answers = [json.loads(each.body) for each in outcomes]
    assert [each["status"] for each in answers] == ["APPROVED", "APPROVED", "DECLINED"]
    assert answers[2]["reason"] == "INSUFFICIENT_BALANCE"
    assert buy(engine, world, soap(2))["status"] == "APPROVED"
    assert buy(engine, world, soap())["reason"] == "ITEM_NOT_IN_PROGRAMME"


def test_cigarettes_are_refused_for_cash_too(engine, world, cash):
    smoke = Line("ROKOK-KRETEK", None, 1000, Rupiah(1_000), None)
    assert buy(engine, world, smoke)["reason"] == "ITEM_BANNED"


def test_a_quote_follows_the_payers_programmes(engine, world, cash):
    mine = quoted(engine, world, rice(), soap())
    assert [line.reason for line in mine.lines] == [None, None]
    assert (mine.approvable_amount, mine.balance_before, mine.balance_after) == (
        72_000, 250_000, 178_000,
    )  # fmt: skip
    short = quoted(engine, world, rice(), soap(11))
    assert short.approvable_amount == 117_000


def test_a_quote_for_nobody_follows_the_policy_in_force_and_still_opens_the_search(engine, world):
    anybody = quoted(engine, world, soap(), proven=False)
    assert [line.reason for line in anybody.lines] == ["ITEM_NOT_IN_PROGRAMME"]
    assert (anybody.approvable_amount, anybody.balance_before) == (0, None)
    assert open_quote(engine.keys, anybody.quote_id, world.shop_id, NOW)
    banned = quoted(engine, world, Line("BIR", None, 1000, Rupiah(9_000), None), proven=False)
    assert open_quote(engine.keys, banned.quote_id, world.shop_id, NOW) is None


def test_the_snapshot_says_which_programmes_allow_a_good_and_its_daily_limit(engine, world):
    body = json.loads(snapshot(engine, "35.07").body)
    goods = {each["sku"]: each for each in body["goods"]}
    assert [each["code"] for each in body["programmes"]] == ["BPNT", "PKH"]
    assert goods["BERAS-MEDIUM"]["programmes"] == ["BPNT", "PKH"]
    assert goods["SABUN"]["programmes"] == ["PKH"]
    assert goods["ROKOK-PUTIH"]["programmes"] == []
    assert goods["BERAS-MEDIUM"]["daily_limit"] is None
    assert goods["MINYAKITA"]["daily_limit"] == {
        "quantity_milli": 2000, "unit": "L", "regulation": "SE 03/2023",
    }  # fmt: skip


def test_a_programme_that_no_file_names_is_not_credited(engine, world):
    until = (NOW + timedelta(days=60)).date()
    order = disburse.Order("PHK", "2026-11", until, 1, 1000, {"escrow": "test"})
    refused = disburse.stage(engine, b"family_id,amount\nKPM-1,1000\n", order, "officer-1")
    assert isinstance(refused, disburse.FileRefused)
    assert refused.counts == {"PROGRAMME_UNKNOWN": 1}
    [problem] = refused.problems
    assert "'PHK' is not in the catalogue in force (programmes.csv); known are BPNT, PKH" in problem
