"""Each import contract can fail: a planted import breaks it, and the untouched tree keeps all."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("pos_engine", "warung_client", "biometrics", "catalog")
TIME_MAX_S = 60

PACKAGES_BELOW = "The engine stands on the three packages, never the other way"
FLOORS = "Floors of the engine: imports go downwards only"
PURE = "Rules, wire, catalog and biometrics know no framework"
SQL = "Only the store speaks SQL"
SETTINGS = "Settings are read by the command line and the engine only"
CYCLES = "Siblings do not import in circles"
CONTRACTS = {PACKAGES_BELOW, FLOORS, PURE, SQL, SETTINGS, CYCLES}

DOCSTRING = '"""Planted by a test."""\n\n'
# What is planted, and the contracts it must break (an import upwards may close a circle too).
PLANTED = {
    "catalog asks the engine": (
        {"catalog/planted.py": "import pos_engine.rules.reasons"},
        {PACKAGES_BELOW},
    ),
    "biometrics asks the engine": (
        {"biometrics/planted.py": "import pos_engine.rules.reasons"},
        {PACKAGES_BELOW},
    ),
    "catalog reads settings": (
        {"catalog/planted.py": "import pos_engine.settings"},
        {PACKAGES_BELOW, PURE, SETTINGS},
    ),
    "catalog asks biometrics": (
        {"catalog/planted.py": "import biometrics.template"},
        {PACKAGES_BELOW},
    ),
    "a rule asks the keys": ({"pos_engine/rules/planted.py": "import pos_engine.keys"}, {FLOORS}),
    "a rule asks the store": (
        {"pos_engine/rules/planted.py": "import pos_engine.store.schema"},
        {FLOORS, PURE},
    ),
    "wire asks a service": (
        {"pos_engine/wire/planted.py": "import pos_engine.services.answers"},
        {FLOORS},
    ),
    "a module without a floor": ({"pos_engine/planted.py": ""}, {FLOORS}),
    "catalog serves HTTP": ({"catalog/planted.py": "import fastapi"}, {PURE}),
    "catalog speaks SQL": ({"catalog/planted.py": "import sqlalchemy"}, {PURE, SQL}),
    "a service speaks SQL": ({"pos_engine/services/planted.py": "import sqlalchemy"}, {SQL}),
    "a service reads settings": (
        {"pos_engine/services/planted.py": "import pos_engine.settings"},
        {SETTINGS},
    ),
    "two services in a circle": (
        {
            "pos_engine/services/planted.py": "import pos_engine.services.planted_too",
            "pos_engine/services/planted_too.py": "import pos_engine.services.planted",
        },
        {CYCLES},
    ),
}


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """The Python files of the four packages and the contracts, to be spoiled."""
    folder = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            target = folder / file.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)
    shutil.copy2(ROOT / "pyproject.toml", folder)
    return folder


def lint(folder: Path) -> tuple[int, dict[str, str], str]:
    """The exit code, the verdict on each contract and everything that was told."""
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-logo"],
        cwd=folder,
        env={"PYTHONPATH": str(folder), "COLUMNS": "200"},  # the copy, not what is installed
        capture_output=True,
        text=True,
        timeout=TIME_MAX_S,
        check=False,
    )
    told = done.stdout + done.stderr
    verdicts = re.findall(r"^(.+) (KEPT|BROKEN)(?: \(.*\))?$", told, re.MULTILINE)
    return done.returncode, dict(verdicts), told


def test_the_tree_as_it_is_keeps_every_contract(copy):
    code, verdicts, told = lint(copy)
    assert code == 0, told
    assert verdicts == dict.fromkeys(CONTRACTS, "KEPT")


@pytest.mark.parametrize("what", PLANTED)
def test_a_planted_import_breaks_its_contract(copy, what):
    files, broken = PLANTED[what]
    try:
        for path, line in files.items():
            (copy / path).write_text(f"{DOCSTRING}{line}\n")
        code, verdicts, told = lint(copy)
    finally:
        for path in files:
            (copy / path).unlink(missing_ok=True)
    assert code != 0
    assert set(verdicts) == CONTRACTS
    assert broken <= {name for name, verdict in verdicts.items() if verdict == "BROKEN"}, told
    assert "planted" in told


def test_every_contract_is_proved_to_fail():
    assert set().union(*(broken for _, broken in PLANTED.values())) == CONTRACTS
