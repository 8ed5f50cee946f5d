"""The command line over two databases: what works on both, and what refuses by name."""

import sys

import pytest

from pos_engine.cli import main


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Run `ewarong ...` on an installation with a map of two databases."""
    urls = [f"sqlite:///{tmp_path / name}.db" for name in ("one", "two")]
    (tmp_path / "map").write_text(f"0 511 {urls[0]}\n512 1023 {urls[1]}\n")
    monkeypatch.setenv("EWARONG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("EWARONG_DATABASE_URL", urls[0])
    monkeypatch.setenv("EWARONG_SHARD_MAP", str(tmp_path / "map"))
    monkeypatch.setenv("EWARONG_FACE_ENGINE", "off")

    def ewarong(*arguments, expect=0):
        monkeypatch.setattr(sys, "argv", ["ewarong", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert (ended.value.code or 0) == expect, printed.out + printed.err
        return printed.out if expect == 0 else printed.err

    return ewarong


def test_an_installation_over_two_databases(run, tmp_path):
    run("keys", "init")
    run("db", "upgrade")
    assert {each.name for each in tmp_path.glob("*.db")} == {"one.db", "two.db"}
    run("catalog", "load")
    run("shop", "add", "--name", "Warung", "--region", "35.07.13")
    assert "The books add up" in run("ledger", "check")
    for words in (["holds", "list"], ["idle", "list"], ["audit", "verify"]):
        assert "EWARONG_SHARD_MAP names several" in run(*words, expect=1)
