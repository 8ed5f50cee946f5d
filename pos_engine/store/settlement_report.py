"""Per shop and day: payable, settled, paid by the bank, open."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Join, case, func, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.payouts import PAID, RETURNED, SENT
from pos_engine.store.schema import shop
from pos_engine.store.schema_settlement import payout, payout_item, settlement_held
from pos_engine.store.schema_settlement import settlement_window as window

FETCHED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class SettledDay:
    """One window of one shop. `on_its_way` and `paid` in rupiah; `waits_for` says why it is open.

    `reference` is the first transfer that the shop finds on its bank's statement.
    """

    day: date
    region: str
    shop_id: str
    shop_name: str
    entries: int
    payable: int
    on_its_way: int
    paid: int
    left_open: int
    transfers: int
    reference: str | None
    waits_for: str | None


def settled_days(
    tx: Tx, first: date, last: date, *, region: str | None, shop_id: str | None
) -> Iterator[SettledDay]:
    """Windows of the bank's days first..last, by day and shop; scope by region or shop."""
    amount = payout_item.c.amount
    alive = payout.c.status != RETURNED
    query = (
        select(
            window.c.day,
            shop.c.region,
            window.c.shop_id,
            shop.c.name,
            window.c.entries,
            window.c.amount,
            func.coalesce(func.sum(case((payout.c.status == SENT, amount), else_=0)), 0),
            func.coalesce(func.sum(case((payout.c.status == PAID, amount), else_=0)), 0),
            window.c.left_open,
            func.count(case((alive, payout.c.payout_id))),
            func.min(case((alive, payout.c.payout_id))),
            func.min(settlement_held.c.reason),
        )
        .select_from(_joined())
        .where(window.c.day >= first, window.c.day <= last)
        .group_by(
            window.c.shard, window.c.day, shop.c.region, window.c.shop_id, shop.c.name,
            window.c.entries, window.c.amount, window.c.left_open,
        )
        .order_by(window.c.day, window.c.shop_id)
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )  # fmt: skip
    if region:
        query = query.where((shop.c.region == region) | shop.c.region.startswith(f"{region}."))
    if shop_id:
        query = query.where(window.c.shard == shard_of(shop_id), window.c.shop_id == shop_id)
    for row in tx.execute(query):
        yield SettledDay(*row)


def _joined() -> Join:
    seller = (shop.c.shard == window.c.shard) & (shop.c.shop_id == window.c.shop_id)
    item = (
        (payout_item.c.shard == window.c.shard)
        & (payout_item.c.shop_id == window.c.shop_id)
        & (payout_item.c.day == window.c.day)
    )
    paid = (payout.c.shard == payout_item.c.shard) & (payout.c.payout_id == payout_item.c.payout_id)
    held = (
        (settlement_held.c.shard == window.c.shard)
        & (settlement_held.c.shop_id == window.c.shop_id)
        & (settlement_held.c.day == window.c.day)
        & (window.c.left_open != 0)
    )
    return window.join(shop, seller).outerjoin(payout_item, item).outerjoin(payout, paid).outerjoin(
        settlement_held, held
    )  # fmt: skip
