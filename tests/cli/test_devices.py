"""`ewarong device list|approve`, `ewarong shop remote`, `ewarong card qr`."""

import json
from contextlib import closing

import pytest

from pos_engine.engine import open_engine
from pos_engine.rules.ids import KpmId, ShopId
from pos_engine.services import devices, sessions
from pos_engine.services.device_codes import make_code
from pos_engine.services.register import NewFamily, register_family
from pos_engine.store.remote_shops import is_remote
from tests.cli.test_cli import run
from tests.reserving import LABEL, TabletKey

__all__ = ["run"]


@pytest.fixture
def shop(run):
    for command in (("keys", "init"), ("db", "upgrade"), ("catalog", "load")):
        run(*command)
    place = ("--region", "35.07.13.2001")
    made = json.loads(run("shop", "add", "--name", "Warung Bu Sri", *place, "--json"))
    people = {
        role: json.loads(run("staff", "add", "--name", "A", "--role", role, *scope, "--json"))
        for role, scope in (
            ("PEMILIK", ("--shop", made["shop_id"])),
            ("DINSOS", ("--region", "35.07")),
            ("PENDAMPING", ()),
        )
    }
    device = json.loads(run("device", "add", "--till", made["till_id"], "--json"))
    return made | device | {"people": people}


def bound(shop):
    """The shop's device gets a key by its owner's code."""
    owner = shop["people"]["PEMILIK"]
    with closing(open_engine(faces=False)) as engine:
        login = (shop["device_id"], shop["device_secret"], owner["staff_id"], owner["pin"])
        session = sessions.open_session(engine, *login).session
        code = make_code(engine, session, owner["pin"]).code
        devices.bind_key(engine, session, TabletKey.p256().public, LABEL, code)


def test_a_device_is_listed_approved_and_stopped(run, shop):
    bound(shop)
    office, device_id = shop["people"]["DINSOS"]["staff_id"], shop["device_id"]
    (row,) = json.loads(run("device", "list", "--json"))
    assert (row["device_id"], row["state"], row["label"]) == (device_id, "ONLINE", LABEL)
    field = shop["people"]["PENDAMPING"]["staff_id"]
    assert "no DINSOS" in run("device", "approve", device_id, "--officer", field, expect=1)
    for _ in range(2):
        assert "APPROVED" in run("device", "approve", device_id, "--officer", office)
    assert "DEVICE_UNKNOWN" in run("device", "approve", "x", "--officer", office, expect=1)
    run("device", "revoke", device_id)
    assert "REVOKED" in run("device", "list", "--shop", shop["shop_id"])
    assert json.loads(run("device", "list", "--region", "94", "--json")) == []


def test_a_shop_is_marked_as_beyond_the_signal(run, shop):
    office = ("--officer", shop["people"]["DINSOS"]["staff_id"])

    def marked():
        with closing(open_engine(faces=False)) as engine, engine.database.read() as tx:
            return is_remote(tx, shop["shop_id"])

    assert "REMOTE" in run("shop", "remote", shop["shop_id"], *office)
    assert marked()
    assert "signal" in run("shop", "remote", shop["shop_id"], *office, "--off")
    assert not marked()
    assert "No shop" in run("shop", "remote", "x", *office, expect=1)


def test_a_sticker_is_written_once_and_shows_no_secret(run, shop, tmp_path):
    with closing(open_engine(faces=False)) as engine:
        family = NewFamily(KpmId("KPM-1"), "35.07.13.2001", ShopId(shop["shop_id"]), "Siti")
        register_family(engine, family)
    (card,) = json.loads(run("card", "list", "--kpm", "KPM-1", "--json"))
    out = tmp_path / "stiker.svg"
    said = run("card", "qr", card["card_id"], "--out", str(out))
    assert "EWK1" not in said
    assert b"<svg" in out.read_bytes()
    assert out.stat().st_mode & 0o077 == 0
    assert "kept" in run("card", "qr", card["card_id"], "--out", str(out), expect=2)
    other = tmp_path / "other.svg"
    assert "no card" in run("card", "qr", "x", "--out", str(other), expect=1)
    assert not other.exists()
