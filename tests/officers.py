"""Two places for tests of the officers' pages: hers, and one far away that she may not see."""

from dataclasses import dataclass, replace
from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.rules.complaints import Kind
from pos_engine.rules.ids import KpmId, new_uuid7
from pos_engine.services import cards, complaints, install
from pos_engine.services.authorize import authorize
from pos_engine.services.payer import CardProof
from pos_engine.services.register import NewFamily, register_family, set_pin
from pos_engine.services.sessions import Role
from pos_engine.store.cards import cards_of
from tests.lakes import a_day_of_everything
from tests.services.test_anomalies import a_case
from tests.world import PIN, World, a_purchase, credit, rice

FAR = "94.01.01.1001"
FAR_KPM, FAR_NAME, FAR_WORDS = KpmId("KPM-94"), "Agustina Wonda", "rahasia dari jauh"
FAR_CREDIT, FAR_PRICE = 777_700, 13_331
PNG = b"\x89PNG\r\n\x1a\n" + bytes(400)


@dataclass(frozen=True)
class Far:
    """What happened far away: its ids, and the words and figures by which it would be known."""

    case_id: str
    reference: str
    card_id: str
    marks: tuple[str, ...]


def two_places(engine: Engine, world: World) -> Far:
    """A day of everything at home and, far away, one fact for every page."""
    a_day_of_everything(engine, world)
    here = _troubles(engine, world.kpm_id, world.other_kpm_id, "di sini")
    authorize(engine, a_purchase(world, proof=CardProof(world.other_card, "000000"),
                                 at=engine.now()))  # fmt: skip
    a_case(engine, world.shop_id)
    far = _far_family(engine, world)
    away = replace(world, shop_id=world.other_shop_id, till_id=world.other_till_id, card=far)
    for line in (rice(7000, FAR_PRICE), rice(1000, 14_777), rice(1000, 25_000, "ROKOK-KRETEK")):
        authorize(engine, a_purchase(away, line, at=engine.now()))
    authorize(engine, a_purchase(away, proof=CardProof(far, "000000"), at=engine.now()))
    case = a_case(engine, world.other_shop_id, region=FAR)
    reference, card_id = _troubles(engine, FAR_KPM, FAR_KPM, FAR_WORDS)
    install.add_staff(engine, "Petugas jauh", Role.DINSOS, region="94")
    assert here[0] != reference
    marks = (
        "Yosina", FAR_KPM, FAR_NAME, FAR_WORDS, world.other_shop_id, case.case_id, reference,
        str(FAR_PRICE), "13.331", str(FAR_CREDIT), "777.700", "14777", "14.777",
    )  # fmt: skip
    return Far(case.case_id, reference, card_id, marks)


def _far_family(engine: Engine, world: World) -> str:
    registered = register_family(
        engine,
        NewFamily(
            kpm_id=FAR_KPM,
            region=FAR,
            home_shop=world.other_shop_id,
            name=FAR_NAME,
            birth_date=(engine.now() - timedelta(days=15_000)).date(),
        ),
    )
    assert not isinstance(registered, install.Refused), registered
    assert set_pin(engine, FAR_KPM, PIN) is None
    credit(engine, {FAR_KPM: FAR_CREDIT}, period="2026-10")
    return registered.card


def _troubles(engine: Engine, kpm_id: str, with_card: str, words: str) -> tuple[str, str]:
    """A complaint with a photo, and a card that waits: the complaint's number, the card's id."""
    grievance = complaints.Grievance(
        KpmId(kpm_id), "PAPER", note=words, kind=Kind.OTHER, photo=PNG,
        complaint_id=new_uuid7(engine.now()),
    )  # fmt: skip
    opened = engine.database.transact(lambda tx: complaints.open_complaint(tx, engine, grievance))
    with engine.database.read() as tx:
        old = next(iter(cards_of(tx, KpmId(with_card))))
    cards.replace(engine, old.card_id, "officer-1")
    return opened.reference, old.card_id
