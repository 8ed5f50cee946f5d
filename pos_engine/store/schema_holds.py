"""Tables of holds: money put aside for one purchase to come, and the tranches it lies in."""

from sqlalchemy import Column, Index, LargeBinary, SmallInteger

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# In its family's shard. `state` leaves HELD once, and nothing else of the row ever changes twice.
hold = _table(
    "hold",
    _shard(),
    _key("hold_id"),
    _text("kpm_id"),
    _text("shop_id"),
    _text("purpose", 16),
    _money("amount"),
    _text("state", 12),
    _money("captured"),
    _text("purchase_id", nullable=True),  # the movement that the capture posted
    Column("content", LargeBinary(32), nullable=False),
    _at("made_at"),
    _at("expires_at"),
    _at("resolved_at", nullable=True),
    Index("hold_due", "state", "expires_at"),
)

# What lies in `wallet.held`, in the order in which it was drawn.
hold_draw = _table(
    "hold_draw",
    _shard(),
    _key("hold_id"),
    Column("place", SmallInteger, primary_key=True, autoincrement=False),
    _text("wallet_id"),
    _money("amount"),
)
