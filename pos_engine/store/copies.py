"""A consistent copy of one database while it sells, and the way back from it.

SQLite by its own backup call, PostgreSQL by pg_dump at an exported snapshot. What is counted in a
copy is counted at the very state that it holds.
"""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from sqlalchemy import URL, create_engine, inspect, text
from sqlalchemy.engine import make_url

from pos_engine.store.database import Database, open_database

PAGES_AT_ONCE = 2_000  # of a SQLite copy; purchases go on between two steps
PIECE_BYTES = 1 << 20
SAID_MAX = 400  # characters of what a program said when it failed
Progress = Callable[[int, int], None]


class Readable(Protocol):
    """A stream of bytes; b"" is its end."""

    def read(self, size: int = -1, /) -> bytes:
        """At most `size` bytes."""
        ...


class CopyError(Exception):
    """A copy could not be made or put back. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class State:
    """What a copy holds: the schema's version and the rows of each table."""

    schema: str
    rows: dict[str, int]


def state_of(database: Database) -> State:
    """Count every table of an open database."""
    with database.read() as tx:
        return _counted(tx)


def _counted(tx: Any) -> State:
    names = sorted(inspect(tx).get_table_names())
    if "alembic_version" not in names:
        raise CopyError("The database has no schema yet: there is nothing to copy.")
    quote = tx.dialect.identifier_preparer.quote
    counts = {
        name: int(tx.execute(text(f"SELECT COUNT(*) FROM {quote(name)}")).scalar_one())  # noqa: S608
        for name in names
    }
    schema = tx.execute(text("SELECT version_num FROM alembic_version")).scalar_one()
    return State(str(schema), counts)


def dialect_of(url: str) -> str:
    """`sqlite` or `postgresql`."""
    return make_url(url).get_backend_name()


def is_empty(url: str) -> bool:
    """Has this database no table at all, or is it not even there."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").exists():
        return True
    with closing(open_database(url)) as database, database.read() as tx:
        return not inspect(tx).get_table_names()


@contextmanager
def dumped(url: str, folder: Path, progress: Progress) -> Iterator[tuple[State, IO[bytes]]]:
    """A copy of the database at this address as a stream, with what it holds.

    `folder` takes SQLite's copy meanwhile; `progress` hears pages done and pages in all.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        with _sqlite_copy(Path(parsed.database or ""), folder, progress) as copy:
            yield copy
    else:
        with _postgresql_dump(parsed) as copy:
            yield copy


@contextmanager
def _sqlite_copy(
    source: Path, folder: Path, progress: Progress
) -> Iterator[tuple[State, IO[bytes]]]:
    if not source.exists():
        raise CopyError(f"There is no database at {source}.")
    copy = folder / "copy.db"
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as ours,
        closing(sqlite3.connect(copy)) as theirs,
    ):
        ours.backup(
            theirs,
            pages=PAGES_AT_ONCE,
            progress=lambda _status, left, of: progress(of - left, of),
        )
        theirs.execute("PRAGMA journal_mode=DELETE")  # one file, whole in itself
    with closing(open_database(f"sqlite:///{copy}")) as database:
        _sound(copy)
        state = state_of(database)
    with closing(sqlite3.connect(copy)) as again:
        again.execute("PRAGMA journal_mode=DELETE")
    with copy.open("rb") as stream:
        yield state, stream


def _sound(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database:
        said = database.execute("PRAGMA integrity_check").fetchone()[0]
    if said != "ok":
        raise CopyError(
            f"The copy is damaged ({said}). The database itself may be: check its disk."
        )


@contextmanager
def _postgresql_dump(url: URL) -> Iterator[tuple[State, IO[bytes]]]:
    """Count and dump at one snapshot."""
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        isolation_level="REPEATABLE READ",
        hide_parameters=True,
    )
    try:
        with engine.connect() as tx:
            snapshot = tx.execute(text("SELECT pg_export_snapshot()")).scalar_one()
            state = _counted(tx)
            command = ["pg_dump", "--format=custom", f"--snapshot={snapshot}", "--no-owner"]
            with _running(command, url, stdout=subprocess.PIPE) as process:
                if process.stdout is None:
                    raise AssertionError  # asked for above
                yield state, process.stdout
    finally:
        engine.dispose()


def restore(url: str, source: Readable) -> None:
    """Put a copy back into an empty database; nothing of it stays when it fails."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _restore_sqlite(Path(parsed.database or ""), source)
        return
    command = ["pg_restore", "--single-transaction", "--no-owner", "--exit-on-error"]
    database = f"--dbname={parsed.database}"
    with _running([*command, database], parsed, stdin=subprocess.PIPE) as process:
        if process.stdin is None:
            raise AssertionError  # asked for above
        try:
            shutil.copyfileobj(source, process.stdin, PIECE_BYTES)
            process.stdin.close()
        except BrokenPipeError:
            return  # it ended by itself: its words say why


def _restore_sqlite(target: Path, source: Readable) -> None:
    part = target.with_name(f"{target.name}.part")
    try:
        with part.open("wb") as out:
            shutil.copyfileobj(source, out, PIECE_BYTES)
            out.flush()
            os.fsync(out.fileno())
        _sound(part)
        part.replace(target)
    except sqlite3.DatabaseError as error:
        raise CopyError(f"What was unpacked is no SQLite database ({error}).") from None
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _running(
    command: list[str], url: URL, stdin: int | None = None, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A program of PostgreSQL's; the password travels in its environment, not as an argument."""
    try:
        process = subprocess.Popen(  # noqa: S603 - fixed program, our own arguments
            command,
            env=_environment(url),
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
        )
    except FileNotFoundError:
        raise CopyError(
            f"{command[0]} is not installed here. It comes with PostgreSQL's client programs "
            "(Debian: postgresql-client), in a version not older than the server's."
        ) from None
    with process:  # its pipes are closed at the end, and it is waited for
        try:
            yield process
        except BaseException:
            process.kill()
            raise
        said = process.stderr.read() if process.stderr else b""
    code = process.returncode
    if code:
        raise CopyError(f"{command[0]}: {said.decode(errors='replace').strip()[:SAID_MAX]}")


def _environment(url: URL) -> dict[str, str]:
    asked = {
        "PGHOST": url.host or url.query.get("host"),
        "PGPORT": str(url.port) if url.port else url.query.get("port"),
        "PGUSER": url.username,
        "PGPASSWORD": url.password,
        "PGDATABASE": url.database,
    }
    ours = {name: value for name, value in asked.items() if isinstance(value, str)}
    return {**os.environ, **ours}  # noqa: TID251 - where the programs are, not a setting
