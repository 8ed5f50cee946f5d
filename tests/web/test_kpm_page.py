"""The KPM's page over HTTP: who gets in, what she sees, what she can stop, what it weighs."""

import re
import time

import cv2
import numpy as np
import pytest

from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.suspension import SuspensionReason
from pos_engine.services import install
from pos_engine.services.kpm_code import read_code
from pos_engine.services.prove import check_ledger
from pos_engine.services.snap_auth import stop_partner
from pos_engine.services.suspend import suspend
from pos_engine.store import ledger
from pos_engine.web.kpm_visit import ASKS_OF_A_NUMBER_MAX
from pos_engine.wire.qris_cpm import parse_cpm
from tests.kpm_page import ask, enter, hidden, hold_one, newest_code, send
from tests.sim.psp import NMID, NNS, join
from tests.web.conftest import a_body, a_line, a_path, log_in
from tests.world import BALANCE, MSISDN, PIN, rice

PAGE_BYTES_MAX = 60 * 1024
PAGES = ("/saya", "/saya/qr", "/saya/bayar", "/saya/riwayat", "/saya/warung", "/saya/kartu",
         "/saya/lapor")  # fmt: skip
STRANGER = "+6281200009999"


def left(engine, kpm_id):
    with engine.database.read() as tx:
        return sum(
            each.credited - each.spent for each in ledger.tranches_of(tx, kpm_id, lock=False)
        )


