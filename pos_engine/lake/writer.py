"""Write batches so that each fact is in the lake once, whenever the process is killed.

Files get hidden names and go to the disk; then the manifest, from which they count; then the files
get their names and what they replace goes. Opening a lake finishes the last step or undoes the
first.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pos_engine.lake import folder
from pos_engine.lake.datasets import DATASETS, Dataset
from pos_engine.lake.folder import MANIFESTS, STRAYS, LakeFullError, Lease
from pos_engine.lake.rollups import ROLLUPS
from pos_engine.lake.state import (
    CHECKPOINT_EVERY,
    FORMAT,
    Feed,
    LakeDamagedError,
    LiveFile,
    Manifest,
    State,
    append,
    checkpoint,
    damaged,
    load_state,
    manifest_path,
)

COMPRESSION = "zstd"
ROWS_IN_A_GROUP = 122_880  # what DuckDB reads at a time
FILES_AT_ONCE = 2  # of one step: packing and syncing leave the interpreter free


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one dataset, day and province for one file; `fill` writes and counts them."""

    dataset: Dataset
    day: str
    province: str
    newest_us: int
    fill: Callable[[Path], int]
    tier: int = 0
    sources: str = ""


def of_table(table: pa.Table) -> Callable[[Path], int]:
    """How a part is filled whose rows are in memory."""

    def fill(path: Path) -> int:
        pq.write_table(table, path, compression=COMPRESSION, row_group_size=ROWS_IN_A_GROUP)
        return int(table.num_rows)

    return fill


class Writer:
    """The one that writes a lake, from opening to closing. `LakeBusyError` when there is another.

    After any error of a step: close it and open it again, which finishes or undoes the step.
    """

    def __init__(self, lake: Path, now: Callable[[], datetime]) -> None:
        self.lake, self._now = lake, now
        self._lease = Lease(lake)
        try:
            self.state = load_state(lake)
            _recover(lake, self.state)
        except BaseException:
            self._lease.close()
            raise

    def close(self) -> None:
        """Keep the fold, so that the next opening is quick; let others write."""
        try:
            self._checkpoint()
        finally:
            self.let_go()

    def let_go(self) -> None:
        """Let others write, without another word: what the kernel does for a killed process."""
        self._lease.close()

    def _checkpoint(self) -> None:
        if self.state.number:
            with suppress(LakeFullError):  # the manifests say the same
                checkpoint(self.lake, self.state)

    def commit(
        self, kind: str, feed: Feed, parts: Iterable[Part], remove: Iterable[str] = ()
    ) -> list[LiveFile]:
        """One step: these files come, those go. `LakeFullError`: nothing happened."""
        number = self.state.number + 1
        wanted = list(parts)
        try:
            added = self._write_all(number, wanted)
            self._sync(added, names=False)
            manifest = Manifest(
                FORMAT, number, self.state.hash, kind, self._now(), feed, added, sorted(remove)
            )
            append(self.lake, self.state, manifest)
        except (OSError, LakeFullError) as error:
            if not manifest_path(self.lake, number).exists():  # else it counts: opening finishes it
                self._forget(number, wanted)
            raise LakeFullError(f"The lake took no more: {error}") from error
        self._publish(added, manifest.remove)
        if number % CHECKPOINT_EVERY == 0:
            self._checkpoint()
        return added

    def _write_all(self, number: int, parts: Sequence[Part]) -> list[LiveFile]:
        """The files of a step under hidden names; when one fails the others end first."""
        if len(parts) == 1:
            return [self._write(number, 0, parts[0])]
        with ThreadPoolExecutor(FILES_AT_ONCE) as pool:
            begun = [pool.submit(self._write, number, at, part) for at, part in enumerate(parts)]
        return [each.result() for each in begun]

    def _write(self, number: int, place: int, part: Part) -> LiveFile:
        path = _path_of(number, place, part)
        fresh = folder.hidden(self.lake / path)
        rows = folder.write_whole(fresh, part.fill)
        return LiveFile(
            path=path,
            dataset=part.dataset.name,
            day=part.day,
            province=part.province,
            rows=rows,
            bytes=fresh.stat().st_size,
            sha256=folder.sha256_of(fresh),
            version=part.dataset.version,
            newest_us=part.newest_us,
            tier=part.tier,
            sources=part.sources,
        )

    def _forget(self, number: int, parts: Iterable[Part]) -> None:
        for place, part in enumerate(parts):
            folder.hidden(self.lake / _path_of(number, place, part)).unlink(missing_ok=True)

    def _publish(self, added: list[LiveFile], remove: Iterable[str]) -> None:
        """What goes, goes first: who looks past the manifests never counts a row twice."""
        for name in remove:
            (self.lake / name).unlink(missing_ok=True)
        for each in added:
            path = self.lake / each.path
            folder.publish(folder.hidden(path), path)
        self._sync(added, names=True)

    def _sync(self, added: list[LiveFile], *, names: bool) -> None:
        folders = {(self.lake / each.path).parent for each in added}
        if not names:  # folders that are new have names of their own
            folders |= {up for each in folders for up in list(each.parents)[:2]}
        folder.sync_folders(folders)


def _path_of(number: int, place: int, part: Part) -> str:
    """Where a file of a step stands, below the lake's folder."""
    name, file = part.dataset.name, f"{number:010d}-{place:04d}.parquet"
    if not part.dataset.by_province:
        return f"rollups/{name}/day={part.day}/{file}"
    return f"{name}/day={part.day}/province={part.province}/{file}"


def _recover(lake: Path, state: State) -> None:
    """Finish or undo what a killed process left; `LakeDamagedError` names a file that is cut."""
    gone = set(state.removed) - state.files.keys()
    for name in gone:
        (lake / name).unlink(missing_ok=True)
    for each in state.files.values():
        if not _whole(lake / each.path, each.bytes):
            raise damaged(lake / each.path, "it is missing or not as it was written")
    known = {lake / name for name in state.files}
    for path in _found(lake):
        if path.name.startswith(folder.HIDDEN):
            path.unlink(missing_ok=True)  # of a batch that has no manifest: it never counted
        elif path not in known:
            _set_aside(lake, path)


def _whole(path: Path, size: int) -> bool:
    fresh = folder.hidden(path)
    if not path.exists() and fresh.exists():
        folder.publish(fresh, path)
        folder.sync_folders({path.parent})
    return path.exists() and path.stat().st_size == size


def _found(lake: Path) -> list[Path]:
    """Every file below the datasets and rollups, and what was begun among the manifests."""
    places = [*(lake / name for name in DATASETS), lake / "rollups"]
    found = [each for place in places for each in place.rglob("*") if each.is_file()]
    return found + list((lake / MANIFESTS).glob(f"{folder.HIDDEN}*"))


def _set_aside(lake: Path, path: Path) -> None:
    """A file that no manifest names would be counted by who only looks at folders."""
    place = lake / STRAYS / path.relative_to(lake)
    place.parent.mkdir(parents=True, exist_ok=True)
    path.replace(place)


def dataset_of(name: str) -> Dataset:
    """A dataset or rollup by its name; `LakeDamagedError` for one that we do not know."""
    found = DATASETS.get(name) or ROLLUPS.get(name)
    if found is None:
        raise LakeDamagedError(f"The lake holds {name}, which this program does not know.")
    return found
