"""Life of a card, a new PIN by two factors, and a suspension that says who and why."""

import json
import re

import pytest

from pos_engine.rules.card import CardState, UndistributedReason
from pos_engine.rules.suspension import SuspensionReason
from pos_engine.services import cards
from pos_engine.services.authorize import authorize
from pos_engine.services.install import Refused
from pos_engine.services.payer import CARD, CardProof
from pos_engine.services.pin_reset import reset_pin, send_reset_code
from pos_engine.services.registry_holds import Asked
from pos_engine.services.report import Scope, make_report
from pos_engine.services.suspend import object_to, restore, suspend
from pos_engine.store import families
from pos_engine.store.cards import cards_of, events_of
from tests.world import NOW, PIN, a_purchase

NEW_PIN = "275180"


def answer(engine, world, **changes):
    return json.loads(authorize(engine, a_purchase(world, **changes)).body)


def card_id(engine, card):
    with engine.database.read() as tx:
        return families.find_credential(tx, CARD, engine.keys.lookup(CARD, card)).reference


def test_a_replaced_card_carries_on_with_the_same_money(engine, world):
    old = card_id(engine, world.card)
    assert cards.block(engine, old, CardState.SWALLOWED, "ani") is CardState.SWALLOWED
    assert answer(engine, world)["reason"] == "CARD_LOST"
    new = cards.replace(engine, old, "ani")
    assert isinstance(new, cards.Issued)
    proof = CardProof(new.card, PIN)
    assert answer(engine, world, proof=proof)["reason"] == "CARD_BLOCKED"
    report = make_report(engine, "cards-undistributed", NOW.date(), NOW.date(), Scope("35.07"))
    assert [row["card_id"] for row in report.rows] == [new.card_id]
    reason = UndistributedReason.NOT_FOUND
    assert cards.undistributed(engine, new.card_id, reason, "ani") is CardState.UNDISTRIBUTED
    report = make_report(engine, "cards-undistributed", NOW.date(), NOW.date(), Scope("35"))
    assert report.rows[0]["reason"] == "NOT_FOUND"
    assert (
        make_report(engine, "cards-undistributed", NOW.date(), NOW.date(), Scope("94")).rows == []
    )
    assert cards.distribute(engine, new.card_id, "ani") is CardState.ACTIVE
    assert answer(engine, world, proof=proof)["status"] == "APPROVED"
    with engine.database.read() as tx:
        states = [each[0] for each in events_of(tx, world.kpm_id, new.card_id)]
        assert states == ["ISSUED", "UNDISTRIBUTED", "DISTRIBUTED", "ACTIVE"]
        assert {each.status for each in cards_of(tx, world.kpm_id)} == {"REPLACED", "ACTIVE"}


def test_a_card_goes_only_lawful_ways(engine, world):
    own = card_id(engine, world.card)
    assert isinstance(cards.distribute(engine, own, "ani"), Refused)
    assert isinstance(cards.issue(engine, world.kpm_id, "ani"), Refused)
    assert isinstance(cards.issue(engine, "nobody", "ani"), Refused)
    assert isinstance(cards.block(engine, "nothing", CardState.LOST, "ani"), Refused)
    assert isinstance(cards.block(engine, own, CardState.EXPIRED, "ani"), Refused)
    assert cards.block(engine, own, CardState.LOST, "ani") is CardState.LOST
    assert cards.block(engine, own, CardState.SWALLOWED, "ani") is CardState.LOST
    assert isinstance(cards.replace(engine, "nothing", "ani"), Refused)


def test_a_new_pin_needs_the_card_and_the_code(engine, world):
    for _ in range(3):
        answer(engine, world, proof=CardProof(world.card, "000000"))
    assert answer(engine, world)["reason"] == "PIN_BLOCKED"
    assert send_reset_code(engine, "reset-1", world.card)
    assert not send_reset_code(engine, "reset-1", world.other_card)  # it has no phone
    assert not send_reset_code(engine, "reset-1", "9991000000000000")
    code = re.search(r"\d{6}", engine.sms.messages()[0].text)[0]
    wrong = "000000" if code != "000000" else "111111"
    assert reset_pin(engine, "reset-1", world.card, wrong, NEW_PIN).field == "code"
    assert reset_pin(engine, "reset-1", world.other_card, code, NEW_PIN).field == "code"
    assert reset_pin(engine, "reset-1", world.card, code, "123456").field == "pin"
    assert reset_pin(engine, "reset-1", world.card, code, NEW_PIN) is None
    assert reset_pin(engine, "reset-1", world.card, code, NEW_PIN).field == "code"
    assert answer(engine, world, proof=CardProof(world.card, NEW_PIN))["status"] == "APPROVED"


def test_a_lost_card_sets_no_pin(engine, world):
    cards.block(engine, card_id(engine, world.card), CardState.LOST, "ani")
    assert not send_reset_code(engine, "reset-1", world.card)


def test_a_suspended_family_reads_who_and_why_and_is_restored_by_two(engine, world):
    why = (world.kpm_id, SuspensionReason.MOVED, "Dinsos Kab. Malang")
    assert suspend(engine, *why, "ani") == Asked("ani")
    assert suspend(engine, *why, "ani") == Asked("ani")
    assert answer(engine, world)["status"] == "APPROVED"  # one person alone stops nobody
    other = suspend(engine, world.kpm_id, SuspensionReason.LEFT_LIST, "Dinsos", "budi")
    assert other.field == "reason"
    assert suspend(engine, *why, "budi") is None
    assert suspend(engine, *why, "budi").field == "family_id"
    refused = answer(engine, world)
    assert refused["reason"] == "KPM_SUSPENDED"
    assert "Dinsos Kab. Malang sejak 21-11-2026" in refused["next_step"]
    assert "tercatat pindah" in refused["next_step"]
    assert object_to(engine, world.kpm_id, "Kami masih di sini") is None
    assert "sudah dicatat" in answer(engine, world)["next_step"]
    assert restore(engine, world.kpm_id, "ani") == Asked("ani")
    assert restore(engine, world.kpm_id, "budi") is None
    assert answer(engine, world)["status"] == "APPROVED"


@pytest.mark.parametrize("bad", ["", "x" * 81, "a\nb"])
def test_what_suspends_must_be_said(engine, world, bad):
    assert suspend(engine, world.kpm_id, SuspensionReason.MOVED, bad, "ani").field == "office"
    assert suspend(engine, "nobody", SuspensionReason.MOVED, "Dinsos", "a").field == "family_id"
    assert restore(engine, world.kpm_id, "ani").field == "family_id"
    assert object_to(engine, world.kpm_id, " ").field == "objection"
    assert object_to(engine, world.kpm_id, "x").field == "family_id"
