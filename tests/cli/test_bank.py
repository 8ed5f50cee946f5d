"""The commands about banks and terminals as an operator uses them."""

import json
import sys
from contextlib import closing

import pytest

from pos_engine.cli import main
from pos_engine.services.authorize import authorize
from pos_engine.services.bank_question import merchant_of, terminal_of
from pos_engine.switch.simulated import Mode
from tests.banking import ACCOUNT, PAN, banked, by_bank_card
from tests.sim.bank import ACQUIRER, playing


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
        return printed.out if expect in (0, 1) and printed.out else printed.err

    ewarong("keys", "init")
    return ewarong


def test_a_banks_list_is_entered_and_its_bad_rows_are_named(run, world, tmp_path, monkeypatch):
    file = tmp_path / "accounts.csv"
    file.write_text(
        "family_id,bank,account,card\n"
        f"KPM-1,BRI,{ACCOUNT},{PAN}\n"
        "KPM-1,bri,X,\n"
        "KPM-9,BRI,X,\n"
        f"KPM-2,BRI,TOKEN-2,{PAN}\n"
        "KPM-2,BRI,,\n"
        "KPM-2,BRI,TOKEN-2,6013010000000002\n"
    )
    told = run("bank", "accounts", str(file), expect=1)
    assert "1 accounts entered, 5 rows refused." in told
    for place in (
        "row 3, bank",
        "row 4, family_id",
        "row 5, card",
        "row 6, account",
        "row 7, card",
    ):
        assert place in told
    file.write_text("family,bank\n")
    assert "columns are family_id" in run("bank", "accounts", str(file), expect=1)
    assert "no such file" in run("bank", "accounts", "none.csv", expect=2)
    with playing() as five:
        links = tmp_path / "links.toml"
        port = five["BRI"].port
        links.write_text(f'[BRI]\nhost = "127.0.0.1"\nport = {port}\nacquirer = "{ACQUIRER}"\n')
        assert "set EWARONG_BANK_LINKS" in run(
            "bank", "balance", "KPM-1", "--bank", "BRI", expect=2
        )
        monkeypatch.setenv("EWARONG_BANK_LINKS", str(links))
        assert "1000000 rupiah" in run("bank", "balance", "KPM-1", "--bank", "BRI")
        assert "no account" in run("bank", "balance", "KPM-2", "--bank", "BRI", expect=1)
    links.write_text("[BRI]\n")
    assert "EWARONG_BANK_LINKS" in run("bank", "calls", expect=1)


def test_open_calls_are_listed_with_what_the_bank_said(run, engine, world, capsys):
    with playing() as five:
        five["BRI"].mode = Mode.DROP
        ready = banked(engine, world, five, answer_s=0.1)
        with closing(ready.banks):
            authorize(ready, by_bank_card(world))
    capsys.readouterr()  # what the engine of this test logged
    told = json.loads(run("bank", "calls", "--json"))
    [call] = told["calls"]
    assert (call["bank"], call["state"], call["amount"]) == ("BRI", "REVERSING", 67_000)
    assert told["counts"] == [{"bank": "BRI", "state": "REVERSING", "count": 1}]
    assert "BRI REVERSING: 1" in run("bank", "calls")


def test_the_key_for_proofs_is_public_and_a_terminal_has_its_numbers(run, world):
    key = json.loads(run("bank", "key"))
    assert key["crv"] == "Ed25519"
    assert "d" not in key
    told = run("edc", "terminal", world.till_id)
    assert f"DE41 {terminal_of(world.till_id)}" in told
    assert f"DE42 {merchant_of(world.shop_id)}" in told
    assert "no till" in run("edc", "terminal", "nobody", expect=1)


@pytest.mark.parametrize(
    "options",
    [("--cert", "a.pem"), ("--host", "0.0.0.0"), ("--cert", "a.pem", "--key", "b.pem")],  # noqa: S104
    ids=["half", "beyond", "missing"],
)
def test_terminals_beyond_this_machine_need_tls(run, world, options):
    assert run("edc", "serve", *options, expect=2)
