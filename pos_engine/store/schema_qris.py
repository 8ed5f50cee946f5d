"""Tables of selling by QRIS: applications of shops, merchant ids, held baskets, SNAP partners."""

from sqlalchemy import JSON, Column, Date, Index, LargeBinary, Text

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

shop_application = _table(
    "shop_application",
    _shard(),
    _key("shop_id"),
    _text("name", 120),
    _text("region", 13),
    _text("status", 16),
    _text("reason", 300, nullable=True),
    Column("content", LargeBinary(32), nullable=False),
    Column("owner_hmac", LargeBinary(32), nullable=False),  # one owner of many shops is seen
    Column("owner_sealed", LargeBinary, nullable=False),
    Column("account_sealed", LargeBinary, nullable=False),
    Column("photo_sealed", LargeBinary, nullable=True),
    _text("till_id", nullable=True),
    _text("applied_by"),
    _at("applied_at"),
    _text("decided_by", nullable=True),
    _at("decided_at", nullable=True),
    Index("shop_application_status", "status", "region"),
    Index("shop_application_owner", "owner_hmac"),
)

shop_qris = _table(
    "shop_qris",
    _shard(),
    _key("shop_id"),
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
    Index("shop_qris_nmid", "nmid", unique=True),
)

basket = _table(
    "basket",
    _shard(),
    _key("purchase_id"),
    _text("shop_id"),
    _text("till_id"),
    _text("staff_id"),
    _text("status", 16),
    _text("reason", 32, nullable=True),
    Column("lines", JSON, nullable=False),
    _money("amount"),
    Column("content", LargeBinary(32), nullable=False),
    _text("taken", 16, nullable=True),  # whose money pays it; the first that takes it has it
    _at("shown_at"),
    _at("expires_at"),
)

snap_partner = _table(
    "snap_partner",
    _shard(),
    _key("partner_id"),
    _text("name", 120),
    Column("public_key", Text, nullable=False),
    Column("secret_sealed", LargeBinary, nullable=False),
    _text("nns", 8, nullable=True),
    _text("status", 16),
    _at("created_at"),
)

# X-EXTERNAL-ID: unique for a partner on a day; rows of older days are taken away.
snap_call = _table(
    "snap_call",
    _shard(),
    _key("partner_id"),
    Column("day", Date, primary_key=True),
    _key("external_id"),
    _at("at"),
    Index("snap_call_day", "day"),
)

qris_notice = _table(
    "qris_notice",
    _shard(),
    _key("partner_id"),
    _key("reference_no"),
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
    Index("qris_notice_purchase", "purchase_id"),
)
