"""The table of a KPM's visits to her own page."""

from sqlalchemy import Boolean, Column, Index

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# A visit to her page. One that is not `full` was opened from a number that was long silent.
kpm_session = _table(
    "kpm_session",
    _shard(),
    _key("session_id"),
    _text("kpm_id"),
    _text("person_id"),
    _text("phone_id"),
    Column("full", Boolean, nullable=False),
    _at("opened_at"),
    _at("expires_at"),
    _at("ended_at", nullable=True),
    Index("kpm_session_family", "shard", "kpm_id"),
)
