"""Very many rows into a table the fastest way of each database."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Date, Table

from pos_engine.store.columns import Instant
from pos_engine.store.database import ConflictError, Tx


def copy_rows(
    tx: Tx, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Add very many rows the fastest way of each database; `ConflictError` when a key is taken.

    Values are the driver's own: the type's conversion runs once for each different moment or day.
    """
    if not rows:
        return
    if tx.dialect.name == "sqlite":
        places = ", ".join("?" * len(columns))
        names = ", ".join(columns)
        text = f"INSERT INTO {table.name} ({names}) VALUES ({places})"  # noqa: S608 - our own names
        tx.exec_driver_sql(text, _as_sqlite(tx, table, columns, rows))
        return
    driver = tx.connection.driver_connection
    if driver is None:
        raise RuntimeError("A connection without its driver.")
    with driver.cursor() as cursor:
        statement = f"COPY {table.name} ({', '.join(columns)}) FROM STDIN"
        try:
            with cursor.copy(statement) as copy:
                for row in rows:
                    copy.write_row(row)
        except driver_errors(tx).IntegrityError as error:
            raise ConflictError from error


def driver_errors(tx: Tx) -> Any:
    """The driver's module: its errors are not translated where we talk to it directly."""
    return tx.dialect.loaded_dbapi


def _as_sqlite(
    tx: Tx, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> list[tuple[Any, ...]]:
    """Days and moments as SQLite keeps them: texts."""
    turned: dict[int, dict[Any, Any]] = {}
    write: dict[int, Any] = {}
    for place, name in enumerate(columns):
        kind = table.c[name].type
        if isinstance(kind, (Date, Instant)):
            processor = kind.dialect_impl(tx.dialect).bind_processor(tx.dialect)
            turned[place], write[place] = {}, processor
    if not turned:
        return list(rows)
    written = []
    for row in rows:
        cells = list(row)
        for place, known in turned.items():
            value = cells[place]
            if value is not None:
                if value not in known:
                    known[value] = write[place](value)
                cells[place] = known[value]
        written.append(tuple(cells))
    return written
