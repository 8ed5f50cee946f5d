"""What a till tells besides purchases."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0023"
down_revision = "0022"


def _note_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("note_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("till_id", sa.String(length=64), nullable=False),
        sa.Column("staff_id", sa.String(length=64), nullable=False),
    ]


def _notes() -> None:
    """Families that could not be served, and how cards came."""
    op.create_table(
        "turned_away",
        *_note_columns(),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("occurred_at", Instant, nullable=False),
        sa.Column("told_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "note_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("turned_away_day", "turned_away", ["day"])
    op.create_table(
        "card_note",
        *_note_columns(),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("purchase_id", sa.String(length=64), nullable=True),
        sa.Column("told_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "note_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("card_note_day", "card_note", ["day"])


def upgrade() -> None:
    """Counts of sales for ordinary money, a day and device each; notes of tills."""
    _notes()
    op.create_table(
        "cash_count",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("device_id", sa.String(length=64), nullable=False),
        sa.Column("sales", sa.Integer(), nullable=False),
        sa.Column("goods_lines", sa.Integer(), nullable=False),
        sa.Column("told_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "shop_id", "day", "device_id"),
        sqlite_with_rowid=False,
    )
