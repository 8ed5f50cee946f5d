"""Run the rules of what looks wrong over a month of the lake, province by province."""

import csv
import io
import re
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib import resources
from pathlib import Path
from typing import Any

import pyarrow as pa

from pos_engine.lake.state import State
from pos_engine.lake.views import Snapshot, Span, opened, statements

PACKAGE = "pos_engine.lake.anomaly_rules"
EVIDENCE_ROWS_MAX = 50  # of a case: enough to follow; the count says how many there are
BANDS = (60, 150, 400)  # purchases a month: peers are shops of one volume
SHOP, OFFICER, FACE = "SHOP", "OFFICER", "FACE"
NATIONAL = {"R8": ("r08_faces", FACE), "R12": ("r12_officers", OFFICER)}
_EVIDENCE = "\n-- evidence\n"
_PARAMETER = re.compile(r"\$([a-z_]+)")
_CLOCK = "%Y-%m-%d %H:%M:%S"
MEASURED = pa.schema(
    [
        ("rule", pa.string()),
        ("kind", pa.string()),
        ("subject_id", pa.string()),
        ("region", pa.string()),
        ("district", pa.string()),
        ("regency", pa.string()),
        ("province", pa.string()),
        ("band", pa.int32()),
        ("k", pa.int64()),
        ("n", pa.int64()),
        ("value", pa.float64()),
    ]
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: its words, its numbers (see rules.toml), its SQL."""

    name: str
    title: str
    least_n: int
    least_k: int
    start: float
    floor: float
    wide: float
    sentence: str
    measure: str
    evidence: str
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """What the rules need and the lake does not hold; families under the lake's pseudonyms."""

    remote: Sequence[str] = ()  # shops that DINSOS declared remote
    cards: Sequence[tuple[str, date, str, int]] = ()  # shop, day, kind of note, how many
    # family, FACE|CARD|PHONE, when (local, naive), officer, does it replace another
    changes: Sequence[tuple[str, str, datetime, str, bool]] = ()
    faces: Sequence[tuple[str, str, str]] = ()  # pair, family, other family


@dataclass(frozen=True, slots=True)
class Proof:
    """A row that shows it: a purchase by its receipt's number, or an attempt."""

    id: str
    number: str
    at: str  # by the shop's clock
    method: str
    amount: int | None
    note: str


def script(name: str) -> str:
    """The text of a file of the rules."""
    return resources.files(PACKAGE).joinpath(name).read_text("utf-8")


def load_rules() -> tuple[int, dict[str, Rule]]:
    """The version of the numbers, and the rules by their names."""
    given = tomllib.loads(script("rules.toml"))
    version = int(given.pop("version"))
    rules = {}
    for name, numbers in given.items():
        measure, _, evidence = script(f"r{int(name[1:]):02d}.sql").partition(_EVIDENCE)
        rules[name] = Rule(name, measure=measure, evidence=evidence, **numbers)
    return version, rules


def month_of(period: str) -> tuple[date, date]:
    """First and last day of a month YYYY-MM. `ValueError` for anything else."""
    first = date.fromisoformat(f"{period}-01")
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)


def month_before(period: str) -> str:
    """The month before."""
    return (month_of(period)[0] - timedelta(days=1)).strftime("%Y-%m")


def provinces_of(state: State, period: str) -> list[str]:
    """Which provinces have purchases in a month."""
    first, last = (each.isoformat() for each in month_of(period))
    return sorted({each.province for each in state.of("purchases") if first <= each.day <= last})


@contextmanager
def prepared(
    lake: Path, state: State, period: str, province: str, given: Given
) -> Iterator[Snapshot]:
    """A look at a province's month with the tables that the rules read."""
    span = Span(*month_of(period), province)
    with opened(lake, span, state) as snapshot:
        _lay_out(snapshot, given)
        for statement in statements(script("prepare.sql")):
            snapshot.sql.execute(statement)
        yield snapshot


def _lay_out(snapshot: Snapshot, given: Given) -> None:
    """Tables of what is not in the lake."""
    tables: tuple[tuple[str, str, Sequence[Sequence[Any]]], ...] = (
        ("given_remote", "shop_id VARCHAR", [(each,) for each in given.remote]),
        ("given_cards", "shop_id VARCHAR, day DATE, kind VARCHAR, n BIGINT", given.cards),
        (
            "given_changes",
            "family VARCHAR, what VARCHAR, changed_at TIMESTAMP, officer VARCHAR, replaces BOOLEAN",
            given.changes,
        ),
        ("given_faces", "pair VARCHAR, family VARCHAR, other VARCHAR", given.faces),
        (
            "seasons",
            "kind VARCHAR, first_day DATE, last_day DATE, province VARCHAR, source VARCHAR",
            _seasons(),
        ),
    )
    for name, columns, rows in tables:
        snapshot.sql.execute(f"CREATE OR REPLACE TEMP TABLE {name} ({columns})")
        _fill(snapshot, name, columns, rows)


