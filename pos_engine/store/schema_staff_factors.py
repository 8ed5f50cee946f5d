"""Tables: second factors of officers, device-bound sessions, what officers do with keys."""

from sqlalchemy import BigInteger, Column, Index, LargeBinary, SmallInteger

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# What an officer proves herself with beside her PIN: an app that counts time, or a passkey.
staff_factor = _table(
    "staff_factor",
    _shard(),
    _key("staff_id"),
    _key("factor_id"),
    _text("kind", 8),
    _text("state", 8),
    Column("sealed", LargeBinary, nullable=True),  # secret of a TOTP, sealed for this row
    _text("credential", 1400, nullable=True),  # of a passkey, base64url
    Column("public_key", LargeBinary, nullable=True),
    _text("rp_id", 253, nullable=True),  # the name of the site that it was made for
    Column("sign_count", BigInteger, nullable=False),
    Column("last_step", BigInteger, nullable=False),  # of the newest code that was used
    _at("made_at"),
    _at("active_at", nullable=True),
    _at("removed_at", nullable=True),
)

# The one-time code by which an officer, and nobody else, makes her first factor.
staff_setup = _table(
    "staff_setup",
    _shard(),
    _key("staff_id"),
    Column("code_hmac", LargeBinary, nullable=False),
    _at("made_at"),
    _at("expires_at"),
    _at("used_at", nullable=True),
)

# Codes for the day when the telephone is gone: keyed hashes, each for one use.
staff_recovery = _table(
    "staff_recovery",
    _shard(),
    _key("staff_id"),
    _key("code_hmac"),  # hex
    _at("made_at"),
    _at("used_at", nullable=True),
)

# Tries of a PIN or factor that went wrong, and until when no more is looked at.
staff_lock = _table(
    "staff_lock",
    _shard(),
    _key("staff_id"),
    _key("kind"),
    Column("tries_left", SmallInteger, nullable=False),
    Column("locks", SmallInteger, nullable=False),  # in a row; each is longer than the last
    _at("until", nullable=True),
)

# Log-ins between PIN and factor that were finished: none is finished twice.
staff_ticket = _table("staff_ticket", _shard(), _key("staff_id"), _key("ticket_id"), _at("used_at"))

# All factors of an officer are taken away: one asks, another does it.
staff_reset = _table(
    "staff_reset",
    _shard(),
    _key("reset_id"),
    _text("staff_id"),
    _text("reason", 200),
    _text("made_by"),
    _at("made_at"),
    _text("approved_by", nullable=True),
    _at("approved_at", nullable=True),
    Index("staff_reset_waiting", "approved_at", "made_at"),
)

# What became of factors, step by step; only ever added.
staff_event = _table(
    "staff_event",
    _shard(),
    _key("event_id"),
    _text("staff_id"),
    _text("kind", 16),
    _text("subject_id"),  # the factor, or the reset
    _text("by_id"),
    _at("at"),
    Index("staff_event_of", "shard", "staff_id"),
)

# Sessions that answer to one key alone: its thumbprint (RFC 7638).
session_bond = _table(
    "session_bond", _shard(), _key("session_id"), _text("thumbprint", 43), _at("bound_at")
)
