"""What reports ask the lake: one query each, over counts where these hold, else over raw rows."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pos_engine.lake.views import Snapshot

Row = dict[str, Any]
FETCHED_AT_ONCE = 2_000
REGENCY_LENGTH = 5
TECHNICAL = ("BANK_UNREACHABLE", "CEILING_MISSING", "OFFLINE_STALE")  # ours, not the shopper's
UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Where:
    """Rows that may be seen: a region as a prefix, one shop, or the nation."""

    region: str | None = None
    shop_id: str | None = None

    @property
    def by_regency(self) -> bool:
        """Can counts by regency answer it."""
        return self.shop_id is None and len(self.region or "") <= REGENCY_LENGTH

    def sql(self, column: str = "region") -> str:
        """The condition on a column with the region; its values stand in `values`."""
        region = f"({column} = $region OR starts_with({column}, $region || '.'))"
        parts = [region] * bool(self.region) + ["shop_id = $shop"] * bool(self.shop_id)
        return " AND ".join(parts) or "TRUE"

    @property
    def values(self) -> dict[str, str]:
        """What the condition asks for; never part of the query's text."""
        given = {"region": self.region, "shop": self.shop_id}
        return {name: value for name, value in given.items() if value}


def ask(snapshot: Snapshot, query: str, where: Where) -> Iterator[Row]:
    """The rows of a query, a page at a time."""
    snapshot.sql.execute(query, where.values)
    names = [each[0] for each in snapshot.sql.description or ()]
    while page := snapshot.sql.fetchmany(FETCHED_AT_ONCE):
        for row in page:
            yield dict(zip(names, row, strict=True))


