"""`ewarong audit`: exit codes and what it prints, on the sample of a demo."""

import json
from datetime import date

import pytest
from sqlalchemy import create_engine, text

from pos_engine.rules.ids import new_uuid7
from tests.cli.test_cli import run
from tests.world import NOW

__all__ = ["run"]


@pytest.fixture
def installed(run, tmp_path):
    run("keys", "init")
    run("db", "upgrade")
    run("catalog", "load")
    return f"sqlite:///{tmp_path / 'data' / 'ewarong.db'}"


def test_seal_verify_and_a_fault_by_name(run, installed):
    assert json.loads(run("audit", "seal", "--json")) == {"leaves": 1, "seals": 1}
    assert "0 facts" in run("audit", "seal")
    assert "as it was sealed" in run("audit", "verify")
    good = json.loads(run("audit", "verify", "--json"))
    assert good == {"good": True, "leaves": 1, "seals": 1, "days": 0, "problems": []}
    database = create_engine(installed)
    with database.begin() as tx:
        tx.execute(text("UPDATE catalogue SET loaded_by = 'somebody'"))
    database.dispose()
    assert "First: ALTERED catalogue" in run("audit", "verify", expect=1)
    assert "ALTERED" in run("audit", "verify", "--json", expect=1)


def test_a_range_and_a_wrong_range(run, installed):
    run("audit", "seal")
    days = ("--from", "2020-01-01", "--to", "2020-01-02")
    assert json.loads(run("audit", "verify", *days, "--json"))["leaves"] == 0
    assert "before" in run(
        "audit", "verify", "--from", "2020-01-02", "--to", "2020-01-01", expect=2
    )


def test_a_day_is_signed_and_exported(run, installed):
    made = json.loads(run("audit", "day", "2020-01-01"))
    assert json.loads(run("audit", "day", "2020-01-01")) == made
    assert made["statement"].split("*")[3] == made["root"]
    assert made["key"]["kty"] == "OKP"
    assert "d" not in made["key"]
    assert "not over" in run("audit", "day", f"{date.max:%Y-%m-%d}", expect=1)
    assert "later day" in run("audit", "day", "2019-12-31", expect=1)


def test_a_published_root_is_held_against_the_chain(run, installed, tmp_path):
    said = run("audit", "day", "2020-01-01")
    file, made = tmp_path / "published.json", json.loads(said)
    file.write_text(said)
    assert "as it was sealed" in run("audit", "verify", "--root", str(file))
    assert "as it was sealed" in run("audit", "verify", "--root", made["root"].upper())
    assert "ROOT_DIFFERS" in run("audit", "verify", "--root", "ab" * 32, expect=1)
    file.write_text(json.dumps(made | {"statement": made["statement"].replace("*1*", "*2*")}))
    assert "ROOT_SIGNATURE" in run("audit", "verify", "--root", str(file), expect=1)
    file.write_text(json.dumps(made | {"key": {"kty": "OKP"}}))
    assert "ROOT_SIGNATURE" in run("audit", "verify", "--root", str(file), expect=1)
    for content in ("{}", "[]", "no JSON", json.dumps(made | {"statement": "EWD1*x"})):
        file.write_text(content)
        assert "neither" in run("audit", "verify", "--root", str(file), expect=2)
    file.write_bytes(b"\xff")
    run("audit", "verify", "--root", str(file), expect=2)
    run("audit", "verify", "--root", str(tmp_path / "none"), expect=2)


def test_prove_says_what_there_is_not(run, installed):
    assert "no purchase" in run("audit", "prove", new_uuid7(NOW), expect=1)
    assert "UUIDv7" in run("audit", "prove", "x", expect=2)
