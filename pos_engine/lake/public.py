"""What the public page asks the lake: a month by province, by good and by way of proof."""

from collections.abc import Iterator

from pos_engine.lake.family_rollups import BOUGHT
from pos_engine.lake.questions import Row, Where, ask
from pos_engine.lake.views import Snapshot

_EVERYWHERE = Where()
_PROVINCES = """
WITH bought AS (
    SELECT province, SUM(purchase_count) AS purchases
    FROM outcomes_daily WHERE status = 'APPROVED' GROUP BY province
), met AS (
    SELECT province, families FROM {bought} each_province WHERE province <> ''
), spent AS (
    SELECT province, SUM(line_total) AS rupiah
    FROM prices_provinces WHERE status = 'APPROVED' GROUP BY province
)
SELECT bought.province, CAST(families AS BIGINT) AS families,
       CAST(purchases AS BIGINT) AS purchases, CAST(COALESCE(rupiah, 0) AS BIGINT) AS rupiah
FROM bought JOIN met ON met.province = bought.province
LEFT JOIN spent ON spent.province = bought.province ORDER BY bought.province"""
_PRICES = """
WITH counts AS (
    SELECT sku, unit, unit_price, SUM(line_count) AS n, ARG_MAX(name, newest_at) AS name,
           MIN(ceiling) AS low, MAX(ceiling) AS high, ARG_MAX(ceiling_kind, newest_at) AS kind
    FROM prices_provinces WHERE status = 'APPROVED' GROUP BY sku, unit, unit_price
), ranked AS (
    SELECT *, SUM(n) OVER (PARTITION BY sku, unit ORDER BY unit_price) AS up_to,
           SUM(n) OVER (PARTITION BY sku, unit) AS total
    FROM counts
)
SELECT sku AS commodity, ANY_VALUE(name) AS name, unit, CAST(MAX(total) AS BIGINT) AS lines,
       MIN(unit_price) FILTER (up_to * 100 >= total * 10) AS p10,
       MIN(unit_price) FILTER (up_to * 100 >= total * 50) AS p50,
       MIN(unit_price) FILTER (up_to * 100 >= total * 90) AS p90,
       MIN(low) AS ceiling_low, MAX(high) AS ceiling_high, ANY_VALUE(kind) AS ceiling_kind
FROM ranked GROUP BY sku, unit ORDER BY sku, unit"""
_ATTEMPTS = """
SELECT method, CAST(SUM(attempt_count) AS BIGINT) AS attempts,
       CAST(COALESCE(SUM(attempt_count) FILTER (failed), 0) AS BIGINT) AS failed
FROM attempts_daily GROUP BY method ORDER BY method"""
FAMILIES = """
    SELECT province, CAST(COUNT(*) AS BIGINT) AS families, CAST(0 AS BIGINT) AS refused,
           CAST(0 AS BIGINT) AS never_bought
    FROM (SELECT DISTINCT province, family_key FROM families_daily WHERE bought) each_family
    GROUP BY province"""
UNFED = """
WITH refused AS (
    SELECT DISTINCT family_key FROM families_daily WHERE refused
), bought AS (
    SELECT DISTINCT family_key FROM families_daily
    WHERE bought AND family_key IN (SELECT family_key FROM refused)
)
SELECT CAST(COUNT(*) AS BIGINT) AS families,
       CAST(COUNT(*) FILTER (bought.family_key IS NULL) AS BIGINT) AS never_bought
FROM refused LEFT JOIN bought ON bought.family_key = refused.family_key"""


def by_province(snapshot: Snapshot) -> Iterator[Row]:
    """Families that bought, their purchases, rupiah of goods that were not returned."""
    bought = BOUGHT.name if snapshot.of_month(BOUGHT.name) else f"({FAMILIES})"
    return ask(snapshot, _PROVINCES.format(bought=bought), _EVERYWHERE)


def by_good(snapshot: Snapshot) -> Iterator[Row]:
    """Paid prices of the nation by good and unit: nearest-rank percentiles made from counts."""
    return ask(snapshot, _PRICES, _EVERYWHERE)


def by_proof(snapshot: Snapshot) -> Iterator[Row]:
    """Attempts to prove who somebody is, and how many failed, by way."""
    return ask(snapshot, _ATTEMPTS, _EVERYWHERE)


def unfed(snapshot: Snapshot) -> Row:
    """Families that were refused or not proven, and those of them that never bought."""
    kept = f"SELECT refused AS families, never_bought FROM {BOUGHT.name} WHERE province = ''"  # noqa: S608
    return next(ask(snapshot, kept if snapshot.of_month(BOUGHT.name) else UNFED, _EVERYWHERE))
