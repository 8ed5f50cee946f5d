"""How counts of a month's families are made: once a night, so that no page reads every purchase.

Nearly every family lives in one place and comes by one way: those are counted once, in their
village, and added up. The few others are counted again for each size of place.
"""
# ruff: noqa: S608 - every word of these queries is ours

from pos_engine.lake import public
from pos_engine.lake.family_rollups import (
    BOUGHT,
    CAME,
    DEPTHS,
    FAILED,
    REACHED,
    WAITED,
)
from pos_engine.lake.figures import REACH, inner_depth
from pos_engine.lake.left_out import DAY_US, SEEN, end_us
from pos_engine.lake.questions import PRICES
from pos_engine.lake.rollups import PRICE_POINTS
from pos_engine.lake.views import Snapshot
from pos_engine.rules.exclusion import DAYS_OFFERED

_INNER = {depth: inner_depth("." * depth) for depth in DEPTHS}
_SIZES = ", ".join(f"({depth}, {inner})" for depth, inner in _INNER.items())


def lay_out(snapshot: Snapshot, name: str) -> None:
    """Make the view `NAME_fresh` of a month, over a look at that month which takes no shortcut."""
    for statement in _MADE[name](snapshot):
        snapshot.sql.execute(statement)


def _points(_snapshot: Snapshot) -> list[str]:
    prices = PRICES.format(counts="prices_span", kept="TRUE", place="regency")
    return [
        f"""CREATE OR REPLACE TEMP VIEW {PRICE_POINTS.name}_fresh AS
        SELECT substr(regency, 1, 2) AS province, commodity AS sku, * FROM ({prices}) each_price"""
    ]


def _came(_snapshot: Snapshot) -> list[str]:
    once = "SELECT region, method, COUNT(*) AS n FROM pairs"
    few = "(SELECT * FROM pairs WHERE f IN (SELECT f FROM several)) pair"
    sizes = f"(VALUES {_SIZES}) size(depth, inner_depth)"
    place = "CAST(depth AS BIGINT) AS depth, substr(region, 1, depth) AS place"
    return [
        f"""CREATE OR REPLACE TEMP TABLE pairs AS
        SELECT DISTINCT f, region, method FROM ({SEEN}) each_fact""",
        """CREATE OR REPLACE TEMP TABLE several AS
        SELECT f FROM pairs GROUP BY f HAVING COUNT(*) > 1""",
        f"""CREATE OR REPLACE TEMP TABLE once AS
        {once} WHERE f NOT IN (SELECT f FROM several) GROUP BY region, method""",
        f"""CREATE OR REPLACE TEMP VIEW {CAME.name}_fresh AS
        SELECT depth, place, by_method, method, CAST(SUM(families) AS BIGINT) AS families FROM (
            SELECT {place}, TRUE AS by_method, method, SUM(n) AS families
            FROM once, {sizes} GROUP BY ALL
            UNION ALL
            SELECT {place}, FALSE, NULL, SUM(n) FROM once, {sizes} WHERE depth > 0 GROUP BY ALL
            UNION ALL
            SELECT {place}, TRUE, method, COUNT(DISTINCT f) FROM {few}, {sizes} GROUP BY ALL
            UNION ALL
            SELECT {place}, FALSE, NULL, COUNT(DISTINCT f) FROM {few}, {sizes}
            WHERE depth > 0 GROUP BY ALL
        ) each_count GROUP BY ALL""",
    ]


def _failed(_snapshot: Snapshot) -> list[str]:
    key = "CAST('0x' || substr(family, 1, 15) AS BIGINT)"
    return [
        f"""CREATE OR REPLACE TEMP TABLE failures AS
        SELECT f, ANY_VALUE({key}) AS family_key, region, method, MIN(at_us) AS at_us,
               MAX(age_band) AS age_band
        FROM ({SEEN}) each_fact WHERE failed GROUP BY f, region, method""",
        f"""CREATE OR REPLACE TEMP TABLE served AS
        SELECT f, province, at_us FROM ({SEEN}) each_fact
        WHERE bought AND f IN (SELECT f FROM failures)""",
        f"""CREATE OR REPLACE TEMP VIEW {FAILED.name}_fresh AS
        SELECT x.region, x.family_key, x.method, x.age_band,
               make_timestamptz(x.at_us) AS failed_at,
               make_timestamptz(MIN(s.at_us)) AS served_at,
               make_timestamptz(MIN(s.at_us) FILTER (s.province = substr(x.region, 1, 2)))
                   AS served_near_at
        FROM failures x LEFT JOIN served s ON s.f = x.f AND s.at_us >= x.at_us
        GROUP BY ALL""",
    ]


