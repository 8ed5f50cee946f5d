"""A key per family, consents, acts on personal data and keys, reviews of refused faces."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0028"
down_revision = "0027"
TABLES = ("face_review", "privacy_event", "consent", "family_key")


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def _table(name: str, key: str, *columns: sa.Column[Any]) -> None:
    shard = sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)
    primary = sa.PrimaryKeyConstraint("shard", key)
    op.create_table(name, shard, _text(key), *columns, primary, sqlite_with_rowid=False)


def upgrade() -> None:
    """Nothing is changed in rows from before: they open with the installation's own key."""
    _table(
        "family_key",
        "kpm_id",
        _text("kek_id", 40),
        sa.Column("wrapped", sa.LargeBinary(), nullable=True),
        _at("made_at"),
        _at("destroyed_at", nullable=True),
    )
    _table(
        "consent",
        "consent_id",
        _text("kpm_id"),
        _text("person_id"),
        _text("purpose", 16),
        sa.Column("given", sa.Boolean(), nullable=False),
        _text("text_version", 64),
        _text("language", 16),
        _text("by_id"),
        _at("at"),
    )
    op.create_index("consent_family", "consent", ["shard", "kpm_id"])
    _table(
        "privacy_event",
        "event_id",
        _text("kpm_id", nullable=True),
        _text("kind", 16),
        _text("detail", 300),
        _text("by_id"),
        _text("second_id", nullable=True),
        _at("at"),
    )
    op.create_index("privacy_event_at", "privacy_event", ["at"])
    _table(
        "face_review",
        "attempt_id",
        _text("decision", 16),
        _text("note", 300),
        _text("by_id"),
        _at("at"),
    )


def downgrade() -> None:
    """The tables go; what they held is lost."""
    for name in TABLES:
        op.drop_table(name)
