"""Tables of what a till tells besides purchases: who was not served, cash sales by count."""

from sqlalchemy import Column, Date, Index, Integer

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# Sales for ordinary money, as a device counted them so far that day: no sum, no goods, nobody.
cash_count = _table(
    "cash_count",
    _shard(),  # of the shop
    _key("shop_id"),
    Column("day", Date, primary_key=True),
    _key("device_id"),
    Column("sales", Integer, nullable=False),
    Column("goods_lines", Integer, nullable=False),
    _at("told_at"),
)

# A family that went home without food, as a cashier told with one tap. It names nobody.
turned_away = _table(
    "turned_away",
    _shard(),
    _key("note_id"),
    _text("shop_id"),
    _text("till_id"),
    _text("staff_id"),
    _text("reason", 16),
    Column("day", Date, nullable=False),
    _at("occurred_at"),  # by the tablet's clock
    _at("told_at"),
    Index("turned_away_day", "day"),
)

# How a card came to a till: its number typed, or in the hands of somebody else.
card_note = _table(
    "card_note",
    _shard(),
    _key("note_id"),
    _text("shop_id"),
    _text("till_id"),
    _text("staff_id"),
    _text("kind", 16),
    Column("day", Date, nullable=False),
    _text("purchase_id", nullable=True),
    _at("told_at"),
    Index("card_note_day", "day"),
)
