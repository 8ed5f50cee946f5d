"""The server-rendered pages: the ministry's table and picture, the demo's phones."""

import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from pos_engine.engine import DEMO, KIND
from pos_engine.store import installation
from pos_engine.store.schema import shop
from pos_engine.web.app import create_app
from pos_engine.web.pictures import prices_against_ceiling, reading
from tests.web.conftest import a_body, a_line, a_path


@pytest.fixture
def sample_file(tmp_path, world):
    file = tmp_path / "demo.json"
    staff = [
        {"role": role, "shop_id": None, "till_id": None, **world.staff[role]}
        for role in ("KEMENSOS", "DINSOS")
    ]
    file.write_text(json.dumps({"staff": staff, "shops": [], "kpm": []}))
    return file


@pytest.fixture
def demo(engine):
    with engine.database.begin() as tx:
        installation.mark(tx, KIND, DEMO)


def sign_in(client, world, role):
    return client.post("/kemensos/masuk", data=world.staff[role], follow_redirects=True)


class TestMinistry:
    def test_it_asks_for_a_log_in_first(self, client):
        page = client.get("/kemensos")
        assert "Masuk" in page.text
        assert "Harga dibayar" not in page.text

    def test_a_wrong_pin_and_a_cashier_stay_outside(self, client, world):
        for login in (world.staff["KEMENSOS"] | {"pin": "000000"}, world.staff["KASIR"]):
            page = client.post("/kemensos/masuk", data=login, follow_redirects=True)
            assert "belum cocok" in page.text

    def test_what_was_sold_and_refused_is_there_as_table_and_picture(self, cashier, client, world):
        cashier.put(a_path(), json=a_body(world))
        cashier.put(a_path(), json=a_body(world, a_line(unit_price=14_000)))
        cashier.put(a_path(), json=a_body(world, a_line(sku="BIR", unit_price=30_000)))
        page = sign_in(client, world, "KEMENSOS")
        assert "<svg" in page.text
        assert "Rp67.000" in page.text
        assert "Kabupaten Malang" in page.text
        assert "terlarang" in page.text
        assert world.kpm_id not in page.text

    def test_an_officer_sees_his_own_region_only(self, cashier, client, world):
        cashier.put(a_path(), json=a_body(world))
        sign_in(client, world, "DINSOS")
        assert "Rp67.000" in client.get("/kemensos", params={"wilayah": "94"}).text
        table = client.get(
            "/kemensos/unduh/purchases.csv", params={"dari": "2026-11-01", "sampai": "2026-11-30"}
        )
        assert "BERAS-MEDIUM" in table.text

    def test_log_out(self, client, world):
        sign_in(client, world, "KEMENSOS")
        page = client.post("/kemensos/keluar", follow_redirects=True)
        assert "Masuk" in page.text
        assert "Harga dibayar" not in client.get("/kemensos").text

    def test_a_shop_name_cannot_inject(self, client, world, engine, cashier):
        with engine.database.begin() as tx:
            tx.execute(shop.update().values(name="<script>alert(1)</script>"))
        cashier.put(a_path(), json=a_body(world))
        assert "<script>alert" not in sign_in(client, world, "KEMENSOS").text


class TestPicture:
    def row(self, **changes):
        return {
            "name": "Beras <medium>", "unit": "kg", "regency": "35.07", "p10": 13_000,
            "p50": 13_200, "p90": 13_400, "ceiling": 13_500, "ceiling_kind": "HET",
        } | changes  # fmt: skip

    def test_it_says_in_words_what_it_shows(self):
        picture = prices_against_ceiling([self.row(), self.row(p50=14_000, p90=15_000)])
        assert "Harga tengah 1 dari 2 barang di atas batas." in picture
        assert "url(#hatch)" in picture
        assert "Beras &lt;medium&gt;" in picture

    def test_nothing_sold_is_no_picture(self):
        assert prices_against_ceiling([self.row(ceiling=None)]) == ""
        assert "Belum ada" in reading([])
        assert "semuanya" in reading([self.row()])


class TestDemoPages:
    def test_phones_and_devices_of_this_machine(self, client, sample_file, demo):
        assert client.get("/demo/devices").json()["staff"][0]["role"] == "KEMENSOS"
        assert client.get("/demo/sms.json").json() == {"messages": []}
        assert "Belum ada pesan" in client.get("/demo/sms").text
        assert "sudah terisi" in client.get("/kemensos").text

    def test_a_live_installation_has_none(self, client, sample_file):
        for path in ("/demo/devices", "/demo/sms", "/demo/sms.json"):
            assert client.get(path).status_code == 404

    @pytest.mark.parametrize(
        ("address", "name"),
        [("10.0.0.7", "127.0.0.1"), ("127.0.0.1", "evil.example"), ("nonsense", "127.0.0.1")],
    )
    def test_another_machine_or_a_foreign_name_sees_none(
        self, engine, sample_file, demo, address, name
    ):
        app = create_app(replace(engine), demo_file=sample_file)
        client = TestClient(app, base_url=f"http://{name}", client=(address, 5000))
        for path in ("/demo/devices", "/demo/sms", "/demo/sms.json"):
            assert client.get(path).status_code == 404
