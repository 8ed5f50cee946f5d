"""Many new rows in one statement, on both databases.

PostgreSQL takes each column as one array: a row more costs it a third of a statement more. SQLite
runs the plain INSERT again for each row inside the process.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Dialect,
    Insert,
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
from sqlalchemy.types import TypeDecorator, TypeEngine

from pos_engine.store.database import Tx


class _JsonText(TypeDecorator[Any]):
    """A JSON value on its way in an array of texts."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, _dialect: Dialect) -> str:
        return json.dumps(value)


ONE_BY_ONE, AS_ARRAYS = "one by one", "as arrays"
Inserts = dict[str, Insert]


def inserts(table: Table, *left_out: str) -> Inserts:
    """The statements that add rows to a table; columns that are left out stay null."""
    columns = [each for each in table.columns if each.name not in left_out]
    kinds = {each.name: _travels_as(each) for each in columns}
    arrays = [bindparam(name, type_=ARRAY(kind, dimensions=1)) for name, kind in kinds.items()]
    names = [named(name, kind) for name, kind in kinds.items()]
    rows = func.unnest(*arrays).table_valued(*names, name="new").render_derived()
    values = [
        cast(rows.c[each.name], each.type) if isinstance(each.type, JSON) else rows.c[each.name]
        for each in columns
    ]
    from_arrays = insert(table).from_select([each.name for each in columns], select(*values))
    return {ONE_BY_ONE: insert(table), AS_ARRAYS: from_arrays}


def insert_rows(tx: Tx, statements: Inserts, rows: Sequence[dict[str, Any]]) -> None:
    """Add these rows; `ConflictError` when one of their keys is taken."""
    if not rows:
        return
    if len(rows) == 1:
        tx.execute(statements[ONE_BY_ONE], rows[0])
    elif tx.dialect.name == "sqlite":
        tx.execute(statements[ONE_BY_ONE], rows)
    else:
        arrays = {name: [row[name] for row in rows] for name in rows[0]}
        tx.execute(statements[AS_ARRAYS], arrays)


def _travels_as(column: Column[Any]) -> TypeEngine[Any]:
    """JSON and bounded texts travel as plain text."""
    if isinstance(column.type, JSON):
        return _JsonText()
    return Text() if isinstance(column.type, String) else column.type
