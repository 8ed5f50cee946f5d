"""A double's credit waits in a held tranche until two officers decide; nobody else waits."""

import json

import pytest

from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.services.authorize import authorize
from pos_engine.services.install import Refused
from pos_engine.services.payer import CardProof
from pos_engine.services.prove import check_ledger
from pos_engine.services.register import NewFamily, register_family, set_pin
from pos_engine.services.registry_holds import Asked, list_holds, release, send_back
from pos_engine.store import ledger, registry_holds
from pos_engine.store.registry_holds import HELD, Hold
from tests.world import BALANCE, PIN, a_purchase, credit

NEXT = "2026-12"


@pytest.fixture
def doubted(engine, world):
    """KPM-1 may be registered twice; then both families are credited."""
    hold = Hold(world.kpm_id, "SAME_NIK", world.other_kpm_id, "run-1", HELD, engine.now())
    with engine.database.begin() as tx:
        registry_holds.add_holds(tx, [hold])
    credit(engine, {world.kpm_id: BALANCE, world.other_kpm_id: BALANCE}, period=NEXT)
    return world


def tranche(engine, kpm_id, period=NEXT):
    with engine.database.read() as tx:
        found = ledger.tranches_of(tx, kpm_id, lock=False)
    return next(each for each in found if each.period == period)


def buy(engine, world, **changes):
    answer = json.loads(authorize(engine, a_purchase(world, **changes)).body)
    return answer.get("reason") or answer["status"]


def test_only_the_doubted_familys_next_credit_waits(engine, doubted):
    assert tranche(engine, doubted.kpm_id).status is TrancheStatus.HELD
    assert tranche(engine, doubted.other_kpm_id).status is TrancheStatus.OPEN
    assert tranche(engine, doubted.kpm_id, "2026-11").status is TrancheStatus.OPEN
    answer = json.loads(authorize(engine, a_purchase(doubted)).body)
    assert answer["status"] == "APPROVED"  # what she had stays hers
    assert answer["balance_before"] == BALANCE
    assert check_ledger(engine).good


def test_two_officers_release_it(engine, doubted):
    assert release(engine, doubted.kpm_id, "ani") == Asked("ani")
    assert release(engine, doubted.kpm_id, "ani") == Asked("ani")
    assert tranche(engine, doubted.kpm_id).status is TrancheStatus.HELD
    assert release(engine, doubted.kpm_id, "budi") is None
    assert tranche(engine, doubted.kpm_id).status is TrancheStatus.OPEN
    assert isinstance(release(engine, doubted.kpm_id, "citra"), Refused)
    credit(engine, {doubted.kpm_id: BALANCE}, period="2027-01")
    assert tranche(engine, doubted.kpm_id, "2027-01").status is TrancheStatus.OPEN


def test_two_officers_send_it_back_and_the_books_add_up(engine, doubted):
    assert send_back(engine, doubted.kpm_id, "ani") == Asked("ani")
    assert release(engine, doubted.kpm_id, "budi") == Asked("budi")  # they do not agree
    assert send_back(engine, doubted.kpm_id, "ani") == Asked("ani")
    assert send_back(engine, doubted.kpm_id, "citra") is None
    back = tranche(engine, doubted.kpm_id)
    assert (back.status, back.left) == (TrancheStatus.RETURNED, 0)
    assert tranche(engine, doubted.kpm_id, "2026-11").left == BALANCE
    assert isinstance(send_back(engine, doubted.kpm_id, "ani"), Refused)
    assert list_holds(engine) == []
    credit(engine, {doubted.kpm_id: BALANCE}, period="2027-01")
    assert tranche(engine, doubted.kpm_id, "2027-01").status is TrancheStatus.HELD
    for officer in ("ani", "citra"):
        send_back(engine, doubted.kpm_id, officer)
    assert tranche(engine, doubted.kpm_id, "2027-01").status is TrancheStatus.RETURNED
    assert release(engine, doubted.kpm_id, "ani") == Asked("ani")  # a mistake is corrected
    assert release(engine, doubted.kpm_id, "budi") is None
    credit(engine, {doubted.kpm_id: BALANCE}, period="2027-02")
    assert tranche(engine, doubted.kpm_id, "2027-02").status is TrancheStatus.OPEN
    assert check_ledger(engine).good


def test_money_that_waits_is_said_to_have_not_arrived(engine, world):
    hold = Hold("KPM-9", "SAME_KK", world.kpm_id, "run-1", HELD, engine.now())
    with engine.database.begin() as tx:
        registry_holds.add_holds(tx, [hold])
    family = NewFamily("KPM-9", "35.07.13.2001", world.shop_id, "Sri Rahayu")
    new = register_family(engine, family)
    set_pin(engine, "KPM-9", PIN)
    credit(engine, {"KPM-9": BALANCE}, period=NEXT)
    assert buy(engine, world, proof=CardProof(new.card, PIN)) == "NOT_DISBURSED"


def test_a_credit_that_came_while_two_released_is_hers_too(engine, doubted):
    for officer in ("ani", "budi"):
        release(engine, doubted.kpm_id, officer)
    with engine.database.begin() as tx:  # as a chunk leaves it that began before they agreed
        tx.exec_driver_sql("UPDATE wallet SET status = 'HELD' WHERE kpm_id = 'KPM-1'")
    assert release(engine, doubted.kpm_id, "ani") is None
    assert tranche(engine, doubted.kpm_id).status is TrancheStatus.OPEN
