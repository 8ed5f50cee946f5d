"""A shop is taken down by one officer, decided by another, and gets its NMID from its provider."""

import threading

import cv2
import numpy as np
import pytest

from pos_engine.rules.ids import PurchaseId, new_uuid7
from pos_engine.rules.qris import BasketState, QrisRefusal
from pos_engine.services import shop_onboarding as onboarding
from pos_engine.services import shop_papers
from pos_engine.services.authorize import authorize
from pos_engine.services.baskets import hold, look
from pos_engine.services.confirm_basket import Confirmed, confirm_basket, proof_for, scan
from pos_engine.services.payer import CardProof, Place
from pos_engine.services.purchase import NotDecided
from pos_engine.services.qr_picture import png_of
from pos_engine.services.shop_nmid import give_nmid
from pos_engine.services.shop_onboarding import Actor, ShopProblem, Standing
from pos_engine.services.shop_papers import Account, NewShop
from pos_engine.store import shops
from pos_engine.wire.qris_build import Merchant, build, reference_of
from tests.sim.psp import NMID, OTHER_NMID, join, merchant
from tests.world import NIK, NOW, PIN, a_purchase, rice

FIELD, OFFICE = Actor("field-1", "35.07"), Actor("office-1", "35.07")
COST = 67_000


def a_shop(**changes) -> NewShop:
    return NewShop(
        **{
            "shop_id": new_uuid7(NOW),
            "name": "Warung Baru",
            "region": "35.07.13.2001",
            "owner_name": "Budi Santoso",
            "owner_nik": NIK,
            "account": Account("BRI", "1234567890", "Budi Santoso"),
            "photo": b"\x89PNG\r\n\x1a\n rest",
        }
        | changes
    )


def test_a_shop_is_open_in_minutes_by_two_people(engine):
    new = a_shop()
    applied = onboarding.apply(engine, FIELD, new)
    assert isinstance(applied, Standing)
    assert (applied.application.status, applied.nmid_state) == ("APPLIED", None)
    assert isinstance(onboarding.apply(engine, FIELD, new), Standing)
    other = a_shop(shop_id=new.shop_id, name="Other")
    assert onboarding.apply(engine, FIELD, other) is ShopProblem.DUPLICATE_DIFFERENT
    with engine.database.read() as tx:
        assert shops.find_shop(tx, new.shop_id) is None  # nothing sells before the approval
    assert onboarding.approve(engine, FIELD, new.shop_id) is ShopProblem.SECOND_PERSON_NEEDED
    approved = onboarding.approve(engine, OFFICE, new.shop_id)
    assert isinstance(approved, Standing)
    assert approved.nmid_state == "NMID_PENDING"
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, new.shop_id)
        assert shop.status == "ACTIVE"
        assert shops.find_till_shop(tx, approved.application.till_id) == new.shop_id
    assert onboarding.reject(engine, OFFICE, new.shop_id, "late") is ShopProblem.WRONG_STATUS
    partner = join(engine, {})
    given = give_nmid(engine, OFFICE, new.shop_id, merchant(partner.partner_id))
    assert given.nmid == NMID
    again = give_nmid(engine, OFFICE, new.shop_id, merchant(partner.partner_id))
    assert again == given
    taken = give_nmid(engine, OFFICE, new.shop_id, merchant(partner.partner_id, OTHER_NMID))
    assert taken is ShopProblem.NMID_TAKEN
    assert onboarding.standing(engine, "35.07", new.shop_id).nmid_state == "NMID_GIVEN"


def test_owner_account_and_photo_are_sealed(engine):
    new = a_shop()
    applied = onboarding.apply(engine, FIELD, new)
    row = applied.application
    for sealed in (row.owner_sealed, row.account_sealed, row.photo_sealed, row.content):
        assert NIK.encode() not in sealed
        assert b"Budi" not in sealed
    assert shop_papers.owner_of(engine, row) == ("Budi Santoso", NIK)
    assert shop_papers.account_of(engine, row) == new.account
    assert shop_papers.photo_of(engine, row) == (new.photo, "image/png")
    second = onboarding.apply(engine, FIELD, a_shop(photo=None))
    assert second.owner_shops == 2  # an owner of many shops is seen by who decides
    assert shop_papers.photo_of(engine, second.application) is None


