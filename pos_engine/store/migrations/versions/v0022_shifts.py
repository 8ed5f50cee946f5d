"""Shifts of a till."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0022"
down_revision = "0021"
RUPIAH = ("opening_cash", "cash_sales", "cash_in", "cash_out", "counted_cash")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=64), nullable=False)


def upgrade() -> None:
    """The days of tills that were closed."""
    op.create_table(
        "till_day",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        _text("till_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _text("close_id"),
        _text("shop_id"),
        _text("device_id"),
        _text("staff_id"),
        sa.Column("sums", sa.JSON(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in RUPIAH),
        sa.Column("unsent", sa.Integer(), nullable=False),
        sa.Column("unsent_amount", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "till_id", "day"),
        sqlite_with_rowid=False,
    )
    op.create_index("till_day_close", "till_day", ["shard", "close_id"], unique=True)
    op.create_index("till_day_shop", "till_day", ["shard", "shop_id", "day"])
