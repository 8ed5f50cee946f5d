"""From what people did at a till to a case on the officers' page: the rules of the night, whole."""

from datetime import UTC, datetime

import pytest

from pos_engine.rules.ids import KpmId
from pos_engine.services import anomaly_nightly, cards
from pos_engine.services.identification import Status, asked_at
from pos_engine.services.identify_face import FaceAsk, identify_face
from pos_engine.services.payer import CardProof, Place
from pos_engine.services.register import NewFamily, register_family, set_pin
from pos_engine.services.sessions import open_session
from pos_engine.store import anomalies
from pos_engine.store import cards as card_store
from pos_engine.store.anomalies import Wanted
from tests.enrolling import Office
from tests.lakes import with_lake, write
from tests.named_faces import shots
from tests.returning import buy
from tests.world import BORN, PIN, credit, rice

NIGHT = datetime(2026, 11, 23, 18, 30, tzinfo=UTC)  # half past one on the 24th by WIB
NOVEMBER = {"dari": "2026-11-01", "sampai": "2026-11-30"}
FACE_TO_PAYMENT_S = 60


@pytest.fixture
def watched(engine, tmp_path):
    """The engine with a lake."""
    return with_lake(engine, tmp_path)


def a_neighbour(engine, world, kpm_id):
    """A family of the shop with a card, a PIN and money: its card number."""
    asked = NewFamily(
        kpm_id=KpmId(kpm_id), region="35.07.13.2001", home_shop=world.shop_id,
        name="Rini Astuti", birth_date=BORN,
    )  # fmt: skip
    card = register_family(engine, asked).card
    assert set_pin(engine, KpmId(kpm_id), PIN) is None
    credit(engine, {kpm_id: 200_000})
    return card


def at_night(engine, clock):
    write(engine)
    clock.advance(seconds=(NIGHT - clock.at).total_seconds())
    return anomaly_nightly.step(engine)


def page(client, world):
    client.post("/kemensos/masuk", data=world.staff["KEMENSOS"])
    return client.get("/kemensos/kejanggalan", params=NOVEMBER)


def cases(engine, rule):
    with engine.database.read() as tx:
        return [each for each in anomalies.listed(tx, Wanted()) if each.rule == rule]


def test_one_face_and_three_families_that_pay_is_a_case_by_morning(watched, world, clock, client):
    office = Office(watched, world)
    payers = [world.other_card, *(a_neighbour(watched, world, f"KPM-{n}") for n in (3, 4))]
    office.enrol("siti")
    session = open_session(watched, **world.staff["KASIR"]).session
    place = Place(world.shop_id, world.till_id)
    for card in payers:
        clock.advance(minutes=20)
        asked = asked_at(office.engine, session, place, None)
        found = identify_face(office.engine, asked, FaceAsk(shots("siti", 1, first=9)))
        assert found.status is Status.STEP_UP
        clock.advance(seconds=FACE_TO_PAYMENT_S)
        buy(watched, world, rice(1000), proof=CardProof(card, PIN))
    assert at_night(watched, clock) == ["2026-11"]
    [case] = cases(watched, "R8")
    assert (case.subject_id, case.counted) == (world.shop_id, 3)
    shown = page(client, world)
    assert case.case_id in shown.text
    assert "3 keluarga lain membayar" in client.get(f"/kemensos/kejanggalan/{case.case_id}").text
    assert anomaly_nightly.step(watched) == []  # once a night


def test_cards_changed_used_and_changed_again_are_a_case_by_morning(watched, world, clock, client):
    with watched.database.read() as tx:
        [first] = card_store.cards_of(tx, world.kpm_id)
    cards.distribute(watched, first.card_id, "officer-1")
    card_id = first.card_id
    for _ in range(4):  # three of them are used, then changed again
        clock.advance(hours=5)
        made = cards.replace(watched, card_id, "officer-1")
        cards.distribute(watched, made.card_id, "officer-1")
        card_id = made.card_id
        clock.advance(hours=1)
        buy(watched, world, rice(500), proof=CardProof(made.card, PIN))
    assert at_night(watched, clock) == ["2026-11"]
    [case] = cases(watched, "R12")
    assert (case.subject_id, case.counted) == (world.shop_id, 3)
    assert case.case_id in page(client, world).text
    again = buy(watched, world, rice(500), proof=CardProof(made.card, PIN))
    assert again  # whatever the shop's score, she is served
