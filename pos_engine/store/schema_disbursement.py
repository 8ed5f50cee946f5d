"""Tables of a disbursement: rows, chunks, who did what, and what was kept after a return."""

from sqlalchemy import Column, Index, Integer

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# A row of the file, in its family's shard. It is staging, never money.
disbursement_item = _table(
    "disbursement_item",
    _shard(),
    _key("run_id"),
    _key("kpm_id"),
    Column("chunk", Integer, nullable=False),
    Column("number", Integer, nullable=False),  # of the row in the file; the header is 1
    _money("amount"),
    _text("wallet_id"),
)

# What is credited, or returned, in one transaction: the row's state is the idempotency key.
disbursement_chunk = _table(
    "disbursement_chunk",
    _shard(),  # the first of its items
    _key("run_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("last_shard", Integer, nullable=False),
    Column("rows", Integer, nullable=False),
    _money("total"),
    _text("state", 12),
    Column("credited_rows", Integer, nullable=False),
    _money("credited"),
    _money("returned"),
    _at("done_at", nullable=True),
    Index("disbursement_chunk_state", "run_id", "state", "number"),
)

# Who did what to a run, append-only: the second person is found here.
disbursement_event = _table(
    "disbursement_event",
    _shard(),
    _key("run_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("kind", 20),
    _text("officer"),
    _at("at"),
)

# Money of a returned run that could not come back: spent, or held by a purchase under way.
disbursement_kept = _table(
    "disbursement_kept",
    _shard(),
    _key("run_id"),
    _key("kpm_id"),
    _money("spent"),
    _money("held"),
)
