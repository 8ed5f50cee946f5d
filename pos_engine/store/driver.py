"""Statements of the hot path, written with Core and run on the driver itself.

Core compiles each once a database and converts its values by the columns' own types; what is left
out is Core's work around every execution, which costs more than the statement. Errors leave as
Core's would: `ConflictError` or `UnavailableError`. Statements of `one_trip` travel together.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from typing import Any, TypeVar

from sqlalchemy import Executable, Float, LargeBinary, Text
from sqlalchemy.sql import ClauseElement
from sqlalchemy.types import TypeEngine

from pos_engine.store.columns import Instant
from pos_engine.store.database import (
    READ_ONLY_SQLSTATE,
    ConflictError,
    Tx,
    UnavailableError,
    retryable,
)

Convert = Callable[[Any], Any]
Result = TypeVar("Result")
Later = Callable[[], Result]  # an answer: inside `one_trip` it is there when the trip is over
CHECKS = "checks"
MOMENTS_REMEMBERED = 64


class JsonText(str):
    """A JSON value that is text already."""

    __slots__ = ()


class Prepared:
    """One statement for one database: its text, its parameters in order, how values convert."""

    def __init__(self, statement: Executable, tx: Tx) -> None:
        assert isinstance(statement, ClauseElement)  # noqa: S101 - for the reader and the checker
        compiled: Any = statement.compile(dialect=tx.dialect)
        self.text = str(compiled)
        self.named = compiled.positiontup is None
        fixed = compiled.params
        names = compiled.positiontup if compiled.positiontup is not None else list(compiled.binds)
        self._binds = [
            (name, _binding(compiled.binds[name].type, tx), fixed.get(name)) for name in names
        ]
        columns = getattr(compiled.statement, "selected_columns", ())
        loads = [(n, _loading(each.type, tx)) for n, each in enumerate(columns)]
        self._loads = [(n, load) for n, load in loads if load is not None]

    def bound(self, values: dict[str, Any]) -> Any:
        """The values as the driver takes them."""
        given = [
            (name, convert(values.get(name, other)) if convert else values.get(name, other))
            for name, convert, other in self._binds
        ]
        return dict(given) if self.named else [value for _, value in given]

    def ask(self, tx: Tx, values: dict[str, Any]) -> Later[list[tuple[Any, ...]]]:
        """Run it; its rows."""
        cursor: Any = tx.connection.cursor()
        with _translated(tx):
            cursor.execute(self.text, self.bound(values))
        if tx.dialect.name == "sqlite":
            found = self._fetched(tx, cursor)  # SQLite would go on reading what we write meanwhile
            return lambda: found
        return lambda: self._fetched(tx, cursor)

    def run(self, tx: Tx, values: dict[str, Any]) -> Later[int]:
        """Run it; how many rows it changed."""
        cursor: Any = tx.connection.cursor()
        with _translated(tx):
            cursor.execute(self.text, self.bound(values))
        return lambda: int(cursor.rowcount)

    def run_each(self, tx: Tx, values: Sequence[dict[str, Any]]) -> Later[int]:
        """Run it once for each; how many rows they changed together."""
        cursor: Any = tx.connection.cursor()
        with _translated(tx):
            cursor.executemany(self.text, [self.bound(each) for each in values])
        count = int(cursor.rowcount)
        cursor.close()
        return lambda: count

    def _fetched(self, tx: Tx, cursor: Any) -> list[tuple[Any, ...]]:
        with _translated(tx):
            found: list[tuple[Any, ...]] = cursor.fetchall()
        cursor.close()
        return [self._loaded(row) for row in found] if self._loads else found

    def _loaded(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        values = list(row)
        for n, load in self._loads:
            values[n] = load(values[n])
        return tuple(values)


def _binding(kind: TypeEngine[Any], tx: Tx) -> Convert | None:
    if tx.dialect.name == "postgresql":
        return None  # the driver knows Python's own values; columns travel as texts
    convert = kind.dialect_impl(tx.dialect).bind_processor(tx.dialect)
    # a batch writes the same moment into every row
    return (
        lru_cache(MOMENTS_REMEMBERED)(convert) if convert and isinstance(kind, Instant) else convert
    )


def _loading(kind: TypeEngine[Any], tx: Tx) -> Convert | None:
    if isinstance(kind, Text | LargeBinary | Float):
        return None  # both drivers give Python's own
    return kind.dialect_impl(tx.dialect).result_processor(tx.dialect, None)


@contextmanager
def one_trip(tx: Tx) -> Iterator[None]:
    """Send the statements of this block to PostgreSQL without waiting for each one's answer.

    A batch of purchases has two dozen statements: waiting for each costs more than running them.
    No statement of the block may need the answer of another, and no Core SELECT may be in it; what
    was given to `when_known` runs when all answers are there. SQLite runs each at once.
    """
    if tx.dialect.name == "sqlite":
        yield
        return
    checks: list[Callable[[], None]] = []
    tx.info[CHECKS] = checks
    connection: Any = tx.connection.dbapi_connection
    try:
        with _translated(tx), connection.pipeline():
            yield
    finally:
        del tx.info[CHECKS]
    for check in checks:
        check()


def when_known(tx: Tx, check: Callable[[], None]) -> None:
    """Run a check of what a statement did as soon as its answer is there."""
    waiting: list[Callable[[], None]] | None = tx.info.get(CHECKS)
    if waiting is None:
        check()
    else:
        waiting.append(check)


@contextmanager
def _translated(tx: Tx) -> Iterator[None]:
    """Errors of the driver in our two words."""
    errors: Any = tx.dialect.dbapi
    try:
        yield
    except errors.IntegrityError as error:
        raise ConflictError from error
    except (errors.OperationalError, errors.InterfaceError) as error:
        raise (ConflictError if retryable(error) else UnavailableError) from error
    except errors.InternalError as error:
        if getattr(error, "sqlstate", None) == READ_ONLY_SQLSTATE:
            raise UnavailableError from error
        raise


def array_text(values: Sequence[Any]) -> str:
    """Values of one kind as PostgreSQL's array literal: one parameter, whatever their number."""
    kind = next((type(value) for value in values if value is not None), int)
    write = _ELEMENTS.get(kind, _quoted if issubclass(kind, str) else str)
    if len(values) > 1 and values.count(values[0]) == len(values):  # one moment, one state for all
        one = "NULL" if values[0] is None else write(values[0])
        return "{" + ",".join([one] * len(values)) + "}"
    if kind is str and None not in values:
        joined = '","'.join(values)
        if "\\" not in joined and joined.count('"') == 2 * (len(values) - 1):
            return f'{{"{joined}"}}'
    return "{" + ",".join(["NULL" if value is None else write(value) for value in values]) + "}"


def _quoted(value: str) -> str:
    if '"' in value or "\\" in value:
        value = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


_ELEMENTS: dict[type, Convert] = {
    str: _quoted,
    bytes: lambda value: f"\\\\x{value.hex()}",
    date: date.isoformat,
    datetime: datetime.isoformat,
}


def as_json(value: Any) -> str:
    """A value of a JSON column as text."""
    return value if isinstance(value, JsonText) else json.dumps(value)
