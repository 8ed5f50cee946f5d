"""A void over HTTP: the owner alone, her own shop, twice is once."""

import pytest

from pos_engine.rules.ids import new_uuid7
from tests.web.conftest import a_body, a_line, a_path, log_in
from tests.world import NOW, PIN


def a_void(bought, **changes):
    body = {"purchase_id": bought, "reason": "beras basi"} | changes
    return {name: value for name, value in body.items() if value is not ...}


def void_path(void_id=None):
    return f"/v1/voids/{void_id or new_uuid7(NOW)}"


@pytest.fixture
def bought(cashier, world):
    """The id of an approved purchase; the client is the owner's from here on."""
    path = a_path()
    lines = (a_line(), a_line(sku="TELUR-AYAM", quantity_milli=1000, unit_price=28_000))
    assert cashier.put(path, json=a_body(world, *lines)).json()["status"] == "APPROVED"
    return path.rpartition("/")[2]


@pytest.fixture
def owner(client, bought, world):
    token = log_in(client, world.staff["PEMILIK"])["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


def test_the_whole_purchase(owner, bought, world):
    path = void_path()
    first = owner.put(path, json=a_void(bought))
    assert first.status_code == 200
    body = first.json()
    assert (body["status"], body["amount"], body["purchase_returned"]) == ("VOIDED", 95_000, 95_000)
    again = owner.put(path, json=a_void(bought))
    assert again.content == first.content
    assert owner.get(path).content == first.content
    assert owner.get(f"/v1/purchases/{bought}").json()["status"] == "VOIDED"
    twice = owner.put(void_path(), json=a_void(bought)).json()
    assert (twice["status"], twice["reason"]) == ("DECLINED", "ALREADY_VOIDED")
    assert twice["message"]
    assert twice["next_step"]


def test_the_purchases_own_answer_stays_what_it_was(cashier, bought, world, client):
    path, stored = f"/v1/purchases/{bought}", cashier.get(f"/v1/purchases/{bought}")
    sent = a_body(world, a_line(), a_line(sku="TELUR-AYAM", quantity_milli=1000, unit_price=28_000))
    token = log_in(client, world.staff["PEMILIK"])["access_token"]
    as_owner = {"Authorization": f"Bearer {token}"}
    cashier.put(void_path(), json=a_void(bought), headers=as_owner)
    assert cashier.put(path, json=sent).content == stored.content
    day = cashier.get("/v1/purchases").json()
    assert day["total_approved"] == 0
    assert (day["purchases"][0]["status"], day["purchases"][0]["returned"]) == ("VOIDED", 95_000)
    assert cashier.get(f"{path}/receipt.svg").status_code == 200


def test_a_line_of_it(owner, bought):
    part = [{"sku": "TELUR-AYAM", "quantity_milli": 500}]
    body = owner.put(void_path(), json=a_void(bought, lines=part)).json()
    assert (body["amount"], body["lines"][0]["name"]) == (14_000, "Telur ayam ras")
    kept = owner.get(f"/v1/purchases/{bought}").json()
    assert (kept["status"], kept["returned"]) == ("APPROVED", 14_000)
    assert owner.get("/v1/purchases").json()["total_approved"] == 81_000


def test_with_the_owners_pin_and_a_payer(owner, bought, world):
    wrong = owner.put(void_path(), json=a_void(bought, pin="000000")).json()
    assert wrong["reason"] == "OWNER_PIN_WRONG"
    payer = {"method": "KKS", "card": world.card, "pin": PIN}
    pin = world.staff["PEMILIK"]["pin"]
    done = owner.put(void_path(), json=a_void(bought, pin=pin, payer=payer)).json()
    assert done["status"] == "VOIDED"


def test_a_cashier_and_an_officer_may_not(cashier, bought, world, client):
    assert cashier.put(void_path(), json=a_void(bought)).status_code == 403
    token = log_in(client, world.staff["KEMENSOS"])["access_token"]
    officer = {"Authorization": f"Bearer {token}"}
    assert cashier.put(void_path(), json=a_void(bought), headers=officer).status_code == 403


def test_what_is_not_there(owner, bought, world):
    assert owner.put(void_path(), json=a_void(new_uuid7(NOW))).status_code == 404
    assert owner.get(void_path()).status_code == 404
    path = void_path()
    owner.put(path, json=a_void(bought))
    assert owner.get(path.replace("voids", "purchases")).status_code == 404
    assert owner.get(f"/v1/voids/{bought}").status_code == 404
    other = owner.put(path, json=a_void(bought, reason="lain"))
    assert (other.status_code, other.json()["code"]) == (409, "DUPLICATE_DIFFERENT")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"x": 1}, "x"),
        ({"purchase_id": "1"}, "purchase_id"),
        ({"purchase_id": ...}, "purchase_id"),
        ({"reason": ...}, "reason"),
        ({"reason": " "}, "reason"),
        ({"reason": "a\nb"}, "reason"),
        ({"reason": "x" * 201}, "reason"),
        ({"pin": "12345"}, "pin"),
        ({"lines": []}, "lines"),
        ({"lines": [{"quantity_milli": 1}]}, "lines.0"),
        ({"lines": [{"sku": "A", "gtin": "2990000000019", "quantity_milli": 1}]}, "lines.0"),
        ({"lines": [{"sku": "A", "quantity_milli": 1.5}]}, "lines.0.quantity_milli"),
        ({"payer": {"method": "KKS", "card": "1", "pin": "493817"}}, "payer"),
    ],
    ids=str,
)
def test_malformed_is_422_and_names_the_field(owner, bought, changes, field):
    answer = owner.put(void_path(), json=a_void(bought, **changes))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert owner.get(f"/v1/purchases/{bought}").json()["status"] == "APPROVED"


def test_a_purchase_cannot_take_the_id_of_a_void(owner, bought, world):
    path = void_path()
    owner.put(path, json=a_void(bought, lines=[{"sku": "TELUR-AYAM", "quantity_milli": 500}]))
    taken = owner.put(path.replace("voids", "purchases"), json=a_body(world))
    assert (taken.status_code, taken.json()["code"]) == (409, "DUPLICATE_DIFFERENT")


def test_an_id_that_is_no_uuid7(owner, bought):
    answer = owner.put("/v1/voids/1", json=a_void(bought))
    assert answer.json()["errors"][0]["field"] == "void_id"


def test_an_owner_reads_that_nothing_was_settled_yet(owner):
    asked = {"from": "2026-11-01", "to": "2026-11-30"}
    answer = owner.get("/v1/reports/settlement", params=asked).json()
    assert answer["rows"] == []
    assert "Belum ada pembayaran" in answer["note"]
    assert "note" not in owner.get("/v1/reports/purchases", params=asked).json()
