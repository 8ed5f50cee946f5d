"""The officers' pages of aid, families left out, shops, service and trail: whole, and in scope."""

import re

import pytest

from pos_engine.services import cards
from pos_engine.services.authorize import authorize
from pos_engine.services.payer import CardProof
from pos_engine.store.cards import cards_of
from tests.lakes import a_day_of_everything, with_lake, write
from tests.world import a_purchase

PAGES = {
    "penyaluran": "Dari ditetapkan sampai habis",
    "belum-belanja": "Daftar kerja",
    "kartu": "Kartu belum tersalur",
    "tersisih": "Menurut cara",
    "jarak": "Warung terdekat",
    "warung": "Jualan tiap hari?",
    "layanan": "Gagal teknis",
    "jejak": "Siapa berbuat apa",
}
SPAN = "dari=2026-11-01&sampai=2027-02-28"
MONTH = "dari=2026-11-01&sampai=2026-11-30"


@pytest.fixture
def engine(engine, tmp_path):
    return with_lake(engine, tmp_path)


@pytest.fixture
def sold(engine, world, clock):
    """A day of everything, a card that waits, a family that failed, eight days ago."""
    a_day_of_everything(engine, world)
    authorize(engine, a_purchase(world, proof=CardProof(world.other_card, "000000"), at=clock.at))
    with engine.database.read() as tx:
        [old] = cards_of(tx, "KPM-2")
    cards.replace(engine, old.card_id, "officer-1")
    clock.advance(days=8)
    write(engine)


@pytest.fixture
def read(client, world):
    """Pages as one officer after another; the cookie stays while the officer is the same."""
    logged_in = []

    def page(path, who="KEMENSOS"):
        if logged_in[-1:] != [who]:
            client.cookies.clear()
            client.post("/kemensos/masuk", data=world.staff[who], follow_redirects=False)
            logged_in.append(who)
        return client.get(f"/kemensos/{path}", follow_redirects=False)

    return page


def test_each_page_reads_itself_and_gives_its_rows(read, sold):
    names = set()
    for path, words in PAGES.items():
        answer = read(f"{path}?{SPAN}")
        assert answer.status_code == 200, answer.text
        text = answer.text
        assert words in text, path
        assert 'class="reading"' in text
        assert "<details>" in text
        assert "style=" not in text
        assert not re.search(r"<script(?! src=)", text)
        drawn = re.findall(r'aria-labelledby="([\w-]+) ([\w-]+)"', text)
        assert drawn, path
        assert len(drawn) == len(set(drawn))
        names |= set(re.findall(r'href="/kemensos/unduh/([\w-]+)\.xlsx', text))
    assert names >= {"disbursement", "credits", "left-out", "access", "shop-health", "outages"}


@pytest.mark.proof
@pytest.mark.parametrize(
    "name",
    ["disbursement", "credits", "left-out", "access", "shop-health", "outages", "officer-acts"],
)
def test_a_file_says_what_it_is(read, sold, name):
    file = read(f"unduh/{name}.csv?{MONTH}")
    assert file.headers["x-report-sha256"] in file.text


def test_an_officer_of_a_regency_stays_in_it(read, sold):
    """DINSOS is of Malang; the other shop lies in Papua."""
    for path in ("belum-belanja", "tersisih", "warung", "jejak"):
        foreign = read(f"{path}?{MONTH}&wilayah=94", "DINSOS").text
        assert "di luar wewenang" in foreign, path
        assert "Mama Yosina" not in foreign
        odd = f"{path}?{MONTH}&wilayah=35.07' OR '1'='1&hari=9;DROP&lihat=x&periode=<b>"
        answer = read(odd, "DINSOS")
        assert answer.status_code == 200, path
        assert "<b>'" not in answer.text


def test_nobody_reads_without_a_session(client):
    for path in PAGES:
        assert client.get(f"/kemensos/{path}", follow_redirects=False).status_code == 303
        assert client.post("/kemensos/kartu/cetak", follow_redirects=False).status_code == 303


