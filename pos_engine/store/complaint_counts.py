"""Complaints with the shop of the purchase that they name: rows to be counted."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import and_, func, select

from pos_engine.store.database import Tx
from pos_engine.store.schema import family, purchase, shop
from pos_engine.store.schema_complaint_desk import complaint_case
from pos_engine.store.schema_sms import complaint

WIB = timedelta(hours=7)
FETCHED_AT_ONCE = 1_000


def complaints_between(
    tx: Tx, first: date, last: date, *, region: str | None, shop_id: str | None
) -> Iterator[Any]:
    """Complaints that were opened in these days.

    Of each `status, opened_at, region, shop_id, shop`, and of its case `kind, swap, escalated_at`.
    """
    c = complaint.c
    home = and_(family.c.shard == c.shard, family.c.kpm_id == c.kpm_id)
    bought = and_(purchase.c.shard == c.shard, purchase.c.purchase_id == c.purchase_id)
    place = func.coalesce(purchase.c.region, family.c.region).label("region")
    case = complaint_case.c
    of_case = and_(case.shard == c.shard, case.complaint_id == c.complaint_id)
    query = (
        select(
            c.status,
            c.opened_at,
            place,
            purchase.c.shop_id,
            shop.c.name.label("shop"),
            case.kind,
            case.swap,
            case.escalated_at,
        )
        .join_from(complaint, family, home)
        .join(purchase, bought, isouter=True)
        .join(complaint_case, of_case, isouter=True)
        .join(shop, shop.c.shop_id == purchase.c.shop_id, isouter=True)
        .where(c.opened_at >= _begins(first), c.opened_at < _begins(last + timedelta(days=1)))
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )
    if region:
        query = query.where((place == region) | place.startswith(f"{region}.", autoescape=True))
    if shop_id:
        query = query.where(purchase.c.shop_id == shop_id)
    yield from tx.execute(query)


def _begins(day: date) -> datetime:
    return datetime.combine(day, time(), UTC) - WIB
