"""Limits of a day, on both databases: in a batch, between tills, after midnight, after a void."""

import json
import threading
from dataclasses import replace

import pytest

from catalog.load import shipped_files
from pos_engine.rules.basket import Line
from pos_engine.rules.ids import PurchaseId, new_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.rules.voids import AskedLine
from pos_engine.services.authorize import authorize, decide_together
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.payer import CardProof, Place
from pos_engine.services.prove import check_ledger
from pos_engine.services.reverse import ReverseOrder, reverse_purchase
from pos_engine.services.void import VoidRequest, void
from pos_engine.store import limit_use
from pos_engine.store.schema import purchase
from tests.services.test_programmes import quoted
from tests.world import NOW, PIN, a_purchase, credit, rice

OVER = "QUANTITY_LIMIT"


def oil(quantity_milli=2000):
    return Line("MINYAKITA", None, quantity_milli, Rupiah(15_000), None)


@pytest.fixture(autouse=True)
def cash(engine, world):
    """Both families have cash aid, which buys oil."""
    credit(engine, {world.kpm_id: 500_000, world.other_kpm_id: 500_000}, programme="PKH")
    yield
    assert check_ledger(engine).good


@pytest.fixture
def limit(engine, clock):
    """Put one more limit in force."""

    def add(kind, rupiah, confidence="H"):
        files = shipped_files()
        row = f"{kind},,,{rupiah},SK 1,2026-01-01,,test,{confidence},,\n"
        clock.advance(seconds=1)
        load_catalogue(engine, files | {"limits.csv": files["limits.csv"] + row.encode()}, "test")

    return add


def said(body):
    answer = json.loads(body)
    return answer.get("reason", answer["status"])


def buy(engine, world, *lines, **other):
    return said(authorize(engine, a_purchase(world, *lines, **other)).body)


def together(engine, *requests):
    outcomes = engine.database.transact(lambda tx: decide_together(tx, engine, requests))
    return [said(each.body) for each in outcomes]


def test_two_litres_a_day_and_then_why_not(engine, world, clock):
    assert buy(engine, world, oil(1500)) == "APPROVED"
    answer = json.loads(authorize(engine, a_purchase(world, oil(1000), rice(100))).body)
    assert answer["reason"] == OVER
    assert answer["message"] == (
        "MinyaKita paling banyak 2 liter sehari untuk satu keluarga. Hari ini tersisa 0,5 liter."
    )
    assert answer["next_step"] == "Kurangi MinyaKita menjadi 0,5 liter."
    assert [line["verdict"] for line in answer["lines"]] == [OVER, "OK"]
    assert answer["approvable_amount"] == 1_340
    assert buy(engine, world, oil(500)) == "APPROVED"
    assert buy(engine, world, oil(1)) == OVER
    clock.advance(hours=14)  # 00.00 WIB
    assert buy(engine, world, oil(), at=clock()) == "APPROVED"


def test_the_same_id_again_is_the_stored_answer_and_uses_nothing_more(engine, world):
    request = a_purchase(world, oil())
    first = authorize(engine, request)
    assert authorize(engine, request) == first
    assert buy(engine, world, oil(100)) == OVER
    assert authorize(engine, request) == first


def test_a_refused_purchase_uses_nothing(engine, world):
    assert buy(engine, world, oil(), proof=CardProof(world.card, "000001")) == "PIN_WRONG"
    assert buy(engine, world, oil(2001)) == OVER
    assert buy(engine, world, oil()) == "APPROVED"


def test_purchases_of_one_batch_share_the_limit(engine, world):
    mine = [a_purchase(world, oil(1000)) for _ in range(3)]
    others = [a_purchase(world, oil(), proof=CardProof(world.other_card, PIN)) for _ in range(2)]
    assert together(engine, *mine, *others) == ["APPROVED", "APPROVED", OVER, "APPROVED", OVER]


