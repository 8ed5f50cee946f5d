"""apsw dressed as the driver that SQLAlchemy expects: the engine's real write path on any VFS.

Only what the engine asks of a driver is here. Rows are fetched at once: a statement is over when
`execute` returns, as the engine's own writer leaves it.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import apsw

paramstyle = "qmark"
threadsafety = 1
apilevel = "2.0"
sqlite_version = apsw.sqlite_lib_version()
sqlite_version_info = tuple(int(part) for part in sqlite_version.split("."))
PARSE_DECLTYPES, PARSE_COLNAMES = sqlite3.PARSE_DECLTYPES, sqlite3.PARSE_COLNAMES
Binary = memoryview
Error, Warning = sqlite3.Error, sqlite3.Warning  # noqa: A001 - names of the driver interface
InterfaceError, DatabaseError = sqlite3.InterfaceError, sqlite3.DatabaseError
InternalError, OperationalError = sqlite3.InternalError, sqlite3.OperationalError
ProgrammingError, IntegrityError = sqlite3.ProgrammingError, sqlite3.IntegrityError
DataError, NotSupportedError = sqlite3.DataError, sqlite3.NotSupportedError

vfs_name: str | None = None  # of connections made from now on


class Cursor:
    """One statement at a time; its rows are there when it returns."""

    arraysize = 1
    lastrowid: int | None = None

    def __init__(self, connection: "Connection") -> None:
        self._raw = connection.raw
        self._rows: list[tuple[Any, ...]] = []
        self.description: Sequence[Any] | None = None
        self.rowcount = -1

    def execute(self, text: str, parameters: Sequence[Any] = ()) -> "Cursor":
        """Run one statement."""
        described: list[Any] = []

        def trace(cursor: apsw.Cursor, _sql: str, _bindings: Any) -> bool:
            described.extend(cursor.get_description())
            return True

        cursor = self._raw.cursor()
        cursor.exec_trace = trace
        before = self._raw.total_changes()
        try:
            self._rows = list(cursor.execute(text, tuple(parameters)))
        except apsw.ConstraintError as error:
            raise IntegrityError(str(error)) from error
        except apsw.Error as error:
            raise OperationalError(str(error)) from error
        self.description = [(each[0], *[None] * 6) for each in described] or None
        self.rowcount = -1 if described else self._raw.total_changes() - before
        return self

    def executemany(self, text: str, many: Iterable[Sequence[Any]]) -> "Cursor":
        """Run one statement for each set of parameters; `rowcount` is their sum."""
        changed = 0
        for each in many:
            changed += max(0, self.execute(text, each).rowcount)
        self.rowcount = changed
        return self

    def fetchall(self) -> list[tuple[Any, ...]]:
        """What is left of the rows."""
        found, self._rows = self._rows, []
        return found

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next row."""
        return self._rows.pop(0) if self._rows else None

    def fetchmany(self, size: int = 1) -> list[tuple[Any, ...]]:
        """The next rows."""
        found, self._rows = self._rows[:size], self._rows[size:]
        return found

    def __iter__(self) -> Any:
        return iter(self.fetchall())

    def close(self) -> None:
        """Rows are forgotten."""
        self._rows = []


class Connection:
    """A connection whose transactions the engine begins by itself."""

    isolation_level: str | None = ""

    def __init__(self, name: str) -> None:
        self.raw = apsw.Connection(name, vfs=vfs_name)

    def cursor(self) -> Cursor:
        """A new cursor."""
        return Cursor(self)

    def execute(self, text: str, parameters: Sequence[Any] = ()) -> Cursor:
        """A statement on a cursor of its own."""
        return self.cursor().execute(text, parameters)

    def create_function(self, name: str, count: int, work: Any, *, deterministic: bool) -> None:
        """SQLAlchemy gives SQLite its regular expressions."""
        self.raw.create_scalar_function(name, work, count, deterministic=deterministic)

    def commit(self) -> None:
        """End the transaction, if there is one."""
        if self.raw.in_transaction:
            self.execute("COMMIT")

    def rollback(self) -> None:
        """Undo the transaction, if there is one."""
        if self.raw.in_transaction:
            self.execute("ROLLBACK")

    def close(self) -> None:
        """Give the files back."""
        self.raw.close()


def connect(name: str, **_options: Any) -> Connection:
    """Open a file on the VFS named by `vfs_name`."""
    return Connection(name)
