"""docs/asvs.csv: each requirement once, each state with what it needs, no test that is missing."""

import csv
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "docs" / "asvs.csv"
STATES = {"met", "not applicable", "falls short"}
LEVEL_2 = 253  # requirements of levels 1 and 2 in version 5.0
CHAPTERS = 17


def rows():
    with TABLE.open(newline="") as file:
        return list(csv.DictReader(file))


@cache
def named_in(path):
    file = ROOT / path
    return (
        set(re.findall(r"^\s*(?:async )?def (test_\w+)", file.read_text(), re.MULTILINE))
        if file.exists()
        else set()
    )


def dangling(ids):
    """Ids that name no test."""
    found = []
    for each in ids.split():
        path, _, name = each.partition("::")
        if name not in named_in(path):
            found.append(each)
    return found


@pytest.mark.parametrize("row", rows(), ids=lambda row: row["requirement"])
def test_a_row_is_whole_and_its_tests_exist(row):
    assert re.fullmatch(r"V\d{1,2}\.\d{1,2}\.\d{1,2}", row["requirement"])
    assert row["state"] in STATES
    assert row["level"] in "123"
    assert row["text"]
    assert row["how"] or row["state"] == "falls short"
    assert dangling(row["tests"]) == []
    if row["state"] == "met":
        assert row["tests"], "what is met has a test"
    if row["state"] == "not applicable":
        assert not row["tests"]


def test_levels_one_and_two_are_there_whole_and_nothing_twice():
    names = [row["requirement"] for row in rows()]
    assert len(names) == len(set(names))
    assert sum(row["level"] in "12" for row in rows()) == LEVEL_2
    assert len({name.split(".")[0] for name in names}) == CHAPTERS


def test_a_dangling_id_is_seen():
    assert dangling("tests/gates/test_asvs.py::test_not_there") != []
    assert dangling("tests/gates/not_there.py::test_x") != []
    assert dangling("tests/gates/test_asvs.py::test_a_dangling_id_is_seen") == []
