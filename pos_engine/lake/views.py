"""The lake as SQL: base views over its files in DuckDB, and the views that both databases share."""

import tempfile
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa

from pos_engine.lake.datasets import DATASETS, Dataset
from pos_engine.lake.folder import LakeError
from pos_engine.lake.rollups import (
    AT_NIGHT,
    DAILY,
    PRICES_DAILY,
    PRICES_LONG,
    PRICES_MONTHLY,
    ROLLUPS,
    Days,
    Sources,
    days_of,
    sources_of,
)
from pos_engine.lake.state import LiveFile, State, folded

MEMORY_MAX = "1500MB"  # of one look at the lake; what is more is spilled to the disk
LOOKS_AT_ONCE = 2
TURN_WAIT_S_MAX = 60
READ_AGAIN_MAX = 1_000_000  # lines of a day that a figure reads itself rather than be minutes old
COUNT_AGE_US = 15 * 60 * 1_000_000  # so much a count of more lines may lack
NIGHT_AGE_US = 30 * 3600 * 1_000_000  # and one of a month's families, which is made at night
PARTITION = "hive_partitioning = true, hive_types = {'day': DATE, 'province': VARCHAR}"
KNOWN_AT = {"purchases": "decided_at", "returns": "made_at", "attempts": "tried_at",
            "movements": "posted_at", "offline_outcomes": "settled_at"}  # fmt: skip
_TYPES = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.int16(): "SMALLINT",
    pa.float64(): "DOUBLE",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
    pa.timestamp("us", tz="UTC"): "TIMESTAMPTZ",
    pa.timestamp("us"): "TIMESTAMP",
}


@dataclass(frozen=True, slots=True)
class Span:
    """What is asked about: local days first..last, and what was known at a moment (None: now)."""

    first: date
    last: date
    province: str = ""
    as_of: datetime | None = None

    @classmethod
    def of_day(cls, day: str) -> "Span":
        """One local day, of the whole nation."""
        return cls(date.fromisoformat(day), date.fromisoformat(day))

    @property
    def as_of_us(self) -> int | None:
        """The moment in microseconds since 1970 UTC."""
        return int(self.as_of.timestamp() * 1_000_000) if self.as_of else None


def plain_type(kind: pa.DataType) -> str:
    """The type of a column in SQL."""
    return _TYPES[kind.value_type if pa.types.is_dictionary(kind) else kind]


def shared_views(kind: str = "") -> str:
    """The views that are the same in DuckDB and PostgreSQL; `kind` is TEMP or nothing."""
    script = resources.files("pos_engine.lake").joinpath("views.sql").read_text("utf-8")
    return script.replace("{TEMP} ", f"{kind} " if kind else "")


@contextmanager
def connected(memory: str = MEMORY_MAX) -> Iterator[duckdb.DuckDBPyConnection]:
    """DuckDB in memory: bounded, without a network, spilling beside nobody."""
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": "false", "autoload_known_extensions": "false"}
    )
    try:
        connection.execute(f"SET memory_limit = '{memory}'")
        spilled = Path(tempfile.gettempdir(), f"ewarong-lake-{uuid.uuid4().hex}")
        connection.execute(f"SET temp_directory = {quoted(str(spilled))}")
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


_TURNS = threading.BoundedSemaphore(LOOKS_AT_ONCE)


@contextmanager
def opened(
    lake: Path, span: Span, state: State | None = None, *, exact: bool = False
) -> Iterator["Snapshot"]:
    """The views over what the lake holds of a span, as its newest manifest has it.

    `exact`: never by a count that is minutes old, nor by one of a month's families.
    """
    if not _TURNS.acquire(timeout=TURN_WAIT_S_MAX):
        raise LakeError("Too many questions to the lake at once. Ask again in a minute.")
    try:
        with connected() as connection:
            yield Snapshot(connection, lake, state or folded(lake), span, exact=exact)
    finally:
        _TURNS.release()


