"""Tables of sales made without signal: envelopes, chains, what people decided about them."""

from sqlalchemy import JSON, BigInteger, Column, Index, Text
from sqlalchemy import text as sql_text

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

ON_CHAIN = sql_text("place <> 'ASIDE'")  # written out: a partial index asks for it
UNSETTLED = sql_text("settled_at IS NULL")

# What a device signed, in the shard of the device, named by its hash: as it came, and what became
# of it. Two of one number never both stand on the chain; the other one lies ASIDE.
envelope = _table(
    "envelope",
    _shard(),
    _key("envelope_id"),
    _text("device_id"),
    Column("seq", BigInteger, nullable=False),
    _text("prev", 43),
    _text("place", 8),
    _text("purchase_id"),
    _text("allowance_id"),
    _money("amount"),
    Column("body", Text, nullable=False),  # canonical, with its signature
    _text("source", 8),
    _text("brought_by", nullable=True),  # whoever brought it when it was not its device
    _at("received_at"),
    _text("outcome", 20),
    _text("held_for", 12, nullable=True),  # why it waits
    _text("reason", 32, nullable=True),
    Column("flags", JSON, nullable=False),
    _text("number", nullable=True),  # of the engine's receipt
    _money("taken"),  # of its allowance, whoever paid; nothing when it was paid before
    _at("sold_at", nullable=True),
    _at("settled_at", nullable=True),
    Index(
        "envelope_chain",
        "shard",
        "device_id",
        "seq",
        unique=True,
        sqlite_where=ON_CHAIN,
        postgresql_where=ON_CHAIN,
    ),
    Index("envelope_device", "device_id", "seq"),
    Index("envelope_allowance", "allowance_id"),
    Index("envelope_purchase", "purchase_id"),
    Index(
        "envelope_unsettled",
        "outcome",
        "received_at",
        sqlite_where=UNSETTLED,
        postgresql_where=UNSETTLED,
    ),
)

# How far a device's chain is without a gap. Its row is the lock of the device.
offline_chain = _table(
    "offline_chain",
    _shard(),
    _key("device_id"),
    Column("seq", BigInteger, nullable=False),
    _text("head", 43),
    Column("asked_from", BigInteger, nullable=False),  # a batch that began too high was asked back
    _at("told_at"),  # the newest checkpoint
)

# What two people decided about envelopes that wait, gaps and disputes; only ever added.
offline_review = _table(
    "offline_review",
    _shard(),
    _key("review_id"),
    _text("device_id"),
    _text("subject_id"),  # the envelope
    _text("decision", 12),
    _text("note", 200),
    _text("made_by"),
    _text("approved_by", nullable=True),  # nobody on a demo
    _at("made_at"),
    Index("offline_review_subject", "subject_id"),
)

# A sale that its family says was not hers, in the shard of the family; one a purchase.
offline_dispute = _table(
    "offline_dispute",
    _shard(),
    _key("purchase_id"),
    _text("envelope_id"),
    _text("device_id"),
    _text("kpm_id"),
    _text("shop_id"),
    _money("amount"),
    _text("credited_by", nullable=True),  # the return that gave her the money
    _text("state", 12),
    _at("opened_at"),
    _at("closed_at", nullable=True),
    Index("offline_dispute_envelope", "envelope_id"),
)
