"""Complaints over HTTP: from a till, by the shop's word, on the KPM's page, in the office."""

import base64
import re

import pytest

from pos_engine.rules.ids import new_uuid7
from tests.kpm_page import enter, hidden, send
from tests.returning import buy
from tests.web.conftest import log_in
from tests.world import PIN

PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 50


@pytest.fixture
def number(engine, world):
    """The number of her receipt."""
    purchase_id = buy(engine, world)
    with engine.database.read() as tx:
        query = "SELECT number FROM purchase WHERE purchase_id = ?"
        return tx.exec_driver_sql(query, (purchase_id,)).scalar_one()


def reference_in(text):
    return re.search(r"\bL[0-9A-Z]{7,11}\b", text)[0]


class TestTill:
    def body(self, engine, number, **more):
        return {
            "complaint_id": new_uuid7(engine.now()),
            "kind": "QUALITY",
            "words": "beras berkutu",
            "number": number,
            "photo": base64.b64encode(PNG).decode(),
        } | more

    def test_taken_down_swapped_and_confirmed_by_her_pin(self, cashier, engine, number):
        body = self.body(engine, number)
        first = cashier.post("/v1/complaints", json=body)
        assert first.status_code == 200, first.text
        assert cashier.post("/v1/complaints", json=body).json() == first.json()
        reference = first.json()["reference"]
        [owed] = cashier.get("/v1/complaints/swaps").json()["swaps"]
        assert (owed["reference"], owed["number"], owed["late"]) == (reference, number, False)
        assert owed["goods"] == ["Beras medium 5 kg"]
        assert owed["due_at"] == "2026-11-22T10:00:00+07:00"  # by the shop's clock
        assert "kutu" not in str(owed)
        path = f"/v1/complaints/{reference}/swap"
        act = {"act_id": new_uuid7(engine.now())}
        assert cashier.post(path, json=act).json()["swap"] == "BY_SHOP"
        wrong = cashier.post(path, json=act | {"pin": "111111"}).json()
        assert (wrong["swap"], wrong["reason"]) == (None, "PIN_WRONG")
        done = cashier.post(path, json={"act_id": new_uuid7(engine.now()), "pin": PIN})
        assert done.json()["swap"] == "DONE"
        assert cashier.get("/v1/complaints/swaps").json() == {"swaps": []}

    def test_bad_input_is_refused_and_echoes_nothing(self, cashier, engine, number):
        for changes, field in (
            ({"number": "3507-261121-00000000"}, "number"),
            ({"photo": base64.b64encode(b"GIF89a").decode()}, "photo"),
            ({"kpm_id": "KPM-1"}, None),
            ({"kind": "MAGIC"}, None),
            ({"line": 99}, None),
        ):
            answer = cashier.post("/v1/complaints", json=self.body(engine, number) | changes)
            assert answer.status_code == 422, changes
            assert "berkutu" not in answer.text
            if field:
                assert answer.json()["code"] == "COMPLAINT_NOT_TAKEN"

    def test_another_shop_cannot_say_that_it_swapped(self, cashier, engine, number, world, client):
        reference = cashier.post("/v1/complaints", json=self.body(engine, number)).json()[
            "reference"
        ]
        token = log_in(client, world.staff["KASIR-2"])["access_token"]
        other = {"Authorization": f"Bearer {token}"}
        act = {"act_id": new_uuid7(engine.now())}
        path = f"/v1/complaints/{reference}/swap"
        assert client.post(path, json=act, headers=other).status_code == 404
        assert client.get("/v1/complaints/swaps", headers=other).json() == {"swaps": []}


def test_she_sends_a_photo_sees_the_state_and_says_that_it_was_swapped(client, engine, world):
    purchase_id = buy(engine, world)
    enter(client, engine)
    form = client.get(f"/saya/lapor?belanja={purchase_id}").text
    assert "Beras medium" in form
    data = {
        "kunci": hidden(form, "kunci"),
        "nomor": hidden(form, "nomor"),
        "belanja": purchase_id,
        "masalah": "QUALITY",
        "barang": "0",
    }
    sent = client.post("/saya/lapor", data=data, files={"foto": ("b.png", PNG, "image/png")})
    assert "24 jam" in sent.text
    reference = reference_in(sent.text)
    page = client.get("/saya/lapor").text
    assert "menunggu warung menukar" in page
    done = send(client, page, "/saya/lapor/ditukar", laporan=reference, act=hidden(page, "act"))
    assert "barang sudah ditukar" in done.text
    assert "sudah dijawab" in done.text
    again = send(
        client, done.text, "/saya/lapor/belum", laporan=reference, act=hidden(done.text, "act")
    )
    assert "sedang diperiksa" in again.text
    with engine.database.read() as tx:
        assert tx.exec_driver_sql("SELECT COUNT(*) FROM complaint_photo").scalar_one() == 1


