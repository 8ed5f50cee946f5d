"""Cards that run out or stop by their PIN, a PIN before two officers, and PINs nobody may take."""

import json
from datetime import UTC, datetime

import pytest

from pos_engine.services.authorize import authorize
from pos_engine.services.card_jobs import expire_cards, stop_cards_without_tries
from pos_engine.services.payer import CARD, CardProof
from pos_engine.services.register import set_pin
from pos_engine.store import families
from pos_engine.store.cards import cards_of, events_of
from tests.world import a_purchase

NEW_PIN = "275180"


def states(engine, kpm_id):
    with engine.database.read() as tx:
        return [each.status for each in cards_of(tx, kpm_id)]


def said(engine, world, clock, **changes):
    answer = json.loads(authorize(engine, a_purchase(world, at=clock.at, **changes)).body)
    return answer.get("reason") or answer["status"]


def use_up_tries(engine, world, clock):
    for _ in range(3):
        assert said(engine, world, clock, proof=CardProof(world.card, "000000")) == "PIN_WRONG"


def test_a_card_whose_pin_has_no_tries_says_so_until_a_new_pin(engine, world, clock):
    assert stop_cards_without_tries(engine) == 0
    use_up_tries(engine, world, clock)
    assert stop_cards_without_tries(engine) == 1
    assert stop_cards_without_tries(engine) == 0
    assert states(engine, world.kpm_id) == ["BLOCKED_PIN"]
    assert states(engine, world.other_kpm_id) == ["ACTIVE"]
    assert said(engine, world, clock) == "PIN_BLOCKED"
    assert set_pin(engine, world.kpm_id, NEW_PIN) is None
    assert said(engine, world, clock, proof=CardProof(world.card, NEW_PIN)) == "APPROVED"
    with engine.database.read() as tx:
        lookup = engine.keys.lookup(CARD, world.card)
        card_id = families.find_credential(tx, CARD, lookup).reference
        steps = [(each[0], each[2]) for each in events_of(tx, world.kpm_id, card_id)]
    assert steps == [("BLOCKED_PIN", "worker"), ("ACTIVE", "KPM")]


def test_a_card_works_to_the_end_of_its_last_month_and_the_money_stays(engine, world, clock):
    clock.at = datetime(2031, 11, 30, 12, tzinfo=UTC)
    assert expire_cards(engine) == 0
    clock.advance(days=1)
    assert expire_cards(engine) == 2
    assert expire_cards(engine) == 0
    assert states(engine, world.kpm_id) == ["EXPIRED"]
    assert said(engine, world, clock) == "CARD_EXPIRED"


def test_more_cards_than_one_transaction_takes_run_out_too(engine, world, clock, monkeypatch):
    monkeypatch.setattr("pos_engine.services.card_jobs.CARDS_AT_ONCE", 1)
    clock.at = datetime(2031, 12, 1, tzinfo=UTC)
    assert expire_cards(engine) == 2


@pytest.mark.parametrize("pin", ["150880", "800815", "198008", "550880", "081580"])
def test_a_birth_date_of_the_family_is_no_pin(engine, world, pin):
    assert "birth date" in set_pin(engine, world.kpm_id, pin).message
