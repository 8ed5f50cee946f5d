"""Hooks of aggregators over HTTP: signed, fresh, once; and a yes on her own phone."""

import json

import pytest
from fastapi.testclient import TestClient

from pos_engine.rules.ids import new_uuid7
from pos_engine.store.schema_sms import sms_out
from pos_engine.web.app import create_app
from pos_engine.wire.gateway import sign
from tests.phones import SECRET, hand_over, taken, with_queue
from tests.web.conftest import a_body, a_line, a_path, log_in
from tests.world import MSISDN


@pytest.fixture
def kind():
    return "sqlite"


@pytest.fixture
def phones(engine):
    return with_queue(engine)


@pytest.fixture
def client(phones):
    with TestClient(create_app(phones), base_url="http://test") as opened:
        yield opened


@pytest.fixture
def call(client, clock):
    """Call a hook as an aggregator does; each call has a body of its own."""

    def send(path, body, *, secret=SECRET, late_s=0, altered=None):
        raw = json.dumps(body).encode()
        stamp = str(int(clock().timestamp()) - late_s)
        headers = {"X-Timestamp": stamp, "X-Signature": sign(secret, stamp, "POST", path, raw)}
        return client.post(path, content=altered or raw, headers=headers)

    return send


def text(message_id="m-1", said="SALDO", sender=MSISDN):
    return {"from": sender, "text": said, "message_id": message_id}


def test_a_text_is_answered_by_a_text(call, phones):
    assert call("/gateway/sms", text()).json() == {"outcome": "SALDO"}
    assert "saldo bantuan" in taken(phones)[0][1]


def test_the_same_text_again_is_answered_once(call, phones):
    for _ in range(2):
        assert call("/gateway/sms", text()).status_code == 200
    assert len(taken(phones)) == 1


FORGERIES = {
    "another secret": {"secret": "x" * 32},
    "ten minutes old": {"late_s": 600},
    "of the future": {"late_s": -600},
    "another body": {"altered": json.dumps(text(said="LAPOR")).encode()},
}


@pytest.mark.parametrize("case", FORGERIES)
def test_a_forged_or_old_call_is_refused(call, phones, case):
    answer = call("/gateway/sms", text(), **FORGERIES[case])
    assert answer.status_code == 401
    assert taken(phones) == []


def test_without_a_secret_there_are_no_hooks(engine, clock):
    with TestClient(create_app(engine)) as client:
        assert client.post("/gateway/sms", content=b"{}").status_code == 404


MALFORMED = {
    "no object": ("/gateway/sms", []),
    "unknown field": ("/gateway/sms", text() | {"colour": "red"}),
    "text of a book": ("/gateway/sms", text(said="x" * 1_001)),
    "a lone surrogate": ("/gateway/sms", text(said="\ud800")),
    "a zero octet": ("/gateway/reports", {"reports": [{"id": "\0", "status": "FAILED"}]}),
    "unknown status": ("/gateway/reports", {"reports": [{"id": "a", "status": "LOST"}]}),
    "no session": ("/gateway/ussd", {"msisdn": MSISDN, "text": ""}),
}


@pytest.mark.parametrize("case", MALFORMED)
def test_a_malformed_call_names_its_field_and_not_its_value(call, case):
    answer = call(*MALFORMED[case])
    assert (answer.status_code, answer.json()["code"]) == (422, "MALFORMED")
    assert MSISDN not in answer.text


def test_a_report_starts_the_time_of_a_code(call, phones, client, world, clock):
    headers = {"Authorization": f"Bearer {log_in(client, world.staff['KASIR'])['access_token']}"}
    ask = {
        "till_id": world.till_id, "method": "PHONE", "msisdn": MSISDN,
        "purchase_id": new_uuid7(clock()), "amount": 67_000,
    }  # fmt: skip
    client.post("/v1/payers/identify", json=ask, headers=headers)
    hand_over(phones, report=None)
    with phones.database.read() as tx:
        [number] = tx.execute(sms_out.select()).all()
    ours, theirs = {"id": number.gateway_id, "status": "DELIVERED"}, {"id": "x", "status": "FAILED"}
    told = {"reports": [ours, theirs]}
    assert call("/gateway/reports", told).json() == {"unknown": ["x"]}


