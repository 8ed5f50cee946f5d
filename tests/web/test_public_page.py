"""The page for everybody: no small count, no cookie; its checker finds what is altered."""

import hashlib
import json
import subprocess
import sys
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from pos_engine.services import public_figures
from pos_engine.services.public_figures import _provinces
from pos_engine.web.app import create_app
from tests.lakes import a_day_of_everything, with_lake, write
from tests.sealing import close, sell

PAGE_BYTES_MAX = 100 * 1024


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch):
    monkeypatch.setattr(public_figures, "_KEPT", public_figures._Kept())


@pytest.fixture
def visitor(engine, world, tmp_path):
    made = with_lake(engine, tmp_path)
    a_day_of_everything(made, world)
    write(made)
    return TestClient(create_app(made), base_url="http://127.0.0.1", client=("10.0.0.9", 5000))


def row(province, families, purchases, rupiah):
    return {
        "province": province, "families": families, "purchases": purchases, "rupiah": rupiah,
    }  # fmt: skip


def test_it_needs_no_log_in_sets_no_cookie_and_may_be_kept(visitor):
    page = visitor.get("/publik")
    assert page.status_code == 200
    assert "set-cookie" not in page.headers
    assert page.headers["cache-control"] == "public, max-age=900"
    assert "<script" not in page.text
    assert 'style="' not in page.text
    css = sum(len(visitor.get(f"/static/{name}.css").content) for name in ("pages", "office"))
    assert len(page.content) + css <= PAGE_BYTES_MAX


def test_one_family_of_one_shop_is_nowhere_in_it(visitor, world):
    page, rows = visitor.get("/publik").text, visitor.get("/publik/provinsi.csv").text
    assert "disembunyikan" in page
    assert "terlalu sedikit" in page
    assert rows.splitlines()[1] == "2026-11,35,,,"
    for text in (page, rows, visitor.get("/publik/harga.csv").text):
        assert "KPM-1" not in text
        assert world.shop_id not in text
        assert "Bu Sri" not in text
    assert visitor.get("/publik/harga.csv").text.splitlines()[1].startswith("2026-11,")


def test_a_small_province_is_not_found_by_subtraction():
    rows = [row("11", 3, 9, 900_000), row("35", 4_000, 9_000, 10**9), row("94", 40, 60, 10**7)]
    shown, total = _provinces(rows, running=False)
    assert [each["families"] for each in shown] == [None, 4_000, None]
    assert total["families"] - 4_000 >= 5  # of two provinces together: nobody's own
    assert shown[0] == row("11", None, None, None)
    one, nation = _provinces([row("11", 3, 9, 900_000)], running=False)
    assert (one[0]["rupiah"], nation["families"]) == (None, None)
    _, running = _provinces([row("35", 4_003, 9_001, 10**9 + 7)], running=True)
    assert (running["families"], running["purchases"], running["rupiah"]) == (4_005, 9_000, 10**9)


def test_without_a_lake_it_says_so_and_too_many_looks_wait(engine):
    made = replace(engine, lake=None)
    visitor = TestClient(create_app(made), base_url="http://127.0.0.1", client=("10.0.0.9", 5000))
    assert "belum tersedia" in visitor.get("/publik").text
    assert visitor.get("/publik?bulan=2026-13").status_code == 422
    last = [visitor.get("/publik/periksa.py") for _ in range(60)][-1]
    assert last.status_code == 429
    assert last.headers["cache-control"] == "no-store"


class TestChecker:
    @pytest.fixture
    def kept(self, engine, world, clock, tmp_path):
        """What a citizen keeps: the roots, the checker, the proof of her receipt."""
        purchase_id = sell(engine, world)
        close(engine, clock)
        client = TestClient(create_app(engine), base_url="http://127.0.0.1")
        with engine.database.read() as tx:
            query = "SELECT number FROM purchase WHERE purchase_id = ?"
            number = tx.exec_driver_sql(query, (purchase_id,)).scalar_one()
        page = client.get("/publik").text
        checker = client.get("/publik/periksa.py").content
        assert hashlib.sha256(checker).hexdigest() in page
        roots = client.get("/publik/akar.json")
        assert roots.json()["days"][-1]["root"] in page
        (tmp_path / "periksa.py").write_bytes(checker)
        (tmp_path / "akar.json").write_bytes(roots.content)
        (tmp_path / "bukti.json").write_bytes(client.get(f"/v1/receipts/{number}/proof").content)
        return tmp_path

    def run(self, folder, *more):
        command = [sys.executable, "-I", "-S", "periksa.py", "akar.json", *more]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)

    def altered(self, folder, change):
        path = folder / "akar.json"
        roots = json.loads(path.read_text())
        (folder / "lama.json").write_text(json.dumps(roots))
        change(roots["days"][-1])
        path.write_text(json.dumps(roots))

    def test_anyone_can_check_the_days_and_a_receipt_with_python_alone(self, kept):
        done = self.run(kept, "--bukti", "bukti.json")
        assert (done.returncode, done.stderr) == (0, "")
        assert "struk itu ada dalam catatan harinya" in done.stdout

    def test_an_altered_statement_root_or_receipt_is_found(self, kept):
        proof = json.loads((kept / "bukti.json").read_text())
        proof["proofs"][0]["receipt"] = proof["proofs"][0]["receipt"].replace("EW1*", "EW1*9", 1)
        (kept / "palsu.json").write_text(json.dumps(proof))
        assert self.run(kept, "--bukti", "palsu.json").returncode == 1

        def forged(day):
            day["root"] = "0" * 64
            said = day["statement"].split("*")
            day["statement"] = "*".join([*said[:3], day["root"], *said[4:]])

        self.altered(kept, forged)
        found = self.run(kept, "--lama", "lama.json")
        assert found.returncode == 1
        assert "tanda tangan salah" in found.stdout
        assert "berbeda dari salinan lama" in found.stdout
        (kept / "akar.json").write_text("[]")
        assert self.run(kept).returncode == 2
