"""The command line as an operator uses it: an installation from nothing, and what it refuses."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.load import shipped_files
from pos_engine.cli import main

DAY = ["--from", "2026-01-01", "--to", "2030-01-01"]


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run `ewarong ...` in a data folder of its own, through the program's own entry."""
    monkeypatch.setenv("EWARONG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("EWARONG_FACE_ENGINE", "off")
    monkeypatch.setenv("COLUMNS", "200")

    def ewarong(*arguments, expect=0):
        monkeypatch.setattr(sys, "argv", ["ewarong", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert (ended.value.code or 0) == expect, printed.out + printed.err
        return printed.out if expect == 0 else printed.err

    return ewarong


def test_a_real_installation_from_nothing(run, tmp_path):
    run("keys", "init")
    run("db", "upgrade")
    run("db", "upgrade")
    run("catalog", "load")
    assert "already" in run("catalog", "load")
    shop = json.loads(run("shop", "add", "--name", "Warung", "--region", "35.07.13", "--json"))
    cashier = ("staff", "add", "--name", "Ani", "--role", "KASIR", "--shop", shop["shop_id"])
    member = json.loads(run(*cashier, "--json"))
    assert len(member["pin"]) == 6
    assert json.loads(run("staff", "reset-pin", member["staff_id"], "--json"))["pin"]
    assert "no staff" in run("staff", "reset-pin", "none", expect=1)
    tablet = json.loads(run("device", "add", "--till", shop["till_id"], "--json"))
    assert "revoked" in run("device", "revoke", tablet["device_id"])
    assert "no device" in run("device", "revoke", "none", expect=1)
    shown = json.loads(run("catalog", "show", "--region", "35.07", "--json"))
    assert shown["catalogue"] == "installed"
    assert "PIN" in run("admin", "create", "--name", "Admin")
    assert json.loads(run("ledger", "check", "--json"))["good"]
    assert "commodity" in run("report", "purchases", *DAY, "--format", "csv")


def test_what_is_missing_is_said_with_the_cure(run):
    assert "ewarong keys init" in run("shop", "add", "--name", "x", "--region", "35.07", expect=1)
    run("keys", "init")
    assert "kept" in run("keys", "init", expect=1)
    assert "db upgrade" in run("ledger", "check", expect=1)


def test_wrong_use_is_2_and_a_refusal_is_1(run, monkeypatch):
    run("keys", "init")
    run("db", "upgrade")
    run("nothing", expect=2)
    assert "region" in run("shop", "add", "--name", "x", "--region", "00", expect=1)
    assert "no report" in run("report", "wealth", *DAY, expect=2)
    assert "before" in run(
        "report", "prices", "--from", "2026-02-01", "--to", "2026-01-01", expect=2
    )
    assert "--period" in run("disburse", "file.csv", "--period", "November", expect=2)
    arguments = ("--officer", "a", "--period", "2026-11")
    assert "No such file" in run("disburse", "none.csv", *arguments, expect=2)
    assert "no run" in run("disburse", "approve", "none", "--officer", "b", expect=1)
    monkeypatch.setattr("typer.prompt", lambda *_args, **_named: "493817")
    assert "no family" in run("kpm", "set-pin", "KPM-9", expect=1)
    assert "SQLite has one writer" in run("serve", "--workers", "2", expect=2)


def test_the_catalogue_shows_the_law_of_a_place_and_day(run):
    shown = json.loads(run("catalog", "show", "--region", "35.07", "--day", "2026-11-21", "--json"))
    assert shown["catalogue"] == "shipped"
    goods = {good["sku"]: good for good in shown["goods"]}
    assert goods["BERAS-MEDIUM"]["ceiling"] == 13_500
    assert goods["ROKOK-KRETEK"]["verdict"] == "ITEM_BANNED"
    assert "BERAS-MEDIUM" in run("catalog", "show", "--region", "94", "--day", "2025-08-21")
    assert "no Kemendagri code" in run("catalog", "show", "--region", "00", expect=1)
    wrong_policy = ("catalog", "show", "--region", "35.07", "--policy", "NONE")
    assert "SEMBAKO-2021" in run(*wrong_policy, expect=1)


def test_a_broken_catalogue_is_named_by_file_and_row(run, tmp_path):
    folder = tmp_path / "catalogue"
    folder.mkdir()
    for name, content in shipped_files().items():
        (folder / name).write_bytes(content)
    assert "Good" in run("catalog", "check", str(folder))
    text = (folder / "ceilings.csv").read_text()
    (folder / "ceilings.csv").write_text(text.replace("BERAS-MEDIUM", "BERAS-AJAIB", 1))
    assert "ceilings.csv row" in run("catalog", "check", str(folder), expect=1)


def test_disburse_is_made_and_approved_by_two(run, tmp_path):
    run("keys", "init")
    run("db", "upgrade")
    file = tmp_path / "credit.csv"
    file.write_text("family_id,amount\nGHOST,200000\n")
    arguments = ("disburse", str(file), "--programme", "BPNT", "--period", "2026-10..2026-12",
                 "--expect-count", "1", "--expect-total", "200000",
                 "--escrow", "BNI 1")  # fmt: skip
    assert "row 2: no family GHOST" in run(*arguments, expect=1)


def test_help_teaches(run):
    assert "ewarong demo" in run("--help")
    assert "second person" in run("disburse", "--help")


def test_the_installed_program_runs():
    program = Path(sys.executable).parent / "ewarong"
    done = subprocess.run([program, "--help"], capture_output=True, text=True, check=True)
    assert "ewarong demo" in done.stdout
