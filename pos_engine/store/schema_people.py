"""Tables of people who stand in for others: delegates, two who vouch, and what Dinsos must see."""

from sqlalchemy import Column, Date, Index, LargeBinary

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# Who may buy for a family. The delegate is a person of this or of another family, known by her NIK.
delegation = _table(
    "delegation",
    _shard(),
    _key("delegation_id"),
    _text("kpm_id"),
    _text("region", 13),
    Column("delegate_hmac", LargeBinary(32), nullable=False),
    _text("delegate_kpm_id"),
    _text("delegate_person_id"),
    _text("name", 120),
    Column("birth_date", Date, nullable=False),
    _text("status", 16),
    Column("expires_on", Date, nullable=False),
    _text("proposed_by"),
    _at("proposed_at"),
    _text("decided_by", nullable=True),
    _at("decided_at", nullable=True),
    _text("ended_by", nullable=True),
    _at("ended_at", nullable=True),
    Index("delegation_family", "kpm_id"),
    Index("delegation_delegate", "delegate_hmac"),  # how many families one person buys for
)

# Every step and every refused attempt of a delegation: who, when, why not.
delegation_event = _table(
    "delegation_event",
    _shard(),
    _key("event_id"),
    _text("delegation_id"),
    _text("kpm_id"),
    _text("kind", 16),
    _text("reason", 32, nullable=True),
    _text("staff_id"),
    _at("at"),
    Index("delegation_event_delegation", "delegation_id"),
)

# Two people vouch for one purchase of at most this amount. Its id is the payer token's own.
supervision = _table(
    "supervision",
    _shard(),
    _key("supervision_id"),
    _text("kpm_id"),
    _text("region", 13),
    _text("person_id"),
    _text("shop_id"),
    _text("till_id"),
    _money("amount"),
    _text("no_other_way", 16),
    _text("status", 16),
    _text("asked_by"),
    _at("asked_at"),
    _at("expires_at"),
    _text("decided_by", nullable=True),
    _at("decided_at", nullable=True),
    Index("supervision_family", "kpm_id", "decided_at"),
    Index("supervision_shop", "shop_id", "decided_at"),
    Index("supervision_state", "status", "expires_at"),
)

# What a person of DINSOS is to look at; it stops nobody and nothing.
aid_case = _table(
    "aid_case",
    _shard(),
    _key("case_id"),
    _text("status", 8),
    _text("reasons", 200),
    _text("region", 13),
    _text("shop_id"),
    _text("till_id"),
    _text("kpm_id", nullable=True),
    _text("supervision_id", nullable=True),
    _at("opened_at"),
    _text("closed_by", nullable=True),
    _at("closed_at", nullable=True),
    _text("note", 300, nullable=True),
    Index("aid_case_status", "status", "case_id"),
)

# What a person told at enrolment: which way is opened first for her.
access_class = _table(
    "access_class",
    _shard(),
    _key("person_id"),
    _text("kpm_id"),
    _text("classes", 80),
    _text("set_by"),
    _at("set_at"),
)

# A staff member's NIK as a keyed hash: she vouches not for her own family, and is no delegate.
staff_nik = _table(
    "staff_nik",
    _shard(),
    _key("staff_id"),
    Column("nik_hmac", LargeBinary(32), nullable=False),
    _at("set_at"),
    Index("staff_nik_hash", "nik_hmac"),
)

# Two officers saw her; then she types a new PIN belanja herself, once.
pin_witness = _table(
    "pin_witness",
    _shard(),
    _key("witness_id"),
    _text("kpm_id"),
    _text("first_by"),
    _text("second_by", nullable=True),
    _at("asked_at"),
    _at("expires_at"),
    _at("used_at", nullable=True),
)
