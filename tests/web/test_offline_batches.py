"""A tablet's queue over HTTP, and receipts of a tablet that was lost."""

import gzip
import json

import pytest

from pos_engine.services.install import revoke_device
from pos_engine.web.limits import BODY_BYTES_MAX, OFFLINE_BATCH_BYTES_MAX
from pos_engine.wire.envelope import as_receipt
from tests.returning import owed
from tests.selling_offline import BATCHES, a_tablet, put_aside
from tests.web.conftest import log_in

PAID = 13_400
RESCANS, OUTCOMES = "/v1/offline/rescans", "/v1/offline/outcomes"


@pytest.fixture
def tablet(engine, world):
    return a_tablet(engine, world.shop_id, world.till_id)


@pytest.fixture
def aside(engine, world, tablet):
    return put_aside(engine, tablet, world.kpm_id)


def send(client, tablet, raw=None, header=None):
    body = tablet.raw() if raw is None else raw
    signed = tablet.header(body) if header is None else header
    return client.post(
        BATCHES,
        content=body,
        headers={"Authorization": signed, "Content-Type": "application/json"},
    )


def test_a_queue_is_answered_with_a_signed_checkpoint_and_outcomes(
    client, engine, world, tablet, aside
):
    sale = tablet.sell(aside.allowance_id)
    answer = send(client, tablet)
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"checkpoint", "sig", "outcomes"}
    assert body["checkpoint"]["head"] == sale.name
    keys = {each["kid"]: each for each in client.get("/v1/offline/keys").json()["keys"]}
    assert body["checkpoint"]["kid"] in keys
    assert engine.keys.offline.signed(body["checkpoint"], body["sig"])
    [told] = body["outcomes"]
    assert set(told) == {
        "seq", "purchase_id", "outcome", "reason", "message", "receipt_number",
    }  # fmt: skip
    assert (told["seq"], told["outcome"]) == (1, "ACCEPTED")
    assert send(client, tablet).json() == body
    assert owed(engine, world) == PAID


def test_a_packed_queue_is_signed_as_it_was_before(client, engine, world, tablet, aside):
    for _ in range(8):
        tablet.sell(aside.allowance_id)
    body = tablet.raw()
    headers = {"Authorization": tablet.header(body), "Content-Encoding": "gzip"}
    answer = client.post(BATCHES, content=gzip.compress(body), headers=headers)
    assert (answer.status_code, len(answer.json()["outcomes"])) == (200, 8)
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json() == send(client, tablet, body).json()
    bomb = gzip.compress(b" " * (OFFLINE_BATCH_BYTES_MAX + 1))
    for content, encoding, status in (
        (bomb, "gzip", 413),
        (gzip.compress(body)[:-9], "gzip", 422),
        (body, "br", 415),
    ):
        refused = client.post(
            BATCHES, content=content, headers=headers | {"Content-Encoding": encoding}
        )
        assert refused.status_code == status


def test_an_empty_queue_brings_a_checkpoint(client, tablet):
    body = send(client, tablet).json()
    assert (body["checkpoint"]["seq"], body["outcomes"]) == (0, [])


def test_five_hundred_envelopes_fit_and_more_do_not(client, tablet, aside):
    raw = json.dumps({"device": tablet.device_id, "envelopes": [{}] * 501}).encode()
    assert send(client, tablet, raw).status_code == 422
    filler = b" " * (BODY_BYTES_MAX + 1)
    assert send(client, tablet, tablet.raw() + filler).status_code == 200
    too_much = b" " * (OFFLINE_BATCH_BYTES_MAX + 1)
    assert send(client, tablet, too_much).status_code == 413


def test_who_did_not_sign_is_401(client, tablet, aside):
    tablet.sell(aside.allowance_id)
    for header in ("", "Bearer x", tablet.header(b"other")):
        answer = send(client, tablet, header=header)
        assert (answer.status_code, answer.json()["code"]) == (401, "NO_DEVICE")


