"""Keys of devices, card secrets, and money reserved for selling without signal."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0020"
down_revision = "0019"


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def _hash(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(length=32), nullable=False)


def _money(name: str) -> sa.Column[int]:
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
    _devices()
    _card_secrets()
    _allowances()
    _table(
        "shop_remote",
        "event_id",
        _text("shop_id"),
        sa.Column("remote", sa.Boolean(), nullable=False),
        _text("set_by"),
        _at("set_at"),
    )
    op.create_index("shop_remote_shop", "shop_remote", ["shop_id"])


def _devices() -> None:
    _table(
        "device_code",
        "code_id",
        _text("shop_id"),
        _text("till_id"),
        _hash("first_hmac"),
        _hash("code_hmac"),
        sa.Column("tries_left", sa.SmallInteger(), nullable=False),
        _text("made_by"),
        _at("made_at"),
        _at("expires_at"),
        _text("used_for", nullable=True),
        _at("used_at", nullable=True),
    )
    op.create_index("device_code_first", "device_code", ["first_hmac"])
    _table(
        "device_key",
        "device_id",
        _text("shop_id"),
        _text("till_id"),
        _text("kid", 16),
        _text("algorithm", 8),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        _text("state", 12),
        _text("label", 60),
        _text("code_id", nullable=True),
        _at("made_at"),
        _at("approved_at", nullable=True),
        _at("revoked_at", nullable=True),
    )
    op.create_index("device_key_kid", "device_key", ["kid"], unique=True)
    op.create_index("device_key_shop", "device_key", ["shop_id"])
    _table(
        "device_event",
        "event_id",
        _text("device_id"),
        _text("shop_id"),
        _text("kind", 12),
        _text("kid", 16),
        _text("staff_id"),
        _at("at"),
    )
    op.create_index("device_event_device", "device_event", ["device_id"])


def _card_secrets() -> None:
    _table(
        "card_secret",
        "card_token",
        _text("card_id"),
        _text("kpm_id"),
        _hash("lookup_hmac"),
        _text("made_by"),
        _at("made_at"),
        _at("ended_at", nullable=True),
    )
    in_force = sa.text("ended_at IS NULL")
    op.create_index(
        "card_secret_in_force",
        "card_secret",
        ["shard", "card_id"],
        unique=True,
        sqlite_where=in_force,
        postgresql_where=in_force,
    )


def _allowances() -> None:
    _table(
        "allowance",
        "allowance_id",
        _text("kpm_id"),
        _text("person_id"),
        _text("card_id"),
        _text("shop_id"),
        _text("shop_name", 120),
        _text("till_id"),
        _text("device_id"),
        _text("staff_id"),
        _hash("content"),
        _money("amount"),
        _money("remaining"),
        _money("spent_offline"),
        _money("drawn_online"),
        _text("hold_id"),
        sa.Column("remote", sa.Boolean(), nullable=False),
        _text("state", 12),
        _at("issued_at"),
        _at("not_after"),
        _at("release_at"),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        _text("signature", 100),
        _text("end_id", nullable=True),
        _text("ended_by", nullable=True),
        _text("ended_shop", nullable=True),
        _at("ended_at", nullable=True),
    )
    living = sa.text("state = 'LIVE'")
    op.create_index(
        "allowance_living",
        "allowance",
        ["shard", "kpm_id"],
        unique=True,
        sqlite_where=living,
        postgresql_where=living,
    )
    op.create_index("allowance_device", "allowance", ["device_id", "state"])
    op.create_index("allowance_due", "allowance", ["state", "release_at"])
