"""Disbursement in chunks: items live in their family's shard and know their chunk and wallet.

Items of the older layout are staging only: what was credited stands in wallets and postings. A run
that was staged and not yet approved is withdrawn; its file is staged again.
"""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0007"
down_revision = "0006"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=False)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _money(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    op.execute("UPDATE disbursement_run SET status = 'WITHDRAWN' WHERE status = 'STAGED'")
    op.drop_table("disbursement_item")
    op.create_table(
        "disbursement_item",
        _shard(),
        _text("run_id"),
        _text("kpm_id"),
        _count("chunk"),
        _count("number"),
        _money("amount"),
        _text("wallet_id"),
        sa.PrimaryKeyConstraint("shard", "run_id", "kpm_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "disbursement_chunk",
        _shard(),
        _text("run_id"),
        _count("number"),
        _count("last_shard"),
        _count("rows"),
        _money("total"),
        _text("state", 12),
        _count("credited_rows"),
        _money("credited"),
        _money("returned"),
        sa.Column("done_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("shard", "run_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_index("disbursement_chunk_state", "disbursement_chunk", ["run_id", "state", "number"])
    op.create_table(
        "disbursement_event",
        _shard(),
        _text("run_id"),
        _count("number"),
        _text("kind", 20),
        _text("officer"),
        sa.Column("at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "run_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "disbursement_kept",
        _shard(),
        _text("run_id"),
        _text("kpm_id"),
        _money("spent"),
        _money("held"),
        sa.PrimaryKeyConstraint("shard", "run_id", "kpm_id"),
        sqlite_with_rowid=False,
    )
