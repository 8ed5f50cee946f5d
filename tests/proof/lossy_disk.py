"""A disk that loses power: what was not synced may be there, torn, or gone.

SQLite writes through this VFS. It keeps what each file surely holds (up to its last sync) and the
writes since. A cut makes the file as it may be found afterwards: each unsynced write is kept, lost
or torn at a sector, by the dice of a seed.
"""

import random
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


@dataclass
class Platter:
    """One file: the bytes that survive, and what was written since the last sync."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)  # None: cut off there

    def sync(self) -> None:
        """Everything written so far survives."""
        for at, data in self.pending:
            _apply(self.durable, at, data)
        self.pending = []

    def after_cut(self, chance: random.Random) -> bytes:
        """The file as it may be found: any of the unsynced writes, some torn."""
        found, mood = bytearray(self.durable), chance.random()
        for at, data in self.pending:
            if chance.random() < mood:
                continue
            if data is not None and chance.random() < 0.2:
                data = data[: SECTOR * chance.randrange(0, len(data) // SECTOR + 1)]  # noqa: PLW2901
            _apply(found, at, data)
        return bytes(found)


def _apply(file: bytearray, at: int, data: bytes | None) -> None:
    if data is None:
        del file[at:]
        return
    if len(file) < at:
        file.extend(bytes(at - len(file)))
    file[at : at + len(data)] = data


class LossyDisk(apsw.VFS):
    """The VFS; files live under it by their names, SQLite's shared memory is left to the system."""

    def __init__(self, name: str) -> None:
        self.platters: dict[str, Platter] = {}
        self.lock = threading.Lock()
        self.vfs_name = name
        super().__init__(name, "")

    def xOpen(self, name: Any, flags: list[int]) -> "_File":  # noqa: N802 - SQLite's names
        """Open a file and begin to keep its bytes."""
        return _File(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        """Forget a file."""
        with self.lock:
            self.platters.pop(filename, None)
        super().xDelete(filename, syncdir)

    def cut(self, folder: Path, chance: random.Random) -> Path:
        """Write the files as they may be found after a cut right now; the database among them."""
        with self.lock:
            found = {name: each.after_cut(chance) for name, each in self.platters.items()}
        for name, content in found.items():
            (folder / Path(name).name).write_bytes(content)
        return folder / min((Path(name).name for name in found), key=len)


class _File(apsw.VFSFile):
    def __init__(self, disk: LossyDisk, name: Any, flags: list[int]) -> None:
        self._disk = disk
        super().__init__("", name, flags)
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        with disk.lock:
            if path is None:  # a temporary file: nobody looks for it after a cut
                self._platter = Platter()
                return
            known = Path(path).read_bytes() if Path(path).exists() else b""
            self._platter = disk.platters.setdefault(path, Platter(bytearray(known)))

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        """Seen at once by readers, as in the page cache; surely there only after a sync."""
        with self._disk.lock:
            super().xWrite(data, offset)
            self._platter.pending.append((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        """Shorten; that too is sure only after a sync."""
        with self._disk.lock:
            super().xTruncate(newsize)
            self._platter.pending.append((newsize, None))

    def xSync(self, _flags: int) -> None:  # noqa: N802
        """What was written survives from here on; the real disk need not turn for it."""
        with self._disk.lock:
            self._platter.sync()
