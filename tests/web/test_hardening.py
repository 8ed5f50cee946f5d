"""Headers on every answer, nesting, forms, how often who may ask, the id of a request."""

import gzip
import json
import re
import uuid
from collections import Counter

import pytest
from fastapi.testclient import TestClient
from structlog.contextvars import get_contextvars

from pos_engine.rules.ids import new_uuid7
from pos_engine.services import sessions
from pos_engine.settings import Settings
from pos_engine.store import shops
from pos_engine.store.database import Database
from pos_engine.web import request_ids
from pos_engine.web.app import HEADERS, PARTS, create_app
from pos_engine.web.json_depth import JSON_DEPTH_MAX, too_deep
from pos_engine.web.quotas import WRONG_LOGINS_MAX, Quotas
from pos_engine.web.rates import BoundedMemory, Rate
from pos_engine.web.receipt_check import CHECKS_OF_AN_ADDRESS_MAX
from tests.web.conftest import a_body, a_path, log_in
from tests.world import NOW, PIN

CASHIER = "KASIR"
CARRIER_TILLS = 5_000


def routes():
    """Every address of the app, with its parameters filled in."""
    found = [("GET", path) for path in ("/health", "/", "/till/", "/static/office.css")]
    for part in PARTS:
        for route in part.router.routes:
            path = re.sub(r"\{[^}]+\}", str(new_uuid7(NOW)), route.path)
            found += [(method, path) for method in sorted(route.methods)]
    return found


def test_every_answer_of_every_route_has_the_protective_headers(client):
    asked = routes()
    assert len(asked) > 150
    for method, path in [*asked, ("GET", "/nowhere"), ("PUT", "/nowhere")]:
        answer = client.request(method, path, content=b"{}", follow_redirects=False)
        for name in HEADERS:
            assert name in answer.headers, (method, path, name)
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], path
        assert answer.headers["Cache-Control"], path
        assert answer.headers["X-Request-Id"], path
        assert answer.status_code < 500, (method, path, answer.text)


def test_a_fault_has_them_too(cashier, world, monkeypatch):
    def broken(_database, _work):
        raise RuntimeError

    monkeypatch.setattr(Database, "transact", broken)
    monkeypatch.setattr(Database, "read", broken)
    for answer in (cashier.put(a_path(), json=a_body(world)), cashier.get("/v1/purchases")):
        assert answer.status_code == 500
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("opened", [b"[", b'{"a":'])
def test_depth_is_counted_outside_of_strings(opened):
    closing = b"]" if opened == b"[" else b"}"
    for depth, bad in ((JSON_DEPTH_MAX, False), (JSON_DEPTH_MAX + 1, True)):
        assert too_deep(opened * depth + b"1" + closing * depth) is bad
    in_words = json.dumps(["[" * 1_000, '"]\\"' * 40]).encode()
    assert not too_deep(in_words)
    assert too_deep(b'["]]]]]]]]",' * 20 + b"1" + b"]" * 20)  # closed in words only
    assert too_deep(b'"\\"' + b"[" * 10 + b'"' + b"[" * 50)
    assert not too_deep(b'"' + b'\\"' * 100_000)  # a string without end: one pass


def test_a_deep_body_is_refused_everywhere_but_in_forms(cashier, world):
    deep = b"[" * (JSON_DEPTH_MAX + 1) + b"]" * (JSON_DEPTH_MAX + 1)
    for method, path in (("PUT", a_path()), ("POST", "/v1/quotes"), ("POST", "/gateway/sms")):
        answer = cashier.request(method, path, content=deep)
        assert (answer.status_code, answer.json()["code"]) == (422, "MALFORMED"), path
    assert cashier.put(a_path(), json=a_body(world)).json()["status"] == "APPROVED"


def test_a_packed_body_is_left_to_its_route(client):
    noise = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    packed = gzip.compress(b"[" * 500)
    answer = client.post("/v1/offline/batches", content=packed, headers=noise)
    assert answer.status_code == 401  # nobody signed it
    assert client.post("/v1/sessions", content=packed, headers=noise).status_code == 422


def test_a_form_of_too_many_fields_is_refused(client):
    fields = "&".join(f"a{n}=1" for n in range(1_001))
    kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert client.post("/cek", content=fields, headers=kind).status_code in (400, 422)


# ---- how often


@pytest.fixture
def limited(engine):
    """The app with small limits: 5 of a device, 8 of a shop, 3 of a KPM in a minute."""
    app = create_app(engine, quotas=Quotas(device=5, shop=8, payer=3))
    with TestClient(app, base_url="http://127.0.0.1", client=("10.0.0.1", 5000)) as client:
        yield client


def bearer(client, login):
    return {"Authorization": f"Bearer {log_in(client, login)['access_token']}"}


def too_often(answer):
    assert (answer.status_code, answer.json()["code"]) == (429, "TOO_OFTEN")
    assert answer.headers["content-type"] == "application/problem+json"
    assert 1 <= int(answer.headers["retry-after"]) <= 601
    return True


def test_a_device_is_limited_and_another_behind_the_same_address_is_not(limited, world):
    first, other = (bearer(limited, world.staff[who]) for who in (CASHIER, "KASIR-2"))
    for _ in range(5):
        assert limited.get("/v1/purchases", headers=first).status_code == 200
    assert too_often(limited.get("/v1/purchases", headers=first))
    assert limited.get("/v1/purchases", headers=other).status_code == 200


def test_a_shop_is_limited_over_its_devices(limited, world):
    for who in (CASHIER, "PEMILIK"):
        headers = bearer(limited, world.staff[who])
        for _ in range(4):
            assert limited.get("/v1/purchases", headers=headers).status_code == 200
    assert too_often(limited.get("/v1/purchases", headers=headers))


