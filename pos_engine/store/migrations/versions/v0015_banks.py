"""Money that lies with a bank: accounts, and the questions that banks were asked."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0015"
down_revision = "0014"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "bank_account",
        _shard(),
        _text("kpm_id"),
        _text("bank"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _text("card_id", nullable=True),
        _at("changed_at"),
        sa.PrimaryKeyConstraint("shard", "kpm_id", "bank"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bank_call",
        _shard(),
        _text("purchase_id"),
        _text("kpm_id"),
        _text("shop_id"),
        _text("bank", 16),
        _text("state", 12),
        _text("transmitted", 10),
        _text("trace", 6),
        _text("acquirer", 11),
        _text("terminal", 8),
        _text("merchant", 15),
        _text("reference", 12),
        _text("method", 12),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _text("code", 2),
        _text("approval", 6),
        sa.Column("prepared", sa.Text(), nullable=False),
        sa.Column("tries", sa.SmallInteger(), autoincrement=False, nullable=False),
        _at("asked_at"),
        _at("next_at"),
        _at("answered_at", nullable=True),
        _text("noted", 200),
        sa.PrimaryKeyConstraint("shard", "purchase_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("bank_call_due", "bank_call", ["state", "next_at"])
    op.create_index(
        "bank_call_key",
        "bank_call",
        ["trace", "transmitted", "terminal", "acquirer"],
        unique=True,
    )
