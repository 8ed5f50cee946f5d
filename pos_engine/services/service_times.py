"""How long answers took, a day of WIB a row, beside what was answered."""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

from pos_engine.engine import Engine
from pos_engine.services.lake_reports import Question
from pos_engine.store import latencies

Row = dict[str, Any]
WIB = timedelta(hours=7)
NOT_MEASURED = ("answers", "turned_away", "p50_ms", "p95_ms", "p99_ms")
SHARES = {"p50_ms": 0.50, "p95_ms": 0.95, "p99_ms": 0.99}


def with_times(engine: Engine, question: Question, rows: list[Row]) -> list[Row]:
    """The rows of a report, then one for each day whose answer times are still kept.

    Times are of the whole installation: who sees only a region or shop does not get them.
    """
    own = [row | dict.fromkeys(NOT_MEASURED) for row in rows]
    whole = not question.region and not question.shop_id and question.as_of is None
    return [*own, *_times(engine, question)] if whole else own


def _times(engine: Engine, question: Question) -> Iterator[Row]:
    oldest = (engine.now() - latencies.KEPT).date()
    day, last = max(question.first, oldest), min(question.last, (engine.now() + WIB).date())
    while day <= last:
        begins = datetime.combine(day, time(), UTC) - WIB
        with engine.database.read() as tx:
            spread = latencies.between(tx, begins, begins + timedelta(days=1))
        if spread.answers or spread.turned_away:
            yield {
                "day": day.isoformat(),
                "regency": "",
                "method": "",
                "purchases": None,
                "approved": None,
                "business_declines": None,
                "technical_declines": None,
                "answers": spread.answers,
                "turned_away": spread.turned_away,
                **{name: _finite(spread.percentile_ms(share)) for name, share in SHARES.items()},
            }
        day += timedelta(days=1)


def _finite(milliseconds: float) -> float | None:
    """No number is longer than what is measured at all."""
    return milliseconds if milliseconds != float("inf") else None
