"""Enrolling a face by two people: proposals, findings, look-alikes, locks, staff faces."""

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0004"
down_revision = "0003"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "enrolment",
        _shard(),
        _text("enrolment_id"),
        _text("kpm_id"),
        _text("person_id"),
        _text("region", 13),
        _text("status", 16),
        _text("reason", 32, nullable=True),
        sa.Column("content", sa.LargeBinary(length=32), nullable=False),
        _text("consent_text"),
        _text("consent_language", 16),
        _text("consent_witness", 120, nullable=True),
        _text("place_region", 13),
        _text("place_shop_id", nullable=True),
        _text("factor", 8, nullable=True),
        _at("started_at", nullable=True),
        _at("finished_at", nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        _text("model_id", nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("quality", sa.SmallInteger(), nullable=True),
        sa.Column("pictures", sa.SmallInteger(), nullable=True),
        sa.Column("likeness_to_old", sa.Float(), nullable=True),
        sa.Column("searched_families", sa.Integer(), nullable=True),
        sa.Column("searched_templates", sa.Integer(), nullable=True),
        _text("proposed_by"),
        _at("proposed_at"),
        _text("decided_by", nullable=True),
        _at("decided_at", nullable=True),
        _at("effective_at", nullable=True),
        sa.PrimaryKeyConstraint("shard", "enrolment_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("enrolment_status", "enrolment", ["status", "region"], unique=False)
    op.create_index("enrolment_person", "enrolment", ["person_id"], unique=False)
    op.create_table(
        "enrolment_finding",
        _shard(),
        _text("enrolment_id"),
        sa.Column("number", sa.SmallInteger(), autoincrement=False, nullable=False),
        _text("source", 12),
        _text("template_id"),
        _text("kpm_id", nullable=True),
        _text("person_id"),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("fpir_estimate", sa.Float(), nullable=False),
        _text("decision", 20, nullable=True),
        _text("note", 300, nullable=True),
        sa.PrimaryKeyConstraint("shard", "enrolment_id", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "enrolment_event",
        _shard(),
        _text("event_id"),
        _text("enrolment_id"),
        _text("kpm_id"),
        _text("kind", 16),
        _text("reason", 32, nullable=True),
        _text("staff_id"),
        _text("role", 16),
        _text("device_id"),
        _text("note", 300, nullable=True),
        _at("at"),
        sa.PrimaryKeyConstraint("shard", "event_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("enrolment_event_of", "enrolment_event", ["enrolment_id"], unique=False)
    op.create_table(
        "look_alike",
        _shard(),
        _text("person_id"),
        _text("other_person_id"),
        _text("enrolment_id"),
        _text("flagged_by"),
        _at("flagged_at"),
        sa.PrimaryKeyConstraint("shard", "person_id", "other_person_id"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "face_lock",
        _shard(),
        _text("lock_id"),
        _text("kpm_id"),
        _text("person_id"),
        sa.Column("number", sa.Integer(), nullable=False),
        _text("kind", 12),
        sa.Column("template_ids", sa.JSON(), nullable=False),
        _text("till_id"),
        _text("staff_id"),
        _text("device_id"),
        _at("at"),
        sa.PrimaryKeyConstraint("shard", "lock_id"),
        sqlite_with_rowid=False,
    )
    op.create_index("face_lock_person", "face_lock", ["shard", "person_id", "number"], unique=True)
    op.create_table(
        "staff_template",
        _shard(),
        _text("staff_id"),
        _text("model_id"),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("quality", sa.SmallInteger(), nullable=False),
        _text("person_id", nullable=True),
        _at("created_at"),
        sa.PrimaryKeyConstraint("shard", "staff_id", "model_id", "version"),
        sqlite_with_rowid=False,
    )
