"""A stolen token without its tablet opens nothing: every request of a bound session is signed."""

import itertools
import json
from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus

import pytest
from fastapi.testclient import TestClient

from pos_engine.engine import DEMO, KIND
from pos_engine.services.request_proof import PROOF_WINDOW
from pos_engine.services.sessions import BOUND_AFTER, PREVIOUS_LIFE
from pos_engine.store import installation
from pos_engine.web.app import create_app
from pos_engine.wire.device_header import DeviceHeader
from tests.reserving import TabletKey, with_key
from tests.web.conftest import a_body, a_line, a_path, log_in

OWN = TabletKey.ed25519()
NONCES = itertools.count(1)
TODAY = "/v1/purchases"


class Tablet:
    """A till that signs, as the tablet does: its own key, its own idea of the time."""

    def __init__(self, client, clock, login, key=OWN):
        self.client, self.clock, self.login, self.key = client, clock, login, key
        self.skew = timedelta()
        self.session = None

    def proof(self, method, path, body=b"", token="", *, key=None, nonce=None):
        at = int((self.clock.at + self.skew).timestamp() * 1000)
        blank = DeviceHeader(self.login["device_id"], str(at), nonce or f"{next(NONCES):016d}", "")
        signature = (key or self.key).sign(blank.proof_text(method, path, body, token))
        return f"{blank.device_id}.{blank.unix_ms}.{blank.nonce}.{signature}"

    def post(self, path, body):
        raw = json.dumps(body).encode()
        headers = {
            "Content-Type": "application/json",
            "Device-Proof": self.proof("POST", path, raw),
        }
        return self.client.post(path, content=raw, headers=headers)

    def enter(self):
        answer = self.post("/v1/sessions", self.login)
        assert answer.status_code == HTTPStatus.OK, answer.text
        self.session = answer.json()
        return self.session

    def headers(self, method, path, raw=b"", **changes):
        token = self.session["access_token"]
        return {
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json",
            "Device-Proof": self.proof(method, path, raw, token, **changes),
        }

    def ask(self, method, path, body=None):
        raw = b"" if body is None else json.dumps(body).encode()
        return self.client.request(
            method, path, content=raw, headers=self.headers(method, path, raw)
        )


@pytest.fixture(params=["ed25519", "p256"])
def key(request):
    return getattr(TabletKey, request.param)()


@pytest.fixture
def tablet(client, engine, clock, world, key):
    with_key(engine, world, key)
    made = Tablet(client, clock, world.staff["KASIR"], key)
    assert made.enter()["bound"] is True
    return made


def code_of(answer):
    return answer.status_code, answer.json().get("code")


REFUSED = (401, "DEVICE_PROOF")


def test_it_works_with_the_key_and_a_copied_token_does_not(tablet, client):
    assert tablet.ask("GET", TODAY).status_code == HTTPStatus.OK
    assert tablet.ask("GET", "/v1/catalog?region=35.07").status_code == HTTPStatus.OK
    stolen = {"Authorization": f"Bearer {tablet.session['access_token']}"}
    assert code_of(client.get(TODAY, headers=stolen)) == REFUSED


def test_both_ways_of_a_purchase_ask_for_the_signature(tablet, client, world):
    """The first goes the ordinary way; the token is known then, and the next goes the short way."""
    for _ in range(3):
        body = a_body(world, a_line(quantity_milli=1000))
        path = a_path()
        raw = json.dumps(body).encode()
        token = {"Authorization": f"Bearer {tablet.session['access_token']}"}
        bare = client.put(path, content=raw, headers=token | {"Content-Type": "application/json"})
        assert code_of(bare) == REFUSED
        assert tablet.ask("GET", path).status_code == HTTPStatus.NOT_FOUND  # nothing was decided
        headers = tablet.headers("PUT", path, raw)
        first = client.put(path, content=raw, headers=headers)
        assert (first.status_code, first.json()["status"]) == (200, "APPROVED"), first.text
        assert code_of(client.put(path, content=raw, headers=headers)) == REFUSED  # replayed
        assert tablet.ask("PUT", path, body).json() == first.json()  # the tablet asks again


