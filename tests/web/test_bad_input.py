"""Every kind of bad input gets its own clear answer, nothing is half stored, the server lives."""

import base64
import json
from datetime import timedelta

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services.prove import check_ledger
from pos_engine.store.database import Database, UnavailableError
from pos_engine.store.schema import purchase, purchase_claim
from tests.web.conftest import a_body, a_line, a_path, log_in
from tests.world import NOW, PIN, credit

MALFORMED_LINES = {
    "unknown field": (a_line(colour="red"), "lines.0.colour"),
    "price as float": (a_line(unit_price=13_400.0), "lines.0.unit_price"),
    "price as text": (a_line(unit_price="13400"), "lines.0.unit_price"),
    "price as bool": (a_line(unit_price=True), "lines.0.unit_price"),
    "price zero": (a_line(unit_price=0), "lines.0.unit_price"),
    "price negative": (a_line(unit_price=-1), "lines.0.unit_price"),
    "price beyond any integer": (a_line(unit_price=10**30), "lines.0.unit_price"),
    "price missing": (a_line(unit_price=...), "lines.0.unit_price"),
    "quantity as float": (a_line(quantity_milli=5000.5), "lines.0.quantity_milli"),
    "quantity as bool": (a_line(quantity_milli=True), "lines.0.quantity_milli"),
    "quantity null": (a_line(quantity_milli=None), "lines.0.quantity_milli"),
    "quantity beyond any integer": (a_line(quantity_milli=10**30), "lines.0.quantity_milli"),
    "sku and gtin": (a_line(gtin="2990000000002"), "lines.0"),
    "neither sku nor gtin": (a_line(sku=...), "lines.0"),
    "gtin with a wrong check digit": (a_line(sku=..., gtin="2990000000011"), "lines.0.gtin"),
    "gtin with letters": (a_line(sku=..., gtin="29900000000AB"), "lines.0.gtin"),
    "sku with a control character": (a_line(sku="BERAS\x00"), "lines.0.sku"),
    "sku with a lone surrogate": (a_line(sku="\ud800"), "lines.0.sku"),
    "line that is no object": ([1], "lines.0"),
}


@pytest.fixture(autouse=True)
def nothing_half_stored(engine):
    """Whatever was sent: a claim and its purchase stand together or not at all."""
    yield
    with engine.database.read() as tx:
        claims = {row.purchase_id for row in tx.execute(purchase_claim.select())}
        rows = {row.purchase_id for row in tx.execute(purchase.select())}
    assert claims == rows


def refused(cashier, path, content):
    """Send, expect 422 with problem details, and nothing stored under the id."""
    answer = cashier.put(path, content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "MALFORMED"
    if "zzz" not in path:
        assert cashier.get(path).status_code == 404
    return [error["field"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("case", MALFORMED_LINES)
def test_a_malformed_line_names_its_field(cashier, world, case):
    line, field = MALFORMED_LINES[case]
    assert field in refused(cashier, a_path(), json.dumps(a_body(world, line)))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"till_id": ...}, "till_id"),
        ({"till_id": 7}, "till_id"),
        ({"lines": "many"}, "lines"),
        ({"lines": ...}, "lines"),
        ({"lines": [a_line()] * 1001}, "lines"),
        ({"occurred_at": 1_795_000_000}, "occurred_at"),
        ({"occurred_at": "2026-11-21T10:00:00"}, "occurred_at"),
        ({"occurred_at": "yesterday"}, "occurred_at"),
        ({"occurred_at": "9999-12-31T23:59:59-23:59"}, "occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+23:59"}, "occurred_at"),
        ({"payer": ...}, "payer"),
        ({"payer": None}, "payer"),
        ({"payer": {}}, "payer"),
        ({"payer": {"method": "MAGIC"}}, "payer"),
        ({"payer": {"token": ""}}, "payer.token"),
        ({"payer": {"token": "x" * 5000}}, "payer.token"),
        ({"payer": {"method": "PHONE", "msisdn": "12", "code": "123456"}}, "payer.msisdn"),
        ({"payer": {"method": "PHONE", "msisdn": "08123456789", "code": "12"}}, "payer.code"),
        ({"payer": {"method": "KKS", "card": "9991000000000000", "pin": 123456}}, "payer.pin"),
        ({"payer": {"method": "KKS", "card": "9991000000000000", "pin": "12345"}}, "payer.pin"),
        ({"payer": {"method": "KKS", "card": "9991000000000000", "pin": "12345a"}}, "payer.pin"),
        ({"payer": {"method": "KKS", "card": "9991000000000001", "pin": PIN}}, "payer"),
        ({"payer": {"method": "KKS", "card": "short", "pin": PIN}}, "payer"),
    ],
)
def test_a_malformed_body_names_its_field(cashier, world, changes, field):
    assert field in refused(cashier, a_path(), json.dumps(a_body(world, **changes)))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"not json",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe",
        b'{"till_id": NaN}',
        b"[" * 100_000,
        b'{"a":' * 20_000,
        b'{"n": ' + b"9" * 5000 + b"}",
    ],
    ids=["empty", "cut", "prose", "list", "null", "text", "not utf-8", "nan", "deep", "deeper",
         "long number"],
)  # fmt: skip
def test_what_is_no_json_object_is_422(cashier, content):
    refused(cashier, a_path(), content)


