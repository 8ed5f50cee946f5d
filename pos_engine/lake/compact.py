"""Fewer and larger files: small ones merged as they come, one file a day and province afterwards.

And counts of a day, so that a figure over eighty million lines reads some hundred thousand rows.
Merging says nothing new: rows, sums and views stay as they were.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from pos_engine.lake.datasets import DATASETS, ROLLUPS, Dataset
from pos_engine.lake.folder import LakeError
from pos_engine.lake.state import COMPACT, ROLLUP, Feed, LiveFile
from pos_engine.lake.views import (
    COUNTED_FROM,
    Span,
    connected,
    opened,
    quoted,
    relation,
    sources_of,
)
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


def options(dataset: Dataset) -> str:
    """How DuckDB writes a file of a dataset: compressed, and saying what it is."""
    says = {key.decode(): value.decode() for key, value in dataset.schema.metadata.items()}
    words = ", ".join(f"'{key}': '{value}'" for key, value in says.items())
    return (
        f"(FORMAT parquet, COMPRESSION {COMPRESSION}, ROW_GROUP_SIZE {ROWS_IN_A_GROUP}, "
        f"KV_METADATA {{{words}}})"
    )


def count_days(writer: Writer, wanted: Callable[[str], bool] = bool) -> Iterator[LiveFile]:
    """Count the wanted days again whose rows are not those that were counted, one by one."""
    for name, rollup in ROLLUPS.items():
        stood = {each.day: each for each in writer.state.of(name)}
        for day in sorted({each.day for each in writer.state.files.values() if each.province}):
            sources = sources_of(writer.state, name, day)
            old = stood.get(day)
            if not sources or not wanted(day) or (old is not None and old.sources == sources):
                continue
            yield _count(writer, rollup, day, sources, [old.path] if old else [])


def _count(
    writer: Writer, rollup: Dataset, day: str, sources: str, remove: Sequence[str]
) -> LiveFile:
    columns = ", ".join(each.name for each in rollup.columns)
    order = ", ".join(rollup.order)
    query = f"SELECT {columns} FROM {rollup.name}_fresh ORDER BY {order}"  # noqa: S608
    of_day = [each for name in COUNTED_FROM[rollup.name] for each in writer.state.of(name, day)]
    newest = max(each.newest_us for each in of_day)
    span = Span.of_day(day)

    def fill(path: Path) -> int:
        with opened(writer.lake, span, writer.state) as snapshot:
            copy = f"COPY ({query}) TO {quoted(str(path))} {options(rollup)}"
            row = snapshot.sql.execute(copy).fetchone()
        return int(row[0]) if row else 0

    part = Part(rollup, day, "", newest, fill, LAST_TIER, sources)
    [made] = writer.commit(ROLLUP, Feed(), [part], remove)
    return made
