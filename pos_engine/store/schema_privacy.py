"""Tables: a key per family, consents, acts on personal data and keys, reviews of refused faces."""

from sqlalchemy import Boolean, Column, Index, LargeBinary

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# What seals a family's personal data, wrapped by the key that `kek_id` names. Empty for good once
# the family is erased: with it go all copies of what it sealed, those in backups too.
family_key = _table(
    "family_key",
    _shard(),
    _key("kpm_id"),
    _text("kek_id", 40),
    Column("wrapped", LargeBinary, nullable=True),
    _at("made_at"),
    _at("destroyed_at", nullable=True),
)

# What a person agreed to, or took back; only ever added, the newest of a purpose counts.
consent = _table(
    "consent",
    _shard(),
    _key("consent_id"),
    _text("kpm_id"),
    _text("person_id"),
    _text("purpose", 16),
    Column("given", Boolean, nullable=False),
    _text("text_version", 64),
    _text("language", 16),
    _text("by_id"),  # who wrote it down: an officer, a till's cashier, KPM for herself
    _at("at"),
    Index("consent_family", "shard", "kpm_id"),
)

# What was done with personal data and keys: sealed by the audit chain, only ever added.
privacy_event = _table(
    "privacy_event",
    _shard(),
    _key("event_id"),
    _text("kpm_id", nullable=True),
    _text("kind", 16),
    _text("detail", 300),
    _text("by_id"),
    _text("second_id", nullable=True),
    _at("at"),
    Index("privacy_event_at", "at"),
)

# A person looked at a refused face (Law 27/2022, Art. 10: no decision by machine alone).
face_review = _table(
    "face_review",
    _shard(),
    _key("attempt_id"),
    _text("decision", 16),
    _text("note", 300),
    _text("by_id"),
    _at("at"),
)
