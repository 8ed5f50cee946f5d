"""The demo's pages: phones and devices of this machine alone."""

import json
from dataclasses import replace

import pytest
from fastapi.testclient import TestClient

from pos_engine.engine import DEMO, KIND
from pos_engine.store import installation
from pos_engine.web.app import create_app


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