def test_the_funnel_in_one_sentence(read, sold):
    text = read(f"penyaluran?{MONTH}").text
    assert "Dari 2 keluarga yang ditetapkan, 2 sudah menerima saldo, 1 sudah belanja" in text
    assert "SP2D" in text
    assert "SP2D" not in read(f"penyaluran?{MONTH}", "PENDAMPING").text


class TestLists:
    @pytest.mark.proof
    def test_days_to_come_unless_chosen(self, read, sold):
        text = read("belum-belanja").text
        assert "2 menunggu, masih menyimpan Rp" in text
        assert 'value="2026-11-29"' in text  # today
        assert "Tidak ada yang menunggu" in read("belum-belanja?dari=2026-11-29").text

    def test_marked_rows_are_printed_and_no_others(self, client, read, sold):
        page = read("belum-belanja?dari=2026-11-29&sampai=2027-02-28", "PENDAMPING").text
        assert "KPM-1" in page
        form = re.search(r'action="([^"]+cetak[^"]*)"', page)[1].replace("&amp;", "&")
        mark = next(each for each in re.findall(r'value="([^"]+)"', page) if "KPM-2" in each)
        paper = client.post(form, data={"pilih": [mark]}).text
        assert "Hasil kunjungan" in paper
        assert "KPM-2" in paper
        assert "KPM-1" not in paper
        assert "KPM-1" in client.post(form).text
        foreign = form + "&wilayah=94"
        assert "KPM-2" in client.post(foreign, data={"pilih": [mark]}).text  # his own place stays

    def test_names_of_families_left_out_only_for_those_who_work_on_them(self, read, sold):
        text = read(f"tersisih/keluarga?{MONTH}", "DINSOS").text
        assert "KPM-2" in text
        assert "gagal dikenali" in text
        for path in (f"tersisih/keluarga?{MONTH}", f"unduh/left-out-families.csv?{MONTH}"):
            assert read(path).status_code == 303
            assert read(path, "PENDAMPING").status_code == 200

    def test_a_program_may_ask_no_more_than_a_person(self, client, world, sold):
        login = client.post("/v1/sessions", json=world.staff["KEMENSOS"]).json()
        headers = {"Authorization": f"Bearer {login['access_token']}"}
        days = {"from": "2026-11-01", "to": "2026-11-30"}
        asked = client.get("/v1/reports/left-out-families", params=days, headers=headers)
        assert asked.status_code == 403
        assert client.get("/v1/reports/credits", params=days, headers=headers).status_code == 200
        owner = client.post("/v1/sessions", json=world.staff["PEMILIK"]).json()
        headers = {"Authorization": f"Bearer {owner['access_token']}"}
        for name in ("credits", "left-out", "outages", "access", "officer-acts"):
            asked = client.get(f"/v1/reports/{name}", params=days, headers=headers)
            assert asked.status_code == 403, name


def test_left_out_beside_what_others_publish(read, sold):
    text = read(f"tersisih?{MONTH}").text
    assert "1 dari 2 keluarga yang datang (50%)" in text
    assert "India" in text
    assert "Pakistan" in text
    assert "<title" in text
    month = read(f"tersisih?{MONTH}&hari=30").text
    assert "Belum ada keluarga yang datang dan sudah bisa dinilai" not in text
    assert 'value="30" selected' in month


@pytest.mark.proof
def test_without_a_lake_it_is_said(read):
    for path in ("tersisih", "layanan"):
        assert "danau kejadian" in read(path).text


@pytest.mark.proof
def test_the_trail_is_filtered(read, sold, world):
    text = read(f"jejak?{MONTH}&perbuatan=CREDIT").text
    assert "officer-2" in text
    assert "Katalog: " not in text
    assert "Penyaluran: " not in read(f"jejak?{MONTH}&perbuatan=CATALOGUE").text
    assert "officer-1" not in read(f"jejak?{MONTH}&petugas=officer-2").text.split("<tbody>")[1]


@pytest.mark.proof
def test_shops_that_need_a_look(read, sold):
    text = read(f"warung?{MONTH}&lihat=AID_ONLY").text
    assert "Warung Bu Sri" in text
    assert "Kios Mama Yosina" not in text.split("Hanya bantuan: 1")[1]
