"""Tables of what shops are paid: windows, payouts, accounts, the bank's lines, closed days."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    text,
)

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# Where a shop is paid, version by version: nobody edits an account, a newer one is approved.
shop_account = _table(
    "shop_account",
    _shard(),
    _key("shop_id"),
    Column("version", Integer, primary_key=True, autoincrement=False),
    _text("bank", 16),
    Column("sealed", LargeBinary, nullable=False),  # number and name of its holder
    _text("status", 16),
    _text("made_by"),
    _text("approved_by", nullable=True),
    _at("created_at"),
    _at("approved_at", nullable=True),
)

# One settlement: everything on the shops' accounts from `opens_at` to `closes_at`.
settlement_run = _table(
    "settlement_run",
    _shard(),
    Column("day", Date, primary_key=True),
    _at("opens_at", nullable=True),  # none: the first one takes whatever is older
    _at("closes_at"),
    Column("pays_on", Date, nullable=False),
    _money("minimum"),
    _text("status", 12),
    _text("made_by"),
    _at("made_at"),
    Column("planned", Integer, nullable=True),  # transfers that its maker saw
    Column("planned_total", BigInteger, nullable=True),
    _text("plan_sha256", nullable=True),
    _text("approved_by", nullable=True),
    _at("approved_at", nullable=True),
)

# What a shop is owed for one run. `late`: what came to light of the window before.
settlement_window = _table(
    "settlement_window",
    _shard(),
    _key("shop_id"),
    Column("day", Date, primary_key=True),
    Column("entries", Integer, nullable=False),
    _money("gross"),
    _money("late"),
    _money("amount"),
    _money("left_open"),  # what no living payout covers yet
    Index("settlement_window_day", "day", "shard"),
    Index(
        "settlement_window_open",
        "shard",
        "shop_id",
        sqlite_where=text("left_open <> 0"),
        postgresql_where=text("left_open <> 0"),
    ),
)

payout = _table(
    "payout",
    _shard(),
    _key("payout_id"),
    _text("shop_id"),
    Column("day", Date, nullable=False),
    Column("part", SmallInteger, nullable=False),
    _text("message_id", 35, nullable=True),
    _money("amount"),
    Column("account_version", Integer, nullable=False),
    _text("status", 12),
    _at("created_at"),
    Index("payout_day", "day"),
    Index("payout_status", "status", "day"),
    Index("payout_name", "payout_id"),  # a statement knows no shop
    Index("payout_shop", "shard", "shop_id"),
)

# Which part of which window a payout pays; a negative window lowers what is paid.
payout_item = _table(
    "payout_item",
    _shard(),
    _key("payout_id"),
    Column("day", Date, primary_key=True),
    _text("shop_id"),
    _money("amount"),
    Index("payout_item_window", "shard", "shop_id", "day"),
)

# Money of a run that stays payable, and why.
settlement_held = _table(
    "settlement_held",
    _shard(),
    _key("shop_id"),
    Column("day", Date, primary_key=True),
    _text("reason", 32),
    _money("amount"),
    Index("settlement_held_day", "day"),
)

bank_statement = _table(
    "bank_statement",
    _shard(),
    _key("statement_id"),  # SHA-256 of the file
    _text("format", 12),
    Column("lines", Integer, nullable=False),
    _text("imported_by"),
    _at("imported_at"),
)

# The bank's lines, in its own words. Positive: money came into the escrow account.
bank_line = _table(
    "bank_line",
    _shard(),
    _key("line_id"),
    _text("statement_id"),
    Column("number", Integer, nullable=False),
    _text("account", 34),
    _text("entry", 64),
    Column("value_date", Date, nullable=False),
    _text("reference", 140),
    Column("amount", BigInteger, nullable=False),
    _text("status", 12),
    _text("match_id", nullable=True),
    Index("bank_line_status", "status", "value_date"),
    Index("bank_line_match", "match_id"),
)

bank_balance = _table(
    "bank_balance",
    _shard(),
    _key("account"),
    Column("day", Date, primary_key=True),
    _money("balance"),
    _text("statement_id"),
)

# Why lines and our own items belong together: one match, any number on either side.
recon_match = _table(
    "recon_match",
    _shard(),
    _key("match_id"),
    _text("kind", 12),
    _text("reference", 140),
    Column("ours", Integer, nullable=False),
    Column("theirs", Integer, nullable=False),
    _money("amount"),
    Column("value_date", Date, nullable=False),  # the bank's: postings of a match count from it
    _at("at"),
)

# An item that only one side has, and the two people who answer for it.
recon_sign_off = _table(
    "recon_sign_off",
    _shard(),
    _key("item_id"),
    _text("side", 8),
    _money("amount"),
    _text("reason", 200),
    _text("asked_by"),
    _at("asked_at"),
    _text("approved_by", nullable=True),
    _at("approved_at", nullable=True),
)

escrow_day = _table(
    "escrow_day",
    _shard(),
    Column("day", Date, primary_key=True),
    Column("parts", JSON, nullable=False),
    _text("closed_by"),
    _at("closed_at"),
)
