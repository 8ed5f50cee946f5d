"""A shop's day over HTTP: X any time, Z once and by the owner, and her money."""

import pytest

from pos_engine.rules.ids import new_uuid7
from tests.sealing import faults
from tests.settling import AFTER, buy, give_account, settled
from tests.web.conftest import a_body, a_line, a_path, log_in
from tests.world import NOW, PIN

DAY = "2026-11-21"


def a_close(**changes):
    cash = {"opening": 200_000, "sales": 30_000, "taken_in": 0, "taken_out": 5_000}
    body = {
        "close_id": new_uuid7(NOW),
        "day": DAY,
        "cash": cash | {"counted": 224_000} | changes.pop("cash", {}),
    }
    return body | changes


def as_role(client, world, role):
    token = log_in(client, world.staff[role])["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    return client


@pytest.fixture
def owner(client, cashier, world):
    """One purchase, one refusal and one void of the cashier; the client is the owner's."""
    kept, gone = a_path(), a_path()
    assert cashier.put(kept, json=a_body(world)).json()["status"] == "APPROVED"
    assert cashier.put(gone, json=a_body(world)).json()["status"] == "APPROVED"
    dear = a_line(unit_price=99_000)
    assert cashier.put(a_path(), json=a_body(world, dear)).json()["status"] == "DECLINED"
    as_role(client, world, "PEMILIK")
    void = {"purchase_id": gone.rpartition("/")[2], "reason": "salah barang"}
    done = client.put(f"/v1/voids/{new_uuid7(NOW)}", json=void).json()
    assert done["status"] == "VOIDED"
    return client


@pytest.fixture
def day(world):
    return f"/v1/shops/{world.shop_id}/day"


def test_x_says_what_was_sold_and_what_came_back(owner, day, world):
    seen = owner.get(day).json()
    assert (seen["day"], seen["net"]) == (DAY, 67_000)
    [till] = seen["tills"]
    assert till["till_id"] == world.till_id
    assert till["approved"] == {"count": 2, "amount": 134_000}
    assert till["returned"] == {"count": 1, "amount": 67_000}
    assert (till["declined"], till["net"], till["closed"]) == (1, 67_000, None)
    assert seen["methods"] == [{"method": "KKS", "count": 2, "amount": 134_000}]
    assert owner.get(day, params={"day": "2026-11-20"}).json()["tills"] == []


def test_z_once_with_the_cash_as_counted(owner, day, engine):
    asked = a_close()
    first = owner.post(f"{day}/close", json=asked)
    assert first.status_code == 200, first.text
    body = first.json()
    assert body["cash"]["expected"] == 225_000
    assert body["cash"]["difference"] == -1_000
    assert body["sold"] == {
        "approved": 2, "amount": 134_000, "returned": 1, "returned_amount": 67_000, "declined": 1,
    }  # fmt: skip
    assert "TUTUP KAS (Z)" in body["text"]
    assert owner.post(f"{day}/close", json=asked).content == first.content
    other = owner.post(f"{day}/close", json=a_close())
    assert (other.status_code, other.json()["code"]) == (409, "DAY_CLOSED")
    changed = owner.post(f"{day}/close", json=asked | {"cash": asked["cash"] | {"counted": 1}})
    assert (changed.status_code, changed.json()["code"]) == (409, "DUPLICATE_DIFFERENT")
    assert owner.get(day).json()["tills"][0]["closed"] == body
    assert faults(engine) == []


def test_a_sale_after_z_is_seen_in_x_and_changes_nothing_in_z(owner, day, world, client):
    closed = owner.post(f"{day}/close", json=a_close()).json()
    as_role(client, world, "KASIR")
    assert client.put(a_path(), json=a_body(world)).json()["status"] == "APPROVED"
    as_role(client, world, "PEMILIK")
    [till] = client.get(day).json()["tills"]
    assert till["approved"]["count"] == 3
    assert till["closed"] == closed


def test_unsent_sales_stop_z_until_the_owner_hands_them_over(owner, day):
    left = {"count": 3, "amount": 245_000}
    asked = a_close(unsent=left)
    refused = owner.post(f"{day}/close", json=asked)
    assert (refused.status_code, refused.json()["code"]) == (409, "UNSENT_SALES")
    assert refused.json()["detail"].startswith("3 belanja (Rp245.000) belum terkirim.")
    handed = asked | {"unsent": left | {"handed_over": True}}
    closed = owner.post(f"{day}/close", json=handed).json()
    assert closed["unsent"] == left
    assert "Belum terkirim 3" in closed["text"]


@pytest.mark.parametrize("wrong", ["2026-11-22", "2026-11-13"])
def test_a_day_to_come_or_long_gone_is_not_closed(owner, day, wrong):
    answer = owner.post(f"{day}/close", json=a_close(day=wrong))
    assert (answer.status_code, answer.json()["code"]) == (409, "DAY_NOT_OPEN")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"close_id": "1"}, "close_id"),
        ({"day": "21-11-2026"}, "day"),
        ({"x": 1}, "x"),
        ({"cash": {"counted": -1}}, "cash.counted"),
        ({"cash": {"counted": 1.5}}, "cash.counted"),
        ({"cash": {"opening": True}}, "cash.opening"),
        ({"cash": {"counted": 10**12}}, "cash.counted"),
        ({"cash": {"tip": 1}}, "cash.tip"),
        ({"unsent": {"count": -1}}, "unsent.count"),
        ({"unsent": {"handed_over": "ya"}}, "unsent.handed_over"),
        ({"till_id": "T-OTHER"}, "till_id"),
    ],
    ids=str,
)
def test_malformed_is_422_and_nothing_is_closed(owner, day, changes, field):
    answer = owner.post(f"{day}/close", json=a_close(**changes))
    assert answer.status_code == 422, answer.text
    assert answer.json()["errors"][0]["field"].startswith(field)
    assert owner.get(day).json()["tills"][0]["closed"] is None


