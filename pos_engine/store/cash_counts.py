"""Counts of sales for ordinary money: kept per shop, day and device, and shown beside the aid's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, distinct, func, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import purchase, shop
from pos_engine.store.schema_till import cash_count
from pos_engine.store.shops import ACTIVE

APPROVED = "APPROVED"


@dataclass(frozen=True, slots=True)
class CashCount:
    """What a device counted so far on a shop's local day."""

    shop_id: str
    day: date
    device_id: str
    sales: int
    goods_lines: int


@dataclass(frozen=True, slots=True)
class Trade:
    """How often a shop sold in some days, with aid and for ordinary money; None: on no day."""

    region: str
    shop_id: str
    shop_name: str
    aid_purchases: int
    aid_days: int
    last_aid_day: date | None
    cash_sales: int
    cash_days: int
    last_cash_day: date | None


def keep(tx: Tx, count: CashCount, now: datetime, cancelled: int = 0) -> CashCount:
    """Write the count, or raise the one that stands there.

    A day's count falls by sales that were cancelled alone: a tablet that forgot its day knows of
    fewer sales than were told, made and cancelled together.
    """
    c = cash_count.c
    shard = shard_of(count.shop_id)
    here = (
        (c.shard == shard)
        & (c.shop_id == count.shop_id)
        & (c.day == count.day)
        & (c.device_id == count.device_id)
    )
    before = tx.execute(select(c.sales, c.goods_lines).where(here)).first()
    told = {"sales": count.sales, "goods_lines": count.goods_lines, "told_at": now}
    if before is None:
        key = {"shard": shard, "shop_id": count.shop_id, "device_id": count.device_id}
        tx.execute(insert(cash_count).values(**key, day=count.day, **told))
        return count
    knows_less = count.sales + cancelled < before.sales
    if knows_less or (count.sales <= before.sales and not cancelled):
        return CashCount(count.shop_id, count.day, count.device_id, *before)
    tx.execute(update(cash_count).where(here).values(**told))
    return count


def trade_between(
    tx: Tx, first: date, last: date, *, region: str | None, shop_id: str | None
) -> Iterator[Trade]:
    """Every working shop of the scope, by region and id; its local days first..last."""
    aid = {
        row.shop_id: row
        for row in tx.execute(
            select(
                purchase.c.shop_id,
                func.count().label("sales"),
                func.count(distinct(purchase.c.day)).label("days"),
                func.max(purchase.c.day).label("newest"),
            )
            .where(purchase.c.status == APPROVED)
            .where(purchase.c.day >= first, purchase.c.day <= last)
            .group_by(purchase.c.shop_id)
        )
    }
    cash = {
        row.shop_id: row
        for row in tx.execute(
            select(
                cash_count.c.shop_id,
                func.sum(cash_count.c.sales).label("sales"),
                func.count(distinct(cash_count.c.day)).label("days"),
                func.max(cash_count.c.day).label("newest"),
            )
            .where(cash_count.c.sales > 0)
            .where(cash_count.c.day >= first, cash_count.c.day <= last)
            .group_by(cash_count.c.shop_id)
        )
    }
    for row in tx.execute(_shops(region, shop_id)):
        sold, counted = aid.get(row.shop_id), cash.get(row.shop_id)
        yield Trade(
            row.region,
            row.shop_id,
            row.name,
            *((sold.sales, sold.days, sold.newest) if sold else (0, 0, None)),
            *((int(counted.sales), counted.days, counted.newest) if counted else (0, 0, None)),
        )


def _shops(region: str | None, shop_id: str | None) -> Select[tuple[str, str, str]]:
    query = (
        select(shop.c.region, shop.c.shop_id, shop.c.name)
        .where(shop.c.status == ACTIVE)
        .order_by(shop.c.region, shop.c.shop_id)
    )
    if region:
        query = query.where((shop.c.region == region) | shop.c.region.startswith(f"{region}."))
    if shop_id:
        query = query.where(shop.c.shop_id == shop_id)
    return query
