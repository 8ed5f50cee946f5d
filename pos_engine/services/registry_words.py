"""How lists name their columns and write their values: data files, read once."""

import csv
from functools import cache
from pathlib import Path

from pos_engine.rules.registry_row import Words

FOLDER = Path(__file__).parent.parent / "registry_data"


def _rows(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def words() -> Words:
    """The values and the successors of older region codes."""
    values: dict[str, dict[str, str]] = {}
    for row in _rows("words.csv"):
        values.setdefault(row["field"], {})[row["written"]] = row["value"]
    regions = {row["old"]: row["new"] for row in _rows("regions.csv")}
    return Words(values, regions)


@cache
def _columns() -> dict[str, str]:
    return {row["written"]: row["field"] for row in _rows("columns.csv")}


def field_of(heading: str) -> str | None:
    """The field that a column's heading means: `No. KK` is `no_kk`."""
    plain = "_".join(heading.replace(".", " ").replace("/", " ").replace("_", " ").split())
    return _columns().get(plain.upper())
