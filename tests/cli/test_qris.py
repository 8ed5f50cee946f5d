"""`ewarong qris`, `ewarong shop apply` and its decisions, `ewarong snap partner`."""

import json

import pytest

from pos_engine.rules.ids import new_uuid7
from tests.cli.test_cli import run
from tests.sim.psp import NMID, public_pem
from tests.wire.test_qris import EXAMPLE, NO_MCC
from tests.wire.test_qris_cpm import VECTOR
from tests.world import NIK, NOW

__all__ = ["run"]
MERCHANT = [
    *("--name", "Warung Bu Sri", "--city", "KAB MALANG", "--postal-code", "65111"),
    *("--domain", "ID.CO.EXAMPLE.WWW", "--mpan", "936009990000000001"),
    *("--merchant-id", "MID0001", "--nmid", NMID),
]


def test_any_code_is_read(run, capsys):
    good = json.loads(run("qris", "parse", EXAMPLE))
    assert good["valid"]
    assert good["name"] == "NamaMerchantC7"
    assert good["issues"] == [{"code": "TAG_MISSING", "tag": "51", "offset": 0, "warning": True}]
    customer = json.loads(run("qris", "parse", VECTOR))
    assert (customer["kind"], customer["pan"]) == ("CPM", "93600914...1720")
    assert "not a code" in run("qris", "parse", NO_MCC, expect=1)
    assert "not a code" in run("qris", "parse", "rubbish", expect=1)


def test_a_code_is_built_with_its_pictures(run, tmp_path):
    files = {kind: tmp_path / f"code.{kind}" for kind in ("png", "svg", "html")}
    written = [part for kind, file in files.items() for part in (f"--{kind}", str(file))]
    made = json.loads(run("qris", "build", *MERCHANT, "--amount", "67000", *written))
    assert (made["amount"], made["dynamic"], made["nmid"]) == (67_000, True, NMID)
    assert files["png"].read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in files["svg"].read_bytes()
    assert "Warung Bu Sri" in files["html"].read_text()
    assert json.loads(run("qris", "parse", made["payload"], "--nmid", NMID))["valid"]
    assert "not a code" in run(
        "qris", "parse", made["payload"], "--nmid", "ID0000000000000", expect=1
    )
    assert "no QRIS" in run("qris", "build", "--name", "X", expect=1)
    assert "longer" in run("qris", "build", *MERCHANT, "--merchant-id", "X" * 99, expect=2)


@pytest.fixture
def officers(run):
    for command in (("keys", "init"), ("db", "upgrade"), ("catalog", "load")):
        run(*command)
    return [
        json.loads(run("staff", "add", "--name", "A", "--role", role, "--json"))["staff_id"]
        for role in ("PENDAMPING", "DINSOS")
    ]


def test_a_shop_from_its_application_to_its_code(run, officers, tmp_path):
    field, office = officers
    shop_id = new_uuid7(NOW)
    application, answer, key = (tmp_path / name for name in ("shop.json", "nmid.json", "key.pem"))
    account = {"bank": "BRI", "number": "1234567890", "holder": "Budi"}
    body = {"shop_id": shop_id, "name": "Warung Baru", "region": "35.07.13.2001"}
    owner = {"name": "Budi", "nik": NIK}
    application.write_text(json.dumps(body | {"owner": owner, "account": account}))
    applied = run("shop", "apply", str(application), "--officer", field)
    assert json.loads(applied)["status"] == "APPLIED"
    assert NIK not in applied
    assert "no DINSOS" in run("shop", "approve", shop_id, "--officer", field, expect=1)
    assert json.loads(run("shop", "approve", shop_id, "--officer", office))["till_id"]
    assert "WRONG_STATUS" in run(
        "shop", "reject", shop_id, "--officer", office, "--reason", "late", expect=1
    )
    assert "NMID_PENDING" in run("qris", "build", "--shop", shop_id, expect=1)
    key.write_bytes(public_pem())
    partner = json.loads(
        run("snap", "partner", "add", "--name", "Contoh Pay", "--public-key", str(key), "--json")
    )
    assert partner["client_secret"]
    given = {
        "nmid": NMID,
        "domain": "ID.CO.EXAMPLE.WWW",
        "mpan": "936009990000000001",
        "merchant_id": "MID0001",
        "criteria": "UMI",
        "postal_code": "65111",
        "partner_id": partner["partner_id"],
    }
    answer.write_text(json.dumps(given))
    run("shop", "nmid", shop_id, str(answer), "--officer", office)
    assert json.loads(run("qris", "build", "--shop", shop_id))["nmid"] == NMID
    assert "no shop" in run("qris", "build", "--shop", "none", expect=1)


def test_what_is_wrong_is_named(run, officers, tmp_path):
    bad = tmp_path / "bad.json"
    bad.write_text('{"name": "x"}')
    assert "region" in run("shop", "apply", str(bad), "--officer", officers[0], expect=2)
    assert "public-key" in run(
        "snap", "partner", "add", "--name", "X", "--public-key", str(bad), expect=1
    )
    bad.write_bytes(public_pem())
    add = ("snap", "partner", "add", "--public-key", str(bad))
    assert "nns" in run(*add, "--name", "X", "--nns", "12", expect=1)
    assert "name" in run(*add, "--name", "", expect=1)
    partner_id = run(*add, "--name", "X").split()[1]
    assert "ACTIVE" in run("snap", "partner", "list")
    run("snap", "partner", "stop", partner_id)
    assert "STOPPED" in run("snap", "partner", "list")
    assert "no partner" in run("snap", "partner", "stop", "none", expect=1)
    empty = tmp_path / "none.json"
    empty.write_text("{}")
    assert "nmid" in run("shop", "nmid", "x", str(empty), "--officer", officers[1], expect=2)
