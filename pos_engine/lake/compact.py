"""Fewer and larger files: small ones merged as they come, one file a day and province afterwards.

And counts of a day, so that a figure over eighty million lines reads some hundred thousand rows.
Merging says nothing new: rows, sums and views stay as they were.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pyarrow.parquet as pq

from pos_engine.lake.cohorts import lay_out
from pos_engine.lake.datasets import DATASETS, Dataset
from pos_engine.lake.folder import LakeError
from pos_engine.lake.rollups import (
    AT_NIGHT,
    DAILY,
    LONG,
    OF_A_MONTH,
    ROLLUPS,
    ROWS_READ_TOGETHER,
    Days,
    Sources,
    of_days,
)
from pos_engine.lake.state import COMPACT, ROLLUP, Feed, LiveFile, State
from pos_engine.lake.views import (
    READ_AGAIN_MAX,
    Span,
    connected,
    fresh_of,
    opened,
    quoted,
    relation,
)
from pos_engine.lake.writer import COMPRESSION, ROWS_IN_A_GROUP, Part, Writer

MERGE_AT = 16  # files of one size class in a partition
LAST_TIER = 9  # of a file that is all of its partition
MERGE_MEMORY = "1GB"
RUNNING_AGE_US = 20 * 3600 * 1_000_000  # of the newest count of a running month's families
Partition = tuple[str, str, str]  # dataset, day, province


@dataclass(frozen=True, slots=True)
class Job:
    """A file to be made of what the lake holds, and what it stands for instead."""

    kind: str
    part: Part
    remove: list[str]

    def done(self, writer: Writer, made: Path | None = None) -> LiveFile:
        """Make it (or take a file that was made elsewhere on the same disk) and let it count."""
        part = self.part if made is None else replace(self.part, fill=_moved(made))
        [file] = writer.commit(self.kind, Feed(), [part], self.remove)
        return file


def _moved(made: Path) -> Callable[[Path], int]:
    def fill(path: Path) -> int:
        rows = pq.read_metadata(made).num_rows
        made.replace(path)
        return int(rows)

    return fill


def merge_small(writer: Writer, limit: int | None = None) -> int:
    """Merge where MERGE_AT files of one tier lie together, so often at most; how many merges."""
    jobs = list(islice(small_jobs(writer.lake, writer.state), limit))
    for each in jobs:
        each.done(writer)
    return len(jobs)


def small_jobs(lake: Path, state: State) -> Iterator[Job]:
    """What merging is due, of files that lie together."""
    for (name, day, province), files in _partitions(state).items():
        tiers = defaultdict(list)
        for each in files:
            tiers[each.tier].append(each)
        for tier, own in tiers.items():
            if len(own) >= MERGE_AT and tier < LAST_TIER:
                next_tier = min(tier + 1, LAST_TIER - 1)
                yield _merge(lake, DATASETS[name], day, province, own, next_tier)


def compact_days(writer: Writer, until: str) -> Iterator[LiveFile]:
    """One sorted file for each day before `until` and province, as it is made."""
    for each in list(day_jobs(writer.lake, writer.state, until)):
        yield each.done(writer)


def day_jobs(lake: Path, state: State, until: str) -> Iterator[Job]:
    """Which days and provinces before `until` are not one sorted file yet."""
    for (name, day, province), files in sorted(_partitions(state).items()):
        old = any(each.version < DATASETS[name].version for each in files)
        loose = any(each.tier < LAST_TIER for each in files)
        if day < until and (loose or old):
            yield _merge(lake, DATASETS[name], day, province, files, LAST_TIER)


def _partitions(state: State) -> dict[Partition, list[LiveFile]]:
    found: dict[Partition, list[LiveFile]] = defaultdict(list)
    for each in state.files.values():
        if each.dataset in DATASETS:
            found[each.dataset, each.day, each.province].append(each)
    return found


def _merge(
    lake: Path,
    dataset: Dataset,
    day: str,
    province: str,
    files: Sequence[LiveFile],
    tier: int,
) -> Job:
    """These files as one; its making raises `LakeError` when it would hold other rows."""
    expected = sum(each.rows for each in files)
    columns = ", ".join(each.name for each in dataset.columns)
    order = ", ".join(dataset.order)
    source = relation(lake, dataset, files)
    query = f"SELECT {columns} FROM ({source}) ORDER BY {order}"  # noqa: S608 - our own words

    def fill(path: Path) -> int:
        rows = _copy(query, path, dataset)
        if rows != expected:
            raise LakeError(f"{dataset.name} {day} {province}: {rows} rows instead of {expected}.")
        return rows

    newest = max(each.newest_us for each in files)
    part = Part(dataset, day, province, newest, fill, tier)
    return Job(COMPACT, part, [each.path for each in files])


def _copy(query: str, path: Path, dataset: Dataset) -> int:
    with connected(MERGE_MEMORY) as connection:
        copy = f"COPY ({query}) TO {quoted(str(path))} {options(dataset)}"
        row = connection.execute(copy).fetchone()
    return int(row[0]) if row else 0


def options(dataset: Dataset, group: int = ROWS_IN_A_GROUP) -> str:
    """How DuckDB writes a file of a dataset: compressed, and saying what it is."""
    says = {key.decode(): value.decode() for key, value in dataset.schema.metadata.items()}
    words = ", ".join(f"'{key}': '{value}'" for key, value in says.items())
    return (
        f"(FORMAT parquet, COMPRESSION {COMPRESSION}, ROW_GROUP_SIZE {group}, "
        f"KV_METADATA {{{words}}})"
    )


def count_days(writer: Writer, until: str = "", *, running: bool = False) -> Iterator[LiveFile]:
    """Count again, one by one, what was counted from other files than there are."""
    for each in count_jobs(writer.lake, writer.state, until, running=running):
        yield each.done(writer)


def count_jobs(
    lake: Path, state: State, until: str = "", *, running: bool = False
) -> Iterator[Job]:
    """Which counts are due, in an order in which each is made of those before it.

    Days always; ten days and months when they end before `until`. `running`: the families of a
    month that is not over as well, when their count has aged.
    """
    sources = Sources(state)
    for name in (*DAILY, *reversed(LONG)):  # months are made of ten days, these of days
        stood = {each.day: each for each in state.of(name)}
        for days in of_days(name, sources.days):
            wanted, old = sources.of(name, days), stood.get(days.names[0])
            if not wanted or (old is not None and old.sources == wanted):
                continue
            over = name in DAILY or days.names[-1] < until
            if over or (running and _aged(name, days, sources, old)):
                yield _count(lake, state, name, days, sources)


def _aged(name: str, days: Days, sources: Sources, old: LiveFile | None) -> bool:
    """Is a count of a running month missing or old; of few rows each question counts itself."""
    if name not in AT_NIGHT:
        return False
    files = sources.files(name, days)
    newest = max(each.newest_us for each in files)
    many = sum(each.rows for each in files) > READ_AGAIN_MAX
    return many and (old is None or newest - old.newest_us > RUNNING_AGE_US)


def _count(lake: Path, state: State, name: str, days: Days, sources: Sources) -> Job:
    rollup, span = ROLLUPS[name], Span(days.first, days.last)
    columns = ", ".join(each.name for each in rollup.columns)
    order = ", ".join(rollup.order)
    query = f"SELECT {columns} FROM {fresh_of(name)} ORDER BY {order}"  # noqa: S608 - our words

    def fill(path: Path) -> int:
        with opened(lake, span, state, exact=True) as snapshot:
            if name in OF_A_MONTH:
                lay_out(snapshot, name)
            copy = f"COPY ({query}) TO {quoted(str(path))} {options(rollup, ROWS_READ_TOGETHER)}"
            row = snapshot.sql.execute(copy).fetchone()
        return int(row[0]) if row else 0

    day, wanted = days.names[0], sources.of(name, days)
    newest = max(each.newest_us for each in sources.files(name, days))
    part = Part(rollup, day, "", newest, fill, LAST_TIER, wanted)
    return Job(ROLLUP, part, [each.path for each in state.of(name, day)])


def forget_counts(writer: Writer) -> int:
    """Take every count away, so that `count_days` makes them from the lines; how many files."""
    names = [path for path, each in writer.state.files.items() if each.dataset in ROLLUPS]
    if names:
        writer.commit(ROLLUP, Feed(), [], names)
    return len(names)
