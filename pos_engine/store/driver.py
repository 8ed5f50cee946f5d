"""Statements of the hot path, written with Core and run on the driver itself.

Core compiles each once a database and converts its values by the columns' own types; what is left
out is Core's work around every execution, which costs more than the statement. Errors leave as
Core's would: `ConflictError` or `UnavailableError`.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Executable, LargeBinary, Text
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

    def rows(self, tx: Tx, values: dict[str, Any]) -> list[tuple[Any, ...]]:
        """Run it; its rows."""
        with _cursor(tx) as cursor:
            cursor.execute(self.text, self.bound(values))
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return [self._loaded(row) for row in found] if self._loads else found

    def run(self, tx: Tx, values: dict[str, Any]) -> int:
        """Run it; how many rows it changed."""
        with _cursor(tx) as cursor:
            cursor.execute(self.text, self.bound(values))
            return int(cursor.rowcount)

    def run_each(self, tx: Tx, values: Sequence[dict[str, Any]]) -> int:
        """Run it once for each; how many rows they changed together."""
        with _cursor(tx) as cursor:
            cursor.executemany(self.text, [self.bound(each) for each in values])
            return int(cursor.rowcount)

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
    if isinstance(kind, Text | LargeBinary):
        return None
    return kind.dialect_impl(tx.dialect).result_processor(tx.dialect, None)


@contextmanager
def _cursor(tx: Tx) -> Iterator[Any]:
    """A cursor of the driver inside this transaction; its errors in our two words."""
    errors: Any = tx.dialect.dbapi
    cursor: Any = tx.connection.cursor()
    try:
        yield cursor
    except errors.IntegrityError as error:
        raise ConflictError from error
    except (errors.OperationalError, errors.InterfaceError) as error:
        raise (ConflictError if retryable(error) else UnavailableError) from error
    except errors.InternalError as error:
        if getattr(error, "sqlstate", None) == READ_ONLY_SQLSTATE:
            raise UnavailableError from error
        raise
    finally:
        cursor.close()


def array_text(values: Sequence[Any]) -> str:
    """Values of one kind as PostgreSQL's array literal: one parameter, whatever their number."""
    kind = next((type(value) for value in values if value is not None), int)
    write = _ELEMENTS.get(kind, _quoted if issubclass(kind, str) else str)
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
