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


@pytest.fixture
def officers(run, shop):  # noqa: F811
    """Two officers of the ministry: who may act, and who may agree."""
    made = [
        json.loads(run("staff", "add", "--name", name, "--role", "KEMENSOS", "--json"))
        for name in ("Ani", "Budi")
    ]
    return [each["staff_id"] for each in made]


def test_nobody_is_paid_without_a_named_escrow_account(run, shop, monkeypatch):  # noqa: F811
    monkeypatch.delenv("EWARONG_ESCROW_ACCOUNT")
    assert "EWARONG_ESCROW_ACCOUNT" in run("settle", *PAST, expect=1)


def test_a_settlement_is_planned_by_one_and_paid_by_another(run, shop, officers, tmp_path):  # noqa: F811
    first, second = officers
    plan = ("settle", *PAST, "--out", str(tmp_path), "--officer", first)
    approve = ("settle", *PAST, "--out", str(tmp_path), "--approve", "--officer")
    assert "no active officer" in run("settle", *PAST, expect=1)
    assert "not planned" in run(*approve, second, expect=1)
    said = run(*plan)
    assert "planned, nothing is paid" in said
    assert "--approve --officer" in said
    assert [each.name for each in tmp_path.glob("payout-*")] == ["payout-2026-01-05.draft.csv"]
    assert "second person" in run(*approve, first, expect=1)
    done = json.loads(run(*approve, second, "--json"))
    assert (done["payouts"], done["fresh"], done["final"], done["held"]) == (0, True, True, [])
    assert (done["made_by"], done["approved_by"]) == (first, second)
    assert [each["payouts"] for each in done["files"]] == [0]
    again = run(*plan)
    assert "was settled before" in again
    assert "is no folder" in run("settle", *PAST, "--out", str(tmp_path / "none"), expect=2)
    future = ("settle", "--day", "2099-01-01", "--officer", first)
    assert "not over" in run(*future, expect=1)


def test_the_report_before_the_first_settlement_says_so(run, shop):  # noqa: F811
    asked = ("report", "settlement", "--from", "2026-01-01", "--to", "2026-01-31")
    assert "No settlement was made yet" in run(*asked)
    assert "No settlement" not in run("report", "purchases", *asked[2:])


def test_an_account_is_named_by_one_and_approved_by_another(run, shop, officers, monkeypatch):  # noqa: F811
    first, second = officers
    assert "no account" in run("shop", "account", shop, expect=1)
    monkeypatch.setattr("typer.prompt", lambda *_args, **_named: "1234567890")
    named = ("shop", "account", shop, "--bank", "BNINIDJA", "--name", "Sri", "--officer", first)
    assert "--approve" in run(*named)
    assert "second person" in run(
        "shop", "account", shop, "--approve", "--officer", first, expect=1
    )
    shown = json.loads(run("shop", "account", shop, "--approve", "--officer", second, "--json"))
    assert (shown["status"], shown["masked"]) == ("ACTIVE", "******7890")
    assert "bank" in run("shop", "account", shop, "--bank", "?", "--name", "Sri", expect=1)


def test_a_statement_and_its_day(run, shop, officers, tmp_path):  # noqa: F811
    first, second = officers
    by = ("--by", first)
    file = tmp_path / "bank.csv"
    head = "value_date,account,entry,reference,amount,currency\n"
    file.write_text(f"{head}2026-01-05,0001,1,BUNGA,5,IDR\n2026-01-05,9,2,x,1,USD\n")
    assert "no active officer" in run("reconcile", str(file), expect=1)
    assert "row 3" in run("reconcile", str(file), *by, expect=1)
    file.write_text(f"{head}2026-01-05,0001,1,BUNGA,5,IDR\n")
    assert json.loads(run("reconcile", str(file), *by, "--json"))["fresh"] == 1
    assert "0 of them new" in run("reconcile", str(file), *by)
    status = json.loads(run("reconcile", "status", *PAST, "--json"))
    [line] = status["bank_only"]
    assert "only the bank has" in status["why_open"]
    assert "Sales go on" in run("reconcile", "close", *PAST, *by, expect=1)
    sign = ("reconcile", "sign-off", line["line_id"])
    assert "Noted" in run(*sign, "--reason", "interest", *by)
    agreed = json.loads(run(*sign, "--approve", "--by", second, "--json"))
    assert agreed["approved_by"] == second
    said = run(*sign, "--approve", "--by", second)
    assert f"{first} and {second}" in " ".join(said.split())  # wrapped as the screen is wide
    assert "held 5" in run("reconcile", "balance", *PAST, "--escrow-balance", "5", *by)
    assert f"closed by {first}" in run("reconcile", "close", *PAST, *by)
    assert "difference 0" in run("reconcile", "status", *PAST)
    assert "good" in run("ledger", "check", "--json")


def test_wrong_use_is_2(run, shop, officers):  # noqa: F811
    by = ("--by", officers[0])
    assert "No such file" in run("reconcile", "none.csv", expect=2)
    assert "--day" in run("reconcile", "status", expect=2)
    assert "item id" in run("reconcile", "sign-off", expect=2)
    assert "--escrow-balance" in run("reconcile", "balance", *PAST, expect=2)
    assert "future" in run(
        "reconcile", "balance", "--day", "2099-01-01", "--escrow-balance", "1", expect=1
    )
    below = ("reconcile", "balance", *PAST, "--escrow-balance", "-1")
    assert "below zero" in run(*below, expect=1)
    no_item = ("reconcile", "sign-off", "none", "--reason", "because of it", *by)
    assert "no open item" in run(*no_item, expect=1)
    assert "characters" in run("reconcile", "sign-off", "none", *by, expect=1)
