"""Settlement and reconciliation: shop accounts, windows, payouts, the bank's lines, closed days."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from pos_engine.store.schema import OF_SHOPS, Instant

revision = "0010"
down_revision = "0009"


def _shard() -> sa.Column[int]:
    return sa.Column("shard", sa.SmallInteger(), autoincrement=False, nullable=False)


def _text(name: str, length: int = 64, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(length=length), nullable=nullable)


def _count(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), autoincrement=False, nullable=False)


def _money(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger(), nullable=False)


def _day(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Date(), nullable=False)


def _at(name: str, *, nullable: bool = False) -> sa.Column[Any]:
    return sa.Column(name, Instant, nullable=nullable)


def _table(name: str, key: str, *columns: sa.Column[Any]) -> None:
    primary = sa.PrimaryKeyConstraint(*key.split())
    op.create_table(name, _shard(), *columns, primary, sqlite_with_rowid=False)


def upgrade() -> None:
    op.create_index(
        "posting_of_shops",
        "posting",
        ["posted_at"],
        sqlite_where=sa.text(OF_SHOPS),
        postgresql_using="brin",
        postgresql_with={"autosummarize": "on"},
    )
    _table(
        "shop_account", "shard shop_id version",
        _text("shop_id"), _count("version"), _text("bank", 16),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _text("status", 16), _text("made_by"), _text("approved_by", nullable=True),
        _at("created_at"), _at("approved_at", nullable=True),
    )  # fmt: skip
    _table(
        "settlement_run", "shard day",
        _day("day"), _at("opens_at", nullable=True), _at("closes_at"), _day("pays_on"),
        _money("minimum"), _text("status", 12), _text("made_by"), _at("made_at"),
    )  # fmt: skip
    _table(
        "settlement_window", "shard shop_id day",
        _text("shop_id"), _day("day"), _count("entries"),
        _money("gross"), _money("late"), _money("amount"), _money("left_open"),
    )  # fmt: skip
    op.create_index(
        "settlement_window_open",
        "settlement_window",
        ["shard", "shop_id"],
        sqlite_where=sa.text("left_open <> 0"),
        postgresql_where=sa.text("left_open <> 0"),
    )
    op.create_index("settlement_window_day", "settlement_window", ["day", "shard"])
    _table(
        "payout", "shard payout_id",
        _text("payout_id"), _text("shop_id"), _day("day"),
        sa.Column("part", sa.SmallInteger(), nullable=False),
        _text("message_id", 35, nullable=True), _money("amount"), _count("account_version"),
        _text("status", 12), _at("created_at"),
    )  # fmt: skip
    op.create_index("payout_day", "payout", ["day"])
    op.create_index("payout_status", "payout", ["status", "day"])
    op.create_index("payout_name", "payout", ["payout_id"])
    op.create_index("payout_shop", "payout", ["shard", "shop_id"])
    _table(
        "payout_item", "shard payout_id day",
        _text("payout_id"), _day("day"), _text("shop_id"), _money("amount"),
    )  # fmt: skip
    op.create_index("payout_item_window", "payout_item", ["shard", "shop_id", "day"])
    _table(
        "settlement_held", "shard shop_id day",
        _text("shop_id"), _day("day"), _text("reason", 32), _money("amount"),
    )  # fmt: skip
    op.create_index("settlement_held_day", "settlement_held", ["day"])
    _bank()


def _bank() -> None:
    _table(
        "bank_statement", "shard statement_id",
        _text("statement_id"), _text("format", 12), _count("lines"),
        _text("imported_by"), _at("imported_at"),
    )  # fmt: skip
    _table(
        "bank_line", "shard line_id",
        _text("line_id"), _text("statement_id"), _count("number"), _text("account", 34),
        _text("entry", 64), _day("value_date"), _text("reference", 140), _money("amount"),
        _text("status", 12), _text("match_id", nullable=True),
    )  # fmt: skip
    op.create_index("bank_line_status", "bank_line", ["status", "value_date"])
    op.create_index("bank_line_match", "bank_line", ["match_id"])
    _table(
        "bank_balance", "shard account day",
        _text("account"), _day("day"), _money("balance"), _text("statement_id"),
    )  # fmt: skip
    _table(
        "recon_match", "shard match_id",
        _text("match_id"), _text("kind", 12), _text("reference", 140), _count("ours"),
        _count("theirs"), _money("amount"), _day("value_date"), _at("at"),
    )  # fmt: skip
    _table(
        "recon_sign_off", "shard item_id",
        _text("item_id"), _text("side", 8), _money("amount"), _text("reason", 200),
        _text("asked_by"), _at("asked_at"), _text("approved_by", nullable=True),
        _at("approved_at", nullable=True),
    )  # fmt: skip
    _table(
        "escrow_day", "shard day",
        _day("day"), sa.Column("parts", sa.JSON(), nullable=False), _text("closed_by"),
        _at("closed_at"),
    )  # fmt: skip
