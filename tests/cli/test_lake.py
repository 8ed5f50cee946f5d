"""`ewarong lake` and `ewarong report --out` as an operator uses them."""

import json

from pos_engine.engine import Settings, open_engine
from pos_engine.services.authorize import authorize
from tests.cli.test_cli import run  # noqa: F401 - a fixture
from tests.world import a_purchase, populate, rice

DAY = ("--from", "2020-01-01", "--to", "2030-01-01")


def test_write_compact_check_show_and_reports(run, tmp_path):  # noqa: F811
    run("keys", "init")
    run("db", "upgrade")
    engine = open_engine(Settings(), faces=False)
    world = populate(engine)
    authorize(engine, a_purchase(world, rice(1000), at=engine.now()))
    engine.close()
    assert "lake write" in run("report", "service", *DAY, expect=1)
    assert json.loads(run("lake", "write", "--json"))["rows"] == 3
    done = json.loads(run("lake", "compact", "--until", "2031-01-01", "--json"))
    assert done["counted"] == 15  # eight of the day, ten days, the month, five of its families
    found = json.loads(run("lake", "check", "--every-byte", "--json"))
    assert (found["good"], found["behind"]) == (True, 0)
    shown = json.loads(run("lake", "show", "--json"))["datasets"]
    assert {each["dataset"] for each in shown} >= {"purchases", "movements", "prices_daily"}
    assert "purchases/day=" in run("lake", "show", "--files")
    assert run("lake", "show", "--dictionary").startswith("# Data dictionary")
    assert "CREATE OR REPLACE VIEW purchases" in run("lake", "views", "--postgresql")
    assert "--postgresql" in run("lake", "views", expect=2)
    assert "service" in run("report", "service", *DAY)
    for output in ("csv", "xlsx", "parquet", "json"):
        out = tmp_path / f"report.{output}"
        run("report", "purchases", *DAY, "--format", output, "--out", str(out))
        assert out.stat().st_size > 100
    early = run("report", "prices", *DAY, "--as-of", "2025-01-01T00:00:00+07:00")
    assert "Changes since: 1" in early
    for wrong in ("yesterday", "2025-01-01"):
        assert "offset" in run("report", "prices", *DAY, "--as-of", wrong, expect=2)
    assert "--format" in run("report", "prices", *DAY, "--out", "x", expect=2)
    path = next((tmp_path / "data" / "lake" / "purchases").rglob("*.parquet"))
    path.write_bytes(path.read_bytes()[:-9])
    assert "Damaged" in run("lake", "check", expect=1)
    assert "written again" in run("lake", "write", expect=1)
