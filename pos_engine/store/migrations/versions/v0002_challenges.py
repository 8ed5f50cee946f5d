"""Challenges of a face capture, and the search by birth date."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "challenge",
        sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("challenge_id", sa.String(length=64), nullable=False),
        sa.Column("shop_id", sa.String(length=64), nullable=False),
        sa.Column("till_id", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("expires_at", Instant, nullable=False),
        sa.Column("used_at", Instant, nullable=True),
        sa.PrimaryKeyConstraint("shard", "challenge_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("person_birth_date", "person", ["birth_date"], unique=False)