def _fill(snapshot: Snapshot, name: str, columns: str, rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    names = [each.split()[0] for each in columns.split(", ")]
    columns_of = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    snapshot.sql.register("given_rows", pa.table(columns_of))
    snapshot.sql.execute(f"INSERT INTO {name} SELECT * FROM given_rows")  # noqa: S608 - our words
    snapshot.sql.unregister("given_rows")


def _seasons() -> list[tuple[str, date, date, str, str]]:
    return [
        (
            row["kind"],
            date.fromisoformat(row["first_day"]),
            date.fromisoformat(row["last_day"]),
            row["province"],
            row["source"],
        )
        for row in csv.DictReader(io.StringIO(script("seasons.csv")))
    ]


def measure_shops(snapshot: Snapshot, rule: Rule) -> pa.Table:
    """One rule over the shops of a prepared province; a row for each shop that it can look at."""
    bands = " ".join(f"WHEN z.n < {most} THEN {at}" for at, most in enumerate(BANDS))
    query = f"""
        WITH measured AS ({rule.measure.strip().rstrip(";")})
        SELECT '{rule.name}' AS rule, '{SHOP}' AS kind, s.shop_id AS subject_id, s.region,
               s.district, s.regency, s.province,
               CAST(CASE {bands} ELSE {len(BANDS)} END AS INTEGER) AS band,
               CAST(COALESCE(m.k, 0) AS BIGINT) AS k, CAST(m.n AS BIGINT) AS n,
               CAST(COALESCE(m.value, 0) AS DOUBLE) AS value
        FROM measured m JOIN shops s ON s.shop = m.shop JOIN sizes z ON z.shop = m.shop
        WHERE m.n > 0 ORDER BY subject_id"""  # noqa: S608 - our own rules
    return snapshot.sql.sql(query).to_arrow_table().cast(MEASURED)


def measure_nation(snapshot: Snapshot, name: str) -> pa.Table:
    """The part of a rule that counts officers or faces, in this province."""
    file, kind = NATIONAL[name]
    measure = script(f"{file}.sql").partition(_EVIDENCE)[0]
    query = f"""
        SELECT '{name}' AS rule, '{kind}' AS kind, CAST(subject_id AS VARCHAR) AS subject_id,
               '' AS region, '' AS district, '' AS regency,
               '{snapshot.span.province}' AS province, CAST(0 AS INTEGER) AS band,
               CAST(k AS BIGINT) AS k, CAST(k AS BIGINT) AS n, CAST(k AS DOUBLE) AS value
        FROM ({measure.strip().rstrip(";")}) each_subject ORDER BY subject_id"""  # noqa: S608
    return snapshot.sql.sql(query).to_arrow_table().cast(MEASURED)


def proofs(snapshot: Snapshot, rule: Rule, kind: str, subject_id: str) -> list[Proof]:
    """The rows behind a case, at most EVIDENCE_ROWS_MAX: the worst ones by the rule's own order."""
    if kind == SHOP:
        own, inside = rule.evidence, "shop_id = $shop_id AND"
        found = snapshot.sql.execute("SELECT shop FROM shops WHERE shop_id = ?", [subject_id])
        values: dict[str, Any] = {"shop_id": subject_id}
        values["shop"] = next(iter(found.fetchone() or (None,)))
    else:
        own = script(f"{NATIONAL[rule.name][0]}.sql").partition(_EVIDENCE)[2]
        values, inside = {"subject": subject_id}, ""
    query = f"""
        WITH hits AS MATERIALIZED ({own.strip()} LIMIT {EVIDENCE_ROWS_MAX})
        SELECT p.purchase_id AS name, p.number, strftime(p.local_time, '{_CLOCK}') AS moment,
               p.method, p.amount, h.note
        FROM hits h JOIN (SELECT * FROM purchases WHERE {inside} line <= 0) p
        ON hash(p.purchase_id) = h.id
        UNION ALL
        SELECT a.attempt_id, '', strftime(a.local_time, '{_CLOCK}'), a.method, NULL, h.note
        FROM hits h JOIN (SELECT * FROM attempts WHERE {inside} TRUE) a
        ON hash(a.attempt_id) = h.id
        ORDER BY moment, name, note"""  # noqa: S608 - our own rules, values bound
    named = set(_PARAMETER.findall(query))
    used = {name: value for name, value in values.items() if name in named}
    return [Proof(*row) for row in snapshot.sql.execute(query, used).fetchall()]
