"""Many rows written by one statement, on both databases.

PostgreSQL takes each column as one array: a row more costs it a third of a statement more. SQLite
runs the plain statement again for each row inside the process.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Executable,
    String,
    Table,
    Text,
    bindparam,
    cast,
    func,
    insert,
    select,
)
from sqlalchemy import column as named
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.types import TypeEngine

from pos_engine.store.database import Tx
from pos_engine.store.driver import Later, Prepared, array_text, as_json


class SetWrite:
    """A statement for one row and its twin for arrays of rows, each compiled when first used."""

    def __init__(self, one: Executable, many: Executable, json_names: Sequence[str] = ()) -> None:
        self._statements = {"sqlite": one, "postgresql": many}
        self._json_names = json_names
        self._prepared: dict[str, Prepared] = {}

    def run(self, tx: Tx, rows: Sequence[dict[str, Any]]) -> Later[int]:
        """Write these rows; how many were written."""
        if not rows:
            return int
        dialect = tx.dialect.name
        prepared = self._prepared.get(dialect)
        if prepared is None:
            prepared = self._prepared[dialect] = Prepared(self._statements[dialect], tx)
        for name in self._json_names:
            for row in rows:
                row[name] = as_json(row[name])
        if dialect == "sqlite":
            return prepared.run_each(tx, rows)
        columns = zip(rows[0], zip(*(row.values() for row in rows), strict=True), strict=True)
        return prepared.run(tx, {name: array_text(column) for name, column in columns})


def inserts(table: Table, *left_out: str) -> SetWrite:
    """The statements that add rows to a table; columns that are left out stay null."""
    columns = [each for each in table.columns if each.name not in left_out]
    rows = arrays(*columns)
    values = [
        cast(rows.c[each.name], each.type) if isinstance(each.type, JSON) else rows.c[each.name]
        for each in columns
    ]
    names = [each.name for each in columns]
    json_names = [each.name for each in columns if isinstance(each.type, JSON)]
    one = insert(table).values(
        {each.name: bindparam(each.name, type_=_plain(each)) for each in columns}
    )
    return SetWrite(one, insert(table).from_select(names, select(*values)), json_names)


def arrays(*columns: Column[Any], names: Sequence[str] = ()) -> Any:
    """A table of rows that travel as one array a column, named as these or as `names`."""
    kinds = dict(
        zip(names or [each.name for each in columns], map(_travels_as, columns), strict=True)
    )
    binds = [bindparam(name, type_=ARRAY(kind, dimensions=1)) for name, kind in kinds.items()]
    fields = [named(name, kind) for name, kind in kinds.items()]
    return func.unnest(*binds).table_valued(*fields, name="new").render_derived()


def insert_rows(tx: Tx, statements: SetWrite, rows: Sequence[dict[str, Any]]) -> None:
    """Add these rows; `ConflictError` when one of their keys is taken. Rows name equal columns."""
    statements.run(tx, rows)


def _plain(column: Column[Any]) -> TypeEngine[Any]:
    """JSON comes as text already."""
    return Text() if isinstance(column.type, JSON) else column.type


def _travels_as(column: Column[Any]) -> TypeEngine[Any]:
    """JSON and bounded texts travel as plain text."""
    return Text() if isinstance(column.type, JSON | String) else column.type
