"""`ewarong ceiling` and `ewarong replay` as an officer and an auditor use them."""

import csv
import json
from datetime import timedelta

from sqlalchemy import text

from pos_engine.engine import Settings, open_engine
from pos_engine.services.authorize import authorize
from tests.cli.test_cli import run  # noqa: F401 - a fixture
from tests.world import a_purchase, populate, rice


def test_a_ceiling_is_signed_and_a_month_decided_again(run, tmp_path):  # noqa: F811
    run("keys", "init")
    run("db", "upgrade")
    engine = open_engine(Settings(), faces=False)
    world = populate(engine)
    for price in (13_400, 14_000):
        authorize(engine, a_purchase(world, rice(1000, price), at=engine.now()))
    today = engine.now().date()
    first = today + timedelta(days=3)
    one, two = (world.staff[name]["staff_id"] for name in ("KEMENSOS", "KEMENSOS-2"))
    words = ("--regulation", "SK 1", "--reason", "naik", "--from", first.isoformat())
    price = ("BERAS-MEDIUM", "--rupiah", "13500", "--place", "35.07", "--mode", "CAP")
    made = json.loads(run("ceiling", "draft", *price, *words, "--officer", one, "--json"))
    name = made["draft_id"]
    assert "membayar 1 baris" in run("ceiling", "preview", name)
    run("ceiling", "sign", name, "--officer", one)
    assert "another person" in run("ceiling", "sign", name, "--officer", one, expect=1)
    assert "PUBLISHED" in run("ceiling", "sign", name, "--officer", two)
    run("ceiling", "withdraw", name, "--officer", one, "--note", "salah")
    assert json.loads(run("ceiling", "list", "--json"))[0]["state"] == "WITHDRAWING"
    assert run("ceiling", "proposals", "--look", "--json").strip() == "[]"
    assert "no proposal" in run(
        "ceiling", "answer", "x", "--officer", one, "--reason", "x", expect=1
    )
    days = ("--from", (today - timedelta(days=2)).isoformat(), "--to", first.isoformat())
    assert "0 differ" in run("replay", *days, "--processes", "1")
    out = tmp_path / "effects.csv"
    said = run("replay", *days, "--ceiling-mode", "CAP", "--processes", "1", "--csv", str(out))
    assert "1 refused ones would be paid" in said
    with out.open() as file:
        assert [row["gained"] for row in csv.DictReader(file)] == ["1", "1"]
    with engine.database.begin() as tx:
        tx.execute(text("UPDATE purchase SET amount = amount + 1 WHERE status = 'APPROVED'"))
    engine.close()
    said = run("replay", *days, "--processes", "1", "--csv", str(out), expect=1)
    assert "1 of 2 purchases come out otherwise" in said
    with out.open() as file:
        assert [row["parts"] for row in csv.DictReader(file)] == ["amount postings"]
    for wrong in (("--period", "2026-13"), days[:2], (*days, "--ceiling-mode", "GIFT"),
                  (*days, "--policy", "NONE"), (*days, "--ceilings", str(tmp_path))):  # fmt: skip
        run("replay", *wrong, expect=2)
