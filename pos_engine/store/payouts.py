"""Payouts: what is open by shop, transfers with what they cover, and what waits."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Select, bindparam, func, insert, select, text, update

from pos_engine.rules.ids import ShopId, shard_of
from pos_engine.rules.settlement import (
    Held,
    OpenWindow,
    ShopDue,
    Transfer,
    message_reference,
    payout_postings,
)
from pos_engine.store import ledger
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.schema import shop
from pos_engine.store.schema_settlement import payout, payout_item, settlement_held, shop_account
from pos_engine.store.schema_settlement import settlement_window as window
from pos_engine.store.set_writes import insert_rows, inserts
from pos_engine.store.shops import ACTIVE

SENT = "SENT"
PAID = "PAID"
RETURNED = "RETURNED"  # the bank gave it back: its windows are open again
FETCHED_AT_ONCE = 2_000
_PAYOUTS, _ITEMS = inserts(payout), inserts(payout_item)


@dataclass(frozen=True, slots=True)
class Payout:
    """One transfer as it stands."""

    payout_id: str
    shop_id: str
    day: date
    part: int
    message_id: str
    amount: int
    account_version: int
    status: str


_MOVE = (
    update(window)
    .where(
        window.c.shard == bindparam("at_shard"),
        window.c.shop_id == bindparam("at_shop"),
        window.c.day == bindparam("at_day"),
        window.c.left_open == bindparam("was"),
    )
    .values(left_open=window.c.left_open + bindparam("by"))
)
PAYOUT_COLUMNS = tuple(getattr(payout.c, name) for name in Payout.__slots__)


def open_shops(tx: Tx, day: date, shards: range) -> list[ShopDue]:
    """Shops of these shards with open windows, but those that wait since this settlement."""
    inside = window.c.shard.between(shards.start, shards.stop - 1)
    waits = select(settlement_held.c.shop_id).where(
        settlement_held.c.shard.between(shards.start, shards.stop - 1),
        settlement_held.c.day == day,
    )
    rows = tx.execute(
        select(window.c.shop_id, window.c.day, window.c.left_open, shop.c.status)
        .select_from(
            window.outerjoin(
                shop, (shop.c.shard == window.c.shard) & (shop.c.shop_id == window.c.shop_id)
            )
        )
        .where(inside, text("left_open <> 0"), window.c.day <= day)
        .where(window.c.shop_id.not_in(waits))
        .order_by(window.c.shard, window.c.shop_id, window.c.day)
    ).all()
    versions = _versions(tx, shards)
    return [
        _due(ShopId(shop_id), list(members), versions)
        for shop_id, members in groupby(rows, key=lambda row: str(row.shop_id))
    ]


def _due(shop_id: ShopId, rows: list[Any], versions: dict[str, int]) -> ShopDue:
    return ShopDue(
        shop_id=shop_id,
        windows=[OpenWindow(row.day, int(row.left_open)) for row in rows],
        suspended=rows[0].status != ACTIVE,
        account_version=versions.get(shop_id),
    )


def _versions(tx: Tx, shards: range) -> dict[str, int]:
    rows = tx.execute(
        select(shop_account.c.shop_id, func.max(shop_account.c.version))
        .where(
            shop_account.c.shard.between(shards.start, shards.stop - 1),
            shop_account.c.status == ACTIVE,
        )
        .group_by(shop_account.c.shop_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def add_payouts(
    tx: Tx, day: date, planned: Sequence[tuple[ShopDue, tuple[Transfer, ...]]], now: datetime
) -> None:
    """Write transfers, take them off their windows and off what is payable, in one transaction."""
    each_transfer = [(due, transfer) for due, transfers in planned for transfer in transfers]
    insert_rows(tx, _PAYOUTS, [_payout_row(day, due, each, now) for due, each in each_transfer])
    insert_rows(
        tx,
        _ITEMS,
        [
            {"shard": shard_of(due.shop_id), "payout_id": each.payout_id, "day": item.day,
             "shop_id": due.shop_id, "amount": item.amount}
            for due, each in each_transfer
            for item in each.items
        ],
    )  # fmt: skip
    ledger.post(
        tx,
        [
            ledger.Movement(
                shard_of(due.shop_id), each.payout_id,
                payout_postings(due.shop_id, each.amount), now,
            )
            for due, each in each_transfer
        ],
    )  # fmt: skip
    announce(
        tx,
        Fact.PAYOUT,
        [(shard_of(due.shop_id), each.payout_id) for due, each in each_transfer],
    )
    _cover(tx, planned)


def _payout_row(day: date, due: ShopDue, each: Transfer, now: datetime) -> dict[str, Any]:
    return {
        "shard": shard_of(due.shop_id),
        "payout_id": each.payout_id,
        "shop_id": due.shop_id,
        "day": day,
        "part": each.part,
        "message_id": None,
        "amount": each.amount,
        "account_version": due.account_version,
        "status": SENT,
        "created_at": now,
    }


def _cover(tx: Tx, planned: Sequence[tuple[ShopDue, tuple[Transfer, ...]]]) -> None:
    """Whoever changed a window meanwhile makes this settlement read it again."""
    rows = []
    for due, transfers in planned:
        covered: Counter[date] = Counter()
        for item in (item for each in transfers for item in each.items):
            covered[item.day] += item.amount
        rows += [_change(due.shop_id, was, -covered[was.day]) for was in due.windows]
    if rows and tx.execute(_MOVE, rows).rowcount != len(rows):
        raise ConflictError


def _change(shop_id: str, was: OpenWindow, by: int) -> dict[str, Any]:
    return {
        "at_shard": shard_of(shop_id),
        "at_shop": shop_id,
        "at_day": was.day,
        "was": was.amount,
        "by": by,
    }


def add_held(tx: Tx, day: date, held: Sequence[tuple[str, Held]]) -> None:
    """Write whose money waits, and why."""
    rows = [
        {"shard": shard_of(shop_id), "shop_id": shop_id, "day": day,
         "reason": each.reason.value, "amount": each.amount}
        for shop_id, each in held
    ]  # fmt: skip
    if rows:
        tx.execute(insert(settlement_held), rows)


def name_messages(tx: Tx, day: date, messages: int, shards: int) -> None:
    """Put the payouts of a day into so many files: by shard, so that it is always the same."""
    for number in range(messages):
        first, end = shards * number // messages, shards * (number + 1) // messages
        tx.execute(
            update(payout)
            .where(payout.c.day == day, payout.c.shard >= first, payout.c.shard < end)
            .values(message_id=message_reference(day, number + 1))
        )


def count_payouts(tx: Tx, day: date) -> tuple[int, int]:
    """How many transfers of a settlement, and their sum."""
    query = select(func.count(), func.coalesce(func.sum(payout.c.amount), 0))
    row = tx.execute(query.where(payout.c.day == day)).one()
    return int(row[0]), int(row[1])


def held_of(tx: Tx, day: date) -> list[tuple[str, str, int]]:
    """Shop, reason and amount of what waits since a settlement."""
    c = settlement_held.c
    query = select(c.shop_id, c.reason, c.amount).where(c.day == day).order_by(c.shard, c.shop_id)
    return [(row[0], row[1], int(row[2])) for row in tx.execute(query)]


def messages_of(tx: Tx, day: date) -> list[str]:
    """The files of a settlement."""
    query = select(payout.c.message_id).where(payout.c.day == day).distinct()
    return sorted(each or "" for each in tx.execute(query).scalars())


def payouts_of(tx: Tx, day: date, message_id: str) -> Iterator[tuple[Payout, bytes, str]]:
    """Each payout of a file with the sealed account and the bank, in the order of their keys."""
    same = (
        (shop_account.c.shard == payout.c.shard)
        & (shop_account.c.shop_id == payout.c.shop_id)
        & (shop_account.c.version == payout.c.account_version)
    )
    query = (
        select(*PAYOUT_COLUMNS, shop_account.c.sealed, shop_account.c.bank)
        .select_from(payout.join(shop_account, same))
        .where(payout.c.day == day, payout.c.message_id == message_id)
        .order_by(payout.c.shard, payout.c.payout_id)
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )
    for row in tx.execute(query):
        yield Payout(*row[: len(PAYOUT_COLUMNS)]), row.sealed, row.bank


def windows_paid(tx: Tx, day: date, message_id: str) -> dict[str, tuple[date, ...]]:
    """The days that each payout of a file covers."""
    found: dict[str, list[date]] = {}
    for row in tx.execute(_items_of(day, message_id)):
        found.setdefault(row.payout_id, []).append(row.day)
    return {name: tuple(days) for name, days in found.items()}


def _items_of(day: date, message_id: str) -> Select[Any]:
    same = (payout.c.shard == payout_item.c.shard) & (payout.c.payout_id == payout_item.c.payout_id)
    return (
        select(payout_item.c.payout_id, payout_item.c.day)
        .select_from(payout_item.join(payout, same))
        .where(payout.c.day == day, payout.c.message_id == message_id)
        .order_by(payout_item.c.shard, payout_item.c.payout_id, payout_item.c.day)
    )
