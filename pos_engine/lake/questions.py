"""What reports ask the lake: one query each, over counts where these hold, else over raw rows."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from pos_engine.lake.family_rollups import DEPTHS
from pos_engine.lake.rollups import PRICE_POINTS
from pos_engine.lake.views import Snapshot
from pos_engine.lake.watch import watched

Row = dict[str, Any]
FETCHED_AT_ONCE = 2_000
PROVINCE_LENGTH, REGENCY_LENGTH = 2, 5
PLAIN_CODE = re.compile(r"[0-9]{2}(\.[0-9]{1,4}){0,3}", re.ASCII)
TECHNICAL = ("BANK_UNREACHABLE", "CEILING_MISSING", "OFFLINE_STALE")  # ours, not the shopper's
UNKNOWN = "unknown"
OFFLINE = "OFFLINE"  # a flag of the whole purchase: sold without signal


@dataclass(frozen=True, slots=True)
class Where:
    """Rows that may be seen: a region as a prefix, one shop, or the nation."""

    region: str | None = None
    shop_id: str | None = None

    @property
    def by_regency(self) -> bool:
        """Can counts by regency answer it."""
        return self.shop_id is None and len(self.region or "") <= REGENCY_LENGTH

    @property
    def by_province(self) -> bool:
        """Can counts by province answer it."""
        return self.shop_id is None and len(self.region or "") <= PROVINCE_LENGTH

    @property
    def of_places(self) -> bool:
        """Can counts by place answer it: the nation, or a whole code of a place."""
        return self.shop_id is None and len(self.region or "") in DEPTHS

    @property
    def named(self) -> str:
        """The place in SQL; empty of the nation."""
        return "$region" if self.region else "''"

    def sql(self, column: str = "region") -> str:
        """The condition on a column with the region; its values stand in `values`."""
        region = (
            f"({column} = $region OR starts_with({column}, $region || '.')){self._near(column)}"
        )
        parts = [region] * bool(self.region) + ["shop_id = $shop"] * bool(self.shop_id)
        return " AND ".join(parts) or "TRUE"

    def _near(self, column: str) -> str:
        """The same said so that whole groups of rows are passed over; only of a plain code."""
        if not PLAIN_CODE.fullmatch(self.region or ""):
            return ""
        return f" AND {column} >= '{self.region}' AND {column} < '{self.region}/'"  # after any `.`

    @property
    def values(self) -> dict[str, str]:
        """What the condition asks for; never part of the query's text."""
        given = {"region": self.region, "shop": self.shop_id}
        return {name: value for name, value in given.items() if value}


def ask(snapshot: Snapshot, query: str, where: Where) -> Iterator[Row]:
    """The rows of a query, a page at a time."""
    with watched(snapshot.sql):
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
                   line_flags AS flags, policy, price_book,
                   list_contains(string_split(sold_lines.flags, ' '), '{OFFLINE}') AS offline
            FROM sold_lines WHERE {where.sql()}
            ORDER BY sold_lines.day, decided_at, purchase_id, line""",  # noqa: S608 - values bound
        where,
    )


def prices(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Paid prices by good, unit and regency: nearest-rank percentiles made from counts."""
    if where.by_regency and snapshot.of_month(PRICE_POINTS.name):
        return ask(
            snapshot,
            f"""SELECT sku AS commodity, name, unit, regency, purchases, p10, p50, p90, ceiling,
                       ceiling_kind, above_ceiling
                FROM {PRICE_POINTS.name} WHERE {where.sql("regency")}
                ORDER BY sku, unit, regency""",  # noqa: S608 - values bound
            where,
        )
    counts = "prices_span" if where.by_regency else _PRICES_OF_LINES
    kept = where.sql("regency" if where.by_regency else "region")
    return ask(snapshot, PRICES.format(counts=counts, kept=kept, place="regency"), where)


