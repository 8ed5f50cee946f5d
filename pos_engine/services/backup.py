"""Backups: one encrypted file that says what it holds, and the proof of what came back.

Sealed by age (age-encryption.org/v1, library pyrage) to public keys alone: who takes the server
cannot read its backups. Inside: one line of JSON, then the database's copy.
"""

import io
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import pyrage

from pos_engine.store.copies import (
    CopyError,
    Progress,
    Readable,
    State,
    dialect_of,
    dumped,
    is_empty,
    restore,
    state_of,
)
from pos_engine.store.database import open_database

VERSION = 1
HEAD_BYTES_MAX = 65_536
FILE_MODE = 0o600
_NOT_OURS = "{} is no backup of this program, or it is damaged. Take an older one."


class BackupError(Exception):
    """A backup could not be made or read. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup says of itself. `rows` counts each table."""

    dialect: str
    made_at: str
    schema: str
    rows: dict[str, int]


def make_identity(path: Path) -> str:
    """Write a private key that opens backups, to be kept elsewhere; its public half is returned."""
    identity = pyrage.x25519.Identity.generate()
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        raise BackupError(f"{path} exists already and is kept.") from None
    except OSError as error:
        raise BackupError(f"{path} cannot be written ({error.strerror}).") from None
    with os.fdopen(handle, "w") as file:
        file.write(f"# public key: {identity.to_public()}\n{identity}\n")
    return str(identity.to_public())


def back_up(
    url: str, target: Path, recipients: Sequence[str], now: datetime, progress: Progress
) -> Backup:
    """Write a backup of the database at `url`, while it sells. Whole or not at all."""
    keys = _recipients(recipients)
    if target.exists():
        raise BackupError(f"{target} exists already and is kept: name another file.")
    try:
        with tempfile.TemporaryDirectory(prefix=".backup-", dir=target.parent) as folder:
            part = Path(folder) / "part"
            with dumped(url, Path(folder), progress) as (state, copy):
                made = _told(url, state, now)
                _seal(made, copy, part, keys)
            part.replace(target)
    except CopyError as error:
        raise BackupError(str(error)) from None
    except (OSError, pyrage.EncryptError) as error:
        raise BackupError(f"The backup was not written: {error}. Nothing is left of it.") from None
    _sync_folder(target.parent)
    return made


def restore_from(source: Path, identity: Path, url: str) -> Backup:
    """Put a backup into an empty database and count what came.

    `BackupError` when the file, the key or the place does not fit, or when a count differs.
    """
    if not is_empty(url):
        raise BackupError(
            "The database to restore into is not empty and is kept. Name an empty one: "
            "`--into sqlite:///FILE` or `--into postgresql://...`."
        )
    with _opened(source, _identity(identity)) as (told, copy):
        dialect = dialect_of(url)
        if told.dialect != dialect:
            raise BackupError(f"The backup is of {told.dialect}: it cannot come back in {dialect}.")
        try:
            restore(url, copy)
        except CopyError as error:
            raise BackupError(f"Nothing was restored. {error}") from None
    _hold_against(told, url)
    return told


def _hold_against(told: Backup, url: str) -> None:
    with closing(open_database(url)) as database:
        found = state_of(database)
    names = sorted(told.rows.keys() | found.rows.keys())
    wrong = [name for name in names if told.rows.get(name) != found.rows.get(name)]
    if wrong:
        raise BackupError(f"Tables do not hold what the backup counted: {', '.join(wrong)}.")


def _told(url: str, state: State, now: datetime) -> Backup:
    dialect = dialect_of(url)
    return Backup(dialect, now.isoformat(timespec="seconds"), state.schema, state.rows)


class _Joined:
    """Two streams, one after the other."""

    def __init__(self, *parts: Readable) -> None:
        self._parts = list(parts)

    def read(self, size: int = -1, /) -> bytes:
        while self._parts:
            piece = self._parts[0].read(size)
            if piece:
                return piece
            self._parts.pop(0)
        return b""


def _seal(told: Backup, copy: IO[bytes], part: Path, keys: list[pyrage.x25519.Recipient]) -> None:
    head = json.dumps({"ewarong-backup": VERSION, **asdict(told)}, sort_keys=True).encode()
    with open(part, "xb", opener=_private) as out:
        pyrage.encrypt_io(_Joined(io.BytesIO(head + b"\n"), copy), out, keys)
        out.flush()
        os.fsync(out.fileno())


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, FILE_MODE)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _opened(source: Path, identity: pyrage.x25519.Identity) -> Iterator[tuple[Backup, Readable]]:
    """What a backup says and its copy as a stream.

    A file that ends too early or was altered fails in the middle of the stream: age proves every
    64 KiB and the end. Who reads the stream must not keep what it has read until it ended well.
    """
    failed: list[Exception] = []
    reading, writing = os.pipe()

    def unseal() -> None:
        with os.fdopen(writing, "wb") as out:
            try:
                with source.open("rb") as sealed:
                    pyrage.decrypt_io(sealed, out, [identity])
            except (OSError, pyrage.DecryptError) as error:
                failed.append(error)

    worker = threading.Thread(target=unseal, daemon=True)
    worker.start()
    with os.fdopen(reading, "rb") as stream:
        checked = _Checked(stream, lambda: _raise(failed, source, worker))
        told = _read_head(checked, source)
        yield told, checked


class _Checked:
    """A stream whose end counts only when the sealing was whole."""

    def __init__(self, stream: IO[bytes], at_end: Callable[[], None]) -> None:
        self._stream, self._at_end = stream, at_end

    def read(self, size: int = -1, /) -> bytes:
        piece = self._stream.read(size)
        if not piece:
            self._at_end()
        return piece

    def readline(self, size: int) -> bytes:
        return self._stream.readline(size)


def _raise(failed: list[Exception], source: Path, worker: threading.Thread) -> None:
    worker.join()
    if not failed:
        return
    if "No matching keys" in str(failed[0]):
        raise BackupError(f"{source} was sealed to another key: name the identity that fits.")
    if isinstance(failed[0], OSError) and failed[0].errno:
        raise BackupError(f"{source} cannot be read ({failed[0].strerror}).")
    raise BackupError(_NOT_OURS.format(source))


def _read_head(stream: _Checked, source: Path) -> Backup:
    line = stream.readline(HEAD_BYTES_MAX)
    if not line:
        stream.read(1)  # says what was wrong
    try:
        said = json.loads(line)
        if said.pop("ewarong-backup") != VERSION:
            raise BackupError(f"{source} was made by a newer program: restore it with that one.")
        return Backup(**said)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise BackupError(_NOT_OURS.format(source)) from None


def _recipients(texts: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    if not texts:
        raise BackupError(
            "To whom is the backup sealed? Make a key once with `ewarong backup-key FILE`, keep "
            "that file elsewhere, and name its public half in EWARONG_BACKUP_RECIPIENTS or --to."
        )
    found = []
    for each in texts:
        try:
            found.append(pyrage.x25519.Recipient.from_str(each.strip()))
        except pyrage.RecipientError:
            raise BackupError(f"{each!r} is no public key of age: it begins with age1.") from None
    return found


def _identity(path: Path) -> pyrage.x25519.Identity:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        raise BackupError(f"The identity file {path} cannot be read.") from None
    secret = next((each for each in lines if each and not each.startswith("#")), "")
    try:
        return pyrage.x25519.Identity.from_str(secret.strip())
    except pyrage.IdentityError:
        raise BackupError(f"{path} holds no identity of age (AGE-SECRET-KEY-1...).") from None
