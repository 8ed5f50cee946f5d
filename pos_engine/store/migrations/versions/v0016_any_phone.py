"""Any phone: texts out and in, dialogues, requests on a phone, signs of life, complaints."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import Instant

revision = "0016"
down_revision = "0015"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _at(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, Instant, nullable=nullable)


def _bytes(name: str, length: int | None = None, *, nullable: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(length=length), nullable=nullable)


def _small(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.SmallInteger(), nullable=False)


def _table(name: str, keys: tuple[str, ...], *columns: sa.Column[Any]) -> None:
    own: list[sa.Column[Any]] = [_text(each) for each in keys]
    key = sa.PrimaryKeyConstraint("shard", *keys)
    op.create_table(name, _shard(), *own, *columns, key, sqlite_with_rowid=False)


def upgrade() -> None:
    _table(
        "sms_out", ("message_id",),
        _text("kpm_id", nullable=True), _text("phone_id", nullable=True),
        _text("code_id", nullable=True), _text("subject_id", nullable=True),
        _small("priority"), _text("state", 12), _bytes("sealed", nullable=True), _small("tries"),
        _at("due_at"), _at("expires_at"), _text("gateway_id", 64, nullable=True),
        _text("reason", 32, nullable=True),
    )  # fmt: skip
    op.create_index("sms_out_due", "sms_out", ["state", "priority", "due_at"])
    op.create_index("sms_out_gateway", "sms_out", ["gateway_id"])
    op.create_index("sms_out_family", "sms_out", ["shard", "kpm_id"])
    _table(
        "sms_in", ("message_key",),
        _bytes("from_hmac", 32), _text("kpm_id", nullable=True), _text("word", 12),
        _text("outcome", 24), _at("at"),
    )  # fmt: skip
    op.create_index("sms_in_from", "sms_in", ["from_hmac", "at"])
    _table(
        "ussd_session", ("session_key",),
        _bytes("from_hmac", 32), _text("kpm_id", nullable=True), _text("phone_id", nullable=True),
        _text("screen", 16), _text("purchase_id", nullable=True), _small("page"), _small("steps"),
        _at("opened_at"), _at("seen_at"),
    )  # fmt: skip
    op.create_index("ussd_session_seen", "ussd_session", ["seen_at"])
    _table("gateway_call", ("signature",), _at("at"))
    op.create_index("gateway_call_at", "gateway_call", ["at"])
    _table(
        "phone_request", ("kpm_id", "purchase_id"),
        _text("person_id"), _text("phone_id"), _text("shop_id"),
        sa.Column("amount", sa.BigInteger(), nullable=False), _text("state", 12),
        _at("asked_at"), _at("expires_at"),
    )  # fmt: skip
    _table("phone_sign", ("phone_id",), _at("heard_at"), _at("stopped_at", nullable=True))
    _table(
        "complaint", ("complaint_id",),
        _text("reference", 12), _text("kpm_id"), _text("phone_id", nullable=True),
        _text("channel", 12), _text("purchase_id", nullable=True),
        _bytes("note_sealed", nullable=True), _text("status", 12), _at("opened_at"),
        _at("closed_at", nullable=True), _text("closed_by", nullable=True),
        _text("outcome", 200, nullable=True),
    )  # fmt: skip
    op.create_index("complaint_reference", "complaint", ["reference"], unique=True)
    op.create_index("complaint_family", "complaint", ["shard", "kpm_id"])
    op.create_index("complaint_status", "complaint", ["status", "opened_at"])