@pytest.mark.parametrize(
    "purchase_id",
    ["zzz", "0", "7b1b6c0e-1f6e-4c50-8a3b-0d8b1c2f3a4d", "01930000-0000-7000-8000-00000000000Z"],
)
def test_an_id_that_is_no_uuid7_is_422(cashier, world, purchase_id):
    answer = cashier.put(f"/v1/purchases/{purchase_id}", json=a_body(world))
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "purchase_id")


def test_a_bank_card_with_a_pin_is_refused_and_nothing_kept(cashier, world, engine, caplog):
    bank_card = "5264223600000005"
    payer = {"method": "KKS", "card": bank_card, "pin": PIN}
    answer = cashier.put(a_path(), json=a_body(world, payer=payer))
    assert answer.status_code == 422
    assert bank_card not in answer.text
    assert PIN not in answer.text
    assert bank_card not in caplog.text


def test_no_error_repeats_what_was_sent(cashier, world):
    secret = "0812-9999-1234-secret"
    for payer in (
        {"method": "PHONE", "msisdn": secret, "code": "123456"},
        {"method": "KKS", "card": secret, "pin": "987654x"},
    ):
        answer = cashier.put(a_path(), json=a_body(world, payer=payer))
        assert answer.status_code == 422
        assert secret not in answer.text
        assert "987654" not in answer.text


UNLAWFUL = {
    "no lines": ([], "BASKET_EMPTY"),
    "51 lines": ([a_line(quantity_milli=100)] * 51, "BASKET_TOO_LARGE"),
    "unknown sku": ([a_line(sku="EMAS-BATANGAN")], "ITEM_UNKNOWN"),
    "unknown gtin": ([a_line(sku=..., gtin="4006381333931")], "ITEM_UNKNOWN"),
    "quantity zero": ([a_line(quantity_milli=0)], "QUANTITY_INVALID"),
    "quantity negative": ([a_line(quantity_milli=-1000)], "QUANTITY_INVALID"),
    "quantity of a ship": ([a_line(quantity_milli=10**9)], "QUANTITY_INVALID"),
    "worth nothing": ([a_line(quantity_milli=1, unit_price=1)], "QUANTITY_INVALID"),
    "wrong unit": ([a_line(unit="liter")], "UNIT_MISMATCH"),
    "half an egg": ([a_line(sku="TELUR-AYAM", unit="butir", quantity_milli=500, unit_price=1500)],
                    "QUANTITY_INVALID"),
    "phone credit": ([a_line(sku="PULSA", quantity_milli=1000, unit_price=10_000)],
                     "ITEM_NOT_IN_PROGRAMME"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNLAWFUL)
def test_well_typed_but_unlawful_is_a_stored_refusal(cashier, world, case):
    lines, reason = UNLAWFUL[case]
    path = a_path()
    answer = cashier.put(path, json=a_body(world, lines=lines))
    assert answer.status_code == 200
    assert (answer.json()["status"], answer.json()["reason"]) == ("DECLINED", reason)
    assert answer.json()["message"]
    assert answer.json()["next_step"]
    assert cashier.get(path).content == answer.content


def test_a_het_good_without_a_ceiling_row_is_refused(cashier, world, engine, clock):
    """Before the first regulation nothing is known, so rice cannot be priced."""
    clock.at = NOW.replace(year=2017, month=3)
    shown = engine.now().isoformat()
    # the session, the tranche and the catalogue are all of that day

    credit(engine, {world.other_kpm_id: 110_000}, period="2017-03")
    token = log_in(cashier, world.staff["KASIR"])["access_token"]
    body = a_body(world, occurred_at=shown)
    answer = cashier.put(a_path(), json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["reason"] == "CEILING_MISSING"


@pytest.mark.parametrize("hours", [25, -25, 48, -48, 24 * 365])
def test_a_clock_a_day_off_is_422(cashier, world, hours):
    path = a_path()
    at = (NOW + timedelta(hours=hours)).isoformat()
    answer = cashier.put(path, json=a_body(world, occurred_at=at))
    assert (answer.status_code, answer.json()["code"]) == (422, "CLOCK_SKEW")
    assert answer.json()["errors"][0]["field"] == "occurred_at"
    assert cashier.get(path).status_code == 404


def test_ten_megabytes_are_refused_by_their_length(cashier):
    answer = cashier.put(a_path(), content=b"x" * 10_000_000)
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


def test_ten_megabytes_without_a_length_are_refused_while_read(cashier):
    def chunks():
        for _ in range(10_000):
            yield b"x" * 1000

    answer = cashier.put(a_path(), content=chunks())
    assert (answer.status_code, answer.json()["code"]) == (413, "BODY_TOO_LARGE")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"images": []}, 422, "images"),
        ({"images": ["AAAA"] * 16}, 422, "images"),
        ({"images": ["not base64!"]}, 422, "images.0"),
        ({"images": [7]}, 422, "images.0"),
        ({"images": ["AAAA", "A" * 420_000]}, 413, "images.1"),
        ({"images": ["A" * 380_000] * 8}, 413, None),
        ({"images": ["A" * 300_000] * 11}, 413, None),
        ({"images": ["AAAA"], "till_id": "other"}, 403, None),
        ({"images": ["AAAA"], "extra": 1}, 422, "extra"),
    ],
)
def test_bad_pictures_are_named(cashier, world, changes, status, field):
    body = {"till_id": world.till_id, "method": "FACE"} | changes
    answer = cashier.post("/v1/payers/identify", json=body)
    assert answer.status_code == status, answer.text
    if field:
        assert answer.json()["errors"][0]["field"] == field


