"""Sales made without signal: envelopes, outcomes, checkpoints."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0021"
down_revision = "0020"


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _table(name: str, key: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        _text(key),
        *columns,
        sa.PrimaryKeyConstraint("shard", key),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    _envelopes()
    _table(
        "offline_chain",
        "device_id",
        _count("seq"),
        _text("head", 43),
        _count("asked_from"),
        _at("told_at"),
    )
    _table(
        "offline_review",
        "review_id",
        _text("device_id"),
        _text("subject_id"),
        _text("decision", 12),
        _text("note", 200),
        _text("made_by"),
        _text("approved_by", nullable=True),
        _at("made_at"),
    )
    op.create_index("offline_review_subject", "offline_review", ["subject_id"])
    _table(
        "offline_dispute",
        "purchase_id",
        _text("envelope_id"),
        _text("device_id"),
        _text("kpm_id"),
        _text("shop_id"),
        _count("amount"),
        _text("credited_by", nullable=True),
        _text("state", 12),
        _at("opened_at"),
        _at("closed_at", nullable=True),
    )
    op.create_index("offline_dispute_envelope", "offline_dispute", ["envelope_id"])


def _envelopes() -> None:
    _table(
        "envelope",
        "envelope_id",
        _text("device_id"),
        _count("seq"),
        _text("prev", 43),
        _text("place", 8),
        _text("purchase_id"),
        _text("allowance_id"),
        _count("amount"),
        sa.Column("body", sa.Text(), nullable=False),
        _text("source", 8),
        _text("brought_by", nullable=True),
        _at("received_at"),
        _text("outcome", 20),
        _text("held_for", 12, nullable=True),
        _text("reason", 32, nullable=True),
        sa.Column("flags", sa.JSON(), nullable=False),
        _text("number", nullable=True),
        _count("taken"),
        _at("sold_at", nullable=True),
        _at("settled_at", nullable=True),
    )
    on_chain, unsettled = sa.text("place <> 'ASIDE'"), sa.text("settled_at IS NULL")
    op.create_index(
        "envelope_chain",
        "envelope",
        ["shard", "device_id", "seq"],
        unique=True,
        sqlite_where=on_chain,
        postgresql_where=on_chain,
    )
    op.create_index("envelope_device", "envelope", ["device_id", "seq"])
    op.create_index("envelope_allowance", "envelope", ["allowance_id"])
    op.create_index("envelope_purchase", "envelope", ["purchase_id"])
    op.create_index(
        "envelope_unsettled",
        "envelope",
        ["outcome", "received_at"],
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
