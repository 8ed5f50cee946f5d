"""Over HTTP with several databases: purchases go their way, what asks one alone says so."""

import pytest
from fastapi.testclient import TestClient

from pos_engine.rules.ids import new_uuid7
from pos_engine.web.app import create_app
from tests.splitting import settle_in, split_engine
from tests.world import NOW, PIN


@pytest.fixture
def served(databases, keys, clock):
    url, world = databases.copy("sqlite")
    other = databases.empty("sqlite")
    two = settle_in((url, other), world, keys, 1)
    with TestClient(create_app(split_engine(two.urls, keys, clock))) as client:
        opened = client.post("/v1/sessions", json=world.staff["KASIR"]).json()
        client.headers["Authorization"] = f"Bearer {opened['access_token']}"
        yield client, two
    databases.drop(url)
    databases.drop(other)


def body(two, side):
    return {
        "till_id": two.world.till_id,
        "occurred_at": NOW.isoformat(),
        "payer": {"method": "KKS", "card": two.cards[side][0], "pin": PIN},
        "lines": [{"sku": "BERAS-MEDIUM", "quantity_milli": 100, "unit_price": 13_000}],
    }


def test_a_purchase_its_repeat_its_rival_and_its_receipt(served):
    client, two = served
    path = f"/v1/purchases/{new_uuid7(NOW)}"
    first = client.put(path, json=body(two, 1))
    assert first.json()["status"] == "APPROVED"
    assert client.put(path, json=body(two, 1)).content == first.content
    assert client.get(path).content == first.content
    rival = client.put(path, json=body(two, 0))
    assert (rival.status_code, rival.json()["code"]) == (409, "DUPLICATE_DIFFERENT")
    assert client.get(f"{path}/receipt.svg").status_code == 200
    listed = client.get("/v1/purchases?day=today").json()
    assert listed["total_approved"] == 1_300
    assert client.delete("/v1/sessions").status_code == 204
    assert client.put(path, json=body(two, 1)).status_code == 401


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/v1/quotes"),
        ("POST", "/v1/payers/identify"),
        ("PUT", f"/v1/purchases/{new_uuid7(NOW)}/void"),
        ("GET", "/v1/reports/daily"),
    ],
    ids=["quote", "identify", "void", "report"],
)
def test_what_asks_one_database_alone_says_so(served, method, path):
    client, _ = served
    refused = client.request(method, path, json={})
    assert (refused.status_code, refused.json()["code"]) == (503, "ONE_DATABASE_ONLY")
