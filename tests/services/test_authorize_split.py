"""Purchases over two databases: one id, one debit, whatever dies in between."""

import multiprocessing
import os
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from catalog.load import shipped_files
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import authorize as authorizing
from pos_engine.services import authorize_split as split
from pos_engine.services.authorize import NotDecided, authorize
from pos_engine.services.catalogue import load_catalogue
from pos_engine.services.claim_sweep import finish_claims
from pos_engine.services.day import stored_answer, today
from pos_engine.services.notify import drain
from pos_engine.services.payer import CardProof
from pos_engine.services.prove import check_ledger
from pos_engine.store import shops
from pos_engine.store.claims import BEFORE_ALL, open_claims
from pos_engine.store.database import UnavailableError
from pos_engine.store.schema import purchase, purchase_claim
from tests.sealing import faults, seal_all
from tests.splitting import AMOUNT, an_id, fight, kind_of, settle_in, split_engine
from tests.world import NOW, PIN

PAIRS = 2_000
WAIT_S = 120


@pytest.fixture
def two(databases, kind, keys):
    """Two databases with three families in each."""
    url, world = databases.copy(kind)
    other = databases.empty(kind)
    yield settle_in((url, other), world, keys, 3)
    databases.drop(url)
    databases.drop(other)


@pytest.fixture
def engine_of_two(two, keys, clock):
    engine = split_engine(two.urls, keys, clock)
    yield engine
    engine.close()


def count(engine, table, *where):
    counts = []
    for view in engine.each_database():
        with view.database.read() as tx:
            rows = tx.execute(select(func.count()).select_from(table).where(*where))
            counts.append(rows.scalar_one())
    return counts


def still_open(engine):
    found = []
    for view in engine.each_database():
        with view.database.read() as tx:
            found += open_claims(tx, BEFORE_ALL)
    return [each.purchase_id for each in found]


def test_one_id_and_two_payers_is_one_debit_and_one_conflict(engine_of_two, two):
    ids = [new_uuid7(NOW) for _ in range(PAIRS)]
    assert fight(engine_of_two, two, ids, NOW) == {("APPROVED", "DUPLICATE_DIFFERENT"): PAIRS}
    assert sum(count(engine_of_two, purchase)) == PAIRS
    assert min(count(engine_of_two, purchase)) > 0, "both sides win some"
    finish_claims(engine_of_two)
    assert still_open(engine_of_two) == []


@pytest.mark.parametrize("of_claim", [0, 1])
@pytest.mark.parametrize("of_payer", [0, 1])
def test_the_same_again_is_the_same_answer_wherever_it_lives(
    engine_of_two, two, of_claim, of_payer
):
    request = two.request(of_payer, 0, an_id(NOW, of_claim), NOW)
    first = authorize(engine_of_two, request)
    assert kind_of(first) == "APPROVED"
    assert authorize(engine_of_two, request) == first
    asked = (engine_of_two, request.shop_id, request.purchase_id)
    assert stored_answer(*asked) == first.body
    assert stored_answer(engine_of_two, "another-shop", request.purchase_id) is None
    homes = [0, 0]
    homes[of_payer] = 1
    assert count(engine_of_two, purchase) == homes


def test_a_clock_that_is_days_off_takes_no_id(engine_of_two, two, clock):
    request = two.request(1, 0, an_id(NOW, 0), NOW + timedelta(days=2))
    assert authorize(engine_of_two, request) is NotDecided.CLOCK_SKEW
    assert still_open(engine_of_two) == []
    clock.advance(days=2)
    assert kind_of(authorize(engine_of_two, request)) == "APPROVED"
    clock.advance(days=2)
    assert kind_of(authorize(engine_of_two, request)) == "APPROVED", "a repeat days later"


@pytest.mark.parametrize("of_claim", [0, 1])
def test_a_card_that_nobody_knows_is_refused_in_the_database_of_its_id(
    engine_of_two, two, of_claim
):
    request = two.request(1, 0, an_id(NOW, of_claim), NOW)
    unknown = replace(request, proof=CardProof("9991000000000000", PIN))
    assert kind_of(authorize(engine_of_two, unknown)) == "DECLINED"
    homes = [0, 0]
    homes[of_claim] = 1
    assert count(engine_of_two, purchase) == homes
    assert authorize(engine_of_two, request) is NotDecided.DUPLICATE_DIFFERENT


def test_a_database_that_is_gone_stops_its_own_families_only(engine_of_two, two, keys, clock):
    hers = two.request(1, 0, an_id(NOW, 0), NOW)
    engine_of_two.homes.all[1].commits.close()
    with pytest.raises(UnavailableError):
        authorize(engine_of_two, hers)
    assert still_open(engine_of_two) == [hers.purchase_id]
    theirs = two.request(0, 0, an_id(NOW, 0), NOW)
    assert kind_of(authorize(engine_of_two, theirs)) == "APPROVED"
    again = split_engine(two.urls, keys, clock)
    try:
        assert kind_of(authorize(again, hers)) == "APPROVED"
    finally:
        again.close()