@pytest.mark.parametrize(
    ("price", "quantity"),
    [(2**31, 1_000_000), (2**53 - 1, 1_000_000), (2**63 - 1, 1_000_000), (2**63, 1_000_000)],
    ids=["2^31", "2^53-1", "2^63-1", "2^63"],
)
def test_an_amount_beyond_any_wallet_is_an_answer_and_never_a_fault(
    cashier, world, engine, price, quantity
):
    """50 lines of a ton at such a price: the ceiling refuses it before it is money."""
    lines = [a_line(unit_price=price, quantity_milli=quantity)] * 50
    path = a_path()
    answer = cashier.put(path, json=a_body(world, *lines))
    assert answer.status_code in {200, 422}, answer.text
    if answer.status_code == 200:
        assert answer.json()["status"] == "DECLINED"
        assert cashier.get(path).content == answer.content
    assert check_ledger(engine).good


def test_an_id_of_another_shop_is_409_and_says_nothing_of_it(cashier, client, world):
    path = a_path()
    assert cashier.put(path, json=a_body(world)).json()["status"] == "APPROVED"
    token = log_in(client, world.staff["KASIR-2"])["access_token"]
    other = {"Authorization": f"Bearer {token}"}
    for changes in ({}, {"payer": {"method": "KKS", "card": world.other_card, "pin": PIN}}):
        body = a_body(world, till_id=world.other_till_id, **changes)
        answer = client.put(path, json=body, headers=other)
        assert (answer.status_code, answer.json()["code"]) == (409, "DUPLICATE_DIFFERENT")
        assert "67000" not in answer.text
        assert world.shop_id not in answer.text


def test_the_server_lives_after_all_of_it(cashier, world):
    for content in (b"[" * 100_000, b"\xff", b"x" * 300_000):
        cashier.put(a_path(), content=content)
    answer = cashier.put(a_path(new_uuid7(NOW)), json=a_body(world))
    assert answer.json()["status"] == "APPROVED"


def test_a_database_that_is_gone_is_503_and_the_same_request_works_later(
    cashier, world, monkeypatch
):
    def gone(_database, _work):
        raise UnavailableError

    path, body = a_path(), a_body(world)
    with monkeypatch.context() as patched:
        patched.setattr(Database, "transact", gone)
        answer = cashier.put(path, json=body)
    assert (answer.status_code, answer.json()["code"]) == (503, "UNAVAILABLE")
    assert answer.headers["retry-after"]
    assert cashier.put(path, json=body).json()["status"] == "APPROVED"


def test_a_fault_is_a_problem_document_without_its_inside(cashier, world, monkeypatch):
    def broken(_database, _work):
        message = f"secret {world.card}"
        raise RuntimeError(message)

    monkeypatch.setattr(Database, "transact", broken)
    answer = cashier.put(a_path(), json=a_body(world))
    assert (answer.status_code, answer.json()["code"]) == (500, "FAULT")
    assert world.card not in answer.text


@pytest.mark.parametrize(
    "token",
    ["", "x", "x.y.z", "..", base64.urlsafe_b64encode(b"[" * 3000).decode() + ".e30.x", "\x7f\x01"],
    ids=["none", "word", "three words", "dots", "deep", "control"],
)
def test_a_strange_token_is_401_and_never_a_fault(client, world, token):
    headers = {"Authorization": b"Bearer " + token.encode()}
    assert client.put(a_path(), json=a_body(world), headers=headers).status_code == 401


@pytest.mark.parametrize("token", ["\x00.x", "x", "x.y", "é.x"])
def test_a_strange_refresh_token_is_refused(client, token):
    answer = client.post("/v1/sessions/refresh", json={"refresh_token": token})
    assert answer.status_code in (401, 422)


def test_a_strange_payer_token_is_nobody(cashier, world):
    deep = base64.urlsafe_b64encode(b"[" * 3000).decode() + ".e30.x"
    answer = cashier.put(a_path(), json=a_body(world, payer={"token": deep}))
    assert answer.json()["reason"] == "PAYER_UNKNOWN"


def test_a_region_with_a_control_character_is_422(cashier):
    assert cashier.get("/v1/catalog", params={"region": "35\x00"}).status_code == 422
