"""What the ceiling service asks the lake: asked prices, refusals by day, unfed families."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from pos_engine.lake.questions import FETCHED_AT_ONCE, Row, Where
from pos_engine.lake.views import Snapshot

TOO_DEAR = "PRICE_ABOVE_CEILING"


def asked_prices(snapshot: Snapshot, where: Where, skus: Collection[str]) -> Iterator[Row]:
    """Lines by regency, good, unit and price as they were asked, approved and refused alike."""
    return _ask(
        snapshot,
        f"""SELECT regency, sku, gtin, unit, unit_price, verdict, COUNT(*) AS lines,
                   COUNT(DISTINCT family) AS families
            FROM purchases
            WHERE line >= 0 AND list_contains($skus, CAST(sku AS VARCHAR)) AND {where.sql()}
            GROUP BY ALL ORDER BY ALL""",  # noqa: S608 - values bound
        where.values | {"skus": list(skus)},
    )


def attempts_daily(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Attempts at each good with a ceiling by day and regency, and how many were too dear."""
    return _ask(
        snapshot,
        f"""SELECT day, regency, sku, ANY_VALUE(name) AS name,
                   CAST(SUM(line_count) AS BIGINT) AS attempts,
                   CAST(COALESCE(SUM(line_count) FILTER (verdict = '{TOO_DEAR}'), 0) AS BIGINT)
                       AS refused,
                   CAST(MEDIAN(unit_price) FILTER (verdict = '{TOO_DEAR}') AS BIGINT) AS asked,
                   MAX(ceiling) FILTER (verdict = '{TOO_DEAR}') AS ceiling
            FROM prices_daily
            WHERE verdict IN ('OK', '{TOO_DEAR}') AND {where.sql("regency")}
            GROUP BY day, regency, sku ORDER BY regency, sku, day""",  # noqa: S608 - values bound
        where.values,
    )


def unfed_counts(
    snapshot: Snapshot, where: Where, last: date, now: datetime, hours: int
) -> Iterator[Row]:
    """Families refused for price up to a day, and those that bought nothing within so many hours.

    The snapshot holds the days after `last` too: what was bought then counts.
    """
    return _ask(
        snapshot,
        f"""WITH refused AS (
                SELECT DISTINCT family, regency, decided_at FROM purchases
                WHERE reason = '{TOO_DEAR}' AND line <= 0 AND family IS NOT NULL
                      AND day <= $last AND {where.sql()}
            ), bought AS (
                SELECT family, decided_at AS bought_at FROM purchases
                WHERE status = 'APPROVED' AND line <= 0
                      AND family IN (SELECT family FROM refused)
            ), after AS (
                SELECT r.family, r.regency, r.decided_at, b.bought_at
                FROM refused r ASOF LEFT JOIN bought b
                  ON r.family = b.family AND r.decided_at < b.bought_at
            ), each_family AS (
                SELECT family, MIN(regency) AS regency,
                       BOOL_OR((bought_at IS NULL
                                OR bought_at > decided_at + INTERVAL {hours} HOUR)
                               AND decided_at + INTERVAL {hours} HOUR <= $now) AS unfed,
                       BOOL_OR(bought_at IS NULL
                               AND decided_at + INTERVAL {hours} HOUR > $now) AS waiting
                FROM after GROUP BY family
            )
            SELECT regency, COUNT(*) AS refused, COUNT(*) FILTER (unfed) AS unfed,
                   COUNT(*) FILTER (waiting AND NOT unfed) AS waiting
            FROM each_family GROUP BY regency ORDER BY regency""",  # noqa: S608 - ours, bound
        where.values | {"last": last, "now": now},
    )


def sold_lately(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Which shop sold which good lawfully, and when last."""
    return _ask(
        snapshot,
        f"""SELECT shop_id, sku, ANY_VALUE(region) AS region, MAX(day) AS last_day
            FROM sold_lines
            WHERE sku IS NOT NULL AND (ceiling IS NULL OR unit_price <= ceiling)
                  AND {where.sql()}
            GROUP BY shop_id, sku ORDER BY shop_id, sku""",  # noqa: S608 - values bound
        where.values,
    )


def _ask(snapshot: Snapshot, query: str, values: Mapping[str, object]) -> Iterator[Row]:
    snapshot.sql.execute(query, values)
    names = [each[0] for each in snapshot.sql.description or ()]
    while page := snapshot.sql.fetchmany(FETCHED_AT_ONCE):
        for row in page:
            yield dict(zip(names, row, strict=True))