def test_a_limit_of_a_shop_counts_what_families_of_both_databases_bought(engine_of_two, two, clock):
    files, row = shipped_files(), f"SHOP,,,{2 * AMOUNT},SK 1,2026-01-01,,test,H,,\n"
    clock.advance(seconds=1)
    load_catalogue(
        engine_of_two, files | {"limits.csv": files["limits.csv"] + row.encode()}, "test"
    )
    sides = (0, 1, 0, 1)
    told = [
        kind_of(authorize(engine_of_two, two.request(side, number, new_uuid7(NOW), NOW)))
        for number, side in enumerate(sides)
    ]
    assert told == ["APPROVED", "APPROVED", "DECLINED", "DECLINED"]


# ---- what dies in between ---------------------------------------------------------------
def die(*_args):
    os._exit(9)


def write_and_die(*args):
    WRITE(*args)
    os._exit(9)


WRITE = authorizing.write_cases
DEATHS = {
    "before the claim": (split, "claim_first", die),
    "before the debit": (authorizing, "decide_at_home", die),
    "inside the debit": (authorizing, "write_cases", write_and_die),
    "before the answer reaches the claim": (split, "finish", die),
}


def buy_and_die(where, urls, keys, clock, request):
    """In a child: the engine dies as by kill -9 at that place."""
    module, name, death = DEATHS[where]
    setattr(module, name, death)
    engine = split_engine(urls, keys, clock)
    authorize(engine, request)
    engine.close()  # it waits for what comes after the answer
    os._exit(0)


@pytest.mark.parametrize("where", DEATHS)
def test_a_kill_at_any_step_is_finished_by_the_retry(two, keys, clock, where):
    request = two.request(1, 0, an_id(NOW, 0), NOW)
    rival = two.request(0, 0, request.purchase_id, NOW)
    fork = multiprocessing.get_context("fork")
    child = fork.Process(target=buy_and_die, args=(where, two.urls, keys, clock, request))
    child.start()
    child.join(WAIT_S)
    assert child.exitcode == 9

    engine = split_engine(two.urls, keys, clock)
    try:
        before = check_ledger(engine)
        taken, decided = (
            where != "before the claim",
            where.endswith("the claim") and "answer" in where,
        )
        assert still_open(engine) == ([request.purchase_id] if taken else [])
        assert count(engine, purchase) == [0, int(decided)]
        asked = (engine, request.shop_id, request.purchase_id)
        assert (stored_answer(*asked) is not None) is decided, "GET tells what home knows"
        assert finish_claims(engine) == int(decided), "the sweep decides nothing"
        if taken:
            assert authorize(engine, rival) is NotDecided.DUPLICATE_DIFFERENT
        told = authorize(engine, request)
        assert kind_of(told) == "APPROVED"
        assert authorize(engine, request) == told
        assert authorize(engine, rival) is NotDecided.DUPLICATE_DIFFERENT
        assert stored_answer(*asked) == told.body
        finish_claims(engine)
        assert still_open(engine) == []
        after = check_ledger(engine)
        assert after.good
        assert before.left - after.left == (0 if decided else AMOUNT)
        assert count(engine, purchase) == [0, 1]
    finally:
        engine.close()


# ---- what follows a purchase, in the database of its family ------------------------------
def test_the_family_is_told_and_the_facts_are_sealed_at_home(engine_of_two, two):
    request = two.request(1, 0, an_id(NOW, 0), NOW)
    assert kind_of(authorize(engine_of_two, request)) == "APPROVED"
    for view in engine_of_two.each_database():
        while drain(view).done:
            pass
        seal_all(view)
        assert faults(view) == []
    assert any("1.300" in each.text for each in engine_of_two.sms.messages())


def test_the_list_of_the_day_comes_from_every_database(engine_of_two, two):
    sold = [two.request(side, 0, new_uuid7(NOW), NOW) for side in (0, 1, 0)]
    for each in sold:
        authorize(engine_of_two, each)
    with engine_of_two.database.read() as tx:
        shop = shops.find_shop(tx, two.world.shop_id)
    _, entries = today(engine_of_two, shop)
    assert sorted(each.purchase_id for each in entries) == sorted(each.purchase_id for each in sold)


def test_a_claim_that_stayed_open_is_answered_in_its_own_database_too(engine_of_two, two, clock):
    """After the shards were brought together: the open claim stands beside its family."""
    request = two.request(0, 0, an_id(NOW, 0), NOW)
    known = engine_of_two.commits.ask(split.look_up, engine_of_two, request)
    engine_of_two.commits.ask(split.claim_first, engine_of_two, known)
    assert still_open(engine_of_two) == [request.purchase_id]
    asked = (engine_of_two, request.shop_id, request.purchase_id)
    assert stored_answer(*asked) is None
    told = authorize(engine_of_two, request)
    assert stored_answer(*asked) == told.body
    assert authorize(engine_of_two, request) == told
    assert still_open(engine_of_two) == []
    assert count(engine_of_two, purchase_claim, purchase_claim.c.answer.is_not(None)) == [1, 0]
