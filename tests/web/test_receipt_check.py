"""Anyone holds a receipt's code against the books: cocok or tidak cocok."""

import json
import re

import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.web import receipt_check
from pos_engine.wire.envelope import MOMENT_MS_MAX, as_receipt, parse_envelope
from tests.sealing import seal_all
from tests.selling_offline import a_tablet, put_aside
from tests.web.conftest import a_body, a_path, log_in
from tests.world import NOW

CHECK = "/v1/receipts/check"


@pytest.fixture
def sold(cashier, world):
    """The answer of an approved purchase; nobody is logged in afterwards."""
    answer = cashier.put(a_path(), json=a_body(world)).json()
    assert answer["status"] == "APPROVED"
    del cashier.headers["Authorization"]
    return answer


def test_a_receipt_matches_before_and_after_its_seal(sold, client, engine):
    text = sold["receipt"]["verify"]
    fresh = client.post(CHECK, json={"text": text}).json()
    assert fresh == {
        "match": "MATCH",
        "number": sold["receipt"]["number"],
        "amount": 67_000,
        "at": "2026-11-21T10:00",
        "zone": "WIB",
        "content": text.split("*")[4],
        "shop": "Warung Bu Sri",
        "place": fresh["place"],
        "status": "APPROVED",
        "returned": 0,
    }
    seal_all(engine)
    assert client.post(CHECK, json={"text": text}).json() == fresh


def test_an_altered_receipt_does_not_match(sold, client, engine):
    text = sold["receipt"]["verify"]
    number = sold["receipt"]["number"]
    altered = [
        text.replace("*67000*", "*76000*"),
        text.replace("*2611211000*", "*2611221000*"),
        text.replace(number, number[:-1] + ("0" if number[-1] != "0" else "1")),
        text[:-4] + ("AAAA" if text[-4:] != "AAAA" else "BBBB"),
    ]
    for each in altered:
        assert client.post(CHECK, json={"text": each}).json() == {"match": "NO_MATCH"}
    assert client.post(CHECK, json={"text": "halo"}).json() == {"match": "NO_RECEIPT"}


def test_a_cancelled_purchase_is_told(sold, client, world):
    owner = log_in(client, world.staff["PEMILIK"])["access_token"]
    void = {"purchase_id": sold["purchase_id"], "reason": "salah"}
    headers = {"Authorization": f"Bearer {owner}"}
    client.put(f"/v1/voids/{new_uuid7(NOW)}", json=void, headers=headers)
    found = client.post(CHECK, json={"text": sold["receipt"]["verify"]}).json()
    assert (found["match"], found["status"], found["returned"]) == ("MATCH", "VOIDED", 67_000)
    page = client.post("/struk", data={"kode": sold["receipt"]["verify"]}).text
    assert "sudah dibatalkan" in page


def test_the_page_for_people(sold, client, world):
    assert "Periksa struk" in client.get("/struk").text
    good = client.post("/struk", data={"kode": f" {sold['receipt']['verify']} "})
    text = re.sub(r"<[^>]+>", "", good.text)
    for said in ("Cocok", "Rp67.000", "21 Nov 2026 10.00 WIB", "Warung Bu Sri"):
        assert said in text
    assert "Saldo" not in text
    wrong = sold["receipt"]["verify"].replace("*67000*", "*76000*")
    bad = client.post("/struk", data={"kode": wrong})
    assert "Tidak cocok" in bad.text
    assert "76" not in re.sub(r"<[^>]+>", "", bad.text)
    assert client.post("/struk", data={"kode": "<b>x</b>"}).status_code == 422


def test_a_sale_without_signal_is_checked_by_the_tablets_own_signature(client, engine, world):
    tablet = a_tablet(engine, world.shop_id, world.till_id)
    aside = put_aside(engine, tablet, world.kpm_id)
    sale = tablet.sell(aside.allowance_id)
    text = as_receipt(sale.envelope)
    waiting = client.post(CHECK, json={"text": text}).json()
    assert (waiting["match"], waiting["status"]) == ("MATCH", "RECORDED")
    assert (waiting["amount"], waiting["at"]) == (13_400, "2026-11-21T10:00")
    assert waiting["shop"] == "Warung Bu Sri"
    assert "belum sampai ke mesin" in client.post("/struk", data={"kode": text}).text
    tablet.sync()
    assert client.post(CHECK, json={"text": text}).json()["status"] == "ACCEPTED"
    dearer = tablet.sell(aside.allowance_id, total=99_000).wire | {"sig": sale.sig}
    altered = as_receipt(parse_envelope(json.dumps(dearer).encode()))
    assert client.post(CHECK, json={"text": altered}).json() == {"match": "NO_MATCH"}
    stranger = tablet.sell(aside.allowance_id, device="nobody")
    assert client.post(CHECK, json={"text": as_receipt(stranger.envelope)}).json() == {
        "match": "NO_MATCH"
    }
    late = tablet.sell(aside.allowance_id, anchor_ms=MOMENT_MS_MAX, mono_ms=MOMENT_MS_MAX)
    assert client.post(CHECK, json={"text": as_receipt(late.envelope)}).status_code == 200
    assert client.post(CHECK, json={"text": "EWO1:x"}).json() == {"match": "NO_RECEIPT"}


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": 1}, {"text": "x" * 6_000}, {"x": "y"}])
def test_malformed_is_422(client, body):
    assert client.post(CHECK, json=body).status_code == 422


def test_who_tries_codes_is_slowed_down(client, monkeypatch):
    monkeypatch.setattr(receipt_check, "CHECKS_OF_AN_ADDRESS_MAX", 2)
    asked = [client.post(CHECK, json={"text": "halo"}).status_code for _ in range(3)]
    assert asked == [200, 200, 429]
    assert client.post("/struk", data={"kode": "halo"}).status_code == 429
