"""Tables of enrolling a face: proposals, look-alikes, locks, faces of staff."""

from sqlalchemy import (
    JSON,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
)

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

enrolment = _table(
    "enrolment",
    _shard(),
    _key("enrolment_id"),
    _text("kpm_id"),
    _text("person_id"),
    _text("region", 13),  # the family's, for the officer's scope
    _text("status", 16),
    _text("reason", 32, nullable=True),
    Column("content", LargeBinary(32), nullable=False),
    _text("consent_text", 64),
    _text("consent_language", 16),
    _text("consent_witness", 120, nullable=True),
    _text("place_region", 13),
    _text("place_shop_id", nullable=True),
    _text("factor", 8, nullable=True),
    _at("started_at", nullable=True),
    _at("finished_at", nullable=True),
    # the template until it is in force; emptied by every other end
    Column("sealed", LargeBinary, nullable=True),
    _text("model_id", nullable=True),
    Column("version", Integer, nullable=True),
    Column("quality", SmallInteger, nullable=True),
    Column("pictures", SmallInteger, nullable=True),
    Column("likeness_to_old", Float, nullable=True),
    Column("searched_families", Integer, nullable=True),
    Column("searched_templates", Integer, nullable=True),
    _text("proposed_by"),
    _at("proposed_at"),
    _text("decided_by", nullable=True),
    _at("decided_at", nullable=True),
    _at("effective_at", nullable=True),
    Index("enrolment_status", "status", "region"),
    Index("enrolment_person", "person_id"),
)

enrolment_finding = _table(
    "enrolment_finding",
    _shard(),
    _key("enrolment_id"),
    Column("number", SmallInteger, primary_key=True, autoincrement=False),
    _text("source", 12),
    _text("template_id"),
    _text("kpm_id", nullable=True),
    _text("person_id"),
    Column("score", Float, nullable=False),
    Column("fpir_estimate", Float, nullable=False),
    _text("decision", 20, nullable=True),
    _text("note", 300, nullable=True),
)

# Who did what, when, from which device: append-only.
enrolment_event = _table(
    "enrolment_event",
    _shard(),
    _key("event_id"),
    _text("enrolment_id"),
    _text("kpm_id"),
    _text("kind", 16),
    _text("reason", 32, nullable=True),
    _text("staff_id"),
    _text("role", 16),
    _text("device_id"),
    _text("note", 300, nullable=True),
    _at("at"),
    Index("enrolment_event_of", "enrolment_id"),
)

# Two persons whom an officer called look-alikes; both directions are written.
look_alike = _table(
    "look_alike",
    _shard(),
    _key("person_id"),
    _key("other_person_id"),
    _text("enrolment_id"),
    _text("flagged_by"),
    _at("flagged_at"),
)

# What a KPM did with her own face; the newest row of a person is her state.
face_lock = _table(
    "face_lock",
    _shard(),
    _key("lock_id"),
    _text("kpm_id"),
    _text("person_id"),
    Column("number", Integer, nullable=False),  # of her acts: 1, 2, ...
    _text("kind", 12),
    Column("template_ids", JSON, nullable=False),
    _text("till_id"),
    _text("staff_id"),
    _text("device_id"),
    _at("at"),
    Index("face_lock_person", "shard", "person_id", "number", unique=True),
)

staff_template = _table(
    "staff_template",
    _shard(),
    _key("staff_id"),
    _key("model_id"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("quality", SmallInteger, nullable=False),
    # the KPM person who this member of staff is, if she is one
    _text("person_id", nullable=True),
    _at("created_at"),
)
