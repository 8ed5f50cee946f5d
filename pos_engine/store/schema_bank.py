"""Tables of money that lies with a bank: whose account, and each question that a bank was asked."""

from sqlalchemy import Column, Index, LargeBinary, SmallInteger, Text

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# In its family's shard. The bank's token for the account is sealed: it is no account number, but
# whoever has it could ask for her balance.
bank_account = _table(
    "bank_account",
    _shard(),
    _key("kpm_id"),
    _key("bank"),
    Column("sealed", LargeBinary, nullable=False),
    _text("card_id", nullable=True),  # of the bank's card, when she has one
    _at("changed_at"),
)

# One purchase that a bank is asked to pay, in its family's shard. Neither PAN nor PIN block is
# here: a reversal names the purchase by what stands in `transmitted` to `terminal`.
bank_call = _table(
    "bank_call",
    _shard(),
    _key("purchase_id"),
    _text("kpm_id"),
    _text("shop_id"),
    _text("bank", 16),
    _text("state", 12),
    _text("transmitted", 10),  # DE7
    _text("trace", 6),  # DE11
    _text("acquirer", 11),  # DE32
    _text("terminal", 8),  # DE41
    _text("merchant", 15),  # DE42
    _text("reference", 12),  # DE37
    _text("method", 12),
    _money("amount"),
    _text("code", 2),  # DE39 by the standard, empty without an answer
    _text("approval", 6),  # DE38
    Column("prepared", Text, nullable=False),  # row, answer and draws, written when it is paid
    Column("tries", SmallInteger, nullable=False),
    _at("asked_at"),
    _at("next_at"),  # when somebody must look at it again
    _at("answered_at", nullable=True),
    _text("noted", 200),  # what came afterwards and moved no money: a late answer, a bank's word
    Index("bank_call_due", "state", "next_at"),
    Index("bank_call_key", "trace", "transmitted", "terminal", "acquirer", unique=True),
)
