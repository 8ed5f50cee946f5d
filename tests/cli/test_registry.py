"""The registry and the cards on the command line, as an operator uses them."""

import json

import pytest

from tests.cli.test_cli import run as _run
from tests.registry_files import a_file, a_row

run = _run  # the same way to call the program


@pytest.fixture
def installed(run):
    run("keys", "init")
    run("db", "upgrade")
    run("catalog", "load")
    return run


def test_import_hold_release_suspend_and_cards(installed, tmp_path):
    run, file = installed, tmp_path / "list.csv"
    kk = "3507131508800001"
    file.write_bytes(
        a_file(
            a_row("F-1", no_kk=kk),
            a_row("F-2", no_kk=kk, nik="3507134102700005", name="Tutik", birth_date="1970-02-01"),
            a_row("F-3", nik="123"),
        )
    )
    told = run("registry", "import", str(file), "--officer", "ani")
    assert "accepted 1, corrected 0, held 2" in told
    assert "list.corrections.csv" in told
    assert "imported before" in run("registry", "import", str(file))
    again = json.loads(run("registry", "import", str(file), "--json"))
    assert {each["code"] for each in again["findings"]} == {"SAME_KK", "NIK_INVALID"}
    assert json.loads(run("registry", "holds", "--json"))[0]["family_id"] == "F-2"
    assert "F-2" in run("registry", "holds")
    assert "second person" in run("registry", "release", "F-2", "--officer", "ani")
    assert "credited again" in run("registry", "release", "F-2", "--officer", "budi")
    assert "no credit" in run("registry", "release", "F-2", expect=1)
    why = ("--reason", "MOVED", "--office", "Dinsos")
    assert "second person" in run("registry", "suspend", "F-1", *why, "--officer", "ani")
    assert "who and why" in run("registry", "suspend", "F-1", *why, "--officer", "budi")
    assert "kept" in run("registry", "object", "F-1", "Kami masih di sini")
    assert "second person" in run("registry", "restore", "F-1", "--officer", "ani")
    assert "buys again" in run("registry", "restore", "F-1", "--officer", "budi")
    assert "objection" in run("registry", "object", "F-1", " ", expect=1)
    card = json.loads(run("card", "issue", "F-1", "--json"))
    assert card["card_id"] in run("card", "list", "--region", "35.07")
    assert "UNDISTRIBUTED" in run("card", "undistributed", card["card_id"], "--reason", "ILL")
    assert "set-pin" in run("card", "distribute", card["card_id"])
    assert "money stays" in run("card", "block", card["card_id"], "--kind", "SWALLOWED")
    assert "shown once" in run("card", "replace", card["card_id"])
    assert "no card" in run("card", "replace", "nothing", expect=1)
    states = [each["state"] for each in json.loads(run("card", "list", "--kpm", "F-1", "--json"))]
    assert sorted(states) == ["ISSUED", "REPLACED"]


def test_files_that_cannot_be_read_are_named(installed, tmp_path):
    run, file = installed, tmp_path / "list.csv"
    assert "No such file" in run("registry", "import", str(file), expect=2)
    assert "No such file" in run("registry", "diff", str(file), str(file), expect=2)
    file.write_text("x,y\n1,2\n")
    told = run("registry", "import", str(file), expect=1)
    assert "list.csv, row 1: BAD_HEADER" in told
    assert "BAD_HEADER" in run("registry", "diff", str(file), str(file), expect=1)


def test_two_lists_are_compared_on_a_page(installed, tmp_path, monkeypatch):
    run, a, b = installed, tmp_path / "a.csv", tmp_path / "b.csv"
    a.write_bytes(a_file(a_row("F-1"), a_row("F-2", nik="3507134102700005")))
    b.write_bytes(a_file(a_row("F-1", region="35.07.13.2002")))
    monkeypatch.chdir(tmp_path)
    assert "only in A 1, only in B 0, changed 1" in run("registry", "diff", str(a), str(b))
    assert "<h1>Beda dua daftar</h1>" in (tmp_path / "diff.html").read_text()
    sums = json.loads(run("registry", "diff", str(a), str(b), "--csv", "d.csv", "--as-json"))
    assert (sums["only_a"], sums["changed"]) == (1, 1)


def test_a_new_pin_is_typed_by_the_kpm(installed, tmp_path):
    run = installed
    assert "No code was sent" in run("kpm", "reset-pin", "--card", "9991 0000 0000 0000", expect=1)
