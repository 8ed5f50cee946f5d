"""Many rows by their keys in one statement: the same text for one key and for two hundred.

A list of keys travels as one value (PostgreSQL: arrays, SQLite: JSON) and is joined like a table,
so that a batch of any size runs a statement that the database knows already.
"""

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import FromClause, Row, Select, SmallInteger, Text, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from pos_engine.store.database import Tx

Key = tuple[int | str, ...]  # the shard, then texts
Keyed = dict[str, Select[Any]]  # by the name of the dialect
NAMES = ("shard", "first", "second")


def keyed(width: int, build: Callable[[FromClause], Select[Any]]) -> Keyed:
    """The statement for both databases; `build` gets the keys as a table: shard, first, second."""
    return {
        "sqlite": build(_sqlite_keys(NAMES[:width])),
        "postgresql": build(_postgres_keys(NAMES[:width])),
    }


_BY_INDEX = select(
    *(func.set_config(name, "off", True) for name in ("enable_seqscan", "enable_hashjoin")),
    func.set_config("enable_mergejoin", "off", True),
)


def look_up_by_index(tx: Tx) -> None:
    """Until this transaction ends, PostgreSQL finds keys by their index whatever it believes.

    A plan is kept for as long as a connection lives. One that was made while a table was empty
    would read the whole table for every batch, until somebody analyzes it.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(_BY_INDEX)


def rows_by(tx: Tx, statements: Keyed, keys: Collection[Key]) -> Sequence[Row[*tuple[Any, ...]]]:
    """The rows of these keys; none are asked for when there is no key."""
    if not keys:
        return ()
    dialect = tx.dialect.name
    if dialect == "sqlite":
        return tx.execute(statements[dialect], {"keys": json.dumps(list(keys))}).all()
    columns = zip(NAMES, zip(*keys, strict=True), strict=False)
    return tx.execute(statements[dialect], {name: list(part) for name, part in columns}).all()


def _sqlite_keys(names: tuple[str, ...]) -> FromClause:
    each = func.json_each(bindparam("keys", type_=Text)).table_valued("value", name="each")
    parts = (func.json_extract(each.c.value, f"$[{n}]").label(name) for n, name in enumerate(names))
    return select(*parts).subquery("wanted")


def _postgres_keys(names: tuple[str, ...]) -> FromClause:
    kinds = [SmallInteger if name == "shard" else Text for name in names]
    arrays = [bindparam(name, type_=ARRAY(kind)) for name, kind in zip(names, kinds, strict=True)]
    columns = [column(name, kind) for name, kind in zip(names, kinds, strict=True)]
    wanted = func.unnest(*arrays).table_valued(*columns, name="wanted")
    return wanted.render_derived()
