"""Enrolments and staff faces on the command line: looked at, never decided."""

import json
import sys
from contextlib import closing
from datetime import UTC, datetime

import pytest

from pos_engine.cli import main
from pos_engine.engine import open_engine
from pos_engine.rules.enrolment import Decision, Status
from pos_engine.store import enrolment_findings as log
from pos_engine.store import enrolments

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


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

    ewarong("keys", "init")
    ewarong("db", "upgrade")
    return ewarong


@pytest.fixture
def one(run):
    """One enrolment that waits for a review, with its look-alike and its first step."""
    row = enrolments.Enrolment(
        enrolment_id="enrolment-1", kpm_id="KPM-1", person_id="siti", region="35.07.13.2001",
        status=Status.REVIEW, content=b"c" * 32, consent_text="wajah-1", consent_language="id",
        consent_witness=None, place_region="35.07", place_shop_id=None, proposed_by="officer-1",
        proposed_at=NOW, sealed=b"secret", quality=80,
    )  # fmt: skip
    look_alike = log.Finding(
        1, log.ENROLLED, "template-1", "KPM-2", "ani", 0.91, 1e-5, Decision.TWIN, "kembar"
    )
    event = log.Event(
        "event-1", "enrolment-1", "KPM-1", "REVIEW", None, "officer-1", "PENDAMPING", "device-1",
        None, NOW,
    )  # fmt: skip
    with closing(open_engine(faces=False)) as engine, engine.database.begin() as tx:
        enrolments.add_enrolment(tx, row)
        log.add_findings(tx, row.enrolment_id, [look_alike])
        log.add_event(tx, event)


def test_a_list_for_people_and_for_programs(run, one):
    assert "KPM-1" in run("enrolment", "list", "--status", "REVIEW", "--region", "35.07")
    [row] = json.loads(run("enrolment", "list", "--json"))
    assert (row["enrolment_id"], row["status"]) == ("enrolment-1", "REVIEW")
    assert "sealed" not in row
    assert json.loads(run("enrolment", "list", "--region", "94", "--json")) == []
    assert "KPM-1" not in run("enrolment", "list", "--status", "IN_FORCE")


def test_one_enrolment_with_its_look_alikes_and_log(run, one):
    told = run("enrolment", "show", "enrolment-1")
    for words in ("KPM-2", "0.91", "TWIN", "device-1", "PENDAMPING"):
        assert words in told
    assert "secret" not in told
    shown = json.loads(run("enrolment", "show", "enrolment-1", "--json"))
    assert shown["findings"][0]["decision"] == "TWIN"
    assert shown["events"][0]["staff_id"] == "officer-1"
    assert "no enrolment" in run("enrolment", "show", "none", expect=1)


def test_a_staff_face_needs_staff_pictures_and_the_model(run, tmp_path):
    picture = tmp_path / "a.jpg"
    picture.write_bytes(b"x")
    command = ("staff", "enrol-face")
    assert "no staff" in run(*command, "nobody", str(picture), expect=1)
    assert "No such file" in run(*command, "nobody", str(tmp_path / "b.jpg"), expect=2)
    assert "go together" in run(*command, "nobody", str(picture), "--kpm", "KPM-1", expect=2)
    admin = json.loads(run("admin", "create", "--name", "Ani", "--json"))["staff_id"]
    assert "switched off" in run(*command, admin, str(picture), expect=1)
    wrong = run(*command, admin, str(picture), "--kpm", "KPM-1", "--person", "x", expect=1)
    assert "no such person" in wrong
