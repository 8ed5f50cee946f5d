"""What the officers' pictures ask the lake: counts by place, day and good, and families reached."""

from collections.abc import Callable, Iterator

from pos_engine.lake.family_rollups import BANDS, DEPTHS, REACHED
from pos_engine.lake.questions import PROVINCE_LENGTH, REGENCY_LENGTH, Row, Where, ask
from pos_engine.lake.views import Snapshot

GOODS_MOST = 6  # so many goods or more in one basket stand in one row

# Lines with the place as deep as it is known, in the shape of the daily counts.
_LINES = """(
    SELECT day, region AS regency, shop_id, sku, name, unit, unit_price, verdict, status, ceiling,
           ceiling_kind, 1 AS line_count, quantity_milli, line_total, decided_at AS newest_at
    FROM sold_lines
    UNION ALL
    SELECT day, region, shop_id, sku, name, unit, unit_price, verdict, status, ceiling,
           ceiling_kind, 1, quantity_milli, line_total, decided_at
    FROM purchases WHERE status <> 'APPROVED' AND line >= 0)"""
_BASKETS = """(
    SELECT region AS regency, shop_id, lines, 1 AS purchase_count, amount,
           CASE WHEN amount = balance_before THEN 1 ELSE 0 END AS whole_balance
    FROM purchases WHERE status = 'APPROVED' AND line <= 0)"""
_PURCHASES = """(
    SELECT day, region AS regency, shop_id, status, amount, 1 AS purchase_count
    FROM purchases WHERE line <= 0)"""


def inner_depth(region: str | None) -> int:
    """The length of the codes just inside a place; a village's own."""
    return next((each for each in DEPTHS if each > len(region or "")), DEPTHS[-1])


def _lines(where: Where, depth: int, *, by_day: bool = False) -> str:
    """The smallest counts that know such places (and each day), else the lines themselves."""
    if where.by_province and depth <= PROVINCE_LENGTH:
        return "(SELECT *, province AS regency FROM prices_provinces)"
    if where.by_regency and depth <= REGENCY_LENGTH:
        return "prices_daily" if by_day else "prices_span"
    return _LINES


