"""Rows of a disbursement file in the database: written by chunks, checked by set-based SQL."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, insert, select
from sqlalchemy.sql.selectable import Select

from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.store.database import Tx
from pos_engine.store.schema import family, wallet
from pos_engine.store.schema_disbursement import disbursement_chunk as chunk_table
from pos_engine.store.schema_disbursement import disbursement_item as item

OPEN = "OPEN"
FETCHED_AT_ONCE = 10_000


class Item(NamedTuple):
    """One good row of the file, with the shard of its family and its wallet to be."""

    shard: int
    kpm_id: str
    number: int
    amount: int
    wallet_id: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one transaction credits: the items of a run with this chunk number."""

    run_id: str
    number: int
    first_shard: int
    last_shard: int


class Finding(NamedTuple):
    """A row with what is wrong: how much there, in which run."""

    number: int
    kpm_id: str
    amount: int
    other_amount: int
    other_run: str


def items_in(chunk: Chunk) -> ColumnElement[bool]:
    """The items of a chunk: shards by name, so that each is one look-up in the key."""
    shards = range(chunk.first_shard, chunk.last_shard + 1)
    return (
        item.c.shard.in_(shards) & (item.c.run_id == chunk.run_id) & (item.c.chunk == chunk.number)
    )


def add_chunk(tx: Tx, chunk: Chunk, items: Sequence[Item]) -> bool:
    """Write a chunk with its items; False when it stands there already."""
    key = (chunk_table.c.shard == chunk.first_shard) & (chunk_table.c.run_id == chunk.run_id)
    found = select(chunk_table.c.number).where(key, chunk_table.c.number == chunk.number)
    if tx.execute(found).one_or_none() is not None:
        return False
    _bulk(tx, chunk, items)
    tx.execute(
        insert(chunk_table).values(
            shard=chunk.first_shard,
            run_id=chunk.run_id,
            number=chunk.number,
            last_shard=chunk.last_shard,
            rows=len(items),
            total=sum(each.amount for each in items),
            state=OPEN,
            credited_rows=0,
            credited=0,
            returned=0,
        )
    )
    return True


def _bulk(tx: Tx, chunk: Chunk, items: Sequence[Item]) -> None:
    """The fastest way of each database: COPY, or one prepared statement on the driver."""
    columns = "shard, run_id, kpm_id, chunk, number, amount, wallet_id"
    rows = [
        (each.shard, chunk.run_id, each.kpm_id, chunk.number, each.number, each.amount,
         each.wallet_id)
        for each in items
    ]  # fmt: skip
    if tx.dialect.name == "sqlite":
        places = "?, ?, ?, ?, ?, ?, ?"
        tx.exec_driver_sql(
            f"INSERT INTO disbursement_item ({columns}) VALUES ({places})",  # noqa: S608 - fixed
            rows,
        )
        return
    driver = tx.connection.driver_connection
    if driver is None:
        raise RuntimeError("A connection without its driver.")
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY disbursement_item ({columns}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)


def unknown_families(tx: Tx, chunk: Chunk) -> list[Finding]:
    """Rows of a chunk whose family is not registered."""
    same = (family.c.shard == item.c.shard) & (family.c.kpm_id == item.c.kpm_id)
    rows = tx.execute(
        select(item.c.number, item.c.kpm_id, item.c.amount)
        .select_from(item.outerjoin(family, same))
        .where(items_in(chunk), family.c.kpm_id.is_(None))
    )
    return [Finding(*row, 0, "") for row in rows]


def credited_elsewhere(tx: Tx, chunk: Chunk, programme: str, period: str) -> list[Finding]:
    """Rows of a chunk whose family has a tranche of this programme and period already."""
    same = (wallet.c.shard == item.c.shard) & (wallet.c.kpm_id == item.c.kpm_id)
    rows = tx.execute(
        select(
            item.c.number, item.c.kpm_id, item.c.amount, wallet.c.credited, wallet.c.run_id
        )
        .select_from(item.join(wallet, same))
        .where(
            items_in(chunk),
            wallet.c.programme == programme,
            wallet.c.period == period,
            wallet.c.status != TrancheStatus.RETURNED.value,
        )
    )  # fmt: skip
    return [Finding(*row) for row in rows]


def staged_elsewhere(tx: Tx, chunk: Chunk, other_runs: Sequence[str]) -> list[Finding]:
    """Rows of a chunk whose family stands in another run that is not credited yet."""
    other = item.alias("other")
    same = (other.c.shard == item.c.shard) & (other.c.kpm_id == item.c.kpm_id)
    rows = tx.execute(
        select(item.c.number, item.c.kpm_id, item.c.amount, other.c.amount, other.c.run_id)
        .select_from(item.join(other, same))
        .where(items_in(chunk), other.c.run_id.in_(other_runs))
    )
    return [Finding(*row) for row in rows]


def missing_here(tx: Tx, run_id: str, earlier: str) -> Iterator[Finding]:
    """Rows of an earlier run whose family is not in this one."""
    old, new = item.alias("old"), item.alias("new")
    same = (new.c.shard == old.c.shard) & (new.c.kpm_id == old.c.kpm_id) & (new.c.run_id == run_id)
    query: Select[tuple[int, str, int]] = (
        select(old.c.number, old.c.kpm_id, old.c.amount)
        .select_from(old.outerjoin(new, same))
        .where(old.c.shard.in_(_all_shards(tx)), old.c.run_id == earlier, new.c.kpm_id.is_(None))
    )
    for row in tx.execute(query.execution_options(yield_per=FETCHED_AT_ONCE)):
        yield Finding(row.number, row.kpm_id, 0, row.amount, earlier)


def _all_shards(tx: Tx) -> list[int]:
    """Shards in which any disbursement has items: a short list that makes keys usable."""
    first = tx.execute(select(func.min(item.c.shard))).scalar()
    last = tx.execute(select(func.max(item.c.shard))).scalar()
    return [] if first is None or last is None else list(range(first, last + 1))


def drop_staging(tx: Tx, run_id: str, shards: range) -> None:
    """Forget the items and chunks of a run that was refused before anybody approved it."""
    for table in (item, chunk_table):
        tx.execute(delete(table).where(table.c.shard.in_(shards), table.c.run_id == run_id))
