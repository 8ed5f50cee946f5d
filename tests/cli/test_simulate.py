"""Every rehearsal is found under one name."""

from typer.testing import CliRunner

from pos_engine.cli import app


def test_each_other_side_can_be_played():
    shown = CliRunner().invoke(app, ["simulate", "--help"])
    assert shown.exit_code == 0
    assert all(each in shown.output for each in ("bank", "smsc"))
