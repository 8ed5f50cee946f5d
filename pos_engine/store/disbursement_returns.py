"""Money of a run that goes back: reversing entries for what is unspent, a list of what is not."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, insert, literal, select, update

from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.rules.posting import Kind
from pos_engine.store.columns import Instant
from pos_engine.store.database import Tx
from pos_engine.store.disbursement_chunks import (
    CANCELLED,
    DONE,
    POSTING_COLUMNS,
    RETURNED,
    claim,
    plan_by_sets,
    post_control,
    tranches_of,
    write_sums,
)
from pos_engine.store.disbursement_items import FETCHED_AT_ONCE, OPEN, Chunk, items_in
from pos_engine.store.disbursements import Run
from pos_engine.store.schema import posting, wallet
from pos_engine.store.schema_disbursement import disbursement_chunk as chunk_table
from pos_engine.store.schema_disbursement import disbursement_item as item
from pos_engine.store.schema_disbursement import disbursement_kept as kept

_LEFT = wallet.c.credited - wallet.c.spent - wallet.c.held


@dataclass(frozen=True, slots=True)
class Kept:
    """A family of a returned run that had spent, or was spending."""

    kpm_id: str
    spent: int
    held: int


def cancel_open(tx: Tx, run_id: str) -> None:
    """Chunks that were not credited yet never will be."""
    tx.execute(
        update(chunk_table)
        .where(chunk_table.c.run_id == run_id, chunk_table.c.state == OPEN)
        .values(state=CANCELLED)
    )


def spent_in(tx: Tx, chunk: Chunk) -> str | None:
    """A family of this chunk that has spent or is spending of it."""
    return tx.execute(
        select(item.c.kpm_id)
        .select_from(item.join(wallet, tranches_of(chunk)))
        .where(items_in(chunk), wallet.c.spent + wallet.c.held > 0)
        .limit(1)
    ).scalar()


def return_chunk(tx: Tx, run: Run, chunk: Chunk, now: datetime) -> int:
    """Give back what nobody has spent of a chunk; how much it was."""
    if not claim(tx, chunk, DONE, RETURNED, now):
        return 0
    plan_by_sets(tx)
    _lock(tx, chunk)
    _keep(tx, chunk)
    txn_id = f"{run.run_id}:{chunk.number}:R"
    _post_returns(tx, chunk, txn_id, now)
    returned = post_control(tx, run, chunk, txn_id, Kind.RETURN, now)
    _close_wallets(tx, chunk)
    write_sums(tx, chunk, returned=returned)
    return returned


def _lock(tx: Tx, chunk: Chunk) -> None:
    """In key order, as a purchase locks: nobody spends between the sum and the update."""
    tx.execute(
        select(wallet.c.wallet_id)
        .select_from(item.join(wallet, tranches_of(chunk)))
        .where(items_in(chunk))
        .order_by(wallet.c.shard, wallet.c.wallet_id)
        .with_for_update(key_share=True, of=wallet)
    ).fetchall()


def _keep(tx: Tx, chunk: Chunk) -> None:
    source = (
        select(item.c.shard, item.c.run_id, item.c.kpm_id, wallet.c.spent, wallet.c.held)
        .select_from(item.join(wallet, tranches_of(chunk)))
        .where(items_in(chunk), wallet.c.spent + wallet.c.held > 0)
    )
    columns = ["shard", "run_id", "kpm_id", "spent", "held"]
    tx.execute(insert(kept).from_select(columns, source))


def _post_returns(tx: Tx, chunk: Chunk, txn_id: str, now: datetime) -> None:
    leg = func.row_number().over(partition_by=item.c.shard, order_by=item.c.kpm_id)
    source = (
        select(
            item.c.shard,
            literal(txn_id),
            leg,
            "wallet:" + item.c.wallet_id,
            -_LEFT,
            literal(Kind.RETURN.value),
            bindparam("now", now, type_=Instant),
        )
        .select_from(item.join(wallet, tranches_of(chunk)))
        .where(items_in(chunk), _LEFT > 0)
    )
    tx.execute(insert(posting).from_select(POSTING_COLUMNS, source))


def _close_wallets(tx: Tx, chunk: Chunk) -> None:
    """Untouched tranches are RETURNED; one that was used stays OPEN with nothing left in it.

    So a family that kept something is never credited again for the period by another file.
    """
    of_chunk = select(item.c.wallet_id).where(items_in(chunk))
    shards = range(chunk.first_shard, chunk.last_shard + 1)
    mine = wallet.c.shard.in_(shards) & wallet.c.wallet_id.in_(of_chunk)
    untouched = wallet.c.spent + wallet.c.held == 0
    closed = {"status": TrancheStatus.RETURNED.value, "spent": wallet.c.credited}
    tx.execute(
        update(wallet).where(mine, ~untouched).values(spent=wallet.c.credited - wallet.c.held)
    )
    tx.execute(update(wallet).where(mine, untouched).values(**closed))


def kept_of(tx: Tx, run_id: str) -> Iterator[Kept]:
    """What a returned run could not get back, family by family."""
    rows = tx.execute(
        select(kept.c.kpm_id, kept.c.spent, kept.c.held)
        .where(kept.c.run_id == run_id)
        .order_by(kept.c.shard, kept.c.kpm_id)
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )
    for row in rows:
        yield Kept(*row)


def kept_sum(tx: Tx, run_id: str) -> tuple[int, int]:
    """How many families kept how much."""
    row = tx.execute(
        select(func.count(), func.coalesce(func.sum(kept.c.spent + kept.c.held), 0)).where(
            kept.c.run_id == run_id
        )
    ).one()
    return int(row[0]), int(row[1])
