"""The KPM's own code as payer: one purchase, one minute, nobody's name; and baskets paid late."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest

from catalog.load import shipped_files
from pos_engine.rules.ids import PersonId, PurchaseId, new_uuid7, shard_of
from pos_engine.services.authorize import NotDecided, authorize, decide_together
from pos_engine.services.baskets import hold
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.confirm_basket import confirm_basket, proof_for
from pos_engine.services.kpm_code import issue_code, read_code
from pos_engine.services.payer import Place, QrProof
from pos_engine.services.prove import check_ledger
from pos_engine.store import kpm_history, ledger, reversals, shops
from tests.sim.psp import NMID, join
from tests.world import BALANCE, a_purchase, rice

COST = 67_000
PERSON = PersonId("person-1")


def a_code(engine, world) -> QrProof:
    return QrProof(issue_code(engine, world.kpm_id, PERSON))


def left(engine, kpm_id) -> int:
    with engine.database.read() as tx:
        return sum(
            each.credited - each.spent for each in ledger.tranches_of(tx, kpm_id, lock=False)
        )


def said(outcome):
    answer = json.loads(outcome.body)
    return answer.get("reason") or answer["status"]


def test_a_code_buys_once_and_the_same_request_again_is_the_same_answer(engine, world, clock):
    request = a_purchase(world, proof=a_code(engine, world))
    first = authorize(engine, request)
    assert said(first) == "APPROVED"
    assert "Kode QR dari HP" in json.loads(first.body)["receipt"]["text"]
    clock.advance(minutes=5)  # the code is dead; a repeat asks for no proof
    assert authorize(engine, request) == first
    replay = a_purchase(world, proof=request.proof, at=clock.at)
    assert said(authorize(engine, replay)) == "CODE_EXPIRED"
    assert left(engine, world.kpm_id) == BALANCE - COST
    assert check_ledger(engine).good


def test_a_replay_within_the_minute_is_refused_by_name_and_moves_nothing(engine, world, clock):
    proof = a_code(engine, world)
    assert said(authorize(engine, a_purchase(world, proof=proof))) == "APPROVED"
    clock.advance(seconds=10)
    replay = a_purchase(world, rice(1000), proof=proof, at=clock.at)
    assert said(authorize(engine, replay)) == "PAYER_TOKEN_USED"
    assert left(engine, world.kpm_id) == BALANCE - COST


@pytest.mark.parametrize(("seconds", "expected"), [(60, "APPROVED"), (61, "CODE_EXPIRED")])
def test_a_code_lives_a_minute(engine, world, clock, seconds, expected):
    proof = a_code(engine, world)
    clock.advance(seconds=seconds)
    assert said(authorize(engine, a_purchase(world, proof=proof, at=clock.at))) == expected


def test_a_refused_purchase_leaves_the_code_good(engine, world):
    proof = a_code(engine, world)
    assert said(authorize(engine, a_purchase(world, rice(unit_price=20_000), proof=proof))) == (
        "PRICE_ABOVE_CEILING"
    )
    assert said(authorize(engine, a_purchase(world, proof=proof))) == "APPROVED"


def test_two_purchases_of_one_batch_cannot_share_a_code(engine, world):
    proof = a_code(engine, world)
    requests = [a_purchase(world, rice(1000), proof=proof) for _ in range(2)]
    outcomes = engine.database.transact(lambda tx: decide_together(tx, engine, requests))
    assert [said(each) for each in outcomes] == ["APPROVED", "PAYER_TOKEN_USED"]


def test_rivals_with_one_code_buy_once(engine, world):
    proof = a_code(engine, world)
    requests = [a_purchase(world, rice(1000), proof=proof) for _ in range(6)]
    with ThreadPoolExecutor() as pool:
        outcomes = list(pool.map(lambda each: said(authorize(engine, each)), requests))
    assert sorted(set(outcomes)) == ["APPROVED", "PAYER_TOKEN_USED"]
    assert outcomes.count("APPROVED") == 1
    assert left(engine, world.kpm_id) == BALANCE - 13_400


def test_what_we_did_not_sign_is_nobody(engine, world):
    good = issue_code(engine, world.kpm_id, PERSON)
    assert world.kpm_id not in good
    head, _, signature = good.rpartition(".")
    other = "B" if head[-1] != "B" else "C"
    for text in ("x", "KPM1.", good[:-4], f"{head[:-1]}{other}.{signature}", f"{good}\u00e9", "."):
        assert read_code(engine, text) is None
        assert said(authorize(engine, a_purchase(world, proof=QrProof(text)))) == "PAYER_UNKNOWN"
    assert left(engine, world.kpm_id) == BALANCE


def held_before_midnight(engine, world, clock, *lines):
    """A basket that was shown at 23.58 WIB, and a catalogue whose ceiling falls at midnight."""
    join(engine, {world.shop_id: NMID})
    clock.at = datetime(2026, 11, 21, 16, 58, tzinfo=UTC)
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, world.shop_id)
    place = Place(world.shop_id, world.till_id)
    held = hold(engine, shop, place, "staff-1", PurchaseId(new_uuid7(clock.at)), lines or (rice(),))
    assert not isinstance(held, NotDecided)
    files = shipped_files()
    text = files["ceilings.csv"].decode()
    old = "BERAS-MEDIUM,HET,ZONE,Z1,kg,,13500,Kepka Bapanas 299/2025,2025-08-22,,"
    assert text.count(old) == 1
    text = text.replace(old, f"{old.removesuffix(',')}2026-11-21,")
    text += "BERAS-MEDIUM,HET,ZONE,Z1,kg,,12000,Kepka contoh,2026-11-22,,contoh,2026-11-21,H\n"
    load_catalogue(engine, files | {"ceilings.csv": text.encode()}, "test")
    return held.basket


@pytest.mark.parametrize(
    ("minutes", "late"), [(4, False), (120, True)], ids=["by herself", "late word"]
)
def test_what_was_lawful_when_it_was_shown_is_honoured_after_midnight(
    engine, world, clock, minutes, late
):
    basket = held_before_midnight(engine, world, clock)
    clock.advance(minutes=minutes)
    assert said(authorize(engine, a_purchase(world, at=clock.at))) == "PRICE_ABOVE_CEILING"
    proof = proof_for(engine, basket, world.kpm_id, PERSON)
    done = confirm_basket(engine, basket.purchase_id, proof, late=late)
    assert done.answer["status"] == "APPROVED"
    assert done.answer["lines"][0]["ceiling"] == 13_500
    assert left(engine, world.kpm_id) == BALANCE - COST
    with engine.database.read() as tx:
        row = reversals.find_bought(tx, shard_of(world.kpm_id), basket.purchase_id)
        assert row.day == date(2026, 11, 21)  # its limits and reports are of that day
        [bought] = kpm_history.bought_by(tx, world.kpm_id, skip=0, limit=5)
    assert bought.purchase_id == basket.purchase_id
    assert check_ledger(engine).good


def test_what_was_not_lawful_when_it_was_shown_stays_unpaid(engine, world, clock):
    basket = held_before_midnight(engine, world, clock, rice(unit_price=13_600))
    proof = proof_for(engine, basket, world.kpm_id, PERSON)
    assert confirm_basket(engine, basket.purchase_id, proof, late=True) == "BASKET_NOT_LAWFUL"
