"""The lake as SQL: base views over its files in DuckDB, and the views that both databases share."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa

from pos_engine.lake.datasets import (
    ATTEMPTS,
    ATTEMPTS_DAILY,
    DATASETS,
    OUTCOMES_DAILY,
    PRICES_DAILY,
    PURCHASES,
    RETURNS,
    ROLLUPS,
    Dataset,
)
from pos_engine.lake.folder import LakeError
from pos_engine.lake.state import LiveFile, State, load_state

MEMORY_MAX = "1500MB"  # of one look at the lake; what is more is spilled to the disk
LOOKS_AT_ONCE = 2
TURN_WAIT_S_MAX = 60
PARTITION = "hive_partitioning = true, hive_types = {'day': DATE, 'province': VARCHAR}"
COUNTED_FROM = {  # which datasets a rollup is made of
    PRICES_DAILY.name: (PURCHASES.name, RETURNS.name),
    OUTCOMES_DAILY.name: (PURCHASES.name,),
    ATTEMPTS_DAILY.name: (ATTEMPTS.name,),
}
KNOWN_AT = {"purchases": "decided_at", "returns": "made_at", "attempts": "tried_at",
            "movements": "posted_at"}  # fmt: skip
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
        connection.execute("SET preserve_insertion_order = false")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET TimeZone = 'UTC'")
        yield connection
    finally:
        connection.close()


_TURNS = threading.BoundedSemaphore(LOOKS_AT_ONCE)


@contextmanager
def opened(lake: Path, span: Span, state: State | None = None) -> Iterator["Snapshot"]:
    """The views over what the lake holds of a span, as its newest manifest has it."""
    if not _TURNS.acquire(timeout=TURN_WAIT_S_MAX):
        raise LakeError("Too many questions to the lake at once. Ask again in a minute.")
    try:
        with connected() as connection:
            yield Snapshot(connection, lake, state or load_state(lake), span)
    finally:
        _TURNS.release()


class Snapshot:
    """One consistent look at the lake. `from_counts` says which days need no raw rows."""

    def __init__(
        self, connection: duckdb.DuckDBPyConnection, lake: Path, state: State, span: Span
    ) -> None:
        self.sql, self.state, self.span = connection, state, span
        self._lake = lake
        for dataset in DATASETS.values():
            files = self._of(dataset.name)
            self._view(dataset.name, relation(lake, dataset, files) + self._known(dataset.name))
        for statement in statements(shared_views("TEMP")):
            connection.execute(statement)
        self.from_counts = {name: self._counts(name) for name in ROLLUPS}

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

    def _counts(self, name: str) -> list[str]:
        """Put what was counted before in the place of raw rows, day by day where it still holds."""
        files = [each for each in self._of(name) if self._holds(each)]
        if files:
            days = ", ".join(f"DATE '{each.day}'" for each in files)
            columns = ", ".join(["day", *(each.name for each in ROLLUPS[name].columns)])
            counted = relation(self._lake, ROLLUPS[name], files)
            self._view(f"{name}_counted", f"SELECT {columns} FROM ({counted})")  # noqa: S608
            fresh = f"SELECT {columns} FROM {name}_fresh WHERE day NOT IN ({days})"  # noqa: S608
            query = f"SELECT {columns} FROM {name}_counted UNION ALL {fresh}"  # noqa: S608
            self._view(name, query)
        return [each.day for each in files]

    def _holds(self, rollup: LiveFile) -> bool:
        known = self.span.as_of_us
        return rollup.sources == sources_of(self.state, rollup.dataset, rollup.day) and (
            known is None or rollup.newest_us <= known
        )


def sources_of(state: State, rollup: str, day: str) -> str:
    """What a rollup of this day has to be counted from: the names of the files, as one text."""
    names = [each.path for name in COUNTED_FROM[rollup] for each in state.of(name, day)]
    return ",".join(path.rpartition("/")[2].removesuffix(".parquet") for path in names)


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
