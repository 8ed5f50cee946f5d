"""The table of answer times: what each process of the engine measured, some seconds a row."""

from sqlalchemy import JSON, Column, Index, Integer

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table

answer_latency = _table(
    "answer_latency",
    _shard(),  # of the process's name: no rows of one place for all processes
    _key("process"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _at("since"),
    _at("until"),
    Column("counts", JSON, nullable=False),  # by the steps of rules/latency.py
    Column("turned_away", Integer, nullable=False),
    Index("answer_latency_until", "until"),
)
