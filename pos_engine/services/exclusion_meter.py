"""Complete the report `left-out`: shares, the nation beside them, and which groups stand out."""

from dataclasses import replace
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.exclusion import share, stands_out
from pos_engine.services import lake_reports
from pos_engine.services.lake_reports import Question

Row = dict[str, Any]
COLUMNS = (
    "section", "name", "families", "failed", "never", "pending", "share", "nation_share", "alarm",
)  # fmt: skip
METHOD, AGE, REGION, CREDITED = "METHOD", "AGE", "REGION", "CREDITED"
Pair = tuple[int, int]


def with_shares(engine: Engine, question: Question, rows: list[Row]) -> list[Row]:
    """The rows with the share of families left out; `alarm` by rules/exclusion.py."""
    everyone = rows
    if question.region or question.shop_id:
        nation = lake_reports.listed(engine, replace(question, region=None, shop_id=None))
        everyone = nation.rows if nation else []
    whole = _sums(everyone)
    return [_completed(row, whole) for row in rows]


def _completed(row: Row, whole: dict[str, Pair]) -> Row:
    """A way is held against all ways, an age against all ages, a place against the nation."""
    judged = row["families"] - row["pending"]
    part, of_all = whole.get(row["section"], (0, 0))
    return row | {
        "share": share(row["never"], judged),
        "nation_share": share(part, of_all),
        "alarm": stands_out(row["never"], judged, part, of_all),
    }


def _sums(rows: list[Row]) -> dict[str, Pair]:
    """Left out and judged, all groups of a section together."""
    found: dict[str, Pair] = {}
    for row in rows:
        never, judged = found.get(row["section"], (0, 0))
        own = row["families"] - row["pending"]
        found[row["section"]] = (never + row["never"], judged + own)
    return found


def total(rows: list[Row], section: str) -> Pair:
    """Left out and judged of one section."""
    return _sums(rows).get(section, (0, 0))
