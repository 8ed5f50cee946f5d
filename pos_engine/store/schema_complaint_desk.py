"""Tables of the complaints desk: what each is about and due, each step of it, its photo."""

from sqlalchemy import Column, Index, LargeBinary, SmallInteger

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# What the desk must know of a complaint; her words, its state and its answer stand in `complaint`.
complaint_case = _table(
    "complaint_case",
    _shard(),
    _key("complaint_id"),
    _text("kind", 12),
    _text("region", 13),  # where the family lives
    _text("shop_id", nullable=True),
    _text("shop_region", 13, nullable=True),
    Column("line", SmallInteger, nullable=True),  # of the purchase, from 0
    _text("brought_by", nullable=True),  # who typed it, when it was not she
    _at("due_at"),
    _at("escalated_at", nullable=True),
    _text("taken_by", nullable=True),
    _text("swap", 12, nullable=True),
    Index("complaint_case_due", "due_at"),
    Index("complaint_case_shop", "shop_id", "swap"),
)

# Each step, only ever added; `event_id` is the UUIDv7 of the form or call: twice is once.
complaint_event = _table(
    "complaint_event",
    _shard(),
    _key("event_id"),
    _text("complaint_id"),
    Column("number", SmallInteger, nullable=False),  # of the steps of one complaint, from 1
    _text("kind", 16),
    _text("detail", 200, nullable=True),
    _text("by_id"),
    _at("at"),
    Index("complaint_event_of", "shard", "complaint_id"),
)

# A picture of bad goods, sealed for its row.
complaint_photo = _table(
    "complaint_photo",
    _shard(),
    _key("complaint_id"),
    _text("media_type", 16),
    Column("sealed", LargeBinary, nullable=False),
    _at("kept_at"),
)
