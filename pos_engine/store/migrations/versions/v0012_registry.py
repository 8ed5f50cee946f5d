"""The registry: imports, findings, held credits, suspensions, the life of a card."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0012"
down_revision = "0011"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def upgrade() -> None:
    op.add_column("family", _text("programme", 16, nullable=True))
    op.add_column("family", _text("registry_run", nullable=True))
    op.add_column("family", sa.Column("registry_row", sa.Integer(), nullable=True))
    op.add_column("person", _text("nik_status", 16, nullable=True))
    op.add_column("person", sa.Column("nik_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("card", _text("reason", 32, nullable=True))
    op.add_column("phone", _at("usable_from", nullable=True))
    op.create_index("phone_usable_from", "phone", ["usable_from"])
    _imports()
    _people()


def _imports() -> None:
    op.create_table(
        "registry_run",
        _shard(),
        _text("run_id"),
        _text("file_sha256"),
        _text("status", 16),
        _text("made_by"),
        sa.Column("position", sa.BigInteger(), nullable=False),
        _count("rows"),
        _count("accepted"),
        _count("corrected"),
        _count("held"),
        _count("unchanged"),
        _text("matched_region", 13),
        _at("created_at"),
        _at("done_at", nullable=True),
        sa.PrimaryKeyConstraint("shard", "run_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("registry_run_file", "registry_run", ["file_sha256"])
    op.create_table(
        "registry_finding",
        _shard(),
        _text("run_id"),
        _count("number"),
        _text("code"),
        _text("field", 16),
        _text("disposition", 12),
        _text("kpm_id", nullable=True),
        _text("other_kpm_id", nullable=True),
        sa.PrimaryKeyConstraint("shard", "run_id", "number", "code"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "registry_village",
        _shard(),
        _text("run_id"),
        _text("region"),
        sa.PrimaryKeyConstraint("shard", "run_id", "region"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "registry_hold",
        _shard(),
        _text("kpm_id"),
        _text("code"),
        _text("other_kpm_id"),
        _text("run_id"),
        _text("status", 12),
        _at("held_at"),
        _text("asked_by", nullable=True),
        _text("released_by", nullable=True),
        _at("released_at", nullable=True),
        sa.PrimaryKeyConstraint("shard", "kpm_id", "code"),
        sqlite_with_rowid=False,
    )


def _people() -> None:
    op.create_table(
        "registry_witness",
        _shard(),
        _text("person_id"),
        _text("kpm_id"),
        _text("letter"),
        sa.Column("witnesses", sa.LargeBinary(), nullable=False),
        _at("at"),
        sa.PrimaryKeyConstraint("shard", "person_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "registry_consent",
        _shard(),
        _text("person_id"),
        _text("kpm_id"),
        sa.Column("given", sa.Boolean(), nullable=False),
        _text("run_id"),
        _at("at"),
        sa.PrimaryKeyConstraint("shard", "person_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "suspension",
        _shard(),
        _text("suspension_id"),
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
        sa.PrimaryKeyConstraint("shard", "suspension_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("suspension_family", "suspension", ["shard", "kpm_id"])
    op.create_table(
        "card_event",
        _shard(),
        _text("card_id"),
        _count("number"),
        _text("state", 16),
        _text("reason", 32, nullable=True),
        _text("officer"),
        _at("at"),
        sa.PrimaryKeyConstraint("shard", "card_id", "number"),
        sqlite_with_rowid=False,
    )