def test_a_restored_engine_says_from_where_to_send_again(client, tablet, aside):
    sales = [tablet.sell(aside.allowance_id) for _ in range(2)]
    body = send(client, tablet, tablet.raw(sales[1])).json()
    assert (body["code"], body["outcomes"], body["checkpoint"]["seq"]) == (
        "CHECKPOINT_BEHIND",
        [],
        0,
    )


def test_a_revoked_tablet_is_403_with_a_checkpoint_to_erase_by(client, engine, tablet, aside):
    tablet.sell(aside.allowance_id)
    revoke_device(engine, tablet.device_id)
    answer = send(client, tablet)
    body = answer.json()
    assert (answer.status_code, body["code"]) == (403, "DEVICE_REVOKED")
    assert body["checkpoint"]["seq"] == 1
    assert [each["outcome"] for each in body["outcomes"]] == ["HELD_REVIEW"]


def test_a_device_asks_what_became_of_its_sales(client, engine, tablet, aside):
    sale = tablet.sell(aside.allowance_id)
    revoke_device(engine, tablet.device_id)
    send(client, tablet)
    raw = json.dumps({"since_ms": 0, "envelopes": [sale.name]}).encode()
    header = tablet.header(raw, OUTCOMES)
    json_type = {"Content-Type": "application/json"}
    answer = client.post(OUTCOMES, content=raw, headers=json_type | {"Authorization": header})
    body = answer.json()
    assert (answer.status_code, body["device_state"]) == (200, "REVOKED")
    [told] = body["outcomes"]
    assert (told["envelope"], told["seq"], told["outcome"]) == (sale.name, 1, "HELD_REVIEW")
    assert (told["decision"], told["decided_at_ms"]) == (None, None)
    assert body["at_ms"] < engine.now().timestamp() * 1000
    for bad in ("", tablet.header(b"{}", OUTCOMES), tablet.header(raw)):
        refused = client.post(OUTCOMES, content=raw, headers=json_type | {"Authorization": bad})
        assert (refused.status_code, refused.json()["code"]) == (401, "NO_DEVICE")
    many = json.dumps({"envelopes": [sale.name] * 501}).encode()
    assert client.post(OUTCOMES, content=many, headers=json_type).status_code == 422


# ---- receipts ----------------------------------------------------------------------------


def as_staff(client, world, role):
    token = log_in(client, world.staff[role])["access_token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("role", ["PEMILIK", "DINSOS"])
def test_a_lost_tablets_sale_comes_back_from_its_receipt(
    client, engine, world, tablet, aside, role
):
    sale = tablet.sell(aside.allowance_id)
    text = as_receipt(sale.envelope)
    headers = as_staff(client, world, role)
    for _ in range(2):
        body = client.post(RESCANS, json={"text": text}, headers=headers).json()
        assert [each["outcome"] for each in body["outcomes"]] == ["ACCEPTED"]
    assert owed(engine, world) == PAID
    assert send(client, tablet).json()["outcomes"] == body["outcomes"]


def test_receipts_are_brought_by_who_may(client, engine, world, tablet, aside):
    text = as_receipt(tablet.sell(aside.allowance_id).envelope)
    cashier = as_staff(client, world, "KASIR")
    assert client.post(RESCANS, json={"text": text}, headers=cashier).status_code == 403
    other = a_tablet(engine, world.other_shop_id, world.other_till_id)
    foreign = as_receipt(other.sell(aside.allowance_id).envelope)
    for role in ("PEMILIK", "DINSOS"):
        headers = as_staff(client, world, role)
        answer = client.post(RESCANS, json={"text": foreign}, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (404, "DEVICE_UNKNOWN")
    assert client.post(RESCANS, json={"text": text}).status_code == 401


@pytest.mark.parametrize("text", ["EWO1:", "EW1*3507*1", "EWO1:AAAA"])
def test_another_code_is_told_apart(client, world, text):
    headers = as_staff(client, world, "PEMILIK")
    answer = client.post(RESCANS, json={"text": text}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "NOT_A_RECEIPT")
