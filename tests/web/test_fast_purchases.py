"""The short way of a purchase answers as the ordinary one does, and lets nobody in who is out."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from pos_engine.rules.identity import luhn_digit
from pos_engine.services.sessions import SHOP_ROLES
from pos_engine.store import shops
from pos_engine.store.group_commit import GroupCommit
from pos_engine.web import fast_purchases, purchases
from pos_engine.web.auth import KNOWN_MAX, KnownSessions
from pos_engine.web.purchase_bodies import read_purchase
from pos_engine.web.schemas import PurchaseIn
from tests.web.conftest import a_body, a_line, a_path, log_in
from tests.web.test_bad_input import MALFORMED_LINES
from tests.world import MSISDN, NOW, PIN, World

MODEL = TypeAdapter(PurchaseIn)
NAMED = {"X-Request-Id": "0" * 32}
# the short way takes no parameters
ORDINARY = NAMED | {"Content-Type": "application/json; charset=utf-8"}
SHORT = NAMED | {"Content-Type": "application/json"}
SOMEBODY = World("S-1", "T-1", "S-2", "T-2", "KPM-1", "9991", "KPM-2", "9991", {})


def by_the_model(content: bytes):
    """What the model of the ordinary way reads, or None."""
    try:
        body = MODEL.validate_python(json.loads(content))
    except (ValueError, ValidationError, RecursionError):
        return None
    lines = tuple(line.to_line() for line in body.lines)
    return body.till_id, body.occurred_at, body.payer.to_proof(), lines


def agree(content: bytes):
    """The short way accepts nothing that the model refuses, and reads the same."""
    asked, expected = read_purchase(content), by_the_model(content)
    if asked is not None:
        found = (asked.till_id, asked.occurred_at, asked.proof, asked.lines)
        assert found == expected
        assert asked.occurred_at.utcoffset() == expected[1].utcoffset()
    return asked, expected


CARD = "999100000000000" + luhn_digit("999100000000000")
ODD_TEXTS = st.one_of(
    st.text(max_size=70),
    st.from_regex(r"\A[ -~]{0,66}\n?\Z"),
    st.sampled_from(("2026-11-21T10:00:00+07:00", "2026-11-21T10:00:00.1234567Z", "KKS", "PHONE",
                     "2026-11-21t10:00:00z", "2026-11-21 10:00:00+07:00", MSISDN, "0812-3456-7890",
                     CARD, "9991 0000-0000 0000", "5264223600000005", "123456",
                     "١٢٣٤٥٦", "2990000000002", "2026-11-21T10:00:60Z")),
)  # fmt: skip
ODD = st.one_of(
    st.none(), st.booleans(), st.integers(-(10**13), 10**13), st.floats(), ODD_TEXTS,
    st.lists(st.integers(), max_size=2), st.just({"a": None}),
)  # fmt: skip
FIELDS = ("till_id", "occurred_at", "payer", "lines", "colour")
LINE_FIELDS = ("sku", "gtin", "quantity_milli", "unit_price", "unit", "colour")
PAYER_FIELDS = ("token", "method", "card", "pin", "msisdn", "code", "confirm")
PAYERS = (
    {"method": "KKS", "card": CARD, "pin": PIN},
    {"method": "PHONE", "msisdn": MSISDN, "code": "123456"},
    {"token": "x.y.z"},
    {"method": "QR", "code": "KPM1.x.y"},
)


@st.composite
def spoiled(draw):
    """A good body in which a few fields are replaced, added or left out."""
    payer, line = dict(draw(st.sampled_from(PAYERS))), a_line()
    body = {"till_id": "T-1", "occurred_at": NOW.isoformat(), "payer": payer, "lines": [line]}
    for target, names in ((body, FIELDS), (line, LINE_FIELDS), (payer, PAYER_FIELDS)):
        for name in draw(st.lists(st.sampled_from(names), max_size=2)):
            if draw(st.booleans()):
                target.pop(name, None)
            else:
                target[name] = draw(ODD)
    return json.dumps(body).encode()


@settings(max_examples=200)
@given(spoiled())
def test_the_short_way_accepts_nothing_that_the_model_refuses(content):
    agree(content)


@pytest.mark.parametrize("payer", PAYERS, ids=["card", "phone", "token", "qr"])
@pytest.mark.parametrize(
    "line",
    [a_line(), a_line(unit="kg"), a_line(sku=..., gtin="2990000000002"), a_line(unit=None)],
    ids=["sku", "unit", "gtin", "null"],
)
def test_what_tills_send_is_read_the_short_way(payer, line):
    asked, expected = agree(json.dumps(a_body(SOMEBODY, line, payer=payer)).encode())
    assert asked is not None
    assert expected is not None


BAD_BODIES = {name: {"lines": [line]} for name, (line, _) in MALFORMED_LINES.items()} | {
    "unknown field": {"colour": "red"},
    "no till": {"till_id": ...},
    "lines as text": {"lines": "many"},
    "too many lines": {"lines": [a_line()] * 1001},
    "no zone": {"occurred_at": "2026-11-21T10:00:00"},
    "a number of seconds": {"occurred_at": 1_795_000_000},
    "no payer": {"payer": ...},
    "nobody": {"payer": {}},
    "strange method": {"payer": {"method": "MAGIC"}},
    "empty token": {"payer": {"token": ""}},
    "empty code": {"payer": {"method": "QR", "code": ""}},
    "long code": {"payer": {"method": "QR", "code": "x" * 2_049}},
    "code and card": {"payer": {"method": "QR", "code": "x", "card": CARD}},
    "token and method": {"payer": {"token": "x", "method": None}},
    "short pin": {"payer": {"method": "KKS", "card": CARD, "pin": "12345"}},
    "bank card": {"payer": {"method": "KKS", "card": "5264223600000005", "pin": PIN}},
    "bad number": {"payer": {"method": "PHONE", "msisdn": "12", "code": "123456"}},
    "other till": {"till_id": "another"},
}


@pytest.fixture
def till(cashier):
    """A cashier whose token is known: the short way is open."""
    assert cashier.get("/v1/purchases").status_code == 200
    return cashier


@pytest.mark.parametrize("case", BAD_BODIES)
def test_a_bad_body_has_the_same_error_both_ways(till, world, case):
    content = json.dumps(a_body(world, **BAD_BODIES[case]))
    short = till.put(a_path(), content=content, headers=SHORT)
    ordinary = till.put(a_path(), content=content, headers=ORDINARY)
    assert short.status_code in (403, 422)
    assert (short.status_code, short.json()) == (ordinary.status_code, ordinary.json())
    assert dict(short.headers) == dict(ordinary.headers)


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b"[" * 50_000, b'{"a":NaN}'])
def test_what_is_no_body_has_the_same_error_both_ways(till, content):
    short = till.put(a_path(), content=content, headers=SHORT)
    ordinary = till.put(a_path(), content=content, headers=ORDINARY)
    assert (short.status_code, short.json()) == (ordinary.status_code, ordinary.json())


@pytest.fixture
def only_short(monkeypatch):
    """The ordinary way is closed."""

    def closed(*_):
        raise AssertionError

    monkeypatch.setattr(purchases, "authorize", closed)


@pytest.mark.usefixtures("only_short")
def test_a_good_purchase_takes_the_short_way(till, world):
    path = a_path()
    answer = till.put(path, json=a_body(world))
    assert (answer.status_code, answer.json()["status"]) == (200, "APPROVED")
    assert answer.headers["cache-control"] == "no-store"
    assert till.put(path, json=a_body(world)).content == answer.content
    assert till.put(path, json=a_body(world, a_line(unit_price=1))).status_code == 409


def test_both_ways_give_the_same_bytes(till, world):
    path, content = a_path(), json.dumps(a_body(world))
    short = till.put(path, content=content, headers=SHORT)
    ordinary = till.put(path, content=content, headers=ORDINARY)
    assert short.content == ordinary.content
    assert dict(short.headers) == dict(ordinary.headers)


@pytest.mark.usefixtures("only_short")
@pytest.mark.parametrize("act", ["device", "logout"])
def test_who_is_revoked_is_401_at_once(till, world, engine, act):
    assert till.put(a_path(), json=a_body(world, a_line(quantity_milli=1000))).status_code == 200
    if act == "device":
        with engine.database.begin() as tx:
            shops.set_device_status(tx, world.staff["KASIR"]["device_id"], shops.REVOKED)
    else:
        till.delete("/v1/sessions")
    path = a_path()
    answer = till.put(path, json=a_body(world))
    assert (answer.status_code, answer.json()["code"]) == (401, "NO_SESSION")
    assert answer.headers["www-authenticate"] == "Bearer"
    assert till.put(path, json=a_body(world)).status_code == 401
    other = log_in(till, world.staff["PEMILIK"])["access_token"]
    again = till.get(path, headers={"Authorization": f"Bearer {other}"})
    assert again.status_code == 404  # nothing was stored


def test_a_token_ends_by_itself(till, world, clock):
    clock.advance(minutes=11)
    assert till.put(a_path(), json=a_body(world)).status_code == 401


def test_another_till_is_403_both_ways(till, world):
    for headers in (SHORT, ORDINARY):
        content = json.dumps(a_body(world, till_id=world.other_till_id))
        answer = till.put(a_path(), content=content, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "OTHER_TILL")


@pytest.mark.usefixtures("only_short")
def test_a_full_queue_is_503_with_a_time_to_come_back(till, world, monkeypatch):
    path, body = a_path(), a_body(world)
    with monkeypatch.context() as patched:
        patched.setattr(till.app.state.engine.commits, "_waiting_max", 0)
        answer = till.put(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"]
    assert till.put(path, json=body).json()["status"] == "APPROVED"


@pytest.mark.usefixtures("only_short")
def test_an_answer_that_does_not_come_in_time_is_503(till, world, monkeypatch):
    """The queue is cut off from its writers; what was given up is never decided."""
    monkeypatch.setattr(fast_purchases, "ANSWER_WAIT_S_MAX", 0.1)
    path, body = a_path(), a_body(world)
    with monkeypatch.context() as patched:
        patched.setattr(GroupCommit, "_next", lambda _queue: [])
        patched.setattr(GroupCommit, "_start", lambda _queue: None)
        answer = till.put(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert till.get(path).status_code == 404


def test_known_tokens_are_bounded():
    known = KnownSessions()
    for number in range(KNOWN_MAX + 10):
        known.remember(str(number), None)
    assert len(known._known) == KNOWN_MAX
    assert "0" not in known._known


def test_only_shops_are_remembered(client, world):
    token = log_in(client, world.staff["KEMENSOS"])["access_token"]
    client.get("/v1/reports/prices", headers={"Authorization": f"Bearer {token}"})
    assert not client.app.state.known_sessions._known
    assert len(SHOP_ROLES) == 2
