"""Devices and money put aside over HTTP: who may, what is answered, and what is never shown."""

import json
from http import HTTPStatus

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services import install
from pos_engine.services.device_signature import Algorithm, PublicKey, body_signed_by
from pos_engine.services.prove import check_ledger
from pos_engine.web.devices import ENROLMENTS_OF_AN_ADDRESS_MAX
from pos_engine.wire.canonical import from_base64url
from tests.reserving import LABEL, TabletKey, issued, sticker, with_key
from tests.web.conftest import a_body, a_line, a_path, log_in
from tests.world import NOW, PIN

KEY = TabletKey.ed25519()
CLOSINGS = "/v1/offline/closings"


@pytest.fixture
def as_role(client, world):
    """Make calls as somebody: `as_role("DINSOS")("POST", path, body)`."""

    def role(name):
        token = log_in(client, world.staff[name])["access_token"]
        headers = {"Authorization": f"Bearer {token}"}

        def call(method, path, body=None):
            return client.request(method, path, json=body, headers=headers)

        return call

    return role


@pytest.fixture
def card(engine, world):
    return sticker(engine, world.kpm_id)


def payer(shown, **changes):
    return {"method": "KKS", "card_qr": shown.text, "pin": PIN} | changes


def an_ask(card, **changes):
    return {"allowance_id": new_uuid7(NOW), "payer": payer(card)} | changes


def code_of(as_role, world):
    answer = as_role("PEMILIK")("POST", "/v1/devices/codes", {"pin": world.staff["PEMILIK"]["pin"]})
    assert answer.status_code == HTTPStatus.CREATED, answer.text
    return answer.json()["code"]


class TestDevices:
    def test_a_spare_phone_sells_and_dinsos_lets_it_hold_money(self, client, world, as_role, card):
        """From the owner's code to the first sale: five calls, and no office in between."""
        body = KEY.body | {
            "device_id": new_uuid7(NOW),
            "code": code_of(as_role, world),
            "label": LABEL,
        }
        made = client.post("/v1/devices", json=body)
        assert made.status_code == HTTPStatus.CREATED, made.text
        device = made.json()
        assert (device["state"], device["shop"]["name"]) == ("ONLINE", "Warung Bu Sri")
        cashier = world.staff["KASIR"]
        assert {"staff_id": cashier["staff_id"], "role": "KASIR"} in device["staff"]
        login = {
            "device_id": device["device_id"],
            "device_secret": device["device_secret"],
            "staff_id": cashier["staff_id"],
            "pin": cashier["pin"],
        }
        headers = {"Authorization": f"Bearer {log_in(client, login)['access_token']}"}
        sold = client.put(a_path(), json=a_body(world, payer=payer(card)), headers=headers)
        assert sold.json()["status"] == "APPROVED"
        early = client.post("/v1/offline/allowances", json=an_ask(card), headers=headers)
        assert (early.status_code, early.json()["code"]) == (403, "DEVICE_NOT_APPROVED")
        path = f"/v1/devices/{device['device_id']}/approve"
        assert as_role("DINSOS")("POST", path).json()["state"] == "APPROVED"
        held = client.post("/v1/offline/allowances", json=an_ask(card), headers=headers).json()
        assert held["allowance"]["device"] == device["device_id"]

    def test_codes_are_the_owners_and_her_pin_is_asked(self, as_role, world):
        assert as_role("KASIR")("POST", "/v1/devices/codes", {"pin": "1"}).status_code == 403
        wrong = as_role("PEMILIK")("POST", "/v1/devices/codes", {"pin": "000000"})
        assert (wrong.status_code, wrong.json()["code"]) == (403, "LOGIN_WRONG")

    def test_whoever_tries_codes_waits(self, client):
        body = KEY.body | {"device_id": new_uuid7(NOW), "code": "00000000", "label": LABEL}
        codes = [
            client.post("/v1/devices", json=body).status_code
            for _ in range(ENROLMENTS_OF_AN_ADDRESS_MAX + 1)
        ]
        assert codes == [403] * ENROLMENTS_OF_AN_ADDRESS_MAX + [429]

    @pytest.mark.parametrize(
        "changes",
        [
            {"public_key": "AAAA"},
            {"algorithm": "RS256"},
            {"algorithm": "ES256"},
            {"code": "1234"},
            {"device_id": "x"},
            {"label": ""},
            {"label": "a\u0000"},
            {"other": 1},
        ],
    )
    def test_what_is_malformed_is_named_and_not_echoed(self, client, changes):
        body = KEY.body | {"device_id": new_uuid7(NOW), "code": "12345678", "label": LABEL}
        answer = client.post("/v1/devices", json=body | changes)
        assert answer.status_code == 422
        assert "12345678" not in answer.text

    def test_a_sample_binds_its_device_at_once(self, engine, as_role):
        install.mark_demo(engine)
        call = as_role("KASIR")
        for _ in range(2):
            answer = call("PUT", "/v1/devices/key", KEY.body)
            assert (answer.status_code, answer.json()["state"]) == (200, "APPROVED")
        other = call("PUT", "/v1/devices/key", TabletKey.p256().body)
        assert (other.status_code, other.json()["code"]) == (409, "DEVICE_TAKEN")

    def test_without_a_code_a_real_device_is_bound_by_nobody(self, as_role, world):
        call = as_role("KASIR")
        refused = call("PUT", "/v1/devices/key", KEY.body)
        assert (refused.status_code, refused.json()["code"]) == (403, "CODE_WRONG")
        code = code_of(as_role, world)
        bound = call("PUT", "/v1/devices/key", KEY.body | {"code": code, "label": "Depan"})
        assert (bound.json()["state"], bound.json()["label"]) == ("ONLINE", "Depan")

    def test_owner_and_office_see_theirs_and_stop_them(self, engine, world, as_role, client):
        session = with_key(engine, world)
        for who in ("PEMILIK", "DINSOS"):
            (row,) = as_role(who)("GET", "/v1/devices").json()["devices"]
            assert (row["device_id"], row["state"]) == (session.device_id, "APPROVED")
        assert as_role("KASIR")("GET", "/v1/devices").status_code == 403
        assert as_role("PEMILIK")("POST", "/v1/devices/x/approve").status_code == 403
        missing = as_role("DINSOS")("POST", "/v1/devices/x/approve")
        assert (missing.status_code, missing.json()["code"]) == (404, "DEVICE_UNKNOWN")
        cashier = as_role("KASIR")
        stopped = as_role("DINSOS")("POST", f"/v1/devices/{session.device_id}/revoke")
        assert stopped.json()["state"] == "REVOKED"
        assert cashier("GET", "/v1/purchases").status_code == 401
        unknown = as_role("DINSOS")("POST", "/v1/devices/x/revoke")
        assert unknown.status_code == 404


