"""The officers' pages: who gets in, what each says, that no question leads out of a region."""

import io
import re

import pyarrow.parquet as pq
import pytest

from pos_engine.store.schema import shop
from pos_engine.web.office import NAVIGATION
from pos_engine.web.office_cells import cell, moment_written, number, percent, short_money
from pos_engine.web.office_places import choices, place_asked, trail
from pos_engine.web.pictures import prices_against_ceiling, reading
from pos_engine.web.pictures_bars import Bar, bars
from pos_engine.web.pictures_map import NAMES, TILES, Tile, tile_map
from pos_engine.web.pictures_ribbon import PriceDay, ribbon
from tests.lakes import a_day_of_everything, with_lake, write
from tests.web.conftest import a_body, a_line, a_path
from tests.world import NOW

OWN = ("", "/peta", "/harga", "/belanja", "/selisih")
DAYS = {"dari": "2026-11-01", "sampai": "2026-11-30"}
PAGE_BYTES_MAX = 100_000


def sign_in(client, world, role="KEMENSOS"):
    return client.post("/kemensos/masuk", data=world.staff[role], follow_redirects=True)


def words(page):
    return re.sub(r"<[^>]+>", " ", page.text)


class TestWayIn:
    def test_it_asks_for_a_log_in_first(self, client):
        for path in OWN:
            page = client.get(f"/kemensos{path}")
            assert "Masuk sebagai petugas" in page.text
            assert "Ringkasan" not in page.text

    def test_a_wrong_pin_and_a_cashier_stay_outside(self, client, world):
        for login in (world.staff["KEMENSOS"] | {"pin": "000000"}, world.staff["KASIR"]):
            page = client.post("/kemensos/masuk", data=login, follow_redirects=True)
            assert "belum cocok" in page.text

    def test_log_out(self, client, world):
        assert "Ringkasan" in sign_in(client, world).text
        page = client.post("/kemensos/keluar", follow_redirects=True)
        assert "Masuk sebagai petugas" in page.text
        assert "Ringkasan" not in client.get("/kemensos").text

    def test_after_ten_minutes_she_goes_on_where_she_was(self, client, world, clock):
        sign_in(client, world)
        clock.advance(minutes=11)
        page = client.get("/kemensos/peta", params={"wilayah": "35"})
        assert page.url.path == "/kemensos/peta"
        assert page.url.params["wilayah"] == "35"
        clock.advance(minutes=11)
        page = client.get("/kemensos", params={"kembali": "//evil.example/kemensos?"})
        assert page.url.path == "/kemensos"
        client.post("/kemensos/keluar")
        assert "Masuk sebagai petugas" in client.get("/kemensos").text
        sign_in(client, world)
        clock.advance(hours=13)
        assert "Masuk sebagai petugas" in client.get("/kemensos/peta").text

    def test_every_page_of_the_navigation_opens_for_its_roles(self, client, world):
        for role in ("KEMENSOS", "DINSOS"):
            sign_in(client, world, role)
            for page in NAVIGATION:
                if role in page.roles:
                    answer = client.get(page.path, follow_redirects=False)
                    assert answer.status_code == 200, page.path


class TestPages:
    @pytest.fixture
    def sold(self, cashier, world):
        cashier.put(a_path(), json=a_body(world))
        cashier.put(a_path(), json=a_body(world, a_line(unit_price=14_000)))
        cashier.put(a_path(), json=a_body(world, a_line(sku="BIR", unit_price=30_000)))

    def test_without_a_lake_they_show_what_the_database_knows_and_say_what_lacks(
        self, client, world, sold
    ):
        front = words(sign_in(client, world))
        assert "danau kejadian" in front
        assert "1 keluarga ditolak" not in front  # her two days still run
        assert "1 permintaan di atas harga tertinggi ditolak" in front
        assert "Rp67.000" in words(client.get("/kemensos/peta"))
        prices = client.get("/kemensos/harga")
        assert "Beras medium per kg: pada 21 Nov 2026" in words(prices)
        assert "Rp13.500 (HET)" in words(prices)
        assert "Sumber karbohidrat" in words(client.get("/kemensos/belanja"))
        refused = words(client.get("/kemensos/selisih"))
        assert "meminta paling banyak Rp14.000 per kg, batasnya Rp13.500" in refused
        assert "terlarang" in refused

    def test_no_page_names_a_family_or_runs_a_script(self, client, world, sold, engine):
        with engine.database.begin() as tx:
            tx.execute(shop.update().values(name="<script>alert(1)</script>"))
        sign_in(client, world)
        for path in OWN:
            page = client.get(f"/kemensos{path}")
            assert page.status_code == 200
            assert len(page.content) <= PAGE_BYTES_MAX, (path, len(page.content))
            assert not re.search(r'<script(?! src="/static/)', page.text), path
            for never in ("<script>", "style=", world.kpm_id, "javascript:"):
                assert never not in page.text, (path, never)
            names = re.findall(r' id="([^"]+)"', page.text)
            assert len(names) == len(set(names)), path

    def test_another_day_has_nothing_and_says_so(self, client, world, sold):
        sign_in(client, world)
        for path in OWN:
            page = client.get(
                f"/kemensos{path}", params={"dari": "2026-01-01", "sampai": "2026-01-02"}
            )
            assert page.status_code == 200
            assert "Rp67.000" not in page.text


