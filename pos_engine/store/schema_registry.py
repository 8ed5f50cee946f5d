"""Tables of the registry: imports, what they found, held credits, suspensions, life of a card."""

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary

from pos_engine.store.columns import key_column as _key
from pos_engine.store.columns import moment_column as _at
from pos_engine.store.columns import shard_column as _shard
from pos_engine.store.columns import table as _table
from pos_engine.store.columns import text_column as _text


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False)


# One file. `position` is the byte behind the last row that is written: a kill goes on from there.
registry_run = _table(
    "registry_run",
    _shard(),
    _key("run_id"),
    _text("file_sha256"),
    _text("status", 16),
    _text("made_by"),
    Column("position", BigInteger, nullable=False),
    _count("rows"),
    _count("accepted"),
    _count("corrected"),
    _count("held"),
    _count("unchanged"),
    _text("matched_region", 13),
    _at("created_at"),
    _at("done_at", nullable=True),
    Index("registry_run_file", "file_sha256"),
)

# What is said of a row, without its content: the file itself has that.
registry_finding = _table(
    "registry_finding",
    _shard(),
    _key("run_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _key("code"),
    _text("field", 16),
    _text("disposition", 12),
    _text("kpm_id", nullable=True),
    _text("other_kpm_id", nullable=True),
)

# Villages that an import touched: the search for look-alikes walks along them.
registry_village = _table("registry_village", _shard(), _key("run_id"), _key("region"))

# A family whose next credit waits; what it has stays usable.
registry_hold = _table(
    "registry_hold",
    _shard(),
    _key("kpm_id"),
    _key("code"),
    _text("other_kpm_id"),
    _text("run_id"),
    _text("status", 12),
    _at("held_at"),
    _text("asked_by", nullable=True),
    _text("asked_for", 12, nullable=True),  # what the first of two people said
    _text("released_by", nullable=True),
    _at("released_at", nullable=True),
)

# The letter of a person without a NIK and who stands by it; names are sealed.
registry_witness = _table(
    "registry_witness",
    _shard(),
    _key("person_id"),
    _text("kpm_id"),
    _text("letter"),
    Column("witnesses", LargeBinary, nullable=False),
    _at("at"),
)

registry_consent = _table(
    "registry_consent",
    _shard(),
    _key("person_id"),
    _text("kpm_id"),
    Column("given", Boolean, nullable=False),
    _text("run_id"),
    _at("at"),
)

suspension = _table(
    "suspension",
    _shard(),
    _key("suspension_id"),
    _text("kpm_id"),
    _text("reason", 32),
    _text("office", 80),
    _text("decree"),
    _text("status", 16),
    _text("asked_by"),
    _at("asked_at"),
    _text("confirmed_by", nullable=True),
    _at("confirmed_at", nullable=True),
    _text("objection", 300, nullable=True),
    _at("objected_at", nullable=True),
    _text("restore_asked_by", nullable=True),
    _text("restored_by", nullable=True),
    _at("restored_at", nullable=True),
    Index("suspension_family", "shard", "kpm_id"),
)

card_event = _table(
    "card_event",
    _shard(),
    _key("card_id"),
    Column("number", Integer, primary_key=True, autoincrement=False),
    _text("state", 16),
    _text("reason", 32, nullable=True),
    _text("officer"),
    _at("at"),
)
