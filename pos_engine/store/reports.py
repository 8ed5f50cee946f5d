"""What was bought, asked and refused: rows for the ministry's reports."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from sqlalchemy import Row, func, select

from pos_engine.rules.money import line_total
from pos_engine.store.database import Tx
from pos_engine.store.schema import purchase, shop
from pos_engine.store.schema_reversals import reversal

FETCHED_AT_ONCE = 1_000
APPROVED = "APPROVED"
OFFLINE = "OFFLINE"  # a flag of the whole purchase


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
    offline: bool = False  # sold without signal


def lines_between(
    tx: Tx, first: date, last: date, *, region: str | None, shop_id: str | None
) -> Iterator[SoldLine]:
    """Every line of the local days first..last, by day and purchase; scope by region or shop.

    What was returned is left out, and so is a purchase of which nothing is left.
    """
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
            purchase.c.purchase_id,
            purchase.c.amount,
            purchase.c.flags,
            reversal.c.amount.label("back"),
            reversal.c.lines.label("back_lines"),
        )
        .join_from(purchase, shop, shop.c.shop_id == purchase.c.shop_id)
        .join(
            reversal,
            (reversal.c.shard == purchase.c.shard)
            & (reversal.c.reverses_id == purchase.c.purchase_id),
            isouter=True,
        )
        .where(purchase.c.day >= first, purchase.c.day <= last)
        .order_by(purchase.c.day, purchase.c.decided_at, purchase.c.purchase_id)
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )
    if region:
        inside = purchase.c.region.startswith(f"{region}.", autoescape=True)
        query = query.where((purchase.c.region == region) | inside)
    if shop_id:
        query = query.where(purchase.c.shop_id == shop_id)
    for _purchase, found in groupby(tx.execute(query), lambda row: row.purchase_id):
        rows = list(found)  # one, or one for each return
        for line in _still_bought(rows):
            yield SoldLine(*rows[0][:7], line=line, offline=OFFLINE in rows[0].flags)


def purchases_between(
    tx: Tx, first: date, last: date, *, region: str | None, shop_id: str | None
) -> dict[str, int]:
    """How many purchases were approved in each place, returned ones too."""
    query = (
        select(purchase.c.region, func.count().label("many"))
        .where(purchase.c.day >= first, purchase.c.day <= last, purchase.c.status == APPROVED)
        .group_by(purchase.c.region)
    )
    if region:
        inside = purchase.c.region.startswith(f"{region}.", autoescape=True)
        query = query.where((purchase.c.region == region) | inside)
    if shop_id:
        query = query.where(purchase.c.shop_id == shop_id)
    return {row.region: row.many for row in tx.execute(query)}


def _still_bought(rows: Sequence[Row[*tuple[Any, ...]]]) -> Iterator[dict[str, Any]]:
    """The lines of one purchase without what was returned of them."""
    back = [row for row in rows if row.back is not None]
    if back and sum(row.back for row in back) >= rows[0].amount:
        return
    gone = Counter[int]()
    for row in back:
        for part in row.back_lines:
            gone[part["place"]] += part["quantity_milli"]
    for place, line in enumerate(rows[0].lines):
        if kept := _kept(line, gone[place]):
            yield kept


def _kept(line: dict[str, Any], gone_milli: int) -> dict[str, Any] | None:
    """The line without what was returned of it."""
    if not gone_milli:
        return line
    left = line["quantity_milli"] - gone_milli
    if not left:
        return None
    total = line_total(line["unit_price"], left)
    return line | {"quantity_milli": left, "line_total": total}
