"""Fewer and larger files: small ones merged as they come, one file a day and province afterwards.

And counts of a day, so that a figure over eighty million lines reads some hundred thousand rows.
Merging says nothing new: rows, sums and views stay as they were.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from pos_engine.lake.datasets import DATASETS, Dataset
from pos_engine.lake.folder import LakeError
from pos_engine.lake.rollups import (
    COUNTED_FROM,
    DAILY,
    LONG,
    ROLLUPS,
    ROWS_READ_TOGETHER,
    Days,
    Sources,
    of_days,
)
from pos_engine.lake.state import COMPACT, ROLLUP, Feed, LiveFile
from pos_engine.lake.views import Span, connected, fresh_of, opened, quoted, relation
from pos_engine.lake.writer import COMPRESSION, ROWS_IN_A_GROUP, Part, Writer

MERGE_AT = 16  # files of one size class in a partition
LAST_TIER = 9  # of a file that is all of its partition
MERGE_MEMORY = "1GB"
Partition = tuple[str, str, str]  # dataset, day, province


def merge_small(writer: Writer, limit: int | None = None) -> int:
    """Merge where MERGE_AT files of one tier lie together, so often at most; how many merges."""
    done = 0
    for (name, day, province), files in _partitions(writer).items():
        tiers = defaultdict(list)
        for each in files:
            tiers[each.tier].append(each)
        for tier, own in tiers.items():
            if done == limit:
                return done
            if len(own) >= MERGE_AT and tier < LAST_TIER:
                _merge(writer, DATASETS[name], day, province, own, min(tier + 1, LAST_TIER - 1))
                done += 1
    return done


def compact_days(writer: Writer, until: str) -> Iterator[LiveFile]:
    """One sorted file for each day before `until` and province, as it is made."""
    for (name, day, province), files in sorted(_partitions(writer).items()):
        old = any(each.version < DATASETS[name].version for each in files)
        loose = any(each.tier < LAST_TIER for each in files)
        if day < until and (loose or old):
            yield _merge(writer, DATASETS[name], day, province, files, LAST_TIER)


def _partitions(writer: Writer) -> dict[Partition, list[LiveFile]]:
    found: dict[Partition, list[LiveFile]] = defaultdict(list)
    for each in writer.state.files.values():
        if each.dataset in DATASETS:
            found[each.dataset, each.day, each.province].append(each)
    return found


def _merge(
    writer: Writer,
    dataset: Dataset,
    day: str,
    province: str,
    files: Sequence[LiveFile],
    tier: int,
) -> LiveFile:
    """These files as one; `LakeError` when it would hold other rows than they do."""
    expected = sum(each.rows for each in files)
    columns = ", ".join(each.name for each in dataset.columns)
    order = ", ".join(dataset.order)
    source = relation(writer.lake, dataset, files)
    query = f"SELECT {columns} FROM ({source}) ORDER BY {order}"  # noqa: S608 - our own words

    def fill(path: Path) -> int:
        rows = _copy(query, path, dataset)
        if rows != expected:
            raise LakeError(f"{dataset.name} {day} {province}: {rows} rows instead of {expected}.")
        return rows

    newest = max(each.newest_us for each in files)
    part = Part(dataset, day, province, newest, fill, tier)
    [made] = writer.commit(COMPACT, Feed(), [part], [each.path for each in files])
    return made


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


def count_days(writer: Writer, until: str = "") -> Iterator[LiveFile]:
    """Count again, one by one, what was counted from other files than there are.

    Days always; ten days and months when they end before `until`.
    """
    sources = Sources(writer.state)
    for name in (*DAILY, *reversed(LONG)):  # months are made of ten days, these of days
        stood = {each.day: each for each in writer.state.of(name)}
        for days in of_days(name, sources.days):
            wanted, old = sources.of(name, days), stood.get(days.names[0])
            due = name in DAILY or days.names[-1] < until
            if due and wanted and (old is None or old.sources != wanted):
                yield _count(writer, name, days, wanted, [old.path] if old else [])


def _count(writer: Writer, name: str, days: Days, sources: str, remove: Sequence[str]) -> LiveFile:
    rollup, span = ROLLUPS[name], Span(days.first, days.last)
    columns = ", ".join(each.name for each in rollup.columns)
    order = ", ".join(rollup.order)
    query = f"SELECT {columns} FROM {fresh_of(name)} ORDER BY {order}"  # noqa: S608 - our words
    counted = [
        each.newest_us
        for dataset in COUNTED_FROM[name]
        for each in writer.state.of(dataset)
        if days.names[0] <= each.day <= days.names[-1]
    ]

    def fill(path: Path) -> int:
        with opened(writer.lake, span, writer.state, exact=True) as snapshot:
            copy = f"COPY ({query}) TO {quoted(str(path))} {options(rollup, ROWS_READ_TOGETHER)}"
            row = snapshot.sql.execute(copy).fetchone()
        return int(row[0]) if row else 0

    part = Part(rollup, days.names[0], "", max(counted), fill, LAST_TIER, sources)
    [made] = writer.commit(ROLLUP, Feed(), [part], remove)
    return made
