"""Tables of drafted ceilings and bans, proposals for officers, who signed what; who sells what."""

from sqlalchemy import JSON, Column, Date, Index, SmallInteger

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import money_column as _money
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text

# What an officer wants to put in force: written once, never edited. Signed by its acts below.
ceiling_draft = _table(
    "ceiling_draft",
    _shard(),
    _key("draft_id"),
    _text("kind", 8),
    _text("target_kind", 8),
    _text("target"),
    _text("ceiling_kind", 8),  # empty for a ban
    _text("scope", 10),
    _text("scope_code", 13),
    _text("unit", 16),
    _money("rupiah"),  # of one base unit; 0 for a ban
    _text("action", 8),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=True),
    _text("regulation", 200),
    _text("reason", 300),
    _text("proposal_id", nullable=True),
    _text("made_by"),
    _at("made_at"),
)

# One step of a draft: SIGNED by two people, WITHDRAWAL by two people. `version` is the catalogue
# that the step put in force; `place` makes each step of a draft once.
ceiling_act = _table(
    "ceiling_act",
    _shard(),
    _key("act_id"),
    _text("draft_id"),
    Column("place", SmallInteger, nullable=False),
    _text("kind", 12),
    _text("officer"),
    _text("note", 300),
    _text("version", nullable=True),
    _at("at"),
    Index("ceiling_act_draft", "shard", "draft_id", "place", unique=True),
)

# Which catalogue followed which by an act: two acts at once cannot both follow the same one.
ceiling_book = _table(
    "ceiling_book", _shard(), _key("base"), _text("version"), _text("act_id"), _at("at")
)

# Where too many asked prices were refused: made by the machine, answered by an officer.
ceiling_proposal = _table(
    "ceiling_proposal",
    _shard(),
    _key("proposal_id"),
    _text("regency", 5),
    _text("sku"),
    Column("first_day", Date, nullable=False),
    Column("last_day", Date, nullable=False),
    Column("figures", JSON, nullable=False),
    _at("made_at"),
    Index("ceiling_proposal_place", "regency", "sku", "last_day"),
)
ceiling_answer = _table(
    "ceiling_answer",
    _shard(),
    _key("proposal_id"),
    _text("regency", 5),
    _text("sku"),
    _text("answer", 8),
    _text("reason", 300),
    _text("draft_id", nullable=True),
    _text("officer"),
    _at("at"),
)

# The newest day on which a shop sold a good lawfully: what a price refusal points to. Made anew
# by the worker from what was sold; no purchase writes it.
shop_good = _table(
    "shop_good",
    _shard(),
    _key("shop_id"),
    _key("sku"),
    _text("regency", 5),
    _text("region", 13),
    Column("last_day", Date, nullable=False),
    Index("shop_good_place", "sku", "regency"),
)