def prices_provinces(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """The same by province."""
    counts, kept = "prices_provinces", where.sql("province")
    if not where.by_province:
        counts = "prices_daily" if where.by_regency else _PRICES_OF_LINES
        kept = where.sql("regency" if where.by_regency else "region")
    return ask(snapshot, PRICES.format(counts=counts, kept=kept, place="province"), where)


_PRICES_OF_LINES = """(
    SELECT *, 1 AS line_count, decided_at AS newest_at FROM sold_lines)"""
PRICES = """
WITH counts AS (
    SELECT sku, unit, {place} AS place, unit_price, CAST(SUM(line_count) AS BIGINT) AS n,
           CAST(SUM(line_count) FILTER (unit_price > ceiling AND ceiling > 0) AS BIGINT) AS above
    FROM {counts} each_count WHERE status = 'APPROVED' AND {kept}
    GROUP BY sku, unit, {place}, unit_price
), newest AS (
    SELECT sku, unit, {place} AS place, MAX(newest_at) AS newest_at,
           ARG_MAX_NULL(name, newest_at) AS name, ARG_MAX_NULL(ceiling, newest_at) AS ceiling,
           ARG_MAX_NULL(ceiling_kind, newest_at) AS ceiling_kind
    FROM {counts} each_count WHERE status = 'APPROVED' AND {kept}
    GROUP BY sku, unit, {place}
), ranked AS (
    SELECT *, SUM(n) OVER (PARTITION BY sku, unit, place ORDER BY unit_price) AS up_to,
           SUM(n) OVER (PARTITION BY sku, unit, place) AS total
    FROM counts
), places AS (
    SELECT sku, unit, place, CAST(MAX(total) AS BIGINT) AS purchases,
           MIN(unit_price) FILTER (up_to * 100 >= total * 10) AS p10,
           MIN(unit_price) FILTER (up_to * 100 >= total * 50) AS p50,
           MIN(unit_price) FILTER (up_to * 100 >= total * 90) AS p90,
           CAST(COALESCE(SUM(above), 0) AS BIGINT) AS above_ceiling
    FROM ranked GROUP BY sku, unit, place
)
SELECT places.sku AS commodity, name, places.unit, places.place AS {place}, purchases,
       p10, p50, p90, ceiling, ceiling_kind, above_ceiling
FROM places JOIN newest
  ON newest.sku = places.sku AND newest.unit = places.unit AND newest.place = places.place
ORDER BY places.sku, places.unit, places.place"""


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
                   CAST(SUM(line_count) AS BIGINT) AS attempts,
                   CAST(MIN(day) AS VARCHAR) AS first_day, CAST(MAX(day) AS VARCHAR) AS last_day
            FROM refusals_daily
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
    """Families that were refused or failed, by regency; of them those that never bought."""
    source, kept, near = "families_daily", where.sql("regency"), "TRUE"
    if not where.by_regency:
        source, kept = _FAMILIES_OF_LINES, where.sql()
    elif where.region:
        near = "starts_with(regency, substr($region, 1, 2))"  # she may have bought next door
    return ask(
        snapshot,
        f"""WITH met AS (
                SELECT family_key, MIN(regency) AS regency, MAX(age_band) AS age_band
                FROM {source} each_family WHERE refused AND {kept} GROUP BY family_key
            ), bought AS (
                SELECT DISTINCT family_key FROM {source} each_family
                WHERE bought AND {near} AND family_key IN (SELECT family_key FROM met)
            )
            SELECT 'families' AS section, regency, '' AS method, '' AS reason,
                   COALESCE(age_band, '{UNKNOWN}') AS age_band, NULL AS attempts, NULL AS failed,
                   COUNT(*) AS families,
                   COUNT(*) FILTER (bought.family_key IS NULL) AS never_bought
            FROM met LEFT JOIN bought ON bought.family_key = met.family_key
            GROUP BY regency, age_band ORDER BY regency, age_band""",  # noqa: S608 - values bound
        where,
    )


_FAMILIES_OF_LINES = """(
    SELECT family AS family_key, region, regency, shop_id, NULL AS age_band,
           status = 'APPROVED' AS bought, status <> 'APPROVED' AS refused
    FROM purchases WHERE line <= 0 AND family IS NOT NULL
    UNION ALL
    SELECT family, region, regency, shop_id, age_band, FALSE, TRUE
    FROM attempts WHERE failed AND family IS NOT NULL)"""


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
    "prices-provinces": prices_provinces,
    "ceiling-gap": ceiling_gap,
    "banned-attempts": banned_attempts,
    "exclusion": exclusion,
    "service": service,
}
