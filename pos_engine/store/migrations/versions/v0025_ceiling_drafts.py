"""Drafts of ceilings and bans, signed by two people; proposals; which shop sold what lately."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0025"
down_revision = "0024"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _day(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=nullable)


def _at(name: str) -> sa.Column[Any]:
    return sa.Column(name, Instant, nullable=False)


def _drafts() -> None:
    op.create_table(
        "ceiling_draft",
        _shard(),
        _text("draft_id"),
        _text("kind", 8),
        _text("target_kind", 8),
        _text("target"),
        _text("ceiling_kind", 8),
        _text("scope", 10),
        _text("scope_code", 13),
        _text("unit", 16),
        sa.Column("rupiah", sa.BigInteger(), nullable=False),
        _text("action", 8),
        _day("valid_from"),
        _day("valid_to", nullable=True),
        _text("regulation", 200),
        _text("reason", 300),
        _text("proposal_id", nullable=True),
        _text("made_by"),
        _at("made_at"),
        sa.PrimaryKeyConstraint("shard", "draft_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ceiling_act",
        _shard(),
        _text("act_id"),
        _text("draft_id"),
        sa.Column("place", sa.SmallInteger(), nullable=False),
        _text("kind", 12),
        _text("officer"),
        _text("note", 300),
        _text("version", nullable=True),
        _at("at"),
        sa.PrimaryKeyConstraint("shard", "act_id"),
        sqlite_with_rowid=False,
    )
    columns = ["shard", "draft_id", "place"]
    op.create_index("ceiling_act_draft", "ceiling_act", columns, unique=True)
    op.create_table(
        "ceiling_book",
        _shard(),
        _text("base"),
        _text("version"),
        _text("act_id"),
        _at("at"),
        sa.PrimaryKeyConstraint("shard", "base"),
        sqlite_with_rowid=False,
    )


def _proposals() -> None:
    op.create_table(
        "ceiling_proposal",
        _shard(),
        _text("proposal_id"),
        _text("regency", 5),
        _text("sku"),
        _day("first_day"),
        _day("last_day"),
        sa.Column("figures", sa.JSON(), nullable=False),
        _at("made_at"),
        sa.PrimaryKeyConstraint("shard", "proposal_id"),
        sqlite_with_rowid=False,
    )
    columns = ["regency", "sku", "last_day"]
    op.create_index("ceiling_proposal_place", "ceiling_proposal", columns)
    op.create_table(
        "ceiling_answer",
        _shard(),
        _text("proposal_id"),
        _text("regency", 5),
        _text("sku"),
        _text("answer", 8),
        _text("reason", 300),
        _text("draft_id", nullable=True),
        _text("officer"),
        _at("at"),
        sa.PrimaryKeyConstraint("shard", "proposal_id"),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    """Empty tables: nothing of this was written before."""
    _drafts()
    _proposals()
    op.create_table(
        "shop_good",
        _shard(),
        _text("shop_id"),
        _text("sku"),
        _text("regency", 5),
        _text("region", 13),
        _day("last_day"),
        sa.PrimaryKeyConstraint("shard", "shop_id", "sku"),
        sqlite_with_rowid=False,
    )
    op.create_index("shop_good_place", "shop_good", ["sku", "regency"])
