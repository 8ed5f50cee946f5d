"""Table of reversals: what was returned of a purchase, by the shop's owner or by officers."""

from sqlalchemy import JSON, Column, Date, Index

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# In its family's shard, append-only. Its id is also a claim: unique in the nation.
reversal = _table(
    "reversal",
    _shard(),
    _key("reversal_id"),
    _text("reverses_id"),
    _text("kind", 8),
    _text("kpm_id"),
    _text("shop_id"),
    _text("made_by"),
    _text("approved_by", nullable=True),
    _text("reason", 200),
    _money("amount"),
    _money("unusable"),  # of it: back in a tranche that may not be spent any more
    _money("balance_after"),
    Column("lines", JSON, nullable=False),
    Column("returns", JSON, nullable=False),
    Column("purchase_day", Date, nullable=False),
    _at("made_at"),
    Index("reversal_purchase", "shard", "reverses_id"),
    Index("reversal_shop_day", "shop_id", "purchase_day"),
)
