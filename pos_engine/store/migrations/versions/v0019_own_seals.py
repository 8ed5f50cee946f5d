"""Holds, returns, idle money and settlements have seals of their own; a settlement is approved.

What happened before waits for its seal now. Where days are closed already, `sealed_since` says
that these rows are late because of this version, and not because somebody put them in.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0019"
down_revision = "0018"

FACTS = (
    ("REVERSAL", "reversal", "reversal_id", ""),
    ("HOLD", "hold", "hold_id", ""),
    ("HOLD_DRAW", "hold_draw", "hold_id", ""),
    ("HOLD_END", "hold", "hold_id", "WHERE resolved_at IS NOT NULL"),
    ("IDLE_LIST", "idle_list", "list_id", ""),
    ("IDLE_APPROVAL", "idle_list", "list_id", "WHERE approved_at IS NOT NULL"),
    ("IDLE_ITEM", "idle_item", "list_id", "WHERE state <> 'WAITING'"),
    (
        "SHOP_ACCOUNT",
        "shop_account",
        "shop_id || ':' || CAST(version AS VARCHAR(10))",
        "WHERE approved_at IS NOT NULL",
    ),
    ("WINDOW", "settlement_window", "shop_id || ':' || CAST(day AS VARCHAR(10))", ""),
    ("PAYOUT", "payout", "payout_id", ""),
    ("SIGN_OFF", "recon_sign_off", "item_id", ""),
    ("SIGN_OFF_OK", "recon_sign_off", "item_id", "WHERE approved_at IS NOT NULL"),
    ("ESCROW_DAY", "escrow_day", "CAST(day AS VARCHAR(10))", ""),
)


def upgrade() -> None:
    with op.batch_alter_table("settlement_run", table_kwargs={"sqlite_with_rowid": False}) as batch:
        batch.add_column(sa.Column("planned", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("planned_total", sa.BigInteger(), nullable=True))
        batch.add_column(sa.Column("plan_sha256", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("approved_by", sa.String(length=64), nullable=True))
        batch.add_column(sa.Column("approved_at", Instant, nullable=True))
    op.create_table(
        "idle_freeze",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("freeze_id", sa.String(length=64), nullable=False),
        sa.Column("wallet_id", sa.String(length=64), nullable=False),
        sa.Column("kpm_id", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("frozen_by", sa.String(length=64), nullable=False),
        sa.Column("frozen_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "freeze_id"),
        sqlite_with_rowid=False,
    )
    for kind, table, subject, which in FACTS:
        op.execute(
            "INSERT INTO audit_pending (shard, kind, subject_id) "  # noqa: S608 - our own names
            f"SELECT DISTINCT shard, '{kind}', {subject} FROM {table} {which}"
        )
    if op.get_bind().execute(sa.text("SELECT day FROM audit_day LIMIT 1")).first() is not None:
        now = datetime.now(UTC).isoformat()
        op.execute(
            sa.text("INSERT INTO installation VALUES (0, 'sealed_since', :now)").bindparams(now=now)
        )
