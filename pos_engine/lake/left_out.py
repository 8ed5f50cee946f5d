"""What the lake says of families left out, and of hours in which nothing was answered."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, time, timedelta
from functools import partial

from pos_engine.lake.family_rollups import CAME, FAILED, WAITED
from pos_engine.lake.figures import inner_depth
from pos_engine.lake.questions import Row, Where, ask
from pos_engine.lake.views import Snapshot
from pos_engine.rules.exclusion import DAYS_OFFERED, DAYS_TO_SUCCEED

DAY_US = 86_400 * 1_000_000
WIB = timedelta(hours=7)
# Refusals of a person or of our own doing; a price or an empty tranche leaves nobody out.
NOT_SERVED_FOR = (
    "PAYER_UNKNOWN", "FACE_NOT_DETECTED", "FACE_QUALITY", "FACE_NOT_LIVE", "FACE_NO_MATCH",
    "FACE_AMBIGUOUS", "PIN_WRONG", "PIN_BLOCKED", "CODE_WRONG", "CODE_EXPIRED",
    "BIRTH_DATE_WRONG", "CARD_UNKNOWN", "CARD_BLOCKED", "CARD_LOST", "CARD_EXPIRED",
    "DELEGATE_NOT_ALLOWED", "BANK_DECLINED", "BANK_UNREACHABLE", "CEILING_MISSING",
    "OFFLINE_LIMIT", "OFFLINE_STALE",
)  # fmt: skip
OPEN_FROM, OPEN_TO = 7, 19  # hours of a shop's day in which somewhere in a regency is sold
USUAL_LEAST = 10  # purchases an hour: of a quieter hour silence says nothing


# Who was seen, when, where and by which way: attempts, and purchases that count as a proof.
SEEN = f"""
    SELECT family, hash(family) AS f, region, province, method, age_band, failed,
           epoch_us(tried_at) AS at_us, FALSE AS bought
    FROM attempts WHERE family IS NOT NULL
    UNION ALL
    SELECT family, hash(family), region, province, method, NULL,
           status <> 'APPROVED'
               AND COALESCE(reason IN ({", ".join(f"'{each}'" for each in NOT_SERVED_FOR)}), FALSE),
           epoch_us(decided_at), status = 'APPROVED'
    FROM purchases WHERE line <= 0 AND family IS NOT NULL"""  # noqa: S608 - our own words
_FROM_LINES = """
WITH seen AS (
    SELECT f, {place} AS place, method, age_band, failed, at_us, bought, {kept} AS inside
    FROM ({seen}) each_fact
), met AS (
    SELECT f, MIN(at_us) AS at_us, ARG_MIN(place, at_us) AS place, ARG_MIN(method, at_us) AS method,
           MAX(age_band) AS age_band
    FROM seen WHERE failed AND inside GROUP BY f
), served AS (
    SELECT met.f, MIN(seen.at_us) AS at_us FROM met
    JOIN seen ON seen.f = met.f AND seen.bought AND seen.at_us >= met.at_us GROUP BY met.f
), first_failure AS (
    SELECT met.*, served.at_us AS served_us FROM met LEFT JOIN served ON served.f = met.f
), came AS (
    SELECT CASE WHEN GROUPING(place) = 0 THEN 'REGION' ELSE 'METHOD' END AS section,
           COALESCE(place, method) AS name, COUNT(DISTINCT f) AS families
    FROM seen WHERE inside GROUP BY GROUPING SETS ((place), (method))
), credited AS (
    SELECT hash(family) AS f, MIN({place}) AS place, MIN(epoch_us(posted_at)) AS at_us
    FROM movements
    WHERE kind = 'CREDIT' AND amount > 0 AND family IS NOT NULL AND {kept} GROUP BY 1
), tried AS (
    SELECT credited.f, MIN(seen.at_us) AS at_us FROM credited
    JOIN seen ON seen.f = credited.f AND seen.at_us >= credited.at_us GROUP BY credited.f
), waited AS (
    SELECT credited.place, COUNT(*) AS families,
           COUNT(*) FILTER (NOT came_in_time AND credited.at_us + {span_us} <= {end_us}) AS never,
           COUNT(*) FILTER (NOT came_in_time AND credited.at_us + {span_us} > {end_us}) AS pending
    FROM (SELECT credited.*, COALESCE(tried.at_us - credited.at_us <= {span_us}, FALSE)
              AS came_in_time
          FROM credited LEFT JOIN tried ON tried.f = credited.f) credited
    GROUP BY credited.place
)"""
_FROM_COUNTS = """
WITH first_failure AS (
    SELECT family_key AS f, epoch_us(MIN(failed_at)) AS at_us, ARG_MIN({place}, failed_at) AS place,
           ARG_MIN(method, failed_at) AS method, MAX(age_band) AS age_band,
           epoch_us(ARG_MIN_NULL({served}, failed_at)) AS served_us
    FROM families_failed WHERE {kept} GROUP BY family_key
), came AS (
    SELECT IF(by_method, 'METHOD', 'REGION') AS section, IF(by_method, method, place) AS name,
           families
    FROM families_came
    WHERE (by_method AND depth = {depth} AND place = {named})
       OR (NOT by_method AND depth = {inner} AND ({inside}))
), waited AS (
    SELECT place, families, never, pending FROM families_waited
    WHERE days = {days} AND depth = {depth} AND within = {named}
)"""
_LEFT_OUT = """, judged AS (
    SELECT *, CASE
        WHEN served_us - at_us <= {span_us} THEN 'SERVED'
        WHEN at_us + {span_us} <= {end_us} THEN 'NEVER'
        ELSE 'PENDING' END AS became
    FROM first_failure
), failures AS (
    SELECT 'METHOD' AS section, method AS name, became FROM judged
    UNION ALL SELECT 'AGE', COALESCE(age_band, 'unknown'), became FROM judged
    UNION ALL SELECT 'REGION', place, became FROM judged
), counted AS (
    SELECT section, name, COUNT(*) AS failed,
           COUNT(*) FILTER (became = 'NEVER') AS never,
           COUNT(*) FILTER (became = 'PENDING') AS pending
    FROM failures GROUP BY section, name
)
SELECT COALESCE(counted.section, came.section) AS section,
       COALESCE(counted.name, came.name) AS name,
       COALESCE(came.families, counted.failed) AS families,
       COALESCE(counted.failed, 0) AS failed, COALESCE(counted.never, 0) AS never,
       COALESCE(counted.pending, 0) AS pending
