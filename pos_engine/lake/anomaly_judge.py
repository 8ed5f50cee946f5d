"""Hold what the rules measured against peers and months: which subjects stand out, and how far."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pos_engine.lake import folder
from pos_engine.lake.anomalies import MEASURED, Rule, script
from pos_engine.lake.views import connected

MONTHS = 3  # that are looked at together, and from which peers say what is usual
PEERS_MIN = 8  # others in a place; fewer: the next larger place is asked
FAR = 3.2  # noises above the middle of the peers
SCORE_MAX = 99.0
VERSION_KEY = b"ewarong.anomaly_rules"
_CHANCE = """CREATE OR REPLACE TEMP MACRO chance(middle, n) AS
    SQRT(LEAST(0.98, GREATEST(0.02, COALESCE(middle, 0)))
         * (1 - LEAST(0.98, GREATEST(0.02, COALESCE(middle, 0)))) / GREATEST(n, 1))"""


@dataclass(frozen=True, slots=True)
class Judged:
    """One subject by one rule. `found`: it is far enough from its peers to be asked about.

    `middle`: what the peers do; `peers_of`: their place, empty when nobody is compared with.
    """

    rule: str
    kind: str
    subject_id: str
    region: str
    months: int
    found: bool
    k: int
    n: int
    value: float
    bound: float
    middle: float
    peers: int
    peers_of: str
    score: float


def measures_path(place: Path, period: str) -> Path:
    """Where the measures of a month are kept."""
    return place / f"measures-{period}.parquet"


def keep_measures(place: Path, period: str, version: int, measured: pa.Table) -> None:
    """Write the measures of a month, whole or not at all; they can be made again from the lake."""
    path = measures_path(place, period)
    fresh = folder.hidden(path)
    known = measured.replace_schema_metadata({VERSION_KEY: str(version)})

    def fill(target: Path) -> int:
        pq.write_table(known, target, compression="zstd")
        return int(known.num_rows)

    folder.write_whole(fresh, fill)
    folder.publish(fresh, path)


def kept_measures(place: Path, period: str, version: int) -> pa.Table | None:
    """The measures of a month by these rules; None when there are none."""
    path = measures_path(place, period)
    try:
        found = pq.read_table(path)
    except (FileNotFoundError, pa.ArrowInvalid):
        return None
    said = (found.schema.metadata or {}).get(VERSION_KEY, b"").decode()
    return found.cast(MEASURED) if said == str(version) else None


def judge(rules: Sequence[Rule], months: dict[str, pa.Table]) -> Iterator[Judged]:
    """Every subject of the newest month by every rule; months are `YYYY-MM` -> measures."""
    period = max(months)
    with connected() as connection:
        connection.execute(_CHANCE)
        for month, table in months.items():
            connection.register(f"month_{month.replace('-', '_')}", table)
        views = " UNION ALL ".join(
            f"SELECT *, '{month}' AS period FROM month_{month.replace('-', '_')}"  # noqa: S608
            for month in sorted(months)
        )
        connection.execute(f"CREATE TEMP VIEW every_measure AS {views}")
        for rule in rules:
            for kind in _kinds(connection, rule):
                yield from _one(connection, rule, kind, period)


def _kinds(connection: duckdb.DuckDBPyConnection, rule: Rule) -> list[str]:
    found = connection.execute(
        "SELECT DISTINCT kind FROM every_measure WHERE rule = ? ORDER BY kind", [rule.name]
    )
    return [kind for (kind,) in found.fetchall()]


def _one(
    connection: duckdb.DuckDBPyConnection, rule: Rule, kind: str, period: str
) -> Iterator[Judged]:
    # an officer and a face are counted in each province where their families bought
    connection.execute(
        """CREATE OR REPLACE TEMP TABLE measured AS
           SELECT subject_id, period, ANY_VALUE(region) AS region, ANY_VALUE(district) AS district,
                  ANY_VALUE(regency) AS regency, ANY_VALUE(province) AS province,
                  ANY_VALUE(band) AS band, SUM(k) AS k, SUM(n) AS n,
                  IF(COUNT(*) > 1, SUM(value), ANY_VALUE(value)) AS value
           FROM every_measure WHERE rule = ? AND kind = ? GROUP BY subject_id, period""",
        [rule.name, kind],
    )
    values = {
        "period": period, "alone": rule.alone, "start": rule.start, "floor": rule.floor,
        "wide": rule.wide, "least_n": rule.least_n, "least_k": rule.least_k, "far": FAR,
        "months": MONTHS, "least_peers": PEERS_MIN, "score_max": SCORE_MAX,
    }  # fmt: skip
    if kind != "SHOP" and rule.name == "R8":  # days on which both faces paid
        values |= {"start": 2, "floor": 2, "least_k": 2}
    rows = connection.execute(f"{script('judge.sql')} ORDER BY score DESC, subject_id", values)
    for row in rows.fetchall():
        subject_id, region, months, found, k, n, value, bound, middle, peers, of, score = row
        yield Judged(
            rule.name, kind, subject_id, region or "", int(months), bool(found), int(k), int(n),
            float(value), float(bound), float(middle), int(peers), of or "", float(score),
        )  # fmt: skip
