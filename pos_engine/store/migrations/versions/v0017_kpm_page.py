"""The KPM's own page, a new PIN before two officers, who said what of a double; their indexes."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0017"
down_revision = "0016"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "kpm_session",
        _shard(),
        _text("session_id"),
        _text("kpm_id"),
        _text("person_id"),
        _text("phone_id"),
        sa.Column("full", sa.Boolean(), nullable=False),
        _at("opened_at"),
        _at("expires_at"),
        _at("ended_at", nullable=True),
        sa.PrimaryKeyConstraint("shard", "session_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("kpm_session_family", "kpm_session", ["shard", "kpm_id"])
    op.add_column("registry_hold", _text("asked_for", 12, nullable=True))
    op.create_index("card_created_at", "card", ["created_at"])
    op.create_index(
        "pin_without_tries",
        "pin",
        ["shard", "kpm_id"],
        sqlite_where=sa.text("tries_left <= 0"),
        postgresql_where=sa.text("tries_left <= 0"),
    )
    op.create_index("purchase_family", "purchase", ["shard", "kpm_id"])