FROM counted FULL JOIN came
  ON came.section = counted.section AND came.name = counted.name
UNION ALL
SELECT 'CREDITED', place, families, NULL, never, pending FROM waited
ORDER BY ALL"""


def left_out(snapshot: Snapshot, where: Where, days: int = DAYS_TO_SUCCEED) -> Iterator[Row]:
    """Families by way, age, place: came, failed, bought nothing within so many days of it.

    Whose days are not over yet by the end of the span is `pending`, neither served nor left out.
    Families who never came after a credit stand in section CREDITED. A family is where it failed
    first, or where it lives. Of a province's families purchases in that province count, of the
    nation's all.
    """
    counted = where.of_places and snapshot.of_month(*_COUNTED_BEFORE)
    inner = inner_depth(where.region)
    words = {
        "place": f"substr(region, 1, {inner})",
        "inner": inner,
        "depth": len(where.region or ""),
        "inside": where.sql("place"),
        "named": where.named,
        "kept": where.sql(),
        "days": days,
        "seen": SEEN,
        "served": "served_near_at" if where.region else "served_at",
        "span_us": days * DAY_US,
        "end_us": end_us(snapshot),
    }
    query = (_FROM_COUNTS if counted else _FROM_LINES) + _LEFT_OUT
    return ask(snapshot, query.format(**words), where)


_COUNTED_BEFORE = (CAME.name, FAILED.name, WAITED.name)


def end_us(snapshot: Snapshot) -> int:
    """Until when the span is known, in microseconds since 1970."""
    span, known = snapshot.span, snapshot.state.written_at
    end = datetime.combine(span.last, time(), UTC) + timedelta(days=1) - WIB
    ends = [int(end.timestamp() * 1_000_000)]
    ends += [int(known.timestamp() * 1_000_000)] if known else []
    ends += [each for each in (span.as_of_us, snapshot.counted_us) if each is not None]
    return min(ends)


_HOURS_OF_LINES = """(
    SELECT regency, region, shop_id, day, hour(local_time) AS hour, 1 AS answers FROM purchases
    WHERE line <= 0 AND local_time IS NOT NULL)"""


def outages(snapshot: Snapshot, where: Where) -> Iterator[Row]:
    """Hours of a regency in which nothing was answered, though that hour is usually busy.

    Usual is the median of the same hour over the span's days; hours side by side are one outage.
    The newest two hours are left out: clocks of three zones, and sales on their way.
    """
    source, kept = "answers_hourly", where.sql("regency")
    if not where.by_regency:
        source, kept = _HOURS_OF_LINES, where.sql()
    return ask(
        snapshot,
        f"""WITH answered AS (
                SELECT regency, day, hour AS h, CAST(SUM(answers) AS BIGINT) AS n FROM {source}
                WHERE {kept} AND hour >= {OPEN_FROM} AND hour < {OPEN_TO}
                GROUP BY ALL
            ), newest AS (
                SELECT MAX(newest_local) - INTERVAL 2 HOUR AS until FROM answers_hourly
            ), span AS (
                SELECT MIN(day) AS first, MAX(day) AS last FROM answered
            ), grid AS (
                SELECT regency, CAST(d.day AS DATE) AS day, h.h AS h
                FROM (SELECT DISTINCT regency FROM answered),
                     (SELECT UNNEST(generate_series(first, last, INTERVAL 1 DAY)) AS day
                      FROM span) d,
                     (SELECT UNNEST(generate_series({OPEN_FROM}, {OPEN_TO - 1})) AS h) h
            ), hours AS (
                SELECT grid.regency, grid.day, grid.h, COALESCE(answered.n, 0) AS n,
                       quantile_disc(COALESCE(answered.n, 0), 0.5)
                           OVER (PARTITION BY grid.regency, grid.h) AS usual
                FROM grid LEFT JOIN answered ON answered.regency = grid.regency
                    AND answered.day = grid.day AND answered.h = grid.h
            ), still AS (
                SELECT regency, day, h, usual,
                       h - ROW_NUMBER() OVER (PARTITION BY regency, day ORDER BY h) AS block
                FROM hours WHERE n = 0 AND usual >= {USUAL_LEAST}
                  AND day + to_hours(CAST(h + 1 AS INTEGER)) <= (SELECT until FROM newest)
            )
            SELECT CAST(still.day AS VARCHAR) AS day, regency,
                   CAST(MIN(h) AS BIGINT) AS from_hour, CAST(MAX(h) + 1 AS BIGINT) AS to_hour,
                   CAST(SUM(usual) AS BIGINT) AS usual
            FROM still GROUP BY still.day, regency, block
            ORDER BY still.day, regency, from_hour""",  # noqa: S608 - numbers of ours, values bound
        where,
    )


# One name for each number of days that is offered: a file says by its name what it counted.
NAMES = {f"left-out-{days}" if days != DAYS_TO_SUCCEED else "left-out": days
         for days in DAYS_OFFERED}  # fmt: skip
LEFT_OUT: dict[str, Callable[[Snapshot, Where], Iterator[Row]]] = {
    **{name: partial(left_out, days=days) for name, days in NAMES.items()},
    "outages": outages,
}
LEFT_OUT_COLUMNS = ("section", "name", "families", "failed", "never", "pending")
OUTAGE_COLUMNS = ("day", "regency", "from_hour", "to_hour", "usual")
