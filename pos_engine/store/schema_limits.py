"""The table of what limited goods a family bought on a day."""

from sqlalchemy import BigInteger, Column, Date

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table

# Written only while a limit counts the good (or, with an empty code, the family's rupiah), beside
# the purchase. A return adds a row of its own below zero: no row is ever taken back.
limit_use = _table(
    "limit_use",
    _shard(),
    _key("kpm_id"),
    Column("day", Date, primary_key=True),
    _key("purchase_id"),
    _key("item_code"),
    Column("used", BigInteger, nullable=False),
)
