"""Documented or it does not exist: commands, settings, routes, reasons."""

import re
from pathlib import Path

import pytest
from typer.main import get_command

from pos_engine.cli import app
from pos_engine.rules.reasons import Reason
from pos_engine.settings import Settings
from pos_engine.store.schema import metadata
from pos_engine.web.app import create_app
from tests.world import Clock, make_engine

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text()


def commands(group, prefix="ewarong"):
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{prefix} {name}")
        else:
            yield f"{prefix} {name}", command


COMMANDS = dict(commands(get_command(app)))


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_in_the_readme_and_teaches(name):
    assert f"`{name}`" in README
    command = COMMANDS[name]
    assert command.help
    for parameter in command.params:
        assert getattr(parameter, "help", None), f"{name} {parameter.name}"


def test_no_command_of_the_readme_is_missing():
    """Two groups of one name hide each other's commands."""
    rows = re.findall(r"^\| `(ewarong [a-z-]+(?: [a-z-]+)*)` \|", README, re.MULTILINE)
    assert rows
    assert set(rows) <= set(COMMANDS), set(rows) - set(COMMANDS)


def test_every_setting_is_in_the_readme_with_its_default():
    for name, field in Settings.model_fields.items():
        row = re.search(rf"\| `EWARONG_{name.upper()}` \| (.+?) \|", README)
        assert row, name
        if field.default and not isinstance(field.default, Path):
            assert f"`{field.default}`" in row[1], name
    documented = set(re.findall(r"EWARONG_([A-Z_]+)", README))
    assert {name.lower() for name in documented} == set(Settings.model_fields)


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_in_the_readme(reason):
    assert f"`{reason}`" in README


def test_every_route_is_in_the_readme(keys, tmp_path):
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}", keys, Clock())
    paths = create_app(engine).openapi()["paths"]
    engine.close()
    for path, operations in paths.items():
        assert path in README, path
        for method in operations:
            assert f"{method.upper()} {path}" in README or f"`{method.upper()}` the same" in README


def test_every_table_is_in_the_architecture():
    for table in metadata.sorted_tables:
        assert f"`{table.name}`" in ARCHITECTURE, table.name


def test_named_limits_of_the_architecture_exist():
    files = [
        *(
            path
            for package in ("pos_engine", "biometrics", "catalog")
            for path in (ROOT / package).rglob("*.py")
        ),
        *(path for path in (ROOT / "warung_client").rglob("*.js") if path.parent.name != "vendor"),
    ]
    sources = "\n".join(path.read_text() for path in files)
    section = ARCHITECTURE.partition("## Limits with a name")[2]
    named = r"^(?:export )?(?:const )?([A-Z_]+)\b[^=\n]* = "
    known = set(re.findall(named, sources, re.MULTILINE))
    assert set(re.findall(r"`([A-Z_]+)`", section)) - known == set()