def test_only_the_owner_and_only_her_own_shop(owner, day, world, client):
    paths = (day, day.replace("/day", "/money"))
    other = f"/v1/shops/{world.other_shop_id}/day"
    for path in (other, other.replace("/day", "/money")):
        assert owner.get(path).status_code == 404
    assert owner.post(f"{other}/close", json=a_close()).status_code == 404
    for role in ("KASIR", "KASIR-2", "KEMENSOS", "DINSOS", "PENDAMPING"):
        as_role(client, world, role)
        assert [client.get(path).status_code for path in paths] == [403, 403], role
        assert client.post(f"{day}/close", json=a_close()).status_code == 403, role
    del client.headers["Authorization"]
    assert client.get(day).status_code == 401


def test_money_waits_is_sent_and_names_the_transfer(engine, client, world, clock):
    money = f"/v1/shops/{world.shop_id}/money"
    give_account(engine, world.shop_id)
    buy(engine, world, clock)
    waiting = as_role(client, world, "PEMILIK").get(money).json()
    assert (waiting["not_settled"], waiting["days"]) == (13_400, [])
    assert waiting["account"]["number"].endswith("7890")
    assert "1234567890" not in str(waiting)
    settled(engine, clock)
    clock.at = AFTER.replace(hour=18)
    buy(engine, world, clock, kilos=2)
    seen = as_role(client, world, "PEMILIK").get(money).json()
    assert seen["not_settled"] == 26_800
    [sent] = seen["days"]
    assert (sent["amount"], sent["sent"], sent["received"], sent["waiting"]) == (
        13_400,
        13_400,
        0,
        0,
    )
    assert sent["reference"].startswith("EW2611")


def test_money_without_an_account_says_why_it_waits(engine, client, world, clock):
    buy(engine, world, clock)
    settled(engine, clock)
    money = f"/v1/shops/{world.shop_id}/money"
    seen = as_role(client, world, "PEMILIK").get(money).json()
    assert seen["account"] is None
    [held] = seen["days"]
    assert (held["waiting"], held["waits_for"]) == (13_400, "NO_ACCOUNT")
    assert PIN not in str(seen)
