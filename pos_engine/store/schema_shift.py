"""Tables of shifts of a till: opened, counted, closed."""

from sqlalchemy import JSON, Column, Date, Index, Integer

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# A till's day, closed once (Z). It lives with its shop and is only ever added. The cash is the
# shop's own money: what was counted is written down, and nothing is posted.
till_day = _table(
    "till_day",
    _shard(),
    _key("till_id"),
    Column("day", Date, primary_key=True),
    _text("close_id"),
    _text("shop_id"),
    _text("device_id"),
    _text("staff_id"),
    Column("sums", JSON, nullable=False),  # what the engine had sold when it was closed
    _money("opening_cash"),
    _money("cash_sales"),
    _money("cash_in"),
    _money("cash_out"),
    _money("counted_cash"),
    Column("unsent", Integer, nullable=False),  # sales that were still on the device
    _money("unsent_amount"),
    _at("closed_at"),
    Index("till_day_close", "shard", "close_id", unique=True),
    Index("till_day_shop", "shard", "shop_id", "day"),
)
