"""A cashier who is a KPM cannot serve herself: refused by every way, a colleague is named."""

import pytest

from pos_engine.services.kin import set_staff_nik
from tests.web.conftest import a_body, a_path, log_in
from tests.world import MSISDN, NIK, PIN

OWN = "Kasir tidak melayani belanja keluarganya sendiri."


@pytest.fixture
def herself(client, engine, world):
    """The cashier is a person of KPM-1."""
    assert set_staff_nik(engine, world.staff["KASIR"]["staff_id"], NIK) is None
    token = log_in(client, world.staff["KASIR"])["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_her_own_card_is_refused_and_no_money_moves(herself, world):
    before = {"method": "KKS", "card": world.card, "pin": PIN}
    answer = herself.put(a_path(), json=a_body(world, payer=before)).json()
    assert (answer["status"], answer["reason"]) == ("DECLINED", "DELEGATE_NOT_ALLOWED")
    assert answer["message"] == OWN
    assert "kasir lain" in answer["next_step"]
    assert "balance_before" not in answer


def test_identify_and_quote_tell_nothing_of_her_money(herself, world):
    ask = {"till_id": world.till_id, "method": "KKS", "card": world.card, "pin": PIN}
    answer = herself.post("/v1/payers/identify", json=ask).json()
    assert (answer["status"], answer["reason"]) == ("NOT_IDENTIFIED", "DELEGATE_NOT_ALLOWED")
    assert (answer["message"], answer["next_method"]) == (OWN, None)
    lines, payer = a_body(world)["lines"], {"method": "KKS", "card": world.card, "pin": PIN}
    quote = herself.post("/v1/quotes", json={"lines": lines, "payer": payer}).json()
    assert quote["payer_token"] is None
    assert "balance_before" not in quote


def test_a_code_does_not_help(herself, world):
    ask = {"till_id": world.till_id, "method": "PHONE", "msisdn": MSISDN, "amount": 67_000}
    path = a_path()
    answer = herself.post("/v1/payers/identify", json=ask | {"purchase_id": path[-36:]}).json()
    assert answer["reason"] == "DELEGATE_NOT_ALLOWED"


def test_a_wrong_pin_is_still_a_wrong_pin(herself, world):
    wrong = {"method": "KKS", "card": world.card, "pin": "000001"}
    answer = herself.put(a_path(), json=a_body(world, payer=wrong)).json()
    assert answer["reason"] == "PIN_WRONG"


def test_another_family_is_served_by_her_and_hers_by_a_colleague(herself, client, world):
    other = {"method": "KKS", "card": world.other_card, "pin": PIN}
    answer = herself.put(a_path(), json=a_body(world, payer=other)).json()
    assert answer["status"] == "APPROVED"
    token = log_in(client, world.staff["PEMILIK"])["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    assert client.put(a_path(), json=a_body(world)).json()["status"] == "APPROVED"
