"""Settlement and reconciliation as an operator types them."""

import json

import pytest

from tests.cli.test_cli import run  # noqa: F401 - a fixture

PAST = ("--day", "2026-01-05")


@pytest.fixture
def shop(run, monkeypatch):  # noqa: F811
    monkeypatch.setenv("EWARONG_ESCROW_ACCOUNT", "0001")
    run("keys", "init")
    run("db", "upgrade")
    run("catalog", "load")
    added = run("shop", "add", "--name", "Warung", "--region", "35.07.13", "--json")
    return json.loads(added)["shop_id"]


def test_nobody_is_paid_without_a_named_escrow_account(run, shop, monkeypatch):  # noqa: F811
    monkeypatch.delenv("EWARONG_ESCROW_ACCOUNT")
    assert "EWARONG_ESCROW_ACCOUNT" in run("settle", *PAST, expect=1)


def test_a_settlement_writes_files_and_says_what_it_did(run, shop, tmp_path):  # noqa: F811
    done = json.loads(run("settle", *PAST, "--out", str(tmp_path), "--json"))
    assert (done["payouts"], done["fresh"], done["held"]) == (0, True, [])
    assert [each["payouts"] for each in done["files"]] == [0]
    again = run("settle", *PAST, "--out", str(tmp_path))
    assert "was settled before" in again
    assert "is no folder" in run("settle", *PAST, "--out", str(tmp_path / "none"), expect=2)
    assert "not over" in run("settle", "--day", "2099-01-01", expect=1)


def test_an_account_is_named_by_one_and_approved_by_another(run, shop, monkeypatch):  # noqa: F811
    assert "no account" in run("shop", "account", shop, expect=1)
    monkeypatch.setattr("typer.prompt", lambda *_args, **_named: "1234567890")
    named = ("shop", "account", shop, "--bank", "BNINIDJA", "--name", "Sri", "--officer", "ani")
    assert "--approve" in run(*named)
    assert "second person" in run(
        "shop", "account", shop, "--approve", "--officer", "ani", expect=1
    )
    shown = json.loads(run("shop", "account", shop, "--approve", "--officer", "budi", "--json"))
    assert (shown["status"], shown["masked"]) == ("ACTIVE", "******7890")
    assert "bank" in run("shop", "account", shop, "--bank", "?", "--name", "Sri", expect=1)


def test_a_statement_and_its_day(run, shop, tmp_path):  # noqa: F811
    file = tmp_path / "bank.csv"
    head = "value_date,account,entry,reference,amount,currency\n"
    file.write_text(f"{head}2026-01-05,0001,1,BUNGA,5,IDR\n2026-01-05,9,2,x,1,USD\n")
    assert "row 3" in run("reconcile", str(file), expect=1)
    file.write_text(f"{head}2026-01-05,0001,1,BUNGA,5,IDR\n")
    assert json.loads(run("reconcile", str(file), "--json"))["fresh"] == 1
    assert "0 of them new" in run("reconcile", str(file))
    status = json.loads(run("reconcile", "status", *PAST, "--json"))
    [line] = status["bank_only"]
    assert "only the bank has" in status["why_open"]
    assert "Sales go on" in run("reconcile", "close", *PAST, expect=1)
    sign = ("reconcile", "sign-off", line["line_id"])
    assert "Noted" in run(*sign, "--reason", "interest", "--by", "ani")
    assert json.loads(run(*sign, "--approve", "--by", "budi", "--json"))["approved_by"] == "budi"
    assert "ani and budi" in run(*sign, "--approve", "--by", "budi")
    assert "held 5" in run("reconcile", "balance", *PAST, "--escrow-balance", "5")
    assert "closed by ani" in run("reconcile", "close", *PAST, "--by", "ani")
    assert "difference 0" in run("reconcile", "status", *PAST)
    assert "good" in run("ledger", "check", "--json")


def test_wrong_use_is_2(run, shop):  # noqa: F811
    assert "No such file" in run("reconcile", "none.csv", expect=2)
    assert "--day" in run("reconcile", "status", expect=2)
    assert "item id" in run("reconcile", "sign-off", expect=2)
    assert "--escrow-balance" in run("reconcile", "balance", *PAST, expect=2)
    assert "future" in run(
        "reconcile", "balance", "--day", "2099-01-01", "--escrow-balance", "1", expect=1
    )
    below = ("reconcile", "balance", *PAST, "--escrow-balance", "-1")
    assert "below zero" in run(*below, expect=1)
    no_item = ("reconcile", "sign-off", "none", "--reason", "because of it", "--by", "a")
    assert "no open item" in run(*no_item, expect=1)
    assert "characters" in run("reconcile", "sign-off", "none", "--by", "a", expect=1)