def test_the_key_of_another_tablet_opens_nothing(tablet, client):
    headers = tablet.headers("GET", TODAY, key=TabletKey.ed25519(9))
    assert code_of(client.get(TODAY, headers=headers)) == REFUSED


def test_a_signature_is_for_one_request_and_once(tablet, client, world):
    headers = tablet.headers("GET", TODAY)
    assert client.get(TODAY, headers=headers).status_code == HTTPStatus.OK
    assert code_of(client.get(TODAY, headers=headers)) == REFUSED
    other_path = tablet.headers("GET", TODAY)
    assert code_of(client.get(f"{TODAY}?a=b", headers=other_path)) == REFUSED
    raw = json.dumps({"lines": a_body(world)["lines"]}).encode()
    other_body = tablet.headers("POST", "/v1/quotes", raw)
    changed = raw.replace(b"13400", b"13300")
    assert code_of(client.post("/v1/quotes", content=changed, headers=other_body)) == REFUSED
    as_offline = headers | {"Device-Proof": "nonsense"}
    assert code_of(client.get(TODAY, headers=as_offline)) == REFUSED


@pytest.mark.parametrize("days", [-2, 2])
def test_a_clock_that_is_two_days_off_is_told_the_time_and_works(tablet, clock, days):
    tablet.skew = timedelta(days=days)  # somebody changed it in the middle of the day
    assert code_of(tablet.ask("GET", TODAY)) == REFUSED
    renewed = tablet.post(
        "/v1/sessions/refresh", {"refresh_token": tablet.session["refresh_token"]}
    )
    assert renewed.status_code == HTTPStatus.OK, renewed.text
    tablet.session = renewed.json()
    assert tablet.session["server_time"].startswith("2026-11-21")
    tablet.skew = timedelta()  # what the till does with `server_time`
    assert tablet.ask("GET", TODAY).status_code == HTTPStatus.OK
    tablet.skew = timedelta(days=days)
    assert tablet.enter()["bound"] is True  # a log-in does not judge the clock either


def test_what_is_recorded_works_no_more_when_its_time_is_over(tablet, client, clock):
    headers = tablet.headers("GET", TODAY)
    clock.advance(seconds=PROOF_WINDOW.total_seconds() + 1)
    assert code_of(client.get(TODAY, headers=headers)) == REFUSED
    assert tablet.ask("GET", TODAY).status_code == HTTPStatus.OK


class TestRefresh:
    def refresh(self, client, token):
        return client.post("/v1/sessions/refresh", json={"refresh_token": token})

    def test_a_bound_session_is_renewed_by_its_key_alone(self, tablet, client):
        token = tablet.session["refresh_token"]
        assert code_of(self.refresh(client, token)) == (401, "NO_SESSION")
        thief = Tablet(client, tablet.clock, tablet.login, TabletKey.ed25519(9))
        stolen = thief.post("/v1/sessions/refresh", {"refresh_token": token})
        assert code_of(stolen) == (401, "NO_SESSION")
        own = tablet.post("/v1/sessions/refresh", {"refresh_token": token})
        assert own.json()["bound"] is True  # and the thief has not ended it

    def test_a_session_from_before_the_key_is_bound_when_it_is_renewed(
        self, client, engine, clock, world
    ):
        with_key(engine, world, OWN)
        opened = log_in(client, world.staff["KASIR"])
        assert opened["bound"] is False
        tablet = Tablet(client, clock, world.staff["KASIR"])
        renewed = tablet.post("/v1/sessions/refresh", {"refresh_token": opened["refresh_token"]})
        tablet.session = renewed.json()
        assert tablet.session["bound"] is True
        stolen = {"Authorization": f"Bearer {tablet.session['access_token']}"}
        assert code_of(client.get(TODAY, headers=stolen)) == REFUSED
        assert tablet.ask("GET", TODAY).status_code == HTTPStatus.OK

    def test_an_old_token_that_is_used_late_ends_the_whole_session(self, client, world, clock):
        opened = log_in(client, world.staff["KASIR"])
        newer = self.refresh(client, opened["refresh_token"]).json()
        clock.advance(seconds=PREVIOUS_LIFE.total_seconds() + 1)
        assert self.refresh(client, opened["refresh_token"]).status_code == 401
        dead = {"Authorization": f"Bearer {newer['access_token']}"}
        assert client.get(TODAY, headers=dead).status_code == 401
        assert self.refresh(client, newer["refresh_token"]).status_code == 401

    def test_one_from_two_before_ends_it_at_once_and_a_made_up_one_does_not(self, client, world):
        opened = log_in(client, world.staff["KASIR"])
        session_id = opened["refresh_token"].partition(".")[0]
        second = self.refresh(client, opened["refresh_token"]).json()
        third = self.refresh(client, second["refresh_token"]).json()
        assert self.refresh(client, f"{session_id}.{'x' * 59}").status_code == 401
        living = {"Authorization": f"Bearer {third['access_token']}"}
        assert client.get(TODAY, headers=living).status_code == 200
        assert self.refresh(client, opened["refresh_token"]).status_code == 401
        assert client.get(TODAY, headers=living).status_code == 401

    def test_a_lost_answer_is_asked_again_within_a_minute(self, client, world):
        opened = log_in(client, world.staff["KASIR"])
        assert self.refresh(client, opened["refresh_token"]).status_code == 200
        assert self.refresh(client, opened["refresh_token"]).status_code == 200