def test_a_card_is_limited_on_both_ways_of_a_purchase_and_never_decided(limited, world):
    headers = bearer(limited, world.staff[CASHIER])
    for kind in ("application/json", "application/json; charset=utf-8"):
        headers["Content-Type"] = kind
        limited.app.state.quotas._payer = Rate(1, 60)
        limited.app.state.quotas._device = None
        path, content = a_path(), json.dumps(a_body(world))
        limited.get("/v1/purchases", headers=headers)  # the short way knows the token now
        assert limited.put(path, content=content, headers=headers).status_code == 200
        late = a_path()
        assert too_often(limited.put(late, content=content, headers=headers))
        assert limited.get(late, headers=headers).status_code == 404


def test_wrong_log_ins_are_limited_by_device_and_person_and_not_by_address(client, world):
    right = world.staff[CASHIER]
    for _ in range(WRONG_LOGINS_MAX + 1):  # a till that is opened all day
        assert client.post("/v1/sessions", json=right).status_code == 200
    wrong = right | {"device_secret": "x" * 32}
    for _ in range(WRONG_LOGINS_MAX):
        assert client.post("/v1/sessions", json=wrong).status_code == 401
    assert too_often(client.post("/v1/sessions", json=wrong))
    assert client.post("/v1/sessions", json=world.staff["KASIR-2"]).status_code == 200


def test_strangers_are_limited_by_address(client):
    for _ in range(CHECKS_OF_AN_ADDRESS_MAX):
        assert client.post("/v1/receipts/check", json={"text": "x"}).status_code == 200
    assert too_often(client.post("/v1/receipts/check", json={"text": "x"}))
    page = client.post("/struk", data={"kode": "x"})
    assert (page.status_code, page.headers["retry-after"]) == (429, "60")


def test_names_are_forgotten_one_by_one_and_a_window_ends(monkeypatch):
    now = 1_000.0
    monkeypatch.setattr("pos_engine.web.rates.time.monotonic", lambda: now)
    memory = BoundedMemory(2)
    rate = Rate(1, 60, names_max=2)
    assert rate.allow("a")
    assert not rate.allow("a")
    assert rate.wait_s("a") == 60
    now += 60
    assert rate.allow("a")
    for name in "abc":
        memory.incr(name, 60)
    assert (memory.get("a"), memory.get("c")) == (0, 1)
    memory.clear("c")
    assert memory.reset() == 1
    assert memory.check()


@pytest.mark.proof
def test_five_thousand_tills_behind_one_address_are_all_served(engine, world):
    """Each with a device and a living session of its own, under the limits that are shipped."""
    limits = (int(each) for each in Settings().per_minute.split("/"))
    device_max, _, payer_max = limits
    app = create_app(engine, quotas=Quotas(device_max, 0, payer_max))  # here they share one shop
    tokens = tokens_of(engine, world, CARRIER_TILLS)
    statuses = Counter()
    with TestClient(app, base_url="http://127.0.0.1", client=("100.64.0.1", 5000)) as client:
        for token in tokens:
            headers = {"Authorization": f"Bearer {token}"}
            statuses[client.get("/v1/sessions/sealing-key", headers=headers).status_code] += 1
            statuses[client.get("/v1/payers/methods", headers=headers).status_code] += 1
    assert statuses == {200: 2 * CARRIER_TILLS}


def tokens_of(engine, world, count):
    """Access tokens of as many devices, each of them real; a log-in is slow on purpose."""
    now = engine.now()
    with engine.database.begin() as tx:
        staff = shops.find_staff(tx, world.staff[CASHIER]["staff_id"])
        tokens = []
        for _ in range(count):
            device = shops.Device(
                new_uuid7(now), world.till_id, world.shop_id, b"x" * 32, shops.ACTIVE
            )
            shops.add_device(tx, device, now)
            known = sessions.Known(staff, device)
            tokens.append(sessions._open(engine, tx, known, None).access_token)
    return tokens


# ---- the id of a request


def test_an_id_is_taken_over_made_or_replaced(client):
    good = str(uuid.uuid4())
    assert (
        client.get("/health/live", headers={"X-Request-Id": good}).headers["x-request-id"] == good
    )
    for bad in ("", "3507135508800001", "x" * 500, "a b", "1" * 31):
        made = client.get("/health/live", headers={"X-Request-Id": bad}).headers["x-request-id"]
        assert re.fullmatch(r"[0-9a-f]{32}", made)


class Lines:
    """Stands for the log: keeps what was told, with what is bound to the request."""

    def __init__(self):
        self.told = []

    def info(self, event, **fields):
        self.told.append({"event": event} | get_contextvars() | fields)

    debug = info


def test_a_line_tells_route_status_and_time_and_nothing_that_was_sent(cashier, world, monkeypatch):
    lines = Lines()
    monkeypatch.setattr(request_ids, "log", lines)
    name, path = uuid.uuid4().hex, a_path()
    cashier.put(path, json=a_body(world), headers={"X-Request-Id": name})
    cashier.get(f"{path}?nik=3507135508800001")
    cashier.get("/no/such/3507135508800001")
    cashier.get("/till/")
    assert [each["route"] for each in lines.told] == [
        "/v1/purchases/{purchase_id}", "/v1/purchases/{purchase_id}", "-", "files",
    ]  # fmt: skip
    assert lines.told[0]["request_id"] == name
    assert {"event", "request_id", "method", "route", "status", "ms"} == set(lines.told[0])
    written = json.dumps(lines.told)
    for secret in (world.card, PIN, path.rsplit("/", 1)[1], "3507135508800001", "127.0.0.1"):
        assert secret not in written
