"""Tables of what looks wrong: cases, their evidence, answers and decisions."""

from sqlalchemy import JSON, BigInteger, Column, Float, Index, Integer

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# One of each rule, subject (a shop, an officer, faces that look alike) and month; the name says
# which. While it is OPEN a newer run may find more; afterwards its evidence stays as it was asked.
anomaly_case = _table(
    "anomaly_case",
    _shard(),
    _key("case_id"),
    _text("rule", 4),
    _text("subject_kind", 8),
    _text("subject_id"),
    _text("period", 7),
    _text("region", 13),  # empty of an officer of the nation
    _text("status", 12),
    Column("score", Float, nullable=False),
    Column("counted", BigInteger, nullable=False),  # what looks wrong
    Column("looked_at", BigInteger, nullable=False),  # among how many
    Column("value", Float, nullable=False),
    Column("bound", Float, nullable=False),  # from which it looks wrong
    Column("peers_middle", Float, nullable=False),
    Column("peers", Integer, nullable=False),
    _text("peers_of", 16),  # the place of the peers; empty: nobody is compared with
    _text("sentence", 600),
    Column("evidence", JSON, nullable=False),
    _at("opened_at"),
    _at("seen_at"),  # the newest run that found it
    Index("anomaly_case_rank", "status", "score"),
    Index("anomaly_case_period", "period", "score"),
    Index("anomaly_case_subject", "subject_id"),
)

# Who did what with a case; only ever added, each one sealed. `content` is the hash of the evidence
# that was looked at.
anomaly_step = _table(
    "anomaly_step",
    _shard(),  # of the case
    _key("case_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("act_id"),
    _text("kind", 12),
    _text("made_by"),
    _text("role", 16),
    _text("note", 600),
    _text("content"),
    _at("made_at"),
)

# What the machine stopped by itself because of a case: a face or an officer, never money.
anomaly_stop = _table(
    "anomaly_stop",
    _shard(),  # of the case
    _key("case_id"),
    _key("subject_id"),  # the template, or the member of staff
    _text("kind", 8),
    _text("kpm_id", nullable=True),  # whose face
    _at("stopped_at"),
    _at("freed_at", nullable=True),
    Index("anomaly_stop_family", "kpm_id"),
)

# The newest run of each month.
anomaly_run = _table(
    "anomaly_run",
    _shard(),
    _key("period"),
    _at("ran_at"),
    Column("shops", Integer, nullable=False),
    Column("months", Integer, nullable=False),  # that were looked at together
    Column("found", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),  # more than are kept of one rule
)