def price_days(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Paid prices of each day by good and unit, nearest-rank from counts, and the ceilings."""
    return ask(
        snapshot,
        f"""WITH counts AS (
                SELECT day, sku, unit, unit_price, SUM(line_count) AS n, MAX(name) AS name,
                       MIN(ceiling) AS low, MAX(ceiling) AS high, MAX(ceiling_kind) AS kind
                FROM {_lines(where, PROVINCE_LENGTH, by_day=True)} each_line
                WHERE status = 'APPROVED' AND {where.sql("regency")}
                GROUP BY day, sku, unit, unit_price
            ), ranked AS (
                SELECT *, SUM(n) OVER (PARTITION BY day, sku, unit ORDER BY unit_price) AS up_to,
                       SUM(n) OVER (PARTITION BY day, sku, unit) AS total
                FROM counts
            )
            SELECT CAST(day AS VARCHAR) AS day, sku AS commodity, MAX(name) AS name, unit,
                   CAST(MAX(total) AS BIGINT) AS purchases,
                   MIN(unit_price) FILTER (up_to * 100 >= total * 10) AS p10,
                   MIN(unit_price) FILTER (up_to * 100 >= total * 50) AS p50,
                   MIN(unit_price) FILTER (up_to * 100 >= total * 90) AS p90,
                   MIN(low) AS ceiling_low, MAX(high) AS ceiling_high, MAX(kind) AS ceiling_kind
            FROM ranked GROUP BY ranked.day, sku, unit
            ORDER BY sku, unit, ranked.day""",  # noqa: S608 - values bound
        where,
    )


def spending(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """What was bought: lines, quantity and rupiah of each good and unit."""
    return ask(
        snapshot,
        f"""SELECT sku AS commodity, MAX(name) AS name, unit,
                   CAST(SUM(line_count) AS BIGINT) AS purchases,
                   CAST(SUM(quantity_milli) AS BIGINT) AS quantity_milli,
                   CAST(SUM(line_total) AS BIGINT) AS rupiah
            FROM {_lines(where, PROVINCE_LENGTH)} each_line
            WHERE status = 'APPROVED' AND {where.sql("regency")}
            GROUP BY sku, unit ORDER BY rupiah DESC, sku, unit""",  # noqa: S608 - values bound
        where,
    )


def baskets(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Baskets by how many goods were in them, and how many took the whole balance."""
    return ask(
        snapshot,
        f"""SELECT CAST(LEAST(lines, {GOODS_MOST}) AS BIGINT) AS goods,
                   CAST(SUM(purchase_count) AS BIGINT) AS purchases,
                   CAST(SUM(amount) AS BIGINT) AS amount,
                   CAST(SUM(whole_balance) AS BIGINT) AS whole_balance
            FROM {"baskets_daily" if where.by_regency else _BASKETS} each_basket
            WHERE {where.sql("regency")}
            GROUP BY 1 ORDER BY 1""",  # noqa: S608 - values bound
        where,
    )


def places(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Each place just inside: what was bought there, what was refused for its price or its kind."""
    depth = inner_depth(where.region)
    counted = where.by_regency and depth <= REGENCY_LENGTH
    kept = where.sql("regency")
    return ask(
        snapshot,
        f"""WITH bought AS (
                SELECT substr(regency, 1, {depth}) AS place, SUM(purchase_count) AS n
                FROM {"outcomes_daily" if counted else _PURCHASES} each_purchase
                WHERE status = 'APPROVED' AND {kept} GROUP BY 1
            )
            SELECT substr(regency, 1, {depth}) AS place,
                   CAST(COALESCE(MAX(bought.n), 0) AS BIGINT) AS purchases,
                   {_sum("line_count", "status = 'APPROVED'")} AS bought_lines,
                   {_sum("line_total", "status = 'APPROVED'")} AS rupiah,
                   {_sum("line_count", "status = 'APPROVED' AND ceiling > 0")} AS priced_lines,
                   {_sum("line_count", "status = 'APPROVED' AND unit_price > ceiling")}
                       AS above_ceiling,
                   {_sum("line_count", "verdict = 'PRICE_ABOVE_CEILING'")} AS refused_price,
                   {_sum("line_count", "verdict IN ('ITEM_BANNED', 'ITEM_NOT_IN_PROGRAMME')")}
                       AS refused_goods
            FROM {_lines(where, depth)} each_line
            LEFT JOIN bought ON bought.place = substr(regency, 1, {depth})
            WHERE {kept} GROUP BY 1 ORDER BY 1""",  # noqa: S608 - values bound
        where,
    )


def _sum(column: str, condition: str) -> str:
    return f"CAST(COALESCE(SUM({column}) FILTER ({condition}), 0) AS BIGINT)"


def asked_prices(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Prices that were asked and refused, by place just inside and good, from counts."""
    depth = inner_depth(where.region)
    return ask(
        snapshot,
        f"""WITH counts AS (
                SELECT substr(regency, 1, {depth}) AS place, sku, unit, unit_price, ceiling,
                       MAX(name) AS name, SUM(line_count) AS n,
                       SUM(line_count) FILTER (verdict = 'PRICE_ABOVE_CEILING') AS refused
                FROM {_lines(where, depth)} each_line
                WHERE {where.sql("regency")} GROUP BY ALL
            ), ranked AS (
                SELECT *, SUM(refused) OVER (PARTITION BY place, sku, unit ORDER BY unit_price,
                           ceiling ROWS UNBOUNDED PRECEDING) AS up_to,
                       SUM(refused) OVER (PARTITION BY place, sku, unit) AS attempts,
                       SUM(n) OVER (PARTITION BY place, sku, unit) AS tried
                FROM counts
            )
            SELECT place, sku AS commodity, MAX(name) AS name, unit,
                   CAST(MAX(attempts) AS BIGINT) AS attempts, CAST(MAX(tried) AS BIGINT) AS tried,
                   MIN(unit_price) FILTER (up_to * 2 >= attempts) AS asked_p50,
                   MAX(unit_price) AS asked_most, MAX(ceiling) AS ceiling
            FROM ranked WHERE refused > 0
            GROUP BY place, sku, unit ORDER BY attempts DESC, place, sku, unit""",  # noqa: S608
        where,
    )


_COUNTED = ", ".join(
    f"COUNT(*) FILTER (waited BETWEEN {first} AND {last}) AS days_{first}_{last}"
    for first, last in BANDS
)
# {which} families, one row for each and {within}; {near} says which of their purchases count.
REACH = f"""
WITH credited AS (
    SELECT hash(family) AS family, {{within}} AS within, MIN(region) AS region, MIN(day) AS since,
           SUM(amount) AS amount
    FROM movements
    WHERE kind = 'CREDIT' AND family IS NOT NULL AND {{which}} GROUP BY ALL
), bought AS (
    SELECT c.family, c.within, MIN(p.day) AS first_day, SUM(p.amount) AS amount
    FROM (SELECT hash(family) AS family, province, day, amount FROM purchases
          WHERE status = 'APPROVED' AND line <= 0 AND family IS NOT NULL) p
    JOIN credited c ON c.family = p.family AND p.day >= c.since AND {{near}} GROUP BY ALL
), back AS (
    SELECT c.family, c.within, SUM(p.total) AS total
    FROM (SELECT DISTINCT return_id, province, hash(family) AS family, total FROM returns) p
    JOIN credited c ON c.family = p.family AND {{near}} GROUP BY ALL
), tried AS (
    SELECT DISTINCT c.family, c.within
    FROM (SELECT hash(family) AS family, province FROM purchases
          WHERE status <> 'APPROVED' AND line <= 0 AND family IS NOT NULL
          UNION ALL SELECT hash(family), province FROM attempts WHERE family IS NOT NULL) p
    JOIN credited c ON c.family = p.family AND {{near}}
), each_family AS (
    SELECT c.within, {{place}} AS place, c.amount AS credited,
           COALESCE(b.amount, 0) - COALESCE(r.total, 0) AS spent,
           b.first_day - c.since AS waited, b.family IS NOT NULL AS bought,
           t.family IS NOT NULL AS tried
    FROM credited c
    LEFT JOIN bought b ON b.family = c.family AND b.within = c.within
    LEFT JOIN back r ON r.family = c.family AND r.within = c.within
    LEFT JOIN tried t ON t.family = c.family AND t.within = c.within
)
SELECT within, place, COUNT(*) AS families, COUNT(*) FILTER (bought) AS bought,
       COUNT(*) FILTER (tried AND NOT bought) AS turned_away,
       COUNT(*) FILTER (NOT tried AND NOT bought) AS silent,
       CAST(SUM(credited) AS BIGINT) AS credited,
       CAST(SUM(GREATEST(spent, 0)) AS BIGINT) AS spent, {_COUNTED},
       COUNT(*) FILTER (waited > {BANDS[-1][1]}) AS days_later
FROM each_family GROUP BY ALL"""  # noqa: S608 - our own words
_REACHED = ", ".join(each.name for each in REACHED.columns if each.name not in ("depth", "within"))


def reach(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Families credited in these days by the place where they live: who bought since, and when.

    Of a province's families purchases in that province count, of the nation's all.
    """
    if where.shop_id:
        return iter(())  # a shop has no families of its own
    if where.of_places and snapshot.of_month(REACHED.name):
        return ask(
            snapshot,
            f"""SELECT {_REACHED} FROM {REACHED.name}
                WHERE depth = {len(where.region or "")} AND within = {where.named}
                ORDER BY place""",  # noqa: S608 - values bound
            where,
        )
    place = f"substr(c.region, 1, {inner_depth(where.region)})"
    query = REACH.format(within="''", which=where.sql(), near="TRUE", place=place)
    return ask(snapshot, f"SELECT {_REACHED} FROM ({query}) ORDER BY place", where)  # noqa: S608


FIGURES: dict[str, Callable[[Snapshot, Where], Iterator[Row]]] = {
    "price-days": price_days,
    "spending": spending,
    "baskets": baskets,
    "places": places,
    "asked-prices": asked_prices,
    "reach": reach,
}
