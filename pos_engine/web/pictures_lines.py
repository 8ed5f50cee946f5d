"""The numbers behind a picture of days, for the script that makes it readable closely."""

from collections.abc import Mapping, Sequence
from typing import Any

Row = Mapping[str, Any]
DAYS_MAX = 366
RUPIAH, PERCENT, MS = "rupiah", "percent", "ms"
MIDDLE, EDGE, CEILING, BAD = "middle", "edge", "ceiling", "bad"  # how a line is drawn


def lines(
    key: str, title: str, unit: str, rows: Sequence[Row], series: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """What stands in the page beside the picture `key`: days in order, and each line's values.

    `series` names a column of `rows`, its words and how it is drawn; a column without any value
    is left out. `day` of a row is an ISO date.
    """
    shown = rows[-DAYS_MAX:]
    drawn = [
        {"label": label, "kind": kind, "values": [row[column] for row in shown]}
        for column, (label, kind) in series.items()
        if any(row[column] is not None for row in shown)
    ]
    days = [str(row["day"]) for row in shown]
    return {"key": key, "title": title, "unit": unit, "days": days, "series": drawn}
