"""Commands of people who stand in for others, on an installation of their own."""

import io
import json
import sys

import pytest

from pos_engine.cli import main


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("EWARONG_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("EWARONG_FACE_ENGINE", "off")
    monkeypatch.setenv("COLUMNS", "200")

    def ewarong(*arguments, expect=0, typed=""):
        monkeypatch.setattr(sys, "argv", ["ewarong", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert (ended.value.code or 0) == expect, printed.out + printed.err
        return printed.out + printed.err

    return ewarong


def test_a_nik_is_read_by_its_structure(run):
    said = json.loads(run("nik", "check", "3507135508800001"))
    assert (said["birth_date"], said["sex"], said["regency"]) == (
        "1980-08-15", "P", "Kabupaten Malang",
    )  # fmt: skip
    assert json.loads(run("nik", "check", "-", typed="3507995508800001\n"))["warnings"] == ["PLACE"]
    bad = run("nik", "check", "3507138108800001", expect=1)
    assert json.loads(bad)["faults"] == ["BIRTH_DATE"]
    assert "3507138108800001" not in bad


def test_lists_are_empty_at_the_beginning_and_staff_have_a_nik(run, monkeypatch):
    run("keys", "init")
    run("db", "upgrade")
    assert json.loads(run("delegate", "list", "--json")) == []
    assert json.loads(run("case", "list", "--json")) == []
    monkeypatch.setattr("typer.prompt", lambda *_said, **_how: "3507135508800001")
    assert "no staff" in run("staff", "nik", "nobody", expect=1)
