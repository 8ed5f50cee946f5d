"""What every table is made of: the metadata, moments in UTC, and the common columns."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Dialect,
    MetaData,
    SmallInteger,
    String,
    Table,
)
from sqlalchemy.types import TypeDecorator

metadata = MetaData()


class Instant(TypeDecorator[datetime]):
    """An aware moment in UTC: `timestamptz` on PostgreSQL, UTC text on SQLite."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """To UTC; a naive time is a fault."""
        if value is not None and value.tzinfo is None:
            message = "A time without zone reached the store."
            raise ValueError(message)
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any, _dialect: Dialect) -> datetime | None:
        """Aware again where the database dropped the zone."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def shard_column() -> Column[int]:
    """First in every primary key, but for the directory's."""
    return Column("shard", SmallInteger, primary_key=True, autoincrement=False)


def key_column(name: str) -> Column[str]:
    """A name in the primary key."""
    return Column(name, String(64), primary_key=True)


def text_column(name: str, length: int = 64, *, nullable: bool = False) -> Column[str]:
    """A short text."""
    return Column(name, String(length), nullable=nullable)


def money_column(name: str) -> Column[int]:
    """Rupiah or a count, never null."""
    return Column(name, BigInteger, nullable=False)


def moment_column(name: str, *, nullable: bool = False) -> Column[datetime]:
    """An aware moment."""
    return Column(name, Instant, nullable=nullable)


def table(name: str, *columns: Any, **options: Any) -> Table:
    """A table of our schema; on SQLite its key is its order."""
    return Table(name, metadata, *columns, sqlite_with_rowid=False, **options)
