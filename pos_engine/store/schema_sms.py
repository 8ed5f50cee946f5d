"""Tables of any phone: texts on their way out and in, dialogues, requests, complaints."""

from sqlalchemy import Column, Index, LargeBinary, SmallInteger

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# Number and text are sealed in one value, and gone as soon as the operator has the text.
sms_out = _table(
    "sms_out",
    _shard(),
    _key("message_id"),
    _text("kpm_id", nullable=True),
    _text("phone_id", nullable=True),
    _text("code_id", nullable=True),
    _text("subject_id", nullable=True),  # the purchase that it tells of
    Column("priority", SmallInteger, nullable=False),
    _text("state", 12),
    Column("sealed", LargeBinary, nullable=True),
    Column("tries", SmallInteger, nullable=False),
    _at("due_at"),  # when it may be taken, or taken again; of one that left: when it changed
    _at("expires_at"),
    _text("gateway_id", 64, nullable=True),
    _text("reason", 32, nullable=True),
    # taken by priority, then by age: an index range each, however many receipts wait
    Index("sms_out_due", "state", "priority", "due_at"),
    Index("sms_out_gateway", "gateway_id"),
    Index("sms_out_family", "shard", "kpm_id"),
)

# What came: neither number nor text, only a keyed hash that finds a number which asks too often.
sms_in = _table(
    "sms_in",
    _shard(),
    _key("message_key"),
    Column("from_hmac", LargeBinary(32), nullable=False),
    _text("kpm_id", nullable=True),
    _text("word", 12),
    _text("outcome", 24),
    _at("at"),
    Index("sms_in_from", "from_hmac", "at"),
)

ussd_session = _table(
    "ussd_session",
    _shard(),
    _key("session_key"),
    Column("from_hmac", LargeBinary(32), nullable=False),
    _text("kpm_id", nullable=True),
    _text("phone_id", nullable=True),
    _text("screen", 16),
    _text("purchase_id", nullable=True),  # what is asked on the screen CONFIRM
    Column("page", SmallInteger, nullable=False),
    Column("steps", SmallInteger, nullable=False),
    _at("opened_at"),
    _at("seen_at"),
    Index("ussd_session_seen", "seen_at"),
)

gateway_call = _table(
    "gateway_call",
    _shard(),
    _key("signature"),
    _at("at"),
    Index("gateway_call_at", "at"),
)

# A held basket that waits for a yes on her own phone.
phone_request = _table(
    "phone_request",
    _shard(),
    _key("kpm_id"),
    _key("purchase_id"),
    _text("person_id"),
    _text("phone_id"),
    _text("shop_id"),
    _money("amount"),
    _text("state", 12),
    _at("asked_at"),
    _at("expires_at"),
)

phone_sign = _table(
    "phone_sign",
    _shard(),
    _key("phone_id"),
    _at("heard_at"),
    _at("stopped_at", nullable=True),  # she asked for no news of purchases
)

complaint = _table(
    "complaint",
    _shard(),
    _key("complaint_id"),
    _text("reference", 12),
    _text("kpm_id"),
    _text("phone_id", nullable=True),
    _text("channel", 12),
    _text("purchase_id", nullable=True),
    Column("note_sealed", LargeBinary, nullable=True),
    _text("status", 12),
    _at("opened_at"),
    _at("closed_at", nullable=True),
    _text("closed_by", nullable=True),
    _text("outcome", 200, nullable=True),
    Index("complaint_reference", "reference", unique=True),
    Index("complaint_family", "shard", "kpm_id"),
    Index("complaint_status", "status", "opened_at"),
)