class Snapshot:
    """One consistent look at the lake. `from_counts` says which days need no raw rows.

    `counted_us` is the newest fact of a count that was taken although newer facts are there.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        lake: Path,
        state: State,
        span: Span,
        *,
        exact: bool = False,
    ) -> None:
        self.sql, self.state, self.span = connection, state, span
        self.counted_us: int | None = None
        self._lake, self._exact = lake, exact
        self._days: set[str] = set()  # that hold anything
        for dataset in DATASETS.values():
            files = self._of(dataset.name)
            self._days |= {each.day for each in files}
            self._view(dataset.name, relation(lake, dataset, files) + self._known(dataset.name))
        for statement in statements(shared_views("TEMP")):
            connection.execute(statement)
        for name, query in _OWN.items():
            self._view(name, query)
        self._sources = sources = sources_of(state)
        self.from_counts = {name: self._counts(name, sources) for name in DAILY}
        self.from_counts["prices_span"] = self._span(sources)

    def _view(self, name: str, query: str) -> None:
        self.sql.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def _of(self, dataset: str) -> list[LiveFile]:
        first, last = self.span.first.isoformat(), self.span.last.isoformat()
        province = self.span.province if dataset in DATASETS else ""
        found = self.state.of(dataset, province=province)
        return [each for each in found if first <= each.day <= last]

    def _known(self, dataset: str) -> str:
        """Rows that were not known yet are left out."""
        if self.span.as_of_us is None:
            return ""
        return f" WHERE epoch_us({KNOWN_AT[dataset]}) <= {self.span.as_of_us}"

    def _counts(self, name: str, sources: Sources) -> list[str]:
        """Put what was counted before in the place of raw rows, day by day where it still holds."""
        files = [each for each in self._of(name) if self._holds(each, sources)]
        counted_days = {each.day for each in files}
        if files:
            days = ", ".join(f"DATE '{each.day}'" for each in files)
            columns = ", ".join(["day", *(each.name for each in ROLLUPS[name].columns)])
            counted = relation(self._lake, ROLLUPS[name], files)
            self._view(f"{name}_counted", f"SELECT {columns} FROM ({counted})")  # noqa: S608
            query = f"SELECT {columns} FROM {name}_counted"  # noqa: S608
            rest = (days_of(name, date.fromisoformat(each)) for each in self._days - counted_days)
            if any(sources.of(name, each) for each in rest):
                fresh = f"SELECT {columns} FROM {name}_fresh WHERE day NOT IN ({days})"  # noqa: S608
                query = f"{query} UNION ALL {fresh}"
            self._view(name, query)
        return [each.day for each in files]

    def _span(self, sources: Sources) -> list[str]:
        """Prices of the whole span without days: months, ten days and days, the longest first."""
        columns = ", ".join(each.name for each in PRICES_MONTHLY.columns)
        covered: set[str] = set()
        parts = []
        for name in PRICES_LONG:
            files = [
                each
                for each in self._of(name)
                if self._holds(each, sources)
                and not covered & set(_days(each).names)
                and _days(each).last <= self.span.last
            ]
            covered |= {day for each in files for day in _days(each).names}
            if files:
                counted = relation(self._lake, ROLLUPS[name], files)
                parts.append(f"SELECT {columns} FROM ({counted})")  # noqa: S608
        if self._days - covered or not parts:
            kept = " AND ".join(f"day <> DATE '{each}'" for each in sorted(covered)) or "TRUE"
            source = PRICES_DAILY.name
            parts.append(f"SELECT {columns} FROM {source} WHERE {kept}")  # noqa: S608
        self._view("prices_span", " UNION ALL ".join(parts))
        return sorted(covered)

    def of_month(self, *names: str) -> bool:
        """Do these counts of a month tell of the whole span; then there is a view of each."""
        found = {name: self._month(name) for name in names}
        if not all(found.values()):
            return False
        for name, file in found.items():
            counted = relation(self._lake, ROLLUPS[name], [file] if file else [])
            self._view(name, counted)
        return True

    def _month(self, name: str) -> LiveFile | None:
        """The count of the month that is the span; of a running month no day may lie after it."""
        days = days_of(name, self.span.first)
        first, last = self.span.first.isoformat(), self.span.last.isoformat()
        later = any(last < each <= days.names[-1] for each in self._sources.days)
        if self._exact or days.first != self.span.first or self.span.last > days.last or later:
            return None
        return next((f for f in self.state.of(name, first) if self._holds(f, self._sources)), None)

    def _holds(self, rollup: LiveFile, sources: Sources) -> bool:
        known = self.span.as_of_us
        same = rollup.sources == sources.of(rollup.dataset, _days(rollup))
        if same or known is not None or self._exact:
            return same and (known is None or rollup.newest_us <= known)
        return self._nearly(rollup)

    def _nearly(self, rollup: LiveFile) -> bool:
        """Is a count of very many rows, which lacks the newest, better than waiting."""
        files = self._sources.files(rollup.dataset, _days(rollup))
        newest = max((each.newest_us for each in files), default=0)
        many = sum(each.rows for each in files) > READ_AGAIN_MAX
        age_max = NIGHT_AGE_US if rollup.dataset in AT_NIGHT else COUNT_AGE_US
        if not many or newest - rollup.newest_us > age_max:
            return False
        self.counted_us = min(self.counted_us or rollup.newest_us, rollup.newest_us)
        return True


def months_tell(state: State, span: Span) -> bool:
    """Is there a count of each kind of a month's families that may stand for these days."""
    sources = sources_of(state)
    days = days_of(AT_NIGHT[0], span.first)
    later = any(span.last.isoformat() < each <= days.names[-1] for each in sources.days)
    if span.as_of or days.first != span.first or span.last > days.last or later:
        return False
    for name in AT_NIGHT:
        newest = max((each.newest_us for each in sources.files(name, days)), default=0)
        least = newest - NIGHT_AGE_US
        if not any(each.newest_us >= least for each in state.of(name, days.names[0])):
            return False
    return True


