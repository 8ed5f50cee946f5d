"""Cases of what looks wrong, and what became of them."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0024"
down_revision = "0023"


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=False)


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def upgrade() -> None:
    """Cases, steps, stops, runs."""
    op.create_table(
        "anomaly_case",
        _shard(),
        _text("case_id"),
        _text("rule", 4),
        _text("subject_kind", 8),
        _text("subject_id"),
        _text("period", 7),
        _text("region", 13),
        _text("status", 12),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("counted", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=False),
        sa.Column("value", sa.Float(), nullable=False),
        sa.Column("bound", sa.Float(), nullable=False),
        sa.Column("peers_middle", sa.Float(), nullable=False),
        _number("peers"),
        _text("peers_of", 16),
        _text("sentence", 600),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("opened_at", Instant, nullable=False),
        sa.Column("seen_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "case_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("anomaly_case_rank", "anomaly_case", ["status", "score"])
    op.create_index("anomaly_case_period", "anomaly_case", ["period", "score"])
    op.create_index("anomaly_case_subject", "anomaly_case", ["subject_id"])
    op.create_table(
        "anomaly_step",
        _shard(),
        _text("case_id"),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        _text("act_id"),
        _text("kind", 12),
        _text("made_by"),
        _text("role", 16),
        _text("note", 600),
        _text("content"),
        sa.Column("made_at", Instant, nullable=False),
        sa.PrimaryKeyConstraint("shard", "case_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "anomaly_stop",
        _shard(),
        _text("case_id"),
        _text("subject_id"),
        _text("kind", 8),
        _text("kpm_id", nullable=True),
        sa.Column("stopped_at", Instant, nullable=False),
        sa.Column("freed_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("shard", "case_id", "subject_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("anomaly_stop_family", "anomaly_stop", ["kpm_id"])
    op.create_table(
        "anomaly_run",
        _shard(),
        _text("period"),
        sa.Column("ran_at", Instant, nullable=False),
        *map(_number, ("shops", "months", "found", "left_out")),
        sa.PrimaryKeyConstraint("shard", "period"),
        sqlite_with_rowid=False,
    )