class TestWithLake:
    @pytest.fixture
    def engine(self, engine, tmp_path):
        return with_lake(engine, tmp_path)

    @pytest.fixture(autouse=True)
    def sold(self, engine, world):
        a_day_of_everything(engine, world)
        write(engine)

    def test_the_six_yardsticks(self, client, world):
        text = words(sign_in(client, world))
        assert "belum bisa dihitung" not in text.lower()
        assert "Dari 2 keluarga yang disalurkan, 1 sudah belanja" in text
        assert "1 dari 2 keluarga belanja pertama kali dalam 7 hari" in text
        for title in ("sasaran", "jumlah", "harga", "waktu", "kualitas", "administrasi"):
            assert f"Tepat {title}" in text

    def test_the_map_opens_down_to_the_village(self, client, world):
        sign_in(client, world)
        nation = client.get("/kemensos/peta", params=DAYS)
        assert "Provinsi di Seluruh Indonesia".lower() in words(nation).lower()
        assert nation.text.count("<rect x=") >= 38
        assert "wilayah=35&amp;ukuran=rupiah" in nation.text
        for code, inner in (("35", "35.07"), ("35.07", "35.07.13"), ("35.07.13", "35.07.13.2001")):
            page = client.get("/kemensos/peta", params=DAYS | {"wilayah": code})
            assert f"wilayah={inner}" in page.text, code

    def test_each_measure(self, client, world):
        sign_in(client, world)
        for measure in ("belanja", "tolak", "acuan", "belum", "x' OR 1=1"):
            page = client.get("/kemensos/peta", params={"ukuran": measure})
            assert page.status_code == 200, measure

    def test_baskets(self, client, world):
        sign_in(client, world)
        assert "belanja berisi satu macam barang" in words(client.get("/kemensos/belanja"))


class TestScope:
    FOREIGN = ("94", "94.01", "35", "Papua Tengah", "Papua Tengah (94)")

    def test_an_officer_sees_his_own_region_only(self, client, world, cashier):
        cashier.put(a_path(), json=a_body(world))
        sign_in(client, world, "DINSOS")
        own = client.get("/kemensos/peta").text
        assert "Kepanjen" in own
        for region in self.FOREIGN:
            page = client.get("/kemensos/peta", params={"wilayah": region})
            assert "di luar wewenang" in page.text, region
            assert "Kepanjen" in page.text
            assert "Papua Tengah (94)" not in page.text
            file = client.get("/kemensos/unduh/places.csv", params=DAYS | {"wilayah": region})
            assert "# region: 35.07\r\n" in file.text
            assert "35.07.13" in file.text

    def test_strange_questions_are_healed_and_said(self, client, world):
        sign_in(client, world)
        for params, said in (
            ({"wilayah": "35' OR '1'='1"}, "tidak dikenal"),
            ({"wilayah": "malang"}, "lebih dari satu"),
            ({"wilayah": "%" * 5_000}, "tidak dikenal"),
            ({"dari": "1990-01-01", "sampai": "2026-11-21"}, "22 Okt 2026 sampai 21 Nov 2026"),
            ({"dari": "2020-01-01", "sampai": "2026-11-21"}, "Paling banyak 366 hari"),
            ({"dari": "kemarin", "sampai": "2026-13-99"}, "22 Nov 2026"),
            ({"dari": "2026-11-21", "sampai": "2026-11-01"}, "1 Nov 2026 sampai 21 Nov 2026"),
        ):
            page = client.get("/kemensos/peta", params=params)
            assert page.status_code == 200
            assert said in page.text, params

    def test_a_place_is_found_by_code_choice_or_name(self):
        found = ("35.07", "Kabupaten Malang (35.07)", "kabupaten  malang")
        assert {place_asked(each) for each in found} == {"35.07"}
        assert place_asked("Surabaya") == "35.78"
        for never in ("malang", "99", "35.07'", "(35.07", "x" * 500, "35.07.13 OR 1"):
            assert place_asked(never) in {None, "35.07"}, never
        assert "Kabupaten Malang (35.07)" in choices("35")
        assert all(each.endswith(")") and "(35" in each for each in choices("35"))
        assert trail("35", "35.07.13")[0] == ("35", "Jawa Timur")
        assert [code for code, _ in trail("", "35.07")] == ["", "35", "35.07"]