class TestWhoHasToSign:
    """Bearer tokens for curl and a shop's first days; then the key, or nothing."""

    def test_an_approved_tablet_signs_its_log_in_after_a_week(self, client, engine, world, clock):
        with_key(engine, world, OWN)
        assert log_in(client, world.staff["KASIR"])["bound"] is False
        clock.advance(days=BOUND_AFTER.days)
        bare = client.post("/v1/sessions", json=world.staff["KASIR"])
        assert code_of(bare) == (401, "DEVICE_PROOF_NEEDED")
        assert log_in(client, world.staff["PENDAMPING"])["bound"] is False
        assert Tablet(client, clock, world.staff["KASIR"]).enter()["bound"] is True
        with engine.database.begin() as tx:
            installation.mark(tx, KIND, DEMO)
        assert log_in(client, world.staff["KASIR"])["bound"] is False  # samples are for curl

    def test_a_wrong_signature_opens_nothing_even_in_the_first_week(
        self, client, engine, world, clock
    ):
        with_key(engine, world, OWN)
        thief = Tablet(client, clock, world.staff["KASIR"], TabletKey.ed25519(9))
        refused = thief.post("/v1/sessions", world.staff["KASIR"])
        assert code_of(refused) == (401, "DEVICE_PROOF_NEEDED")

    def test_required_leaves_a_tablet_without_a_key_one_thing_to_do(self, engine, world, tmp_path):
        app = create_app(replace(engine, device_bound="required"), demo_file=tmp_path / "no")
        client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
        token = log_in(client, world.staff["PEMILIK"])["access_token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert code_of(client.get(TODAY, headers=headers)) == (401, "DEVICE_KEY_NEEDED")
        pin = {"pin": world.staff["PEMILIK"]["pin"]}
        code = client.post("/v1/devices/codes", json=pin, headers=headers).json()["code"]
        body = OWN.body | {"code": code, "label": "Tablet"}
        bound = client.put("/v1/devices/key", json=body, headers=headers)
        assert bound.status_code == HTTPStatus.OK, bound.text
        bare = client.post("/v1/sessions", json=world.staff["PEMILIK"])
        assert code_of(bare) == (401, "DEVICE_PROOF_NEEDED")


def test_a_pin_is_never_answered_without_the_wait(client, world):
    """A lock ends by itself; nobody has to be asked."""
    login = world.staff["KASIR"]
    wrong = login | {"pin": "000001" if login["pin"] != "000001" else "000002"}
    for _ in range(6):
        client.post("/v1/sessions", json=wrong)
    assert code_of(client.post("/v1/sessions", json=login)) == (401, "LOGIN_LOCKED")
    engine_clock = client.app.state.engine.now
    engine_clock.advance(minutes=16)
    assert client.post("/v1/sessions", json=login).status_code == 200
