"""The lake's folder: one consumer at a time, files that are whole or not there."""

import fcntl
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import duckdb

Written = TypeVar("Written")
MANIFESTS, STRAYS, LOCK, LOOKED = "_manifests", "_strays", ".lock", ".looked"
ROLLUPS_FOLDER = "rollups"
HIDDEN = "."  # Spark, DuckDB and pyarrow pass over names that start so
HASHED_AT_ONCE = 1 << 20


class LakeError(Exception):
    """The lake cannot be written or read. The message says what to do."""


class LakeBusyError(LakeError):
    """Another consumer writes this lake."""


class LakeFullError(LakeError):
    """The disk took no more: nothing of this batch counts, and it is written again later."""


class Lease:
    """The right to write a lake; the kernel takes it back when the process dies."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._handle)
            raise LakeBusyError(
                f"Another process writes the lake in {folder}. One consumer is enough: "
                "the worker writes it by itself."
            ) from None

    def close(self) -> None:
        """Let others write."""
        os.close(self._handle)


def hidden(path: Path) -> Path:
    """The name of a file until the manifest that names it stands."""
    return path.with_name(f"{HIDDEN}{path.name}.new")


def write_whole(path: Path, fill: Callable[[Path], Written]) -> Written:
    """Let `fill` write a file and bring it to the disk; half of it is taken away again."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        said = fill(path)
        _sync(path)
    except (OSError, duckdb.Error) as error:
        path.unlink(missing_ok=True)
        raise LakeFullError(f"{path.name} could not be written: {error}") from error
    return said


def put_text(path: Path, text: str) -> None:
    """A small file that is whole or not there, after a power cut too."""
    fresh = hidden(path)
    write_whole(fresh, lambda at: _write_text(at, text))
    publish(fresh, path)
    sync_folders({path.parent})


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


def publish(fresh: Path, path: Path) -> None:
    """Give a whole file its name."""
    fresh.replace(path)


def sync_folders(folders: set[Path]) -> None:
    """Names that were given or taken in these folders outlive a power cut."""
    for each in sorted(folders):
        if each.is_dir():
            _sync(each)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """The hash of a file, read piece by piece."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(HASHED_AT_ONCE):
            digest.update(piece)
    return digest.hexdigest()