class TestFiles:
    def test_three_kinds_with_one_hash(self, client, world, cashier):
        cashier.put(a_path(), json=a_body(world))
        sign_in(client, world)
        files = {
            kind: client.get(f"/kemensos/unduh/prices.{kind}", params=DAYS)
            for kind in ("csv", "xlsx", "parquet")
        }
        hashes = {file.headers["x-report-sha256"] for file in files.values()}
        assert len(hashes) == 1
        assert f"# sha256: {hashes.pop()}" in files["csv"].text
        assert pq.read_table(io.BytesIO(files["parquet"].content)).num_rows == 1

    def test_no_such_file_and_no_lake(self, client, world):
        assert client.get("/kemensos/unduh/prices.csv", follow_redirects=False).status_code == 303
        sign_in(client, world)
        for name in ("../keys", "nothing"):
            answer = client.get(f"/kemensos/unduh/{name}.csv", follow_redirects=False)
            assert answer.status_code in {303, 404}
        lacking = client.get("/kemensos/unduh/reach.csv")
        assert (lacking.status_code, "lake write" in lacking.text) == (409, True)


class TestPictures:
    def row(self, **changes):
        return {
            "name": "Beras <medium>", "unit": "kg", "regency": "35.07", "p10": 13_000,
            "p50": 13_200, "p90": 13_400, "ceiling": 13_500, "ceiling_kind": "HET",
        } | changes  # fmt: skip

    def test_prices_say_in_words_what_they_show(self):
        picture = prices_against_ceiling([self.row(), self.row(p50=14_000, p90=15_000)])
        assert "Harga tengah 1 dari 2 barang di atas batas." in picture
        assert "url(#hatch)" in picture
        assert "Beras &lt;medium&gt;" in picture
        assert prices_against_ceiling([self.row(ceiling=None)]) == ""
        assert "Belum ada" in reading([])

    def test_bars_are_hatched_where_bad_and_never_longer_than_the_picture(self):
        picture = bars("k", "T", "R <b>", [Bar("A" * 99, 10, "10"), Bar("<B>", 5, "5", bad=True)])
        assert "url(#k-h)" in picture
        assert "R &lt;b&gt;" in picture
        assert "&lt;B&gt;" in picture
        assert max(map(float, re.findall(r'<rect x="0"[^>]* width="([\d.]+)"', picture))) == 480
        assert bars("k", "T", "R", []) == ""
        assert "NaN" not in bars("k", "T", "R", [Bar("nol", 0, "0")])

    def test_the_map_has_each_province_once_in_less_than_three_kilobytes_of_places(self):
        assert len(TILES) == len(set(TILES.values())) == 38
        assert set(TILES) == set(NAMES)
        assert len(repr(TILES)) < 3_000
        tiles = {code: Tile(value, "x") for value, code in enumerate(TILES)}
        tiles["35"] = Tile(1, "y", bad=True)
        picture = tile_map("m", "T", "R", tiles, "/p", {"35": "wilayah=35"})
        assert picture.count("<a href=") == 1
        assert picture.count("url(#m-h)") == 1
        assert 'aria-label="Jawa Timur: y"' in picture

    def test_the_ribbon_steps_with_the_ceiling(self):
        day = NOW.date()
        days = [
            PriceDay(day.replace(day=number), 13_000, 13_200, 13_400, low, low)
            for number, low in ((1, 13_500), (2, 13_500), (5, 14_000))
        ]
        picture = ribbon("r", "T", "R", days)
        assert picture.count("stroke-dasharray") == 1
        assert re.search(r'd="M[\d. ]+H[\d.]+V[\d.]+H[\d.]+V[\d.]+H626"', picture)
        assert picture.count("<circle") == 3
        assert ribbon("r", "T", "R", []) == ""
        assert "stroke-dasharray" not in ribbon("r", "T", "R", [PriceDay(day, 1, 1, 1, None, None)])


class TestCells:
    def test_values_as_people_write_them(self):
        row = {
            "p50": 13_400, "quantity_milli": 1_500, "unit": "kg", "region": "35.07", "n": 1_234,
            "yes": True, "none": None, "share": 0.125, "reason": "ITEM_BANNED", "x": "=1+1",
        }  # fmt: skip
        said = [cell(row, column) for column in row]
        assert said == ["Rp13.400", "1,5 kg", "kg", "Kabupaten Malang", "1.234", "Ya", "-", "12,5%",
                        "terlarang", "=1+1"]  # fmt: skip
        assert (percent(0.99999), percent(0.00001), percent(1), percent(0)) == (
            "99,9%", "0,1%", "100%", "0%",
        )  # fmt: skip
        assert (number(1234.56), short_money(1_234_567), short_money(999_999)) == (
            "1.234,6", "Rp1,2 juta", "Rp999.999",
        )  # fmt: skip
        assert moment_written(NOW) == "21 Nov 2026 10.00 WIB"
