"""Holds, reversals of purchases, and what is done about idle money."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0009"
down_revision = "0008"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _money(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _day(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    _holds()
    _reversals()
    _idle()


def _holds() -> None:
    op.create_table(
        "hold",
        _shard(),
        _text("hold_id"),
        _text("kpm_id"),
        _text("shop_id"),
        _text("purpose", 16),
        _money("amount"),
        _text("state", 12),
        _money("captured"),
        _text("purchase_id", nullable=True),
        sa.Column("content", sa.LargeBinary(length=32), nullable=False),
        _at("made_at"),
        _at("expires_at"),
        _at("resolved_at", nullable=True),
        sa.PrimaryKeyConstraint("shard", "hold_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("hold_due", "hold", ["state", "expires_at"])
    op.create_table(
        "hold_draw",
        _shard(),
        _text("hold_id"),
        _small("place"),
        _text("wallet_id"),
        _money("amount"),
        sa.PrimaryKeyConstraint("shard", "hold_id", "place"),
        sqlite_with_rowid=False,
    )


def _reversals() -> None:
    op.create_table(
        "reversal",
        _shard(),
        _text("reversal_id"),
        _text("reverses_id"),
        _text("kind", 8),
        _text("kpm_id"),
        _text("shop_id"),
        _text("made_by"),
        _text("approved_by", nullable=True),
        _text("reason", 200),
        _money("amount"),
        _money("unusable"),
        _money("balance_after"),
        sa.Column("lines", sa.JSON(), nullable=False),
        sa.Column("returns", sa.JSON(), nullable=False),
        _day("purchase_day"),
        _at("made_at"),
        sa.PrimaryKeyConstraint("shard", "reversal_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("reversal_purchase", "reversal", ["shard", "reverses_id"])
    op.create_index("reversal_shop_day", "reversal", ["shop_id", "purchase_day"])


def _idle() -> None:
    op.create_table(
        "idle_pause",
        _shard(),
        _text("pause_id"),
        _text("kind", 12),
        _text("subject"),
        _day("first"),
        _day("last", nullable=True),
        _text("noted_by"),
        _at("noted_at"),
        sa.PrimaryKeyConstraint("shard", "pause_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idle_notice",
        _shard(),
        _text("wallet_id"),
        _day("since"),
        _small("days"),
        _text("kpm_id"),
        _text("event_id"),
        _at("told_at"),
        sa.PrimaryKeyConstraint("shard", "wallet_id", "since", "days"),
        sqlite_with_rowid=False,
    )
    op.create_index("idle_notice_event", "idle_notice", ["shard", "event_id"])
    op.create_table(
        "idle_list",
        _shard(),
        _text("list_id"),
        _text("state", 12),
        sa.Column("count", sa.Integer(), nullable=False),
        _money("total"),
        _text("sha256"),
        _text("made_by"),
        _text("approved_by", nullable=True),
        _at("made_at"),
        _at("approved_at", nullable=True),
        sa.PrimaryKeyConstraint("shard", "list_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idle_item",
        _shard(),
        _text("list_id"),
        _text("wallet_id"),
        _text("kpm_id"),
        _text("programme", 16),
        _text("period", 20),
        _money("amount"),
        _text("state", 12),
        sa.PrimaryKeyConstraint("shard", "list_id", "wallet_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("idle_item_state", "idle_item", ["list_id", "state", "shard"])
