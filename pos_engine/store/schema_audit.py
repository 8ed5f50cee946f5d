"""Tables of the audit chain: facts that wait for a seal, heads, leaves, links, closed days."""

from sqlalchemy import BigInteger, Column, Date, Index, Integer, LargeBinary, SmallInteger

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# Written with the fact, in its transaction (store/announce.py), emptied by the seal: whoever
# commits late is still here.
audit_pending = _table("audit_pending", _shard(), _key("kind"), _key("subject_id"))

# One row a shard from the beginning: its lock makes one sealer of many, `n` is the newest link.
audit_head = _table(
    "audit_head",
    _shard(),
    Column("n", BigInteger, nullable=False),
)

audit_leaf = _table(
    "audit_leaf",
    _shard(),
    Column("batch", BigInteger, primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    _text("kind", 16),
    _text("subject_id"),
    Column("row_format", SmallInteger, nullable=False),
    Column("row_hash", LargeBinary(32), nullable=False),
    # of an approved purchase: the leaf that its receipt carries, and the receipt's number
    Column("receipt", LargeBinary(32), nullable=True),
    _text("label", nullable=True),
    Index("audit_leaf_subject", "shard", "kind", "subject_id", unique=True),
    Index("audit_leaf_receipt", "receipt"),
    Index("audit_leaf_label", "label"),
)

audit_seal = _table(
    "audit_seal",
    _shard(),
    Column("n", BigInteger, primary_key=True, autoincrement=False),
    Column("prev", LargeBinary(32), nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("count", Integer, nullable=False),
    Column("day", Date, nullable=False),
    _at("sealed_at"),
    Column("hash", LargeBinary(32), nullable=False),
    Index("audit_seal_day", "day"),
)

# A shard's part of a closed day: a proof reads these instead of every link of the nation.
audit_day_shard = _table(
    "audit_day_shard",
    _shard(),
    Column("day", Date, primary_key=True),
    Column("root", LargeBinary(32), nullable=False),
    Column("seals", Integer, nullable=False),
    Index("audit_day_shard_day", "day"),
)

audit_day = _table(
    "audit_day",
    _shard(),  # 0: one calendar for the nation
    Column("day", Date, primary_key=True),
    Column("prev", LargeBinary(32), nullable=False),
    Column("root", LargeBinary(32), nullable=False),
    Column("seals", BigInteger, nullable=False),
    _at("closed_at"),
    _text("signature", 128),
    _text("key_id", 32),
)
