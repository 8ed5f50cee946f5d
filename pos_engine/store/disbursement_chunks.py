"""Chunks: a credit of tens of thousands of families in one transaction, done once."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Text,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    literal,
    select,
    text,
    update,
)

from pos_engine.rules.bank import ENGINE
from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.rules.posting import Kind, custody_account
from pos_engine.store.announce import announce_movement
from pos_engine.store.columns import Instant
from pos_engine.store.database import Tx
from pos_engine.store.disbursement_items import OPEN, Chunk, items_in
from pos_engine.store.disbursements import Run
from pos_engine.store.registry_holds import waits
from pos_engine.store.schema import posting, wallet
from pos_engine.store.schema_disbursement import disbursement_chunk as chunk_table
from pos_engine.store.schema_disbursement import disbursement_item as item

DONE = "DONE"
CANCELLED = "CANCELLED"  # never credited: its run was undone before
RETURNED = "RETURNED"
SQLITE_CACHE_KIB = 65_536
POSTING_COLUMNS = ["shard", "txn_id", "leg", "account", "amount", "kind", "posted_at"]
WALLET_COLUMNS = [
    "shard", "wallet_id", "kpm_id", "programme", "period", "credited", "spent", "held",
    "expires_on", "custodian", "status", "run_id",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a run is: chunks and rows by what became of them."""

    chunks: int
    chunks_left: int
    rows: int
    rows_left: int
    credited_rows: int
    credited: int
    returned: int


def chunks_in(tx: Tx, run_id: str, state: str) -> list[Chunk]:
    """The chunks of a run in this state, in order."""
    rows = tx.execute(
        select(chunk_table.c.number, chunk_table.c.shard, chunk_table.c.last_shard)
        .where(chunk_table.c.run_id == run_id, chunk_table.c.state == state)
        .order_by(chunk_table.c.number)
    )
    return [Chunk(run_id, *row) for row in rows]


def has_chunks(tx: Tx, run_id: str) -> bool:
    """Was it staged in chunks; a run of an older version was not."""
    mine = select(chunk_table.c.number).where(chunk_table.c.run_id == run_id)
    return tx.execute(mine.limit(1)).first() is not None


def tally(tx: Tx, run_id: str, left_state: str) -> Tally:
    """Sums over the chunks; `left_state` says which of them still have to be done."""
    c = chunk_table.c
    left = c.state == left_state
    row = tx.execute(
        select(
            func.count(),
            func.count().filter(left),
            func.coalesce(func.sum(c.rows), 0),
            func.coalesce(func.sum(c.rows).filter(left), 0),
            func.coalesce(func.sum(c.credited_rows), 0),
            func.coalesce(func.sum(c.credited), 0),
            func.coalesce(func.sum(c.returned), 0),
        ).where(c.run_id == run_id)
    ).one()
    return Tally(*(int(each) for each in row))


def claim(tx: Tx, chunk: Chunk, was: str, becomes: str, now: datetime) -> bool:
    """Take a chunk; False when it was done before. Rolled back with the work that it stands for."""
    taken = tx.execute(
        update(chunk_table)
        .where(
            chunk_table.c.shard == chunk.first_shard,
            chunk_table.c.run_id == chunk.run_id,
            chunk_table.c.number == chunk.number,
            chunk_table.c.state == was,
        )
        .values(state=becomes, done_at=now)
    )
    return taken.rowcount == 1


def write_sums(tx: Tx, chunk: Chunk, **sums: int) -> None:
    """What became of a chunk."""
    tx.execute(
        update(chunk_table)
        .where(
            chunk_table.c.shard == chunk.first_shard,
            chunk_table.c.run_id == chunk.run_id,
            chunk_table.c.number == chunk.number,
        )
        .values(**sums)
    )


def credit_chunk(tx: Tx, run: Run, chunk: Chunk, now: datetime) -> int:
    """Credit every family of a chunk that has no tranche of this period; how many they were.

    Where somebody may be registered twice the tranche is HELD until two people decide.
    """
    if not claim(tx, chunk, OPEN, DONE, now):
        return 0
    plan_by_sets(tx)
    rows = _open_wallets(tx, run, chunk)
    txn_id = f"{run.run_id}:{chunk.number}"
    _post_credits(tx, chunk, txn_id, now, everyone=rows == _rows_in(tx, chunk))
    credited = -post_control(tx, run, chunk, txn_id, Kind.CREDIT, now)
    write_sums(tx, chunk, credited_rows=rows, credited=credited)
    return rows


