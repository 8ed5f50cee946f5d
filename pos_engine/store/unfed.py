"""Families refused for price, and when each of them bought something afterwards."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import FromClause, Select, and_, select

from pos_engine.rules.ids import shard_of
from pos_engine.rules.reasons import Reason
from pos_engine.store.database import Tx
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.schema import purchase, shop

APPROVED = "APPROVED"
FETCHED_AT_ONCE = 1_000
REFUSALS_READ_MAX = 200_000  # the newest of them; the lake counts any number


@dataclass(frozen=True, slots=True)
class PriceRefusal:
    """A basket refused for price: whose, where, when, and its lines as they were answered."""

    kpm_id: str
    purchase_id: str
    shop_id: str
    shop_name: str
    region: str
    lines: list[dict[str, Any]]
    decided_at: datetime


def price_refusals(tx: Tx, first: date, last: date, region: str | None) -> Iterator[PriceRefusal]:
    """Refusals for price of known families on these local days, the newest first."""
    columns = purchase.c
    query = (
        select(
            columns.kpm_id,
            columns.purchase_id,
            columns.shop_id,
            shop.c.name,
            columns.region,
            columns.lines,
            columns.decided_at,
        )
        .join_from(purchase, shop, shop.c.shop_id == columns.shop_id)
        .where(
            columns.day >= first,
            columns.day <= last,
            columns.reason == Reason.PRICE_ABOVE_CEILING.value,
            columns.kpm_id.is_not(None),
        )
        .order_by(columns.decided_at.desc(), columns.purchase_id.desc())
        .limit(REFUSALS_READ_MAX)
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )
    if region:
        inside = columns.region.startswith(f"{region}.", autoescape=True)
        query = query.where((columns.region == region) | inside)
    return (PriceRefusal(*row) for row in tx.execute(query))


def _bought(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(purchase.c.shard == wanted.c.shard, purchase.c.kpm_id == wanted.c.first)
    return (
        select(purchase.c.kpm_id, purchase.c.decided_at)
        .join_from(wanted, purchase, mine)
        .where(purchase.c.status == APPROVED)
        .order_by(purchase.c.kpm_id, purchase.c.decided_at)
    )


_BOUGHT = keyed(2, _bought)


def bought_at(tx: Tx, kpm_ids: Collection[str]) -> dict[str, list[datetime]]:
    """When these families bought something, the oldest first."""
    found: defaultdict[str, list[datetime]] = defaultdict(list)
    for kpm_id, at in rows_by(tx, _BOUGHT, [(shard_of(each), each) for each in kpm_ids]):
        found[kpm_id].append(at)
    return dict(found)