def test_a_photo_that_cannot_be_kept_does_not_lose_the_report(client, engine, world):
    enter(client, engine)
    form = client.get("/saya/lapor").text
    data = {"kunci": hidden(form, "kunci"), "nomor": hidden(form, "nomor"), "masalah": "OTHER"}
    sent = client.post("/saya/lapor", data=data, files={"foto": ("x.gif", b"GIF89a", "image/gif")})
    assert sent.status_code == 200
    assert reference_in(sent.text)
    assert "Fotonya tidak bisa disimpan" in sent.text


class TestOffice:
    def log_in(self, client, world, role):
        client.post("/kemensos/keluar")
        client.post("/kemensos/masuk", data=world.staff[role])

    def post(self, client, reference, what, **data):
        page = client.get(f"/kemensos/pengaduan/{reference}").text
        path = f"/kemensos/pengaduan/{reference}/{what}"
        return client.post(path, data={"act": hidden(page, "act")} | data)

    def test_paper_to_answer_with_two_people_for_the_money(self, client, engine, world, number):
        self.log_in(client, world, "DINSOS")
        form = client.get("/kemensos/pengaduan/baru").text
        data = {"act": hidden(form, "act"), "struk": number, "tentang": "NOT_ME", "kata": "<b>x"}
        taken = client.post("/kemensos/pengaduan/baru", data=data)
        reference = reference_in(taken.text)
        assert reference in client.get("/kemensos/pengaduan").text
        case = client.get(f"/kemensos/pengaduan/{reference}").text
        assert "&lt;b&gt;x" in case
        assert number in case
        assert "sedang diperiksa" in self.post(client, reference, "periksa").text
        self.post(client, reference, "uang", uang="SHOP_PAYS", kata="KPM tidak di warung")
        own = self.post(client, reference, "setujui")
        assert (own.status_code, "petugas lain" in own.text) == (422, True)
        self.log_in(client, world, "KEMENSOS")
        done = self.post(client, reference, "setujui")
        assert "disetujui petugas kedua" in done.text
        answered = self.post(client, reference, "jawab", kata="Uang sudah kembali.")
        assert "sudah dijawab" in answered.text
        closed = self.post(client, reference, "selesai")
        assert "Jawaban: Uang sudah kembali." in closed.text
        assert reference in client.get("/kemensos/pengaduan?selesai=1").text

    def test_nobody_without_a_session_and_nobody_of_another_region(
        self, client, engine, world, number
    ):
        assert client.get("/kemensos/pengaduan", follow_redirects=False).status_code == 303
        assert (
            client.post(
                "/kemensos/pengaduan/L0000000/jawab",
                data={"act": new_uuid7(engine.now()), "kata": "x"},
                follow_redirects=False,
            ).headers["location"]
            == "/kemensos"
        )
        self.log_in(client, world, "DINSOS")
        nowhere = client.get("/kemensos/pengaduan/L0000000", follow_redirects=False)
        assert nowhere.headers["location"] == "/kemensos/pengaduan"


def test_the_release_calendar_is_drawn_and_downloaded(client, world):
    client.post("/kemensos/masuk", data=world.staff["DINSOS"])
    page = client.get("/kemensos/jadwal?kapasitas=300&mulai=2026-12-01")
    assert page.status_code == 200
    assert "2 keluarga disalurkan dalam 1 hari" in page.text
    assert "<svg" in page.text
    assert 'style="' not in page.text
    rows = client.get("/kemensos/jadwal/kalender.csv?kapasitas=300&mulai=2026-12-01").text
    assert rows.splitlines()[1].startswith("2026-12-01,35.07.13,")
    wrong = client.get("/kemensos/jadwal?kapasitas=300&buka=20&tutup=8").text
    assert "belum masuk akal" in wrong
    outside = client.get("/kemensos/jadwal?kapasitas=300&wilayah=94").text
    assert "2 keluarga" in outside  # clipped to her own region
