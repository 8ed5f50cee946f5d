"""Tables of devices' keys, card secrets and money reserved for selling without signal."""

from sqlalchemy import Boolean, Column, Date, Index, LargeBinary, SmallInteger, Text
from sqlalchemy import text as sql_text

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

LIVING = sql_text("state = 'LIVE'")  # written out: a partial index asks for it
IN_FORCE = sql_text("ended_at IS NULL")

# A shop's one-time codes for a new device. Four of the eight digits find the row, all prove it.
device_code = _table(
    "device_code",
    _shard(),
    _key("code_id"),
    _text("shop_id"),
    _text("till_id"),
    Column("first_hmac", LargeBinary(32), nullable=False),
    Column("code_hmac", LargeBinary(32), nullable=False),
    Column("tries_left", SmallInteger, nullable=False),
    _text("made_by"),
    _at("made_at"),
    _at("expires_at"),
    _text("used_for", nullable=True),  # the device
    _at("used_at", nullable=True),
    Index("device_code_first", "first_hmac"),
)

# The public key that a device signs with, in the shard of its device. One key, one device.
device_key = _table(
    "device_key",
    _shard(),
    _key("device_id"),
    _text("shop_id"),
    _text("till_id"),
    _text("kid", 16),
    _text("algorithm", 8),
    Column("public_key", LargeBinary, nullable=False),  # raw, as WebCrypto exports it
    _text("state", 12),
    _text("label", 60),
    _text("code_id", nullable=True),  # of the owner's code that let it in
    _at("made_at"),
    _at("approved_at", nullable=True),
    _at("revoked_at", nullable=True),
    Index("device_key_kid", "kid", unique=True),
    Index("device_key_shop", "shop_id"),
)

# Each step of a device: bound, approved, quarantined, revoked; never edited.
device_event = _table(
    "device_event",
    _shard(),
    _key("event_id"),
    _text("device_id"),
    _text("shop_id"),
    _text("kind", 12),
    _text("kid", 16),
    _text("staff_id"),
    _at("at"),
    Index("device_event_device", "device_id"),
)

# The sticker of a card: a keyed hash of all that it says, in the shard of the card's family. The
# newest is in force; a sticker that was made anew has ended the one before.
card_secret = _table(
    "card_secret",
    _shard(),
    _key("card_token"),
    _text("card_id"),
    _text("kpm_id"),
    Column("lookup_hmac", LargeBinary(32), nullable=False),  # its entry in the directory
    _text("made_by"),
    _at("made_at"),
    _at("ended_at", nullable=True),
    Index(
        "card_secret_in_force",
        "shard",
        "card_id",
        unique=True,
        sqlite_where=IN_FORCE,
        postgresql_where=IN_FORCE,
    ),
)

# Money of a family that one device may take without asking, in the family's shard. It lies in a
# hold; what is drawn ends that hold, and the rest goes on in another. `amount` is what was signed,
# `remaining` what lies in the hold now.
allowance = _table(
    "allowance",
    _shard(),
    _key("allowance_id"),
    _text("kpm_id"),
    _text("person_id"),
    _text("card_id"),
    _text("shop_id"),
    _text("shop_name", 120),  # as it is told elsewhere
    _text("till_id"),
    _text("device_id"),
    _text("staff_id"),
    Column("content", LargeBinary(32), nullable=False),
    _money("amount"),
    _money("remaining"),
    _money("spent_offline"),  # by envelopes
    _money("drawn_online"),  # by purchases at the same device
    _text("hold_id"),  # the hold that it lies in now, or lay in last
    Column("remote", Boolean, nullable=False),
    _text("state", 12),
    _at("issued_at"),
    _at("not_after"),
    _at("release_at"),  # after the grace
    Column("last_day", Date, nullable=False),  # of `not_after`, by the shop's clock
    Column("document", Text, nullable=False),  # as it was signed
    _text("signature", 100),
    _text("end_id", nullable=True),  # the recall that ended it
    _text("ended_by", nullable=True),
    _text("ended_shop", nullable=True),
    _at("ended_at", nullable=True),
    Index(
        "allowance_living",
        "shard",
        "kpm_id",
        unique=True,
        sqlite_where=LIVING,
        postgresql_where=LIVING,
    ),
    Index("allowance_device", "device_id", "state"),
    Index("allowance_due", "state", "release_at"),
)

# Which shops lie beyond the signal, as DINSOS said; the newest word counts.
shop_remote = _table(
    "shop_remote",
    _shard(),
    _key("event_id"),
    _text("shop_id"),
    Column("remote", Boolean, nullable=False),
    _text("set_by"),
    _at("set_at"),
    Index("shop_remote_shop", "shop_id"),
)
