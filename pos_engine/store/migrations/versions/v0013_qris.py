"""QRIS: applications of shops, merchant ids, held baskets, SNAP partners and their notices."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0013"
down_revision = "0012"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def _bytes(name: str, length: int | None = None, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(length=length), nullable=nullable)


def _money(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "shop_application",
        _shard(),
        _text("shop_id"),
        _text("name", 120),
        _text("region", 13),
        _text("status", 16),
        _text("reason", 300, nullable=True),
        _bytes("content", 32),
        _bytes("owner_hmac", 32),
        _bytes("owner_sealed"),
        _bytes("account_sealed"),
        _bytes("photo_sealed", nullable=True),
        _text("till_id", nullable=True),
        _text("applied_by"),
        _at("applied_at"),
        _text("decided_by", nullable=True),
        _at("decided_at", nullable=True),
        sa.PrimaryKeyConstraint("shard", "shop_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("shop_application_status", "shop_application", ["status", "region"])
    op.create_index("shop_application_owner", "shop_application", ["owner_hmac"])
    op.create_table(
        "shop_qris",
        _shard(),
        _text("shop_id"),
        _text("nmid", 15),
        _text("domain", 32),
        _text("mpan", 19),
        _text("merchant_id", 15),
        _text("criteria", 3),
        _text("mcc", 4),
        _text("city", 15),
        _text("postal_code", 10),
        _text("partner_id"),
        _text("given_by"),
        _at("given_at"),
        sa.PrimaryKeyConstraint("shard", "shop_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("shop_qris_nmid", "shop_qris", ["nmid"], unique=True)
    op.create_table(
        "basket",
        _shard(),
        _text("purchase_id"),
        _text("shop_id"),
        _text("till_id"),
        _text("staff_id"),
        _text("status", 16),
        _text("reason", 32, nullable=True),
        sa.Column("lines", sa.JSON(), nullable=False),
        _money("amount"),
        _bytes("content", 32),
        _text("taken", 16, nullable=True),
        _at("shown_at"),
        _at("expires_at"),
        sa.PrimaryKeyConstraint("shard", "purchase_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snap_partner",
        _shard(),
        _text("partner_id"),
        _text("name", 120),
        sa.Column("public_key", sa.Text(), nullable=False),
        _bytes("secret_sealed"),
        _text("nns", 8, nullable=True),
        _text("status", 16),
        _at("created_at"),
        sa.PrimaryKeyConstraint("shard", "partner_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snap_call",
        _shard(),
        _text("partner_id"),
        sa.Column("day", sa.Date(), nullable=False),
        _text("external_id"),
        _at("at"),
        sa.PrimaryKeyConstraint("shard", "partner_id", "day", "external_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("snap_call_day", "snap_call", ["day"])
    op.create_table(
        "qris_notice",
        _shard(),
        _text("partner_id"),
        _text("reference_no"),
        _text("purchase_id", nullable=True),
        _text("shop_id"),
        _text("kpm_id", nullable=True),
        _text("kind", 12),
        _text("state", 12),
        _text("reason", 32, nullable=True),
        _money("amount"),
        _money("fee"),
        _at("paid_at"),
        _at("at"),
        sa.PrimaryKeyConstraint("shard", "partner_id", "reference_no"),
        sqlite_with_rowid=False,
    )
    op.create_index("qris_notice_purchase", "qris_notice", ["purchase_id"])