def bought(client, world, engine, **payer):
    token = log_in(client, world.staff["KASIR"])["access_token"]
    body = a_body(world, occurred_at=engine.now().isoformat(), payer=payer)
    answer = client.put(a_path(), json=body, headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200, answer.text
    return answer.json()


def read_picture(content):
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
    return cv2.QRCodeDetectorAruco().detectAndDecode(picture)[0]


def test_she_gets_in_by_her_number_and_a_code_and_sees_her_money(client, engine, world):
    assert "Nomor HP" in client.get("/saya").text
    page = enter(client, engine, "0812-3456-7890")
    assert "Rp200.000" in page
    assert "Belanjakan paling lambat" in page
    assert "Nov 2026" in page
    cookie = client.cookies.jar._cookies["127.0.0.1"]["/saya"]["ewarong_saya"]
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert cookie.get_nonstandard_attr("SameSite").lower() == "strict"
    assert cookie.expires - time.time() <= 30 * 60 + 5
    ended = send(client, page, "/saya/keluar")
    assert "Nomor HP" in ended.text
    assert world.kpm_id not in page + ended.text


def test_a_cookie_of_an_ended_visit_opens_nothing(client, engine, world, clock):
    page = enter(client, engine)
    kept = dict(client.cookies)
    send(client, page, "/saya/keluar")
    client.cookies.update(kept)
    assert "Nomor HP" in client.get("/saya").text
    client.cookies.clear()
    enter(client, engine)
    clock.advance(minutes=31)
    assert "Nomor HP" in client.get("/saya").text
    for path in PAGES[1:]:
        assert client.get(path, follow_redirects=False).status_code == 303
    assert client.get("/saya/qr.png").status_code == 401


def test_a_number_that_nobody_knows_gets_the_same_answer_and_no_sms(client, engine, world):
    known, unknown = ask(client), ask(client, STRANGER)
    told = [re.sub(r'value="[^"]*"', "", each.text) for each in (known, unknown)]
    assert told[0] == told[1]
    assert [each.to for each in engine.sms.messages()] == [MSISDN]
    data = {"masuk": hidden(unknown.text, "masuk"), "kode": "123456"}
    assert client.post("/saya/kode", data=data).status_code == 422
    assert ask(client, "12345").status_code == 422


def test_wrong_codes_are_counted_and_a_code_opens_one_visit(client, engine, world):
    token = hidden(ask(client).text, "masuk")
    code = newest_code(engine)
    wrong = "000000" if code != "000000" else "111111"
    for guess in ("", "abc", wrong, wrong, wrong, code):
        answer = client.post("/saya/kode", data={"masuk": token, "kode": guess})
        assert answer.status_code == 422
    assert not client.cookies
    enter(client, engine)
    client.cookies.clear()
    again = {"masuk": token, "kode": newest_code(engine)}
    assert client.post("/saya/kode", data=again).status_code == 422
    for forged in ("", "x", "a.b.c"):
        answer = client.post("/saya/kode", data={"masuk": forged, "kode": code})
        assert answer.status_code == 422


def test_a_number_is_not_flooded(client, engine, world):
    for _ in range(ASKS_OF_A_NUMBER_MAX):
        assert ask(client).status_code == 200
    assert ask(client).status_code == 429
    assert ask(client, STRANGER).status_code == 200
    assert len(engine.sms.messages()) == ASKS_OF_A_NUMBER_MAX


def test_a_number_that_was_long_silent_shows_nothing_before_her_pin(client, engine, world, clock):
    clock.advance(days=91)
    page = enter(client, engine)
    assert "PIN belanja" in page
    assert "Rp" not in page
    for path in ("/saya/riwayat", "/saya/qr", "/saya/kartu", "/saya/lapor"):
        assert client.get(path, follow_redirects=False).status_code == 303
    assert client.get("/saya/qr.png").status_code == 401
    assert "Harga tertinggi" in client.get("/saya/warung").text
    assert send(client, page, "/saya/pin", pin="000000").status_code == 422
    assert "Saldo bisa dipakai" in send(client, page, "/saya/pin", pin=PIN).text
    client.cookies.clear()
    assert "Saldo bisa dipakai" in enter(client, engine)  # she proved that the number is hers


def test_forms_of_other_pages_do_nothing(client, engine, world):
    page = enter(client, engine)
    card = hidden(client.get("/saya/kartu").text, "kartu")
    for key in ("x", "\u00e9" * 10):
        for path, data in (
            ("/saya/kartu", {"kartu": card, "sebab": "hilang"}),
            ("/saya/keluar", {}),
            ("/saya/bayar/ya", {"belanja": new_uuid7(engine.now())}),
        ):
            answer = client.post(path, data=data | {"kunci": key}, follow_redirects=False)
            assert answer.status_code == 303
    assert "Saldo bisa dipakai" in client.get("/saya").text
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert client.post("/saya/masuk", data={"nomor": MSISDN}, headers=elsewhere).status_code == 422
    assert "hilang: hentikan" in client.get("/saya/kartu").text
    assert hidden(page, "kunci")


def test_her_code_buys_once_at_the_till_and_names_nobody(client, engine, world, clock):
    enter(client, engine)
    picture = client.get("/saya/qr.png")
    assert picture.headers["cache-control"] == "no-store"
    code = read_picture(picture.content)
    assert read_code(engine, code).kpm_id == world.kpm_id
    assert world.kpm_id not in code
    assert read_picture(client.get("/saya/qr.png").content) != code
    first = bought(client, world, engine, method="QR", code=code)
    assert (first["status"], first["balance_after"]) == ("APPROVED", BALANCE - 67_000)
    again = bought(client, world, engine, method="QR", code=code)
    assert again["reason"] == "PAYER_TOKEN_USED"
    clock.advance(seconds=61)
    assert bought(client, world, engine, method="QR", code=code)["reason"] == "CODE_EXPIRED"
    assert bought(client, world, engine, method="QR", code="KPM1.x")["reason"] == "PAYER_UNKNOWN"
    assert left(engine, world.kpm_id) == BALANCE - 67_000


def test_pictures_are_not_made_without_end(client, engine, world, monkeypatch):
    monkeypatch.setattr("pos_engine.web.kpm_visit.PICTURES_OF_A_VISIT_MAX", 2)
    enter(client, engine)
    for _ in range(2):
        assert client.get("/saya/qr.png").status_code == 200
    assert client.get("/saya/qr.png").status_code == 429


def test_customers_qris_is_shown_only_under_a_licensed_providers_number(client, engine, world):
    enter(client, engine)
    assert client.get("/saya/qris.png").status_code == 404
    assert "QRIS" not in client.get("/saya/qr?jenis=qris").text
    partner = join(engine, {world.shop_id: NMID})
    assert "Kode QRIS saya" in client.get("/saya/qr?jenis=qris").text
    read = parse_cpm(read_picture(client.get("/saya/qris.png").content))
    assert read.valid
    assert read.nns == NNS
    assert read_code(engine, read.issuer_data).kpm_id == world.kpm_id
    stop_partner(engine, partner.partner_id)
    assert client.get("/saya/qris.png").status_code == 404


def test_she_sees_the_basket_and_pays_it_once(client, engine, world):
    join(engine, {world.shop_id: NMID})
    held = hold_one(engine, world)
    enter(client, engine)
    scan = client.get("/saya/bayar").text
    page = send(client, scan, "/saya/bayar", kode=f" {held.payload}\n").text
    assert "Warung Bu Sri" in page
    assert "Beras medium" in page
    assert "Ya, bayar Rp67.000" in page
    assert "Rp133.000" in page
    assert "tidak berkurang" in client.get("/saya/bayar/bukan").text
    assert left(engine, world.kpm_id) == BALANCE
    purchase = hidden(page, "belanja")
    first = send(client, page, "/saya/bayar/ya", belanja=purchase)
    assert "Disetujui" in first.text
    assert "Sisa saldo" in first.text
    assert send(client, page, "/saya/bayar/ya", belanja=purchase).text == first.text
    assert left(engine, world.kpm_id) == BALANCE - 67_000
    paid = send(client, scan, "/saya/bayar", kode=held.payload)
    assert "sudah dibayar" in paid.text
    history = client.get("/saya/riwayat").text
    assert "Beras medium" in history
    assert "5 kg" in history
    assert check_ledger(engine).good


def test_codes_that_are_not_paid_say_why(client, engine, world, clock):
    join(engine, {world.shop_id: NMID})
    large = hold_one(engine, world, rice(quantity_milli=20_000))
    scan = enter(client, engine)
    assert "bukan QRIS" in send(client, scan, "/saya/bayar", kode="https://x.example").text
    page = send(client, scan, "/saya/bayar", kode=large.payload).text
    assert "Saldo belum cukup" in page
    assert "Ya, bayar" not in page
    poor = send(client, scan, "/saya/bayar/ya", belanja=large.basket.purchase_id).text
    assert "Belum bisa dibayar" in poor
    unknown = send(client, scan, "/saya/bayar/ya", belanja=new_uuid7(engine.now()))
    assert "tidak ada" in unknown.text
    late = hold_one(engine, world)
    clock.advance(minutes=11)
    assert "habis" in send(client, scan, "/saya/bayar", kode=late.payload).text
    assert left(engine, world.kpm_id) == BALANCE


def test_a_lost_card_is_stopped_at_once_and_only_her_own(client, engine, world):
    page = enter(client, engine)
    own = hidden(client.get("/saya/kartu").text, "kartu")
    with engine.database.read() as tx:
        other = tx.exec_driver_sql("SELECT card_id FROM card WHERE kpm_id = 'KPM-2'").scalar_one()
    send(client, page, "/saya/kartu", kartu=other, sebab="hilang")
    untouched = bought(client, world, engine, method="KKS", card=world.other_card, pin=PIN)
    assert untouched["status"] == "APPROVED"
    stopped = send(client, page, "/saya/kartu", kartu=own, sebab="tertelan").text
    assert "Kartu sudah dihentikan" in stopped
    refused = bought(client, world, engine, method="KKS", card=world.card, pin=PIN)
    assert refused["reason"] == "CARD_LOST"
    assert left(engine, world.kpm_id) == BALANCE


def test_a_report_gets_one_number_and_her_words_are_sealed(client, engine, world):
    enter(client, engine)
    form = client.get("/saya/lapor").text
    told = {"masalah": "PRICE", "nomor": hidden(form, "nomor"), "cerita": "telur Rp40.000 sekilo"}
    first = send(client, form, "/saya/lapor", **told)
    number = re.search(r"L\d{6}[A-Z0-9]{4}", first.text)[0]
    assert number in send(client, form, "/saya/lapor", **told).text
    assert number in client.get("/saya/lapor").text
    with engine.database.read() as tx:
        rows = tx.exec_driver_sql("SELECT * FROM complaint").all()
        paused = tx.exec_driver_sql("SELECT noted_by FROM idle_pause").scalars().all()
    assert len(rows) == 1
    assert "telur" not in str(rows)
    assert paused == [number]
    for _ in range(12):
        form = client.get("/saya/lapor").text
        last = send(client, form, "/saya/lapor", **(told | {"nomor": hidden(form, "nomor")}))
    assert last.status_code == 429
    assert send(client, form, "/saya/lapor", masalah="MAGIC", nomor="x").status_code == 422


def test_shops_come_nearest_first_with_the_ceilings_there(client, engine, world):
    install.add_shop(engine, "Warung Sebelah", "35.07.13.2002")
    install.add_shop(engine, "Warung Jauh", "35.07.01.2001")
    enter(client, engine)
    page = client.get("/saya/warung").text
    order = [page.index(name) for name in ("Warung Bu Sri", "Warung Sebelah", "Warung Jauh")]
    assert order == sorted(order)
    assert "Mama Yosina" not in page
    assert "warung terdaftar Anda" in page
    assert "Rp13.500" in page


def test_all_of_it_weighs_at_most_60_kilobytes_and_asks_nobody_else(client, engine, world):
    token = log_in(client, world.staff["KASIR"])["access_token"]
    for sku in ("BERAS-MEDIUM", "TEMPE", "TAHU"):
        body = a_body(world, a_line(sku=sku, quantity_milli=1000, unit_price=1000))
        client.put(a_path(), json=body, headers={"Authorization": f"Bearer {token}"})
    enter(client, engine)
    total, seen = 0, set()
    for path in PAGES:
        answer = client.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert not re.search(r'(src|href|action)="(?!/saya|/static/saya)', answer.text), path
        assert "style=" not in answer.text
        total += len(answer.content)
        seen |= set(re.findall(r'(?:src|href)="(/(?:static|saya/qr)[^"#?]*)', answer.text))
    assert {"/static/saya.css", "/static/saya.js", "/static/saya.svg", "/saya/qr.png"} <= seen
    for path in sorted(seen - set(PAGES)):
        answer = client.get(path)
        assert answer.status_code == 200, path
        total += len(answer.content)
    print(f"the KPM's page weighs {total} bytes in all")  # noqa: T201 - the figure
    assert total <= PAGE_BYTES_MAX


@pytest.mark.parametrize("path", ["/saya/masuk", "/saya/kode", "/saya/bayar", "/saya/lapor"])
def test_odd_forms_are_refused_and_echo_nothing(client, engine, world, path):
    enter(client, engine)
    odd = {"nomor": "9" * 500, "kode": "<script>" * 400, "masuk": "x" * 9000, "cerita": "x" * 400}
    answer = client.post(path, data=odd)
    assert answer.status_code == 422
    assert "<script>" not in answer.text


def test_a_suspended_family_reads_who_and_why(client, engine, world):
    for officer in ("ani", "budi"):
        suspend(engine, world.kpm_id, SuspensionReason.MOVED, "Dinsos Kab. Malang", officer)
    page = enter(client, engine)
    assert "Dinsos Kab. Malang" in page
    assert "Rp200.000" in page
