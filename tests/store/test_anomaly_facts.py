"""What the rules read of the database beside the lake, on both databases."""

from datetime import timedelta

from pos_engine.rules.ids import new_uuid7
from pos_engine.services.cards import distribute, replace
from pos_engine.services.install import Refused
from pos_engine.store import anomaly_facts, cards
from pos_engine.store.anomaly_facts import CARD, PHONE
from pos_engine.store.till_notes import CardTold, keep_card_note
from tests.world import NOW


def test_a_first_card_is_no_change_and_a_second_one_is(engine, world, clock):
    with engine.database.read() as tx:
        [first] = cards.cards_of(tx, world.kpm_id)
    distribute(engine, first.card_id, "officer-1")
    clock.advance(hours=1)
    made = replace(engine, first.card_id, "officer-1")
    assert not isinstance(made, Refused), made
    with engine.database.read() as tx:
        found = list(anomaly_facts.changes(tx, NOW, NOW + timedelta(days=1)))
    of_card = sorted((each.kpm_id, each.replaces) for each in found if each.what == CARD)
    assert of_card == [("KPM-1", False), ("KPM-1", True), ("KPM-2", False)]
    assert [(each.kpm_id, each.replaces) for each in found if each.what == PHONE] == [
        ("KPM-1", False)
    ]
    [fresh] = [each for each in found if each.replaces]
    assert (fresh.officer, fresh.at) == ("officer-1", NOW + timedelta(hours=1))


def test_cards_by_shop_day_and_kind_and_no_faces_alike(engine, world):
    day = NOW.date()
    with engine.database.begin() as tx:
        for _ in range(2):
            note = CardTold(
                new_uuid7(NOW), world.shop_id, world.till_id, "s", "TYPED", day, None, NOW
            )
            keep_card_note(tx, note)
    with engine.database.read() as tx:
        assert anomaly_facts.card_notes(tx, day, day) == [(world.shop_id, day, "TYPED", 2)]
        assert anomaly_facts.card_notes(tx, day + timedelta(1), day + timedelta(2)) == []
        assert anomaly_facts.alike(tx, 0.45) == []
