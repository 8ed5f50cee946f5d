"""People who stand in for others: delegates, two who vouch, cases; longer names of methods."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0018"
down_revision = "0017"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def _hash(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(length=32), nullable=False)


def _table(name: str, key: str, *columns: sa.Column[Any]) -> None:
    op.create_table(
        name,
        _shard(),
        _text(key),
        *columns,
        sa.PrimaryKeyConstraint("shard", key),
        sqlite_with_rowid=False,
    )


def upgrade() -> None:
    _longer_methods()
    _delegations()
    _supervisions()
    _table(
        "access_class",
        "person_id",
        _text("kpm_id"),
        _text("classes", 80),
        _text("set_by"),
        _at("set_at"),
    )
    _table("staff_nik", "staff_id", _hash("nik_hmac"), _at("set_at"))
    op.create_index("staff_nik_hash", "staff_nik", ["nik_hmac"])
    _table(
        "pin_witness",
        "witness_id",
        _text("kpm_id"),
        _text("first_by"),
        _text("second_by", nullable=True),
        _at("asked_at"),
        _at("expires_at"),
        _at("used_at", nullable=True),
    )


def _longer_methods() -> None:
    """SUPERVISED has ten letters. PostgreSQL changes its catalogue, SQLite copies the table."""
    kept = {"sqlite_with_rowid": False}
    for table in ("identity_attempt", "purchase"):
        with op.batch_alter_table(table, table_kwargs=kept) as batch:
            batch.alter_column(
                "method", existing_type=sa.String(8), type_=sa.String(16), existing_nullable=False
            )
    op.create_index("identity_attempt_till", "identity_attempt", ["till_id", "at"])
    op.create_index("identity_attempt_shop", "identity_attempt", ["shop_id", "at"])


def _delegations() -> None:
    _table(
        "delegation",
        "delegation_id",
        _text("kpm_id"),
        _text("region", 13),
        _hash("delegate_hmac"),
        _text("delegate_kpm_id"),
        _text("delegate_person_id"),
        _text("name", 120),
        sa.Column("birth_date", sa.Date(), nullable=False),
        _text("status", 16),
        sa.Column("expires_on", sa.Date(), nullable=False),
        _text("proposed_by"),
        _at("proposed_at"),
        _text("decided_by", nullable=True),
        _at("decided_at", nullable=True),
        _text("ended_by", nullable=True),
        _at("ended_at", nullable=True),
    )
    op.create_index("delegation_family", "delegation", ["kpm_id"])
    op.create_index("delegation_delegate", "delegation", ["delegate_hmac"])
    _table(
        "delegation_event",
        "event_id",
        _text("delegation_id"),
        _text("kpm_id"),
        _text("kind", 16),
        _text("reason", 32, nullable=True),
        _text("staff_id"),
        _at("at"),
    )
    op.create_index("delegation_event_delegation", "delegation_event", ["delegation_id"])


def _supervisions() -> None:
    _table(
        "supervision",
        "supervision_id",
        _text("kpm_id"),
        _text("region", 13),
        _text("person_id"),
        _text("shop_id"),
        _text("till_id"),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        _text("no_other_way", 16),
        _text("status", 16),
        _text("asked_by"),
        _at("asked_at"),
        _at("expires_at"),
        _text("decided_by", nullable=True),
        _at("decided_at", nullable=True),
    )
    op.create_index("supervision_family", "supervision", ["kpm_id", "decided_at"])
    op.create_index("supervision_shop", "supervision", ["shop_id", "decided_at"])
    op.create_index("supervision_state", "supervision", ["status", "expires_at"])
    _table(
        "aid_case",
        "case_id",
        _text("status", 8),
        _text("reasons", 200),
        _text("region", 13),
        _text("shop_id"),
        _text("till_id"),
        _text("kpm_id", nullable=True),
        _text("supervision_id", nullable=True),
        _at("opened_at"),
        _text("closed_by", nullable=True),
        _at("closed_at", nullable=True),
        _text("note", 300, nullable=True),
    )
    op.create_index("aid_case_status", "aid_case", ["status", "case_id"])
