"""Second factors of officers, device-bound sessions, what officers do with keys."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0027"
down_revision = "0026"
TABLES = (
    "session_bond",
    "staff_event",
    "staff_reset",
    "staff_ticket",
    "staff_lock",
    "staff_recovery",
    "staff_setup",
    "staff_factor",
)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant, nullable=nullable)


def _bytes(name: str, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=nullable)


def _table(name: str, keys: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    shard = sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)
    own = [_text(key) for key in keys]
    key = sa.PrimaryKeyConstraint("shard", *keys)
    op.create_table(name, shard, *own, *columns, key, sqlite_with_rowid=False)


def upgrade() -> None:
    """Nothing is changed in rows from before."""
    _factors()
    _table(
        "staff_recovery", ("staff_id", "code_hmac"), _at("made_at"), _at("used_at", nullable=True)
    )
    _table(
        "staff_lock",
        ("staff_id", "kind"),
        sa.Column("tries_left", sa.SmallInteger(), nullable=False),
        sa.Column("locks", sa.SmallInteger(), nullable=False),
        _at("until", nullable=True),
    )
    _table("staff_ticket", ("staff_id", "ticket_id"), _at("used_at"))
    _table(
        "staff_reset",
        ("reset_id",),
        _text("staff_id"),
        _text("reason", 200),
        _text("made_by"),
        _at("made_at"),
        _text("approved_by", nullable=True),
        _at("approved_at", nullable=True),
    )
    op.create_index("staff_reset_waiting", "staff_reset", ["approved_at", "made_at"])
    names = ("staff_id", "subject_id", "by_id")
    staff_id, subject_id, by_id = (_text(name) for name in names)
    _table("staff_event", ("event_id",), staff_id, _text("kind", 16), subject_id, by_id, _at("at"))
    op.create_index("staff_event_of", "staff_event", ["shard", "staff_id"])
    _table("session_bond", ("session_id",), _text("thumbprint", 43), _at("bound_at"))
    op.create_index("session_staff", "session", ["staff_id"])


def _factors() -> None:
    _table(
        "staff_factor",
        ("staff_id", "factor_id"),
        _text("kind", 8),
        _text("state", 8),
        _bytes("sealed", nullable=True),
        _text("credential", 1400, nullable=True),
        _bytes("public_key", nullable=True),
        _text("rp_id", 253, nullable=True),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        _at("made_at"),
        _at("active_at", nullable=True),
        _at("removed_at", nullable=True),
    )
    _table(
        "staff_setup",
        ("staff_id",),
        _bytes("code_hmac"),
        _at("made_at"),
        _at("expires_at"),
        _at("used_at", nullable=True),
    )


def downgrade() -> None:
    """The tables go; what they held is lost."""
    op.drop_index("session_staff", "session")
    for name in TABLES:
        op.drop_table(name)
