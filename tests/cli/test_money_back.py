"""The commands holds, reverse and idle as an operator uses them."""

import json
import sys
from datetime import timedelta

import pytest
from sqlalchemy import update

from pos_engine.cli import main
from pos_engine.rules.holds import Hold
from pos_engine.services.hold import hold
from pos_engine.store.schema import wallet
from tests.services.test_hold import a_request
from tests.services.test_void import buy
from tests.settling import officers


@pytest.fixture
def kind():
    return "sqlite"


@pytest.fixture
def run(prepared, tmp_path, monkeypatch, capsys):
    """Run `ewarong ...` on a copy of the small world, with keys of its own."""
    monkeypatch.setenv("EWARONG_DATABASE_URL", prepared[0])
    monkeypatch.setenv("EWARONG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)

    def ewarong(*arguments, expect=0):
        monkeypatch.setattr(sys, "argv", ["ewarong", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert (ended.value.code or 0) == expect, printed.out + printed.err
        return printed.out if expect == 0 else printed.err

    ewarong("keys", "init")
    return ewarong


def test_open_holds_are_listed_with_their_age(run, engine, world):
    assert "0 open holds" in run("holds", "list")
    held = hold(engine, a_request(world, hours=2))
    assert isinstance(held, Hold)
    [row] = json.loads(run("holds", "list", "--json"))
    assert (row["hold_id"], row["amount"], row["purpose"]) == (held.hold_id, 50_000, "BANK")
    assert "1 open holds, 50000 rupiah" in run("holds", "list")


def test_a_purchase_is_reversed_by_two_officers(run, engine, world, clock):
    purchase_id = buy(engine, world)
    by, second = (world.staff[role]["staff_id"] for role in ("DINSOS", "KEMENSOS"))
    order = ("reverse", purchase_id, "--reason", "harga salah", "--by", by)
    assert "second officer" in run(*order, expect=1)
    part = json.loads(run(*order, "--approve", second, "--amount", "7000", "--json"))
    assert (part["amount"], part["unusable"]) == (7_000, 0)
    with engine.database.begin() as tx:
        tx.execute(update(wallet).values(expires_on=clock.at.date() - timedelta(days=1)))
    said = run(*order, "--approve", second)
    assert "60000 rupiah went back" in said
    assert "may not be spent" in said
    assert "add up" in run("ledger", "check")


def test_idle_money_from_the_list_to_the_treasury(run, engine, monkeypatch):
    assert "2 tranches" in run("idle", "list", "--days", "0")
    assert json.loads(run("idle", "list", "--days", "0", "--region", "94", "--json")) == []
    first, second = officers(engine)
    assert "off" in run("idle", "freeze", "--by", first, expect=1)
    monkeypatch.setenv("EWARONG_IDLE_FREEZE_DAYS", "105")
    assert "no active officer" in run("idle", "freeze", "--by", "ani", expect=1)
    assert "0 tranches" in run("idle", "freeze", "--by", first)
    assert "nothing is frozen" in run("idle", "return", "--by", first, expect=1)
    with engine.database.begin() as tx:
        tx.execute(update(wallet).values(status="FROZEN"))
    made = run("idle", "return", "--by", first, "--out", "list.csv")
    list_id = made.split("idle approve ")[1].split()[0]
    assert "another person" in run("idle", "approve", list_id, "--by", first, expect=1)
    assert "400000 rupiah of 2 tranches" in run("idle", "approve", list_id, "--by", second)
    assert "add up" in run("ledger", "check")


def test_days_that_do_not_count(run, world):
    by = world.staff["DINSOS"]["staff_id"]
    noted = ("OUTAGE", "35.07", "--from", "2026-11-01", "--by", by)
    assert "Noted" in run("idle", "pause", *noted)
    assert "no region" in run("idle", "pause", "OUTAGE", "99", *noted[2:], expect=1)
    assert "1 ended" in run("idle", "resume", "OUTAGE", "35.07", "--to", "2026-11-05")
    assert "no open" in run("idle", "resume", "OUTAGE", "35.07", "--to", "2026-11-05", expect=1)
