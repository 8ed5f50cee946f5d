"""Rules of `make audit`: each has a planted line that it must catch, and one to leave alone."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / ".semgrep"
RULES = sorted((FOLDER / "rules").glob("*.yml"))
# by its folders: what is planted for it cannot lie there
BY_PLACE = {"no-second-clock"}


def ids(file):
    return re.findall(r"^  - id: (\S+)$", file.read_text(), re.MULTILINE)


def marked(file, word):
    found = re.findall(rf"# {word}: ([\w, -]+)$", file.read_text(), re.MULTILINE)
    return {name.strip() for names in found for name in names.split(",")}


@pytest.mark.parametrize("file", RULES, ids=lambda file: file.stem)
def test_every_rule_has_what_it_must_catch(file):
    planted = FOLDER / "planted" / f"{file.stem}.py"
    wanted = set(ids(file)) - BY_PLACE
    assert wanted
    assert wanted <= marked(planted, "ruleid")
    assert wanted & marked(planted, "ok")


def test_what_is_asked_for_is_ruled():
    names = {each for file in RULES for each in ids(file)}
    assert {"no-float-money", "no-made-up-sql", "no-body-in-logs", "no-naive-datetime"} <= names
