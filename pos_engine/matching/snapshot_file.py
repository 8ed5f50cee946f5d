"""Where the index of one machine lies on disk: written beside, synced, then renamed."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from biometrics.face_index import FaceIndex
from biometrics.index_snapshot import save_index

FILE_MODE = 0o600


class SnapshotFile:
    """One file a model. What is read is whole: a cut write leaves the file before it."""

    def __init__(self, folder: Path, model_id: str) -> None:
        """`folder` exists."""
        self._path = folder / f"faces-{model_id}.snapshot"

    def exists(self) -> bool:
        """Was one ever written."""
        return self._path.exists()

    @contextmanager
    def reading(self) -> Iterator[BinaryIO]:
        """The file, from its beginning."""
        with self._path.open("rb") as file:
            yield file

    def write(self, index: FaceIndex, key: bytes, mark: Callable[[int], str]) -> int:
        """The number of the newest entry that is in it."""
        beside = self._path.with_suffix(".new")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE)
        with os.fdopen(handle, "wb") as file:
            sequence = save_index(index, file, key, mark)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
        return sequence