def test_what_is_refused_at_the_application(engine):
    cases = {
        ShopProblem.PLACE_UNKNOWN: a_shop(region="35.07"),
        ShopProblem.PLACE_OUTSIDE: a_shop(region="94.01.01.1001"),
        ShopProblem.PHOTO_UNREADABLE: a_shop(photo=b"GIF89a"),
    }
    for problem, new in cases.items():
        assert onboarding.apply(engine, FIELD, new) is problem
    stranger = Actor("office-2", "94")
    new = a_shop()
    onboarding.apply(engine, FIELD, new)
    assert onboarding.approve(engine, stranger, new.shop_id) is ShopProblem.NOT_FOUND
    assert onboarding.standing(engine, "94", new.shop_id) is None
    rejected = onboarding.reject(engine, OFFICE, new.shop_id, "Alamat tidak tetap")
    assert rejected.application.reason == "Alamat tidak tetap"
    assert rejected.nmid_state is None
    assert onboarding.approve(engine, OFFICE, new.shop_id) is ShopProblem.WRONG_STATUS


def test_an_nmid_belongs_to_one_shop_of_a_known_provider(engine, world):
    partner = join(engine, {world.shop_id: NMID})
    given = merchant(partner.partner_id)
    assert give_nmid(engine, Actor("x", None), world.other_shop_id, given) is (
        ShopProblem.NMID_TAKEN
    )
    wrong = merchant(partner.partner_id, "ID1")
    assert give_nmid(engine, OFFICE, world.shop_id, wrong) is ShopProblem.NMID_WRONG
    assert give_nmid(engine, OFFICE, world.shop_id, merchant("nobody")) is (
        ShopProblem.PARTNER_UNKNOWN
    )
    assert give_nmid(engine, OFFICE, "nowhere", given) is ShopProblem.NOT_FOUND


def hold_at(engine, world, *lines, purchase_id=None):
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, world.shop_id)
    place = Place(world.shop_id, world.till_id)
    new = PurchaseId(purchase_id or new_uuid7(engine.now()))
    return hold(engine, shop, place, "staff-1", new, lines or (rice(),))


def test_a_basket_is_held_once_and_shown_while_it_is_open(engine, world, clock):
    waiting = hold_at(engine, world)
    assert (waiting.state, waiting.payload) == (BasketState.OPEN, None)  # no NMID yet
    join(engine, {world.shop_id: NMID})
    held = hold_at(engine, world)
    clock.advance(minutes=5)
    same = hold_at(engine, world, purchase_id=held.basket.purchase_id)
    assert same.basket == held.basket  # its expiry is the first one
    other = hold_at(engine, world, rice(quantity_milli=1), purchase_id=held.basket.purchase_id)
    assert other is NotDecided.DUPLICATE_DIFFERENT
    assert scan(engine, held.payload).basket == held.basket
    clock.advance(minutes=6)
    assert look(engine, held.basket.purchase_id).state is BasketState.EXPIRED
    assert scan(engine, held.payload) is QrisRefusal.BASKET_EXPIRED
    proof = proof_for(engine, held.basket, world.kpm_id, "KPM-1")
    assert confirm_basket(engine, held.basket.purchase_id, proof) is QrisRefusal.BASKET_EXPIRED
    assert confirm_basket(engine, new_uuid7(NOW), proof) is QrisRefusal.BASKET_UNKNOWN
    assert look(engine, new_uuid7(NOW)) is None


def test_the_picture_of_a_code_is_read_by_a_camera(engine, world):
    join(engine, {world.shop_id: NMID})
    payload = hold_at(engine, world).payload
    assert "Kab. Malang" in payload
    picture = cv2.imdecode(np.frombuffer(png_of(payload), np.uint8), cv2.IMREAD_COLOR)
    assert cv2.QRCodeDetectorAruco().detectAndDecode(picture)[0] == payload


