"""Shops and baskets over HTTP: roles, scopes, pictures, sentences."""

import base64

import pytest

from pos_engine.rules.ids import new_uuid7
from tests.sim.psp import NMID, join
from tests.web.conftest import a_line, log_in
from tests.world import NIK, NOW

PHOTO = base64.b64encode(b"\xff\xd8\xff a photo").decode()


def a_body(**changes):
    return {
        "shop_id": new_uuid7(NOW),
        "name": "Warung Baru",
        "region": "35.07.13.2001",
        "owner": {"name": "Budi Santoso", "nik": NIK},
        "account": {"bank": "BRI", "number": "1234567890", "holder": "Budi Santoso"},
        "photo": PHOTO,
    } | changes


@pytest.fixture
def as_role(client, world):
    def become(role):
        token = log_in(client, world.staff[role])["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return client

    return become


def test_from_the_field_to_the_code_on_the_wall(as_role, engine, world):
    field = as_role("PENDAMPING")
    made = field.post("/v1/shops", json=a_body())
    assert made.status_code == 201, made.text
    shop_id = made.json()["shop_id"]
    assert NIK not in made.text
    assert field.post(f"/v1/shops/{shop_id}/approve").status_code == 403
    assert field.get(f"/v1/shops/{shop_id}").json().keys() & {"owner", "account"} == set()
    office = as_role("DINSOS")
    [waiting] = office.get("/v1/shops").json()["shops"]
    assert waiting["shop_id"] == shop_id
    seen = office.get(f"/v1/shops/{shop_id}").json()
    assert seen["owner"] == {"name": "B*** S******", "nik": f"************{NIK[-4:]}"}
    assert seen["account"]["number"] == "****7890"
    assert office.get(f"/v1/shops/{shop_id}/photo").content == base64.b64decode(PHOTO)
    approved = office.post(f"/v1/shops/{shop_id}/approve").json()
    assert (approved["status"], approved["nmid_status"]) == ("APPROVED", "NMID_PENDING")
    pending = office.get(f"/v1/shops/{shop_id}/qris.png")
    assert (pending.status_code, pending.json()["code"]) == (409, "NMID_PENDING")
    partner = join(engine, {})
    given = {
        "nmid": NMID,
        "domain": "ID.CO.EXAMPLE.WWW",
        "mpan": "936009990000000001",
        "merchant_id": "MID0001",
        "criteria": "UMI",
        "postal_code": "65111",
        "partner_id": partner.partner_id,
    }
    assert office.post(f"/v1/shops/{shop_id}/nmid", json=given).json()["nmid"] == NMID
    picture = office.get(f"/v1/shops/{shop_id}/qris.png")
    assert picture.content.startswith(b"\x89PNG")
    assert b"<svg" in office.get(f"/v1/shops/{shop_id}/qris.svg?amount=5000").content
    sheet = office.get(f"/v1/shops/{shop_id}/qris.html").text
    assert "Warung Baru" in sheet
    assert NMID in sheet
    assert as_role("KASIR").get(f"/v1/shops/{shop_id}/qris.png").status_code == 404


def test_the_second_person_is_another_person(as_role):
    office = as_role("DINSOS")
    shop_id = office.post("/v1/shops", json=a_body()).json()["shop_id"]
    refused = office.post(f"/v1/shops/{shop_id}/approve")
    assert (refused.status_code, refused.json()["code"]) == (403, "SECOND_PERSON_NEEDED")
    assert office.get("/v1/shops/%00/photo").status_code == 422


@pytest.mark.parametrize("role", ["KASIR", "PEMILIK", "KEMENSOS"])
def test_others_take_no_shop_down(as_role, role):
    assert as_role(role).post("/v1/shops", json=a_body()).status_code == 403


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"region": "99.99"}, "region"),
        ({"owner": {"name": "B", "nik": "123"}}, "owner.nik"),
        ({"account": {"bank": "BRI", "number": "12a", "holder": "B"}}, "account.number"),
        ({"photo": "R0lGODlh"}, "photo"),
        ({"photo": "*"}, "photo"),
        ({"name": ""}, "name"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_malformed_application_names_its_field(as_role, changes, field):
    answer = as_role("PENDAMPING").post("/v1/shops", json=a_body(**changes))
    assert answer.status_code == 422
    assert field in {each["field"] for each in answer.json()["errors"]}


def test_a_basket_by_the_till(as_role, engine, world):
    join(engine, {world.shop_id: NMID})
    till = as_role("KASIR")
    path = f"/v1/baskets/{new_uuid7(NOW)}"
    held = till.put(path, json={"till_id": world.till_id, "lines": [a_line()]}).json()
    assert (held["status"], held["amount"]) == ("OPEN", 67_000)
    assert till.get(path).json() == held
    query = f"amount=67000&reference={held['reference']}"
    png = f"/v1/shops/{world.shop_id}/qris.png?"
    assert till.get(png + query).status_code == 200
    wrong = till.get(f"{png}amount=1&reference={held['reference']}")
    assert (wrong.status_code, wrong.json()["code"]) == (409, "AMOUNT_DIFFERS")
    assert till.get(f"{png}amount=1&reference={'0' * 25}").status_code == 404
    assert till.get("/v1/shops/nowhere/qris.png").status_code == 404
    other = till.put(path, json={"till_id": world.till_id, "lines": []})
    assert (other.status_code, other.json()["code"]) == (409, "DUPLICATE_DIFFERENT")
    banned = {"till_id": world.till_id, "lines": [a_line(sku="ROKOK-KRETEK")]}
    refused = till.put(f"/v1/baskets/{new_uuid7(NOW)}", json=banned).json()
    assert (refused["status"], refused["reason"]) == ("DECLINED", "ITEM_BANNED")
    assert refused["message"]
    assert till.put("/v1/baskets/1", json=banned).status_code == 422
    assert as_role("KASIR-2").get(path).status_code == 404


def test_a_basket_of_a_shop_without_nmid_says_how_to_pay(as_role, world):
    body = {"till_id": world.till_id, "lines": [a_line()]}
    held = as_role("KASIR").put(f"/v1/baskets/{new_uuid7(NOW)}", json=body).json()
    assert held["payload"] is None
    assert "NMID" in held["message"]
