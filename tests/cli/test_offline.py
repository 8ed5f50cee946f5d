"""The commands offline import, show and review as an operator uses them."""

import json
import sys

import pytest

from pos_engine.cli import main
from pos_engine.services.install import revoke_device
from tests.returning import owed
from tests.selling_offline import a_tablet, put_aside

PAID = 13_400


@pytest.fixture
def kind():
    return "sqlite"


@pytest.fixture
def run(prepared, tmp_path, monkeypatch, capsys, clock):
    """Run `ewarong ...` on a copy of the small world, at its time, with keys of its own."""
    monkeypatch.setenv("EWARONG_DATABASE_URL", prepared[0])
    monkeypatch.setenv("EWARONG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.setattr("pos_engine.engine.real_now", clock)
    monkeypatch.chdir(tmp_path)

    def ewarong(*arguments, expect=0):
        monkeypatch.setattr(sys, "argv", ["ewarong", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert (ended.value.code or 0) == expect, printed.out + printed.err
        return printed.out or printed.err

    ewarong("keys", "init")
    return ewarong


@pytest.fixture
def tablet(engine, world):
    return a_tablet(engine, world.shop_id, world.till_id)


@pytest.fixture
def aside(engine, world, tablet):
    return put_aside(engine, tablet, world.kpm_id)


def a_file(tmp_path, *lines):
    file = tmp_path / "antrean.jsonl"
    file.write_text("\n".join([*lines, ""]))
    return str(file)


def test_a_tablets_own_file_is_taken_in_once(run, engine, world, tablet, aside, tmp_path):
    sales = [tablet.sell(aside.allowance_id) for _ in range(3)]
    file = a_file(tmp_path, *(json.dumps(each.wire) for each in reversed(sales)))
    for _ in range(2):
        found = json.loads(run("offline", "import", file, "--json"))
        assert [each["outcome"] for each in found["envelopes"]] == ["ACCEPTED"] * 3
    assert owed(engine, world) == 3 * PAID
    assert "3 envelopes, 0 lines" in run("offline", "import", file)
    assert "add up" in run("ledger", "check")


def test_lines_that_are_none_of_ours_are_counted(run, engine, world, tablet, aside, tmp_path):
    sale = tablet.sell(aside.allowance_id)
    stranger = json.dumps({"body": sale.body | {"device": "nobody"}, "sig": sale.sig})
    file = a_file(tmp_path, json.dumps(sale.wire), "", "not an envelope", stranger)
    assert "1 envelopes, 2 lines" in run("offline", "import", file, expect=1)
    assert owed(engine, world) == PAID
    assert "cannot be read" in run("offline", "import", str(tmp_path / "nowhere"), expect=1)


def test_what_waits_is_shown_and_decided_by_two_officers(run, engine, world, tablet, aside):
    revoke_device(engine, tablet.device_id)
    sale = tablet.sell(aside.allowance_id)
    tablet.sync()
    [row] = json.loads(run("offline", "show", "--waiting", "--json"))
    assert (row["envelope_id"], row["outcome"]) == (sale.name, "HELD_REVIEW")
    assert "1 envelopes, 13400 rupiah" in run("offline", "show", "--device", tablet.device_id)
    assert "0 envelopes" in run("offline", "show", "--outcome", "ACCEPTED")
    by, second = (world.staff[role]["staff_id"] for role in ("DINSOS", "KEMENSOS"))
    asked = ("offline", "review", sale.name, "--decision", "CLEAR", "--note", "ada", "--by", by)
    assert "second officer" in run(*asked, expect=1)
    assert "ACCEPTED" in run(*asked, "--approve", second)
    assert owed(engine, world) == PAID
    dispute = ("offline", "review", sale.body["purchase_id"], "--note", "bukan saya", "--by", by)
    opened = json.loads(run(*dispute, "--decision", "DISPUTE", "--approve", second, "--json"))
    assert [(each["amount"], each["state"]) for each in opened] == [(PAID, "OPEN")]
    assert "CLOSED" in run(*dispute, "--decision", "SHOP_PAYS", "--approve", second)
    assert owed(engine, world) == 0
