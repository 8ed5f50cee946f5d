"""The key file: read, seen to have changed, and changed so that a crash leaves the old or new."""

import fcntl
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

FILE_MODE = 0o600
Content = dict[str, Any]


class KeyFileError(Exception):
    """The key file is missing, unreadable or not ours. The message says what to do."""


class KeyFile:
    """One key file; its content is never kept in here."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._seen: tuple[int, int] | None = None

    def read(self) -> Content:
        """All of it. Raises `KeyFileError`."""
        try:
            self._seen = self._stamp()
            content: Content = json.loads(self.path.read_text())
        except FileNotFoundError:
            raise KeyFileError(
                f"The key file {self.path} is missing. Make it once with `ewarong keys init` "
                "(or restore it from your backup: data sealed with other keys stays unreadable)."
            ) from None
        except ValueError:
            raise self.not_ours() from None
        return content

    def not_ours(self) -> KeyFileError:
        """What to raise when the content is something else."""
        return KeyFileError(f"The key file {self.path} is not a key file of this program.")

    def changed(self) -> bool:
        """Is it another than when it was read last. A file that is gone did not change."""
        try:
            return self._stamp() != self._seen
        except OSError:
            return False

    def change(self, act: Callable[[Content], None]) -> None:
        """Let `act` change the content; who reads meanwhile finds the old or the new one, whole."""
        lock = os.open(self.path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, FILE_MODE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            content = self.read()
            act(content)
            self._replace(content)
        finally:
            os.close(lock)

    def create(self, content: Content) -> bool:
        """Write a fresh file, for the owner only; False when there is one, which is kept."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
        except FileExistsError:
            return False
        _write(handle, content)
        return True

    def _replace(self, content: Content) -> None:
        fresh = self.path.with_suffix(".new")
        fresh.unlink(missing_ok=True)  # of an act that was killed
        _write(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), content)
        fresh.replace(self.path)
        folder = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _stamp(self) -> tuple[int, int]:
        found = self.path.stat()
        return found.st_mtime_ns, found.st_ino


def _write(handle: int, content: Content) -> None:
    with os.fdopen(handle, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