def _days(rollup: LiveFile) -> Days:
    return days_of(rollup.dataset, date.fromisoformat(rollup.day))


_KEPT = ("province", "regency", "sku", "name", "unit", "unit_price", "verdict", "status",
         "ceiling", "ceiling_kind")  # fmt: skip
_OWN = {  # views of DuckDB alone
    "prices_span": f"SELECT * FROM {PRICES_DAILY.name}",  # noqa: S608 - our own words
    "prices_long_fresh": f"""
SELECT {", ".join(_KEPT)}, CAST(SUM(line_count) AS BIGINT) AS line_count,
       CAST(SUM(quantity_milli) AS BIGINT) AS quantity_milli,
       CAST(SUM(line_total) AS BIGINT) AS line_total, MAX(newest_at) AS newest_at
FROM prices_span GROUP BY {", ".join(_KEPT)}""",  # noqa: S608 - our own words
    "families_daily_fresh": """
SELECT day, province, regency, family_key, MAX(age_band) AS age_band, BOOL_OR(bought) AS bought,
       BOOL_OR(NOT bought) AS refused
FROM (
    SELECT day, province, regency, CAST('0x' || substr(family, 1, 15) AS BIGINT) AS family_key,
           NULL AS age_band, status = 'APPROVED' AS bought
    FROM purchases WHERE line <= 0 AND family IS NOT NULL
    UNION ALL
    SELECT day, province, regency, CAST('0x' || substr(family, 1, 15) AS BIGINT), age_band, FALSE
    FROM attempts WHERE failed AND family IS NOT NULL
) each_fact
GROUP BY day, province, regency, family_key""",
    "families_daily": "SELECT * FROM families_daily_fresh",
    "answers_hourly_fresh": """
SELECT day, province, regency, hour(local_time) AS hour, COUNT(*) AS answers,
       MAX(local_time) AS newest_local
FROM purchases WHERE line <= 0 AND local_time IS NOT NULL GROUP BY ALL""",
    "answers_hourly": "SELECT * FROM answers_hourly_fresh",
}


def fresh_of(rollup: str) -> str:
    """The view that a rollup is counted from."""
    return "prices_long_fresh" if rollup in PRICES_LONG else f"{rollup}_fresh"


def relation(lake: Path, dataset: Dataset, files: Sequence[LiveFile]) -> str:
    """A query over these files; a column that is younger than a file is null in it."""
    newer = [each for each in files if each.version > dataset.version]
    if newer:
        raise LakeError(f"{newer[0].path} is of a newer version of this program.")
    versions = sorted({each.version for each in files})
    parts = [
        _read(lake, dataset, [each for each in files if each.version == version], version)
        for version in versions
    ]
    return "SELECT * FROM (" + (" UNION ALL ".join(parts) or _nothing(dataset)) + ")"  # noqa: S608


def _read(lake: Path, dataset: Dataset, files: Sequence[LiveFile], version: int) -> str:
    paths = ", ".join(quoted(str(lake / each.path)) for each in files)
    partition = ["day", "province"] if dataset.by_province else ["day"]
    columns = [
        each.name
        if each.since <= version
        else f"CAST(NULL AS {plain_type(each.type)}) AS {each.name}"
        for each in dataset.columns
    ]
    chosen = ", ".join([*partition, *columns])
    kinds = PARTITION if dataset.by_province else PARTITION.replace(", 'province': VARCHAR", "")
    return f"SELECT {chosen} FROM read_parquet([{paths}], {kinds})"  # noqa: S608 - our own paths


def _nothing(dataset: Dataset) -> str:
    partition = [("day", "DATE")] + [("province", "VARCHAR")] * dataset.by_province
    columns = [*partition, *((each.name, plain_type(each.type)) for each in dataset.columns)]
    chosen = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns)
    return f"SELECT {chosen} WHERE FALSE"


def quoted(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def statements(script: str) -> list[str]:
    """The statements of a script of ours."""
    lines = [line for line in script.splitlines() if not line.startswith("--")]
    return [each.strip() for each in "\n".join(lines).split(";") if each.strip()]