def plan_by_sets(tx: Tx) -> None:
    """Tell the database that this is bulk work.

    PostgreSQL has no figures yet of a table that grows by millions: row by row is never right.
    SQLite must not write a page twice because its cache is too small for one chunk.
    """
    if tx.dialect.name == "postgresql":
        tx.execute(text("SET LOCAL enable_nestloop = off"))
    else:
        tx.execute(text(f"PRAGMA cache_size = -{SQLITE_CACHE_KIB}"))


def _rows_in(tx: Tx, chunk: Chunk) -> int:
    c = chunk_table.c
    key = (c.shard == chunk.first_shard) & (c.run_id == chunk.run_id) & (c.number == chunk.number)
    return int(tx.execute(select(c.rows).where(key)).scalar_one())


def _open_wallets(tx: Tx, run: Run, chunk: Chunk) -> int:
    shards = range(chunk.first_shard, chunk.last_shard + 1)
    credited_already = exists().where(
        wallet.c.shard.in_(shards),
        wallet.c.shard == item.c.shard,
        wallet.c.kpm_id == item.c.kpm_id,
        wallet.c.programme == run.programme,
        wallet.c.period == run.period,
        wallet.c.status != TrancheStatus.RETURNED.value,
    )
    source = select(
        item.c.shard,
        item.c.wallet_id,
        item.c.kpm_id,
        literal(run.programme),
        literal(run.period),
        item.c.amount,
        literal(0),
        literal(0),
        literal(run.expires_on),
        literal(run.custodian),
        case(
            (waits(item.c.shard, item.c.kpm_id), TrancheStatus.HELD.value),
            else_=TrancheStatus.OPEN.value,
        ),
        literal(run.run_id),
    ).where(items_in(chunk), ~credited_already)
    into = insert(wallet).from_select(WALLET_COLUMNS, source)
    return tx.execute(into, execution_options={"preserve_rowcount": True}).rowcount


def _post_credits(tx: Tx, chunk: Chunk, txn_id: str, now: datetime, *, everyone: bool) -> None:
    """One leg a family, numbered within the shard; leg 0 is the programme's."""
    leg = func.row_number().over(partition_by=item.c.shard, order_by=item.c.kpm_id)
    source = select(
        item.c.shard,
        literal(txn_id),
        leg,
        "wallet:" + item.c.wallet_id,
        item.c.amount,
        literal(Kind.CREDIT.value),
        bindparam("now", now, type_=Instant),
    ).where(items_in(chunk))
    if not everyone:
        source = source.select_from(item.join(wallet, tranches_of(chunk)))
    tx.execute(insert(posting).from_select(POSTING_COLUMNS, source))


def tranches_of(chunk: Chunk) -> ColumnElement[bool]:
    """Joins items of a chunk with their wallets; the shards keep it to a part of the table."""
    return (
        wallet.c.shard.in_(range(chunk.first_shard, chunk.last_shard + 1))
        & (wallet.c.shard == item.c.shard)
        & (wallet.c.wallet_id == item.c.wallet_id)
    )


def _control(run: Run) -> str:
    """Where credits of a run come from: our budget, or the bank that keeps them."""
    if run.custodian != ENGINE:
        return custody_account(run.custodian)
    return f"programme:{run.programme}:{run.period}"


def post_control(
    tx: Tx, run: Run, chunk: Chunk, txn_id: str, kind: Kind, now: datetime
) -> int:  # fmt: skip
    """The programme's leg of each shard, so that each movement sums to zero; their sum."""
    shards = range(chunk.first_shard, chunk.last_shard + 1)
    where = posting.c.shard.in_(shards) & (posting.c.txn_id == txn_id)
    source = (
        select(
            posting.c.shard,
            literal(txn_id),
            literal(0),
            cast(literal(_control(run)), Text),
            cast(-func.sum(posting.c.amount), BigInteger),
            literal(kind.value),
            bindparam("now", now, type_=Instant),
        )
        .where(where)
        .group_by(posting.c.shard)
    )
    tx.execute(insert(posting).from_select(POSTING_COLUMNS, source))
    announce_movement(tx, shards, txn_id)
    control = select(func.coalesce(func.sum(posting.c.amount), 0)).where(where, posting.c.leg == 0)
    return int(tx.execute(control).scalar_one())
