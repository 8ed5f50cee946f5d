"""The public proof of a receipt over HTTP, and its page."""

import json
import re

import pytest

from pos_engine.rules.audit import Proof, proof_holds
from pos_engine.rules.merkle import Side, Step
from pos_engine.services.day import stored_answer
from tests.sealing import close, sell

PAGE_BYTES_MAX = 30 * 1024


@pytest.fixture
def receipt(engine, world):
    answer = stored_answer(engine, world.shop_id, sell(engine, world))
    return json.loads(answer)["receipt"]


def proof_of(body):
    [plain] = body["proofs"]
    for name in ("path", "seal_path"):
        plain[name] = tuple(Step(Side(side), bytes.fromhex(text)) for side, text in plain[name])
    return Proof(**plain | {"leaf": bytes.fromhex(plain["leaf"])})


def test_anyone_gets_the_proof_by_number_or_leaf(client, engine, clock, receipt):
    path = f"/v1/receipts/{receipt['number']}/proof"
    assert client.get(path).json() == {"state": "OPEN", "day": "2026-11-21", "proofs": []}
    closed = close(engine, clock)
    body = client.get(path).json()
    assert (body["state"], body["signature"]) == ("RECORDED", closed.signature)
    assert proof_holds(proof_of(body))
    assert client.get(f"/v1/receipts/{receipt['leaf']}/proof").json()["state"] == "RECORDED"
    assert client.get("/v1/receipts/3507-261121-00000000/proof").json()["state"] == "MISSING"


def test_an_unknown_leaf_and_a_strange_name(client):
    unknown = client.get(f"/v1/receipts/{'ab' * 32}/proof")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "NOT_FOUND")
    for name in ("x", "3507-261121-1a2b3c4d", "AB" * 32, "%00", "3507-261121-1A2B3C4D%0A"):
        strange = client.get(f"/v1/receipts/{name}/proof")
        assert (strange.status_code, strange.json()["code"]) == (422, "MALFORMED")


def test_a_number_of_no_day_is_not_found(client):
    assert client.get("/v1/receipts/3507-269921-1A2B3C4D/proof").status_code == 404


def test_the_page_is_small_and_needs_nothing_else(client, engine, clock, receipt):
    close(engine, clock)
    path = f"/v1/receipts/{receipt['number']}/proof"
    page = client.get(path, headers={"Accept": "text/html,*/*"})
    assert page.headers["content-type"].startswith("text/html")
    assert len(page.content) <= PAGE_BYTES_MAX
    assert not re.search(r"""(src|href)=|https?:|url\(|@import""", page.text)
    policy = page.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert receipt["number"] in page.text
