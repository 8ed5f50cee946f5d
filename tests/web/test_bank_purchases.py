"""Purchases on a bank's money over HTTP: the short way, pending, ways told before a photograph."""

import threading
from contextlib import closing

import pytest
from fastapi.testclient import TestClient

from pos_engine.rules.ids import new_uuid7
from pos_engine.switch.simulated import Mode
from pos_engine.web.app import create_app
from tests.banking import KSN, PAN, PIN_BLOCK, banked, soon
from tests.sim.bank import playing
from tests.web.conftest import a_body, a_path, log_in
from tests.world import NOW

CARD = {"method": "KKS", "card": PAN, "pin_block": PIN_BLOCK, "ksn": KSN}


@pytest.fixture(scope="module")
def five():
    with playing() as played:
        yield played


@pytest.fixture
def at_bank(engine, world, five):
    five["BRI"].mode, five["BRI"].delay_s = Mode.ANSWER, 0.4
    agreed = (("BRI", "FACE", "812"),)
    ready = banked(engine, world, five, methods=agreed, answer_s=2.0)
    with closing(ready.banks):
        app = create_app(ready)
        # no lifespan: the engine belongs to the fixture
        client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
        token = log_in(client, world.staff["KASIR"])["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        client.get("/v1/purchases")  # the till is known from here on
        yield client


def test_a_banks_card_pays_and_its_secrets_come_back_nowhere(at_bank, world):
    path = a_path()
    first = at_bank.put(path, json=a_body(world, payer=CARD))
    assert (first.status_code, first.json()["status"]) == (200, "APPROVED")
    other_type = {"Content-Type": "application/json; charset=utf-8"}
    again = at_bank.put(path, json=a_body(world, payer=CARD), headers=other_type)
    assert again.content == first.content
    for secret in (PAN, PIN_BLOCK, KSN):
        assert secret not in first.text


def test_while_the_bank_thinks_the_same_request_is_pending(at_bank, world, five):
    five["BRI"].mode = Mode.DELAY
    path, told = a_path(), []
    body = a_body(world, payer=CARD)
    first = threading.Thread(target=lambda: told.append(at_bank.put(path, json=body)))
    first.start()
    soon(lambda: at_bank.get(path).status_code == 202)
    again = at_bank.put(path, json=body)
    assert (again.status_code, again.headers["Retry-After"]) == (202, "2")
    assert again.json() == {"purchase_id": path.rpartition("/")[2], "status": "PENDING"}
    first.join()
    assert told[0].json()["status"] == "APPROVED"
    assert at_bank.get(path).content == told[0].content


@pytest.mark.parametrize(
    "changed",
    [
        {"pin": "493817"},
        {"pin_block": "0412"},
        {"pin_block": PIN_BLOCK.lower()},
        {"ksn": "KSN"},
        {"card": "6013010000000002"},
        {"card": "9991000000000009"},
        {"ksn": None},
    ],
    ids=["with-a-pin", "short", "lower", "ksn", "check-digit", "ours", "nothing"],
)
def test_what_is_no_bank_card_is_malformed_and_not_echoed(at_bank, world, changed, capsys):
    payer = {name: value for name, value in (CARD | changed).items() if value is not None}
    answer = at_bank.put(a_path(new_uuid7(NOW)), json=a_body(world, payer=payer))
    assert answer.status_code == 422
    printed = answer.text + str(capsys.readouterr())
    for secret in (PAN, PIN_BLOCK, KSN, "493817"):
        assert secret not in printed


def test_the_ways_that_work_are_told_before_anybody_is_photographed(at_bank):
    told = at_bank.get("/v1/payers/methods", params={"programme": "BPNT-BRI"}).json()
    assert told["programmes"] == [
        {
            "programme": "BPNT-BRI",
            "title": "Sembako di BRI",
            "custodian": "BRI",
            "asks_bank": True,
            "methods": ["KKS", "FACE"],
        }
    ]
    ours = at_bank.get("/v1/payers/methods", params={"programme": "BPNT"}).json()["programmes"][0]
    assert ours["methods"] == ["OWN_CARD", "PHONE", "FACE", "KTP", "QR"]
    assert len(at_bank.get("/v1/payers/methods").json()["programmes"]) == 3
    assert at_bank.get("/v1/payers/methods", params={"programme": "NONE"}).status_code == 404