class TestAllowances:
    def test_it_is_signed_by_a_key_that_everybody_may_have(
        self, client, engine, world, as_role, card
    ):
        with_key(engine, world)
        ask = an_ask(card)
        made = as_role("KASIR")("POST", "/v1/offline/allowances", ask)
        assert made.status_code == 200, made.text
        body = made.json()
        keys = {each["kid"]: each for each in client.get("/v1/offline/keys").json()["keys"]}
        raw = from_base64url(keys[body["allowance"]["kid"]]["public_key"])
        key = PublicKey(Algorithm.ED25519, raw)
        assert body_signed_by(key, body["allowance"], body["sig"])
        assert not body_signed_by(key, body["allowance"] | {"amount_max": 1}, body["sig"])
        assert as_role("KASIR")("POST", "/v1/offline/allowances", ask).json() == body
        (listed,) = as_role("KASIR")("GET", "/v1/offline/allowances").json()["allowances"]
        assert (listed["allowance"], listed["remaining"]) == (body["allowance"], 100_000)
        assert card.text not in made.text

    def test_a_no_is_said_in_words(self, engine, world, as_role, card):
        with_key(engine, world)
        call = as_role("KASIR")
        wrong = an_ask(card, payer=payer(card, pin="000001"))
        said = call("POST", "/v1/offline/allowances", wrong).json()
        assert (said["status"], said["reason"]) == ("DECLINED", "PIN_WRONG")
        assert said["message"]
        assert said["next_step"]
        ask = an_ask(card)
        call("POST", "/v1/offline/allowances", ask)
        other = call("POST", "/v1/offline/allowances", ask | {"amount": 5})
        assert (other.status_code, other.json()["code"]) == (409, "DUPLICATE_DIFFERENT")

    def test_the_number_alone_is_no_sticker(self, world, as_role, card):
        call = as_role("KASIR")
        for bad in (
            {"method": "KKS", "card": world.card, "pin": PIN},
            payer(card, card=world.card),
            payer(card, card_qr=card.text + "x"),
            payer(card, pin="12"),
            {"token": "x"},
        ):
            answer = call("POST", "/v1/offline/allowances", an_ask(card, payer=bad))
            assert answer.status_code == 422, bad
            assert world.card not in answer.text
            assert card.text not in answer.text

    def test_any_till_takes_it_back_by_one_proof(self, engine, world, as_role, card):
        issued(engine, with_key(engine, world), card)
        recall = {"recall_id": new_uuid7(NOW), "payer": payer(card)}
        call = as_role("KASIR-2")
        done = call("POST", "/v1/offline/recalls", recall)
        assert done.json() == call("POST", "/v1/offline/recalls", recall).json()
        assert (done.json()["status"], done.json()["amount"]) == ("RECALLED", 100_000)
        by_number = {"method": "KKS", "card": world.card, "pin": "000001"}
        wrong = {"recall_id": new_uuid7(NOW), "payer": by_number}
        assert call("POST", "/v1/offline/recalls", wrong).json()["reason"] == "PIN_WRONG"
        assert check_ledger(engine).good

    def test_a_token_takes_it_back_too(self, engine, world, as_role, card, cashier):
        issued(engine, with_key(engine, world), card)
        asked = {"till_id": world.till_id, "method": "KKS", "card": world.card, "pin": PIN}
        token = cashier.post("/v1/payers/identify", json=asked).json()["payer_token"]
        recall = {"recall_id": new_uuid7(NOW), "payer": {"token": token}}
        assert as_role("KASIR")("POST", "/v1/offline/recalls", recall).json()["status"] == (
            "RECALLED"
        )

    def test_a_device_closes_what_it_signed_for(self, client, engine, world, card):
        session = with_key(engine, world)
        made = issued(engine, session, card)
        body = json.dumps({"allowance_id": made.allowance_id, "spent": 0, "seq": 0}).encode()

        def close(header, content=body):
            headers = {"Authorization": header, "Content-Type": "application/json"}
            return client.post(CLOSINGS, content=content, headers=headers)

        header = KEY.header(session.device_id, "POST", CLOSINGS, body)
        forged = TabletKey.ed25519(2).header(session.device_id, "POST", CLOSINGS, body)
        assert close(forged).status_code == 401
        assert close(header, body.replace(b"0}", b"1}")).status_code == 401
        assert close("").json()["code"] == "NO_DEVICE"
        for _ in range(2):
            assert close(header).json()["state"] == "CLOSED"
        assert check_ledger(engine).held_differing == []

    def test_a_shop_is_marked_by_its_office(self, world, as_role):
        path = f"/v1/shops/{world.shop_id}/remote"
        assert as_role("PEMILIK")("POST", path, {}).status_code == 403
        call = as_role("DINSOS")
        assert call("POST", path, {}).json() == {"shop_id": world.shop_id, "remote": True}
        assert call("POST", path, {"remote": False}).json()["remote"] is False
        other = f"/v1/shops/{world.other_shop_id}/remote"
        assert call("POST", other, {}).status_code == 404


class TestSticker:
    def test_every_way_in_reads_it_fast_or_slow(self, cashier, world, card):
        """The second purchase of a session is answered by the fast way."""
        for line in (a_line(quantity_milli=1000), a_line(quantity_milli=2000)):
            body = a_body(world, line, payer=payer(card))
            assert cashier.put(a_path(), json=body).json()["status"] == "APPROVED"
        asked = {"till_id": world.till_id} | payer(card)
        assert cashier.post("/v1/payers/identify", json=asked).json()["status"] == "IDENTIFIED"
        quoted = cashier.post("/v1/quotes", json={"lines": [a_line()], "payer": payer(card)})
        assert quoted.json()["balance_before"] == 200_000 - 3 * 13_400

    def test_both_number_and_sticker_are_one_too_many(self, cashier, world, card):
        cashier.get("/v1/purchases")  # from now on the fast way knows the session
        for bad in (
            payer(card, card=world.card),
            payer(card, card_qr="EWK1:x"),
            payer(card, pin="1"),
        ):
            assert cashier.put(a_path(), json=a_body(world, payer=bad)).status_code == 422
