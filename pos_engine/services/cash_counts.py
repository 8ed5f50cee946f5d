"""Take down how many ordinary sales a till made today, and show which shops sell every day."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.cash_count import day_may_be_told, living
from pos_engine.services.sessions import Session
from pos_engine.store import cash_counts
from pos_engine.store.cash_counts import CashCount
from pos_engine.store.database import Tx

SHOPS_COLUMNS = (
    "region", "shop_id", "shop", "living", "aid_purchases", "aid_days", "last_aid_day",
    "cash_sales", "cash_days", "last_cash_day",
)  # fmt: skip


def tell_cash_count(
    engine: Engine,
    session: Session,
    day: date,
    sales: int,
    goods_lines: int,
    cancelled: int = 0,
) -> CashCount | None:
    """Keep the device's count of a day so far; the larger one stands. None: no day to tell of.

    `sales` are those that stand; `cancelled` were made and taken back.
    """
    shop = session.shop
    if shop is None:
        return None
    now = engine.now()
    count = CashCount(shop.shop_id, day, session.device_id, sales, goods_lines)

    def work(tx: Tx) -> CashCount | None:
        today = engine.catalogue(tx).zones.local_day(shop.region, now)
        if not day_may_be_told(day, today):
            return None
        return cash_counts.keep(tx, count, now, cancelled)

    return engine.database.transact(work)


def trade_rows(
    tx: Tx, first: date, last: date, region: str | None, shop_id: str | None
) -> Iterator[dict[str, Any]]:
    """Each working shop: how often it sold with aid and for ordinary money."""
    for each in cash_counts.trade_between(tx, first, last, region=region, shop_id=shop_id):
        yield {
            "region": each.region,
            "shop_id": each.shop_id,
            "shop": each.shop_name,
            "living": living(each.aid_purchases, each.cash_sales).value,
            "aid_purchases": each.aid_purchases,
            "aid_days": each.aid_days,
            "last_aid_day": each.last_aid_day.isoformat() if each.last_aid_day else "",
            "cash_sales": each.cash_sales,
            "cash_days": each.cash_days,
            "last_cash_day": each.last_cash_day.isoformat() if each.last_cash_day else "",
        }
