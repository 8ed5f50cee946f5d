"""A PIN belanja that was sealed on the page: opened for its act and till alone, and only by us."""

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.services.pin_sealing import OLDER_OPENED
from tests.sealing_pins import raw, seal, text
from tests.web.conftest import a_body, a_path
from tests.world import NOW, PIN

NOT_OPENED = "PIN_NOT_OPENED"


@pytest.fixture
def key(client):
    answer = client.get("/v1/sessions/sealing-key")
    assert answer.status_code == 200
    return answer.json()


def payer(world, sealed):
    return {"method": "KKS", "card": world.card, "pin_sealed": sealed}


def buy(cashier, world, sealed, purchase_id=None):
    return cashier.put(a_path(purchase_id), json=a_body(world, payer=payer(world, sealed)))


def tries_left(cashier, world):
    """What a wrong PIN says is left: the third blocks."""
    answers = []
    while "PIN_BLOCKED" not in answers:
        body = a_body(world, payer={"method": "KKS", "card": world.card, "pin": "000001"})
        answers.append(cashier.put(a_path(), json=body).json()["reason"])
    return answers.count("PIN_WRONG")


def test_the_key_says_how_to_seal_and_until_when(key):
    assert key["algorithm"] == "ECDH-P256-HKDF-SHA256-A256GCM"
    assert len(raw(key["public_key"])) == 65
    assert key["until"] > key["server_time"]
    assert "private" not in str(key)


def test_a_sealed_pin_buys_on_the_fast_way_and_on_the_slow_one(cashier, world, key):
    first, second = new_uuid7(NOW), new_uuid7(NOW)
    answer = buy(cashier, world, seal(key, PIN, world.till_id, act=first), first)
    assert answer.json()["status"] == "APPROVED"
    body = a_body(world, payer=payer(world, seal(key, PIN, world.till_id, act=second)))
    slow = cashier.put(a_path(second), json=body, headers={"Content-Type": "application/json; v=1"})
    assert slow.json()["status"] == "APPROVED"


def test_twice_is_once_and_a_replay_buys_nothing_else(cashier, world, key):
    purchase_id = new_uuid7(NOW)
    sealed = seal(key, PIN, world.till_id, act=purchase_id)
    first = buy(cashier, world, sealed, purchase_id)
    assert buy(cashier, world, sealed, purchase_id).content == first.content
    other = buy(cashier, world, sealed)
    assert (other.status_code, other.json()["code"]) == (422, NOT_OPENED)


def test_sent_again_after_a_month_it_still_finds_its_answer(cashier, world, key, clock, client):
    purchase_id = new_uuid7(NOW)
    sealed = seal(key, PIN, world.till_id, act=purchase_id)
    first = buy(cashier, world, sealed, purchase_id)
    clock.advance(days=7 * OLDER_OPENED - 7)
    newer = client.get("/v1/sessions/sealing-key").json()
    assert newer["kid"] != key["kid"]
    token = client.post("/v1/sessions", json=world.staff["KASIR"]).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    assert buy(client, world, sealed, purchase_id).content == first.content
    clock.advance(days=21)
    token = client.post("/v1/sessions", json=world.staff["KASIR"]).json()["access_token"]
    client.headers["Authorization"] = f"Bearer {token}"
    assert buy(client, world, sealed, purchase_id).json()["code"] == NOT_OPENED


@pytest.mark.parametrize(
    "spoilt", ["other till", "altered", "other key", "cut", "no dots", "digits"]
)
def test_what_does_not_open_spends_no_try(cashier, world, key, spoilt):
    sealed = seal(key, PIN, world.till_id)
    kid, point, iv, cipher = sealed.split(".")
    flipped = text(bytes([raw(cipher)[0] ^ 1]) + raw(cipher)[1:])
    stranger = {"kid": key["kid"], "public_key": point}  # nobody's private key but the page's
    bad = {
        "other till": seal(key, PIN, world.other_till_id),
        "altered": f"{kid}.{point}.{iv}.{flipped}",
        "other key": seal(stranger, PIN, world.till_id),
        "cut": sealed[:-8],
        "no dots": "x" * 40,
        "digits": seal(key, "49381", world.till_id),
    }[spoilt]
    answer = buy(cashier, world, bad)
    assert (answer.status_code, answer.json()["code"]) == (422, NOT_OPENED)
    assert PIN not in answer.text
    assert tries_left(cashier, world) == 3


def test_a_wrong_pin_under_a_good_seal_spends_one(cashier, world, key):
    answer = buy(cashier, world, seal(key, "000002", world.till_id))
    assert answer.json()["reason"] == "PIN_WRONG"
    assert tries_left(cashier, world) == 2


def test_without_an_act_it_lives_ten_minutes(cashier, world, key, clock):
    sealed = seal(key, PIN, world.till_id)
    clock.advance(minutes=9)
    ask = {"till_id": world.till_id, **payer(world, sealed)}
    assert cashier.post("/v1/payers/identify", json=ask).json()["status"] == "IDENTIFIED"
    clock.advance(minutes=2)
    token = cashier.post("/v1/sessions", json=world.staff["KASIR"]).json()["access_token"]
    cashier.headers["Authorization"] = f"Bearer {token}"
    late = cashier.post("/v1/payers/identify", json=ask)
    assert late.json()["code"] == NOT_OPENED


def test_quotes_and_voids_take_it_too(cashier, world, key):
    lines = a_body(world)["lines"]
    sealed = payer(world, seal(key, PIN, world.till_id))
    quote = cashier.post("/v1/quotes", json={"lines": lines, "payer": sealed}).json()
    assert quote["balance_before"] == 200_000


def test_a_step_up_takes_it_beside_nothing_else(cashier, world, key):
    sealed = seal(key, PIN, world.till_id)
    ask = {"till_id": world.till_id, "continue": "x", "factor": "PIN", "pin_sealed": sealed}
    answer = cashier.post("/v1/payers/identify", json=ask)
    assert answer.json()["reason"] == "PAYER_UNKNOWN"  # the token is nobody's; the PIN was opened
    for wrong in ({"value": PIN}, {"factor": "CODE"}):
        assert cashier.post("/v1/payers/identify", json=ask | wrong).status_code == 422
    spoilt = ask | {"pin_sealed": sealed[:-4]}
    assert cashier.post("/v1/payers/identify", json=spoilt).json()["code"] == NOT_OPENED


@pytest.mark.parametrize("changes", [{"pin": PIN}, {"pin_sealed": ...}, {"pin_sealed": ""}])
def test_exactly_one_pin(cashier, world, key, changes):
    both = payer(world, seal(key, PIN, world.till_id)) | changes
    both = {name: value for name, value in both.items() if value is not ...}
    answer = cashier.put(a_path(), json=a_body(world, payer=both))
    assert (answer.status_code, answer.json()["code"]) == (422, "MALFORMED")


def test_a_bank_card_is_never_sealed_with_a_pin(cashier, world, key):
    sealed = seal(key, PIN, world.till_id)
    body = a_body(world, payer={"method": "KKS", "card": "6013011234567897", "pin_sealed": sealed})
    answer = cashier.put(a_path(), json=body)
    assert answer.status_code == 422
    assert "6013011234567897" not in answer.text
