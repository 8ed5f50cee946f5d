"""Tables of idle money: days that do not count, announcements, what was put aside, lists."""

from sqlalchemy import Column, Date, Index, Integer, SmallInteger

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# Days that count for nobody of a region (an outage) or not for one family (an open complaint).
idle_pause = _table(
    "idle_pause",
    _shard(),
    _key("pause_id"),
    _text("kind", 12),
    _text("subject"),
    Column("first", Date, nullable=False),
    Column("last", Date, nullable=True),  # none: it is not over
    _text("noted_by"),
    _at("noted_at"),
)

# An announcement of a spell of idleness; its key makes it once.
idle_notice = _table(
    "idle_notice",
    _shard(),
    _key("wallet_id"),
    Column("since", Date, primary_key=True),
    Column("days", SmallInteger, primary_key=True, autoincrement=False),
    _text("kpm_id"),
    _text("event_id"),
    _at("told_at"),
    Index("idle_notice_event", "shard", "event_id"),
)

# A tranche that was put aside; it thaws with a purchase, which is a fact of its own.
idle_freeze = _table(
    "idle_freeze",
    _shard(),
    _key("freeze_id"),
    _text("wallet_id"),
    _text("kpm_id"),
    _money("amount"),
    Column("days", Integer, nullable=False),
    _text("frozen_by"),
    _at("frozen_at"),
)

idle_list = _table(
    "idle_list",
    _shard(),
    _key("list_id"),
    _text("state", 12),
    Column("count", Integer, nullable=False),
    _money("total"),
    _text("sha256"),
    _text("made_by"),
    _text("approved_by", nullable=True),
    _at("made_at"),
    _at("approved_at", nullable=True),
)

# A frozen tranche on a list, in its family's shard: its state is the idempotency key.
idle_item = _table(
    "idle_item",
    _shard(),
    _key("list_id"),
    _key("wallet_id"),
    _text("kpm_id"),
    _text("programme", 16),
    _text("period", 20),
    _money("amount"),
    _text("state", 12),
    Index("idle_item_state", "list_id", "state", "shard"),
)