def test_two_lines_and_a_pack_share_the_limit(engine, world):
    pack = next(p for p in engine_catalogue(engine).packs.values() if p.sku == "MINYAKITA")
    milli = 1000 * pack.unit.ratio.numerator // pack.unit.ratio.denominator
    carton = Line(None, pack.gtin, 1000, Rupiah(13_000), None)
    assert buy(engine, world, oil(2001 - milli), carton) == OVER
    assert buy(engine, world, oil(2000 - milli), carton) == "APPROVED"
    assert buy(engine, world, carton) == OVER


def engine_catalogue(engine):
    with engine.database.read() as tx:
        return engine.catalogue(tx)


def test_tills_that_race_never_sell_more_than_the_limit(engine, world):
    answers = []

    def race():
        answers.append(buy(engine, world, oil(1000)))

    threads = [threading.Thread(target=race) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["APPROVED"] * 2 + [OVER] * 10


def void_of(world, purchase_id, *lines):
    return VoidRequest(
        void_id=PurchaseId(new_uuid7(NOW)),
        purchase_id=PurchaseId(purchase_id),
        place=Place(world.shop_id, world.till_id),
        staff_id=world.staff["PEMILIK"]["staff_id"],
        reason="salah barang",
        lines=lines or None,
    )


def test_what_was_taken_back_frees_the_limit(engine, world):
    request = a_purchase(world, oil(), rice())
    assert said(authorize(engine, request).body) == "APPROVED"
    part = AskedLine("MINYAKITA", None, 500)
    assert said(void(engine, void_of(world, request.purchase_id, part)).body) == "VOIDED"
    assert buy(engine, world, oil(501)) == OVER
    assert buy(engine, world, oil(500)) == "APPROVED"
    rest = AskedLine("MINYAKITA", None, 1500), AskedLine("BERAS-MEDIUM", None, 5000)
    assert said(void(engine, void_of(world, request.purchase_id, *rest)).body) == "VOIDED"
    assert buy(engine, world, oil(1500)) == "APPROVED"
    assert buy(engine, world, oil(1)) == OVER


def test_officers_who_return_a_sum_free_its_share(engine, world, limit):
    limit("KPM", 100_000)
    request = a_purchase(world, oil())
    assert said(authorize(engine, request).body) == "APPROVED"
    by, second = world.staff["DINSOS"]["staff_id"], world.staff["KEMENSOS"]["staff_id"]
    reverse_purchase(engine, ReverseOrder(request.purchase_id, "salah", by, second, amount=15_000))
    assert buy(engine, world, oil(1001)) == OVER
    assert buy(engine, world, oil(1000)) == "APPROVED"
    assert buy(engine, world, Line("BERAS-MEDIUM", None, 6000, Rupiah(13_400), None)) == (
        "LIMIT_REACHED"
    )
    assert buy(engine, world, Line("BERAS-MEDIUM", None, 5000, Rupiah(13_400), None)) == "APPROVED"


def test_a_part_of_what_was_bought_loose_and_packed_frees_its_share(engine, world):
    pack = next(p for p in engine_catalogue(engine).packs.values() if p.sku == "MINYAKITA")
    milli = 1000 * pack.unit.ratio.numerator // pack.unit.ratio.denominator
    request = a_purchase(
        world, oil(2000 - milli), Line(None, pack.gtin, 1000, Rupiah(13_000), None)
    )
    assert said(authorize(engine, request).body) == "APPROVED"
    assert said(void(engine, void_of(world, request.purchase_id)).body) == "VOIDED"
    assert buy(engine, world, oil()) == "APPROVED"


@pytest.mark.parametrize("whose", ["KPM", "SHOP", "TILL"])
def test_rupiah_that_came_back_may_be_spent_again(engine, world, limit, whose):
    limit(whose, 100_000)
    request = a_purchase(world)
    assert said(authorize(engine, request).body) == "APPROVED"
    assert buy(engine, world) == "LIMIT_REACHED"
    assert said(void(engine, void_of(world, request.purchase_id)).body) == "VOIDED"
    assert buy(engine, world) == "APPROVED"


def test_a_quote_tells_what_is_left_today(engine, world):
    assert [line.reason for line in quoted(engine, world, oil(3000), proven=False).lines] == [
        "ITEM_NOT_IN_PROGRAMME"
    ]
    assert quoted(engine, world, oil()).approvable_amount == 30_000
    buy(engine, world, oil(1500))
    refused = quoted(engine, world, oil(), rice(100))
    assert [line.reason for line in refused.lines] == [OVER, None]
    assert refused.lines[0].limit.left_milli == 500
    assert refused.approvable_amount == 1_340


def test_a_basket_without_limited_goods_reads_nothing_more(engine, world, monkeypatch):
    monkeypatch.setattr(limit_use, "used_by_families", None)
    monkeypatch.setattr(limit_use, "sold_by_tills", None)
    monkeypatch.setattr(limit_use, "add_uses", lambda _tx, uses: _nothing(uses))
    assert buy(engine, world, rice()) == "APPROVED"
    sack = Line(None, "2990000000019", 1000, Rupiah(60_000), None)
    unknown = Line(None, "2990000009999", 1000, Rupiah(60_000), None)
    monkeypatch.undo()
    assert together(engine, a_purchase(world, sack), a_purchase(world, unknown)) == [
        "APPROVED", "ITEM_UNKNOWN",
    ]  # fmt: skip


def _nothing(uses):
    assert uses == []


def test_a_familys_rupiah_of_a_day(engine, world, limit):
    assert buy(engine, world, rice()) == "APPROVED"  # before the limit: not counted
    limit("KPM", 100_000)
    assert together(engine, a_purchase(world), a_purchase(world)) == ["APPROVED", "LIMIT_REACHED"]
    answer = json.loads(authorize(engine, a_purchase(world)).body)
    assert answer["message"] == (
        "Batas belanja satu keluarga sehari Rp100.000. Hari ini tersisa Rp33.000."
    )
    assert answer["next_step"] == "Kurangi belanja menjadi Rp33.000, atau lanjutkan besok."
    assert (answer["approvable_amount"], answer["response_code"]) == (33_000, "61")
    other = CardProof(world.other_card, PIN)
    assert buy(engine, world, rice(), proof=other) == "APPROVED"


@pytest.mark.parametrize("whose", ["SHOP", "TILL"])
def test_a_shops_and_a_tills_rupiah_of_a_day(engine, world, limit, whose):
    other = CardProof(world.other_card, PIN)
    assert buy(engine, world, rice()) == "APPROVED"
    limit(whose, 150_000)
    assert together(engine, a_purchase(world, proof=other), a_purchase(world)) == [
        "APPROVED", "LIMIT_REACHED",
    ]  # fmt: skip
    assert buy(engine, world, rice(), proof=other) == "LIMIT_REACHED"
    elsewhere = replace(a_purchase(world), shop_id=world.other_shop_id, till_id=world.other_till_id)
    assert said(authorize(engine, elsewhere).body) == "APPROVED"
    second_till = replace(a_purchase(world), till_id=new_uuid7(NOW))
    expected = {"SHOP": "LIMIT_REACHED", "TILL": "APPROVED"}[whose]
    assert said(authorize(engine, second_till).body) == expected


def test_a_limit_that_nobody_verified_is_written_beside_the_purchase(engine, world, limit):
    limit("SHOP", 10_000, confidence="L")
    request = a_purchase(world)
    assert said(authorize(engine, request).body) == "APPROVED"
    with engine.database.read() as tx:
        mine = purchase.c.purchase_id == request.purchase_id
        [flags] = tx.execute(
            purchase.select().where(mine).with_only_columns(purchase.c.flags)
        ).one()
    assert flags == ["SHOP_LIMIT_UNVERIFIED"]


def test_a_quote_tells_a_proven_family_what_she_bought_today(engine, world):
    assert quoted(engine, world, oil(), proven=False).day_limits == ()
    assert buy(engine, world, oil(500)) == "APPROVED"
    [told] = quoted(engine, world, oil(), oil(200), rice()).day_limits
    assert (told.sku, told.maximum_milli, told.used_milli, told.unit) == (
        "MINYAKITA", 2000, 500, "L",
    )  # fmt: skip
    assert quoted(engine, world, rice()).day_limits == ()