def purchases(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Every line that is still bought."""
    return ask(
        snapshot,
        f"""SELECT CAST(day AS VARCHAR) AS day, region, shop_id, sku AS commodity, name,
                   quantity_milli, unit, unit_price, line_total, ceiling, ceiling_kind,
                   line_flags AS flags, policy, price_book
            FROM sold_lines WHERE {where.sql()}
            ORDER BY sold_lines.day, decided_at, purchase_id, line""",  # noqa: S608 - values bound
        where,
    )


def prices(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Paid prices by good, unit and regency: nearest-rank percentiles made from counts."""
    counts = "prices_daily" if where.by_regency else _PRICES_OF_LINES
    kept = where.sql("regency" if where.by_regency else "region")
    return ask(snapshot, _PRICES.format(counts=counts, kept=kept), where)


_PRICES_OF_LINES = """(
    SELECT *, 1 AS line_count, decided_at AS newest_at FROM sold_lines)"""
_PRICES = """
WITH counts AS (
    SELECT sku, unit, regency, unit_price, SUM(line_count) AS n,
           SUM(line_count) FILTER (ceiling > 0 AND unit_price > ceiling) AS above,
           MAX(newest_at) AS newest_at,
           ARG_MAX({{'name': name, 'ceiling': ceiling, 'kind': ceiling_kind}}, newest_at) AS newest
    FROM {counts} WHERE status = 'APPROVED' AND {kept}
    GROUP BY sku, unit, regency, unit_price
), ranked AS (
    SELECT *, SUM(n) OVER (PARTITION BY sku, unit, regency ORDER BY unit_price) AS up_to,
           SUM(n) OVER (PARTITION BY sku, unit, regency) AS total
    FROM counts
), places AS (
    SELECT sku, unit, regency, MAX(total) AS total,
           MIN(unit_price) FILTER (up_to * 100 >= total * 10) AS p10,
           MIN(unit_price) FILTER (up_to * 100 >= total * 50) AS p50,
           MIN(unit_price) FILTER (up_to * 100 >= total * 90) AS p90,
           ARG_MAX(newest, newest_at) AS newest, COALESCE(SUM(above), 0) AS above
    FROM ranked GROUP BY sku, unit, regency
)
SELECT sku AS commodity, newest.name AS name, unit, regency, CAST(total AS BIGINT) AS purchases,
       p10, p50, p90, newest.ceiling AS ceiling, newest.kind AS ceiling_kind,
       CAST(above AS BIGINT) AS above_ceiling
FROM places ORDER BY sku, unit, regency"""


def ceiling_gap(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Where honest prices may have outrun the ceiling: what was asked and refused."""
    return ask(
        snapshot,
        f"""SELECT CAST(day AS VARCHAR) AS day, regency, shop_id, sku AS commodity, name, unit,
                   asked_price, ceiling, gap, regulation
            FROM ceiling_gap WHERE {where.sql("regency" if where.by_regency else "region")}
            ORDER BY ceiling_gap.day, decided_at, purchase_id, line""",  # noqa: S608 - values bound
        where,
    )


def banned_attempts(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """By shop and good, never by family."""
    return ask(
        snapshot,
        f"""SELECT regency, shop_id, sku AS commodity, ANY_VALUE(name) AS name, verdict AS reason,
                   COUNT(*) AS attempts, CAST(MIN(day) AS VARCHAR) AS first_day,
                   CAST(MAX(day) AS VARCHAR) AS last_day
            FROM purchases
            WHERE verdict IN ('ITEM_BANNED', 'ITEM_NOT_IN_PROGRAMME') AND {where.sql()}
            GROUP BY shop_id, sku, verdict, regency
            ORDER BY shop_id, sku, verdict, regency""",  # noqa: S608 - values bound
        where,
    )


def service(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Answers by day, regency and way: what the rules refused, and what we could not do."""
    counts = "outcomes_daily"
    if not where.by_regency:
        counts = "(SELECT *, 1 AS purchase_count FROM purchases WHERE line <= 0)"
    technical = ", ".join(f"'{each}'" for each in TECHNICAL)
    kept = where.sql("regency" if where.by_regency else "region")
    return ask(
        snapshot,
        f"""SELECT CAST(day AS VARCHAR) AS day, regency, method,
                   CAST(SUM(purchase_count) AS BIGINT) AS purchases,
                   CAST(COALESCE(SUM(purchase_count) FILTER (status = 'APPROVED'), 0) AS BIGINT)
                       AS approved,
                   CAST(COALESCE(SUM(purchase_count) FILTER (status <> 'APPROVED'
                       AND reason NOT IN ({technical})), 0) AS BIGINT) AS business_declines,
                   CAST(COALESCE(SUM(purchase_count) FILTER (status <> 'APPROVED'
                       AND reason IN ({technical})), 0) AS BIGINT) AS technical_declines
            FROM {counts} each_count WHERE {kept}
            GROUP BY each_count.day, regency, method
            ORDER BY each_count.day, regency, method""",  # noqa: S608 - values bound
        where,
    )


def exclusion(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Attempts by way and reason, then families that met a refusal, and who never bought."""
    yield from _attempts(snapshot, where)
    yield from _families(snapshot, where)


def _attempts(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    counts = "attempts_daily"
    if not where.by_regency:
        counts = "(SELECT *, 1 AS attempt_count FROM attempts)"
    kept = where.sql("regency" if where.by_regency else "region")
    return ask(
        snapshot,
        f"""SELECT 'attempts' AS section, regency, method, COALESCE(reason, '') AS reason,
                   COALESCE(age_band, '{UNKNOWN}') AS age_band,
                   CAST(SUM(attempt_count) AS BIGINT) AS attempts,
                   CAST(COALESCE(SUM(attempt_count) FILTER (failed), 0) AS BIGINT) AS failed,
                   NULL AS families, NULL AS never_bought
            FROM {counts} each_count WHERE {kept}
            GROUP BY ALL ORDER BY ALL""",  # noqa: S608 - values bound
        where,
    )


def _families(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    return ask(
        snapshot,
        f"""WITH refused AS (
                SELECT family, regency, age_band FROM attempts
                WHERE failed AND family IS NOT NULL AND {where.sql()}
                UNION ALL
                SELECT family, regency, NULL FROM purchases
                WHERE status <> 'APPROVED' AND line <= 0 AND family IS NOT NULL AND {where.sql()}
            ), met AS (
                SELECT family, MIN(regency) AS regency, MAX(age_band) AS age_band
                FROM refused GROUP BY family
            ), bought AS (
                SELECT DISTINCT family FROM purchases
                WHERE status = 'APPROVED' AND family IN (SELECT family FROM met)
            )
            SELECT 'families' AS section, regency, '' AS method, '' AS reason,
                   COALESCE(age_band, '{UNKNOWN}') AS age_band, NULL AS attempts, NULL AS failed,
                   COUNT(*) AS families,
                   COUNT(*) FILTER (met.family NOT IN (SELECT family FROM bought)) AS never_bought
            FROM met GROUP BY regency, age_band ORDER BY regency, age_band""",  # noqa: S608
        where,
    )


def changes(snapshot: Snapshot, where: Where, since_us: int, limit: int) -> Iterator[Row]:
    """What became known of these days after a moment, the oldest first."""
    return ask(
        snapshot,
        f"""SELECT what, id, CAST(day AS VARCHAR) AS day, regency, shop_id, amount,
                   CAST(at_us AS BIGINT) AS known_at_us
            FROM (
                SELECT 'purchase ' || lower(status) AS what, purchase_id AS id, day, region,
                       regency, shop_id, amount, epoch_us(decided_at) AS at_us
                FROM purchases WHERE line <= 0
                UNION ALL
                SELECT DISTINCT lower(kind), return_id, day, region, regency, shop_id, -total,
                       epoch_us(made_at)
                FROM returns
            ) each_change
            WHERE at_us > {since_us} AND {where.sql()}
            ORDER BY at_us, id LIMIT {limit}""",  # noqa: S608 - numbers of ours, values bound
        where,
    )


QUESTIONS: dict[str, Callable[[Snapshot, Where], Iterator[Row]]] = {
    "purchases": purchases,
    "prices": prices,
    "ceiling-gap": ceiling_gap,
    "banned-attempts": banned_attempts,
    "exclusion": exclusion,
    "service": service,
}
