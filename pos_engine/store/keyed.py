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
from pos_engine.store.driver import Later, Prepared, array_text

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

    def ask(self, tx: Tx, values: dict[str, Any]) -> Later[list[Any]]:
        """Run it; rows with the names of their columns."""
        dialect = tx.dialect.name
        prepared = self._prepared.get(dialect)
        if prepared is None:
            prepared = self._prepared[dialect] = Prepared(self._statements[dialect], tx)
        rows = prepared.ask(tx, values)
        return lambda: list(map(self._row, rows()))


def once(statement: Select[Any]) -> Keyed:
    """A statement without keys, the same for both databases."""
    return Keyed({"sqlite": statement, "postgresql": statement})


def keyed(width: int, build: Callable[[FromClause], Select[Any]]) -> Keyed:
    """The statement for both databases; `build` gets the keys as a table, columns by NAMES."""
    return Keyed(
        {
            "sqlite": build(_sqlite_keys(NAMES[:width])),
            "postgresql": build(_postgres_keys(NAMES[:width])),
        }
    )


_OFF = ("enable_seqscan", "enable_hashjoin", "enable_mergejoin")
_BY_INDEX = once(select(*(func.set_config(name, "off", True).label(name) for name in _OFF)))


def look_up_by_index(tx: Tx) -> None:
    """Until this transaction ends, PostgreSQL finds keys by their index whatever it believes.

    A plan is kept for as long as a connection lives. One that was made while a table was empty
    would read the whole table for every batch, until somebody analyzes it.
    """
    if tx.dialect.name == "postgresql":
        _BY_INDEX.ask(tx, {})


def rows_by(tx: Tx, statements: Keyed, keys: Collection[Key]) -> Sequence[Any]:
    """The rows of these keys, by column name; none are asked for when there is no key."""
    return ask_rows(tx, statements, keys)()


def ask_rows(tx: Tx, statements: Keyed, keys: Collection[Key]) -> Later[Sequence[Any]]:
    """The same, answered when the trip is over."""
    if not keys:
        return tuple
    if tx.dialect.name == "sqlite":
        return statements.ask(tx, {"keys": json.dumps(list(keys))})
    columns = zip(NAMES, zip(*keys, strict=True), strict=False)
    return statements.ask(tx, {name: array_text(part) for name, part in columns})


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