def _waited(snapshot: Snapshot) -> list[str]:
    days = ", ".join(f"({each}, {each * DAY_US})" for each in DAYS_OFFERED)
    looks = " UNION ALL ".join(_waits(depth, inner) for depth, inner in _INNER.items())
    in_time = "COALESCE(came_us - at_us <= span_us, FALSE)"
    return [
        """CREATE OR REPLACE TEMP TABLE cohort AS
        SELECT hash(family) AS f, region, MIN(epoch_us(posted_at)) AS at_us FROM movements
        WHERE kind = 'CREDIT' AND amount > 0 AND family IS NOT NULL GROUP BY ALL""",
        """CREATE OR REPLACE TEMP TABLE several AS
        SELECT f FROM cohort GROUP BY f HAVING COUNT(*) > 1""",
        f"""CREATE OR REPLACE TEMP TABLE waits AS
        SELECT c.f, c.region, c.at_us, MIN(s.at_us) AS any_us,
               MIN(s.at_us) FILTER (s.province = substr(c.region, 1, 2)) AS near_us
        FROM cohort c LEFT JOIN (SELECT f, province, at_us FROM ({SEEN}) each_fact) s
            ON s.f = c.f AND s.at_us >= c.at_us
        GROUP BY c.f, c.region, c.at_us""",
        f"""CREATE OR REPLACE TEMP VIEW {WAITED.name}_fresh AS
        SELECT depth, within, place, CAST(days AS BIGINT) AS days, COUNT(*) AS families,
               COUNT(*) FILTER (NOT {in_time} AND at_us + span_us <= {end_us(snapshot)}) AS never,
               COUNT(*) FILTER (NOT {in_time} AND at_us + span_us > {end_us(snapshot)}) AS pending
        FROM ({looks}) each_wait, (VALUES {days}) offered(days, span_us) GROUP BY ALL""",
    ]


def _waits(depth: int, inner: int) -> str:
    """Each family once for each place of a size, from its first credit there."""
    came = "near_us" if depth else "any_us"
    within, place = f"substr(region, 1, {depth})", f"substr(region, 1, {inner})"
    return f"""
        SELECT CAST({depth} AS BIGINT) AS depth, {within} AS within, {place} AS place, at_us,
               {came} AS came_us
        FROM waits WHERE f NOT IN (SELECT f FROM several)
        UNION ALL
        SELECT CAST({depth} AS BIGINT), {within}, MIN({place}), MIN(at_us),
               ARG_MIN_NULL({came}, at_us)
        FROM waits WHERE f IN (SELECT f FROM several) GROUP BY f, {within}"""


def _reached(_snapshot: Snapshot) -> list[str]:
    counts = [
        each.name for each in REACHED.columns if each.name not in ("depth", "within", "place")
    ]
    sums = ", ".join(f"CAST(SUM({each}) AS BIGINT) AS {each}" for each in counts)
    near = "p.province = substr(c.region, 1, 2)"
    one = "hash(family) NOT IN (SELECT f FROM several)"
    own = {"within": "''", "which": one, "place": "c.region"}
    of_few = " UNION ALL ".join(
        f"""SELECT CAST({depth} AS BIGINT) AS depth, within, place, {", ".join(counts)} FROM ("""
        + REACH.format(
            within=f"substr(region, 1, {depth})",
            which="hash(family) IN (SELECT f FROM several)",
            near=near if depth else "TRUE",
            place=f"substr(c.region, 1, {inner})",
        )
        + ")"
        for depth, inner in _INNER.items()
    )
    of_most = " UNION ALL ".join(
        f"""SELECT CAST({depth} AS BIGINT) AS depth, substr(place, 1, {depth}) AS within,
                   substr(place, 1, {inner}) AS place, {", ".join(counts)}
            FROM {"reached_near" if depth else "reached_anywhere"}"""
        for depth, inner in _INNER.items()
    )
    return [
        """CREATE OR REPLACE TEMP TABLE several AS
        SELECT hash(family) AS f FROM movements WHERE kind = 'CREDIT' AND family IS NOT NULL
        GROUP BY 1 HAVING MIN(region) <> MAX(region)""",
        f"CREATE OR REPLACE TEMP TABLE reached_anywhere AS {REACH.format(near='TRUE', **own)}",
        f"CREATE OR REPLACE TEMP TABLE reached_near AS {REACH.format(near=near, **own)}",
        f"CREATE OR REPLACE TEMP TABLE reached_few AS {of_few}",
        f"""CREATE OR REPLACE TEMP VIEW {REACHED.name}_fresh AS
        SELECT depth, within, place, {sums}
        FROM ({of_most} UNION ALL SELECT * FROM reached_few) each_count
        GROUP BY depth, within, place""",
    ]


def _bought(_snapshot: Snapshot) -> list[str]:
    return [
        f"""CREATE OR REPLACE TEMP VIEW {BOUGHT.name}_fresh AS
        {public.FAMILIES}
        UNION ALL
        SELECT '', CAST(0 AS BIGINT), families, never_bought FROM ({public.UNFED}) each_nation"""
    ]


_MADE = {
    PRICE_POINTS.name: _points,
    CAME.name: _came,
    FAILED.name: _failed,
    WAITED.name: _waited,
    REACHED.name: _reached,
    BOUGHT.name: _bought,
}