def test_a_sold_id_is_no_basket(engine, world):
    request = a_purchase(world)
    authorize(engine, request)
    held = hold_at(engine, world, purchase_id=request.purchase_id)
    assert held is NotDecided.DUPLICATE_DIFFERENT


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ((rice(unit_price=20_000),), "PRICE_ABOVE_CEILING"),
        ((rice(sku="ROKOK-KRETEK"),), "ITEM_BANNED"),
        (tuple(rice() for _ in range(51)), "BASKET_TOO_LARGE"),
        ((rice(quantity_milli=999_000, unit_price=13_400),), "LIMIT_REACHED"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_unlawful_basket_shows_no_code(engine, world, lines, reason):
    join(engine, {world.shop_id: NMID})
    held = hold_at(engine, world, *lines)
    assert (held.state, held.payload, held.refused) == (BasketState.DECLINED, None, reason)
    proof = proof_for(engine, held.basket, world.kpm_id, "KPM-1")
    refused = confirm_basket(engine, held.basket.purchase_id, proof)
    assert refused is QrisRefusal.BASKET_NOT_LAWFUL


def test_a_forged_sticker_is_seen(engine, world):
    partner = join(engine, {world.shop_id: NMID, world.other_shop_id: OTHER_NMID})
    assert partner.partner_id
    held = hold_at(engine, world)
    good = held.payload
    assert scan(engine, good.replace(NMID, OTHER_NMID)) is QrisRefusal.CODE_BROKEN  # check digits
    forged = forged_code(engine, OTHER_NMID, held)
    assert scan(engine, forged) is QrisRefusal.OTHER_SHOP
    assert scan(engine, forged_code(engine, "ID0000000000000", held)) is QrisRefusal.SHOP_UNKNOWN
    assert scan(engine, forged_code(engine, NMID, held, amount=1)) is QrisRefusal.AMOUNT_DIFFERS
    assert scan(engine, forged_code(engine, NMID, held, reference="0" * 25)) is (
        QrisRefusal.BASKET_UNKNOWN
    )
    assert scan(engine, "https://example.org") is QrisRefusal.CODE_BROKEN


def forged_code(engine, nmid, held, **changes) -> str:

    card = Merchant(
        "ID.CO.EXAMPLE.WWW", "936009990000000001", "MID0001", "UMI", nmid, "5411", "A", "B", "65111"
    )
    what = {"amount": COST, "reference": reference_of(held.basket.purchase_id)} | changes
    return build(card, **what)


def test_one_basket_is_paid_by_one_family(engine, world):
    join(engine, {world.shop_id: NMID})
    held = hold_at(engine, world)
    families = [(world.kpm_id, "KPM-1"), (world.other_kpm_id, "KPM-2")]
    done = []

    def pay(kpm_id, person_id):
        proof = proof_for(engine, held.basket, kpm_id, person_id)
        done.append(confirm_basket(engine, held.basket.purchase_id, proof))

    threads = [threading.Thread(target=pay, args=each) for each in families]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [each for each in done if each is QrisRefusal.PAID_ALREADY]
    [paid] = [each for each in done if isinstance(each, Confirmed)]
    assert paid.answer["status"] == "APPROVED"
    assert look(engine, held.basket.purchase_id).state is BasketState.PAID_AID


def test_a_basket_that_was_refused_to_one_family_needs_a_new_code_for_another(engine, world):
    purchase_id = hold_at(engine, world).basket.purchase_id
    refused = confirm_basket(engine, purchase_id, CardProof(world.card, "000000"))
    assert refused.answer["reason"] == "PIN_WRONG"
    other = confirm_basket(engine, purchase_id, CardProof(world.other_card, PIN))
    assert other is QrisRefusal.BASKET_EXPIRED  # "ask the cashier for a new code"


def test_the_same_family_again_gets_the_same_answer_by_any_proof(engine, world, clock):
    held = hold_at(engine, world)
    purchase_id = held.basket.purchase_id
    first = confirm_basket(engine, purchase_id, CardProof(world.card, PIN))
    clock.advance(minutes=30)
    again = confirm_basket(engine, purchase_id, proof_for(engine, held.basket, world.kpm_id, "x"))
    assert first == again
    assert isinstance(first, Confirmed)
