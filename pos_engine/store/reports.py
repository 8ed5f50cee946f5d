"""What was bought, asked and refused: rows for the ministry's reports."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from pos_engine.store.database import Tx
from pos_engine.store.schema import purchase, shop

FETCHED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class SoldLine:
    """One line of one purchase or refusal, without any person in it."""

    day: date
    region: str
    shop_id: str
    shop_name: str
    status: str
    policy: str
    price_book: str
    line: dict[str, Any]


def lines_between(
    tx: Tx, first: date, last: date, *, region: str | None, shop_id: str | None
) -> Iterator[SoldLine]:
    """Every line of the local days first..last, by day and purchase; scope by region or shop."""
    query = (
        select(
            purchase.c.day,
            purchase.c.region,
            purchase.c.shop_id,
            shop.c.name,
            purchase.c.status,
            purchase.c.policy,
            purchase.c.price_book,
            purchase.c.lines,
        )
        .join_from(purchase, shop, shop.c.shop_id == purchase.c.shop_id)
        .where(purchase.c.day >= first, purchase.c.day <= last)
        .order_by(purchase.c.day, purchase.c.decided_at, purchase.c.purchase_id)
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )
    if region:
        query = query.where(
            (purchase.c.region == region) | purchase.c.region.startswith(f"{region}.")
        )
    if shop_id:
        query = query.where(purchase.c.shop_id == shop_id)
    for row in tx.execute(query):
        for line in row.lines:
            yield SoldLine(*row[:7], line=line)