def test_a_dialogue_pays_a_basket_that_the_till_asked_for(call, client, phones, world, clock):
    headers = {"Authorization": f"Bearer {log_in(client, world.staff['KASIR'])['access_token']}"}
    path = f"/v1/baskets/{new_uuid7(clock())}"
    held = client.put(path, json={"till_id": world.till_id, "lines": [a_line()]}, headers=headers)
    assert held.json()["status"] == "OPEN"
    ask = {"till_id": world.till_id, "msisdn": "0812-3456-7890"}
    asked = client.post(f"{path}/phone", json=ask, headers=headers).json()
    assert (asked["status"], asked["told"]) == ("WAITING", True)
    unknown = client.post(f"{path}/phone", json=ask | {"msisdn": "081299999999"}, headers=headers)
    assert unknown.json()["reason"] == "PAYER_UNKNOWN"

    def press(typed):
        return call("/gateway/ussd", {"session_id": "s-1", "msisdn": MSISDN, "text": typed}).json()

    assert press("*123#")["text"].startswith("BPNT\n1 Saldo")
    assert "Beras medium 5 kg" in press("2")["text"]
    assert press("1")["end"]
    assert client.get(path, headers=headers).json()["status"] == "PAID_AID"
    late = client.post(f"{path}/phone", json=ask, headers=headers).json()
    assert (late["status"], late["reason"]) == ("NOT_ASKED", "PAID_ALREADY")
    other = client.post(f"/v1/baskets/{new_uuid7(clock())}/phone", json=ask, headers=headers)
    assert other.status_code == 404


def test_a_purchase_is_pending_until_she_said_yes(call, client, world, clock):
    headers = {"Authorization": f"Bearer {log_in(client, world.staff['KASIR'])['access_token']}"}
    payer = {"method": "PHONE", "msisdn": MSISDN, "confirm": "USSD"}

    def put(path, *lines, **changed):
        return client.put(path, json=a_body(world, *lines, payer=payer | changed), headers=headers)

    def press(*keys):
        session = new_uuid7(clock())
        for typed in keys:
            clock.advance(seconds=1)  # the same key in the same second would be a replay
            step = {"session_id": session, "msisdn": MSISDN, "text": typed}
            said = call("/gateway/ussd", step).json()["text"]
        return said

    path = a_path()
    for _ in range(2):
        assert (put(path).status_code, put(path).json()["status"]) == (202, "PENDING")
    assert client.get(path, headers=headers).status_code == 404
    press("*123#", "2", "1")
    paid = put(path)
    assert (paid.status_code, paid.json()["status"]) == (200, "APPROVED")
    assert put(path).content == paid.content
    assert put(path, a_line(quantity_milli=1000)).status_code == 409
    dear = put(a_path(), a_line(unit_price=20_000)).json()
    assert (dear["status"], dear["reason"]) == ("DECLINED", "PRICE_ABOVE_CEILING")
    nobody = put(a_path(), msisdn="+6281299999999").json()
    assert (nobody["status"], nobody["reason"]) == ("DECLINED", "PAYER_UNKNOWN")
    refused = a_path()
    put(refused, a_line(quantity_milli=1000))
    press("*123#", "2", "2")
    assert "menolak" in put(refused, a_line(quantity_milli=1000)).json()["message"]
    late = a_path()
    put(late, a_line(quantity_milli=1000))
    clock.advance(minutes=11)
    token = log_in(client, world.staff["KASIR"])["access_token"]
    headers["Authorization"] = f"Bearer {token}"
    assert put(late, a_line(quantity_milli=1000)).json()["reason"] == "CODE_EXPIRED"


def test_a_replayed_step_shows_nothing(call):
    step = {"session_id": "s-1", "msisdn": MSISDN, "text": "*123#"}
    assert not call("/gateway/ussd", step).json()["end"]
    assert call("/gateway/ussd", step).json()["end"]
