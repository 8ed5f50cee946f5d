"""Many rows by their keys in one statement: the same text for one key and for two hundred.

A list of keys travels as one value (PostgreSQL: arrays, SQLite: JSON) and is joined like a table,
so that a batch of any size runs a statement that the database knows already.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import FromClause, Select, SmallInteger, Text, bindparam, column, func, select
from sqlalchemy.dialects.postgresql import ARRAY

from pos_engine.store.database import Tx
from pos_engine.store.driver import Prepared, array_text

Key = tuple[int | str, ...]  # the shard, then texts
NAMES = ("shard", "first", "second", "third", "fourth", "fifth")


class Keyed:
    """A statement for both databases, each compiled when it is first used."""

    def __init__(self, statements: dict[str, Select[Any]]) -> None:
        self._statements = statements
        self._prepared: dict[str, Prepared] = {}
        columns = statements["sqlite"].selected_columns
        make: Any = namedtuple  # noqa: PYI024 - its columns are known here, not to a type checker
        self._row = make("Row", [each.name for each in columns])._make

    def rows(self, tx: Tx, values: dict[str, str]) -> list[Any]:
        """Run it; rows with the names of their columns."""
        dialect = tx.dialect.name
        prepared = self._prepared.get(dialect)
        if prepared is None:
            prepared = self._prepared[dialect] = Prepared(self._statements[dialect], tx)
        return list(map(self._row, prepared.rows(tx, values)))


def keyed(width: int, build: Callable[[FromClause], Select[Any]]) -> Keyed:
    """The statement for both databases; `build` gets the keys as a table, columns by NAMES."""
    return Keyed(
        {
            "sqlite": build(_sqlite_keys(NAMES[:width])),
            "postgresql": build(_postgres_keys(NAMES[:width])),
        }
    )


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


def rows_by(tx: Tx, statements: Keyed, keys: Collection[Key]) -> Sequence[Any]:
    """The rows of these keys, by column name; none are asked for when there is no key."""
    if not keys:
        return ()
    if tx.dialect.name == "sqlite":
        return statements.rows(tx, {"keys": json.dumps(list(keys))})
    columns = zip(NAMES, zip(*keys, strict=True), strict=False)
    return statements.rows(tx, {name: array_text(part) for name, part in columns})


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
