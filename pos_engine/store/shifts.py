"""A till's day: what it sold, what came back, and the one time it was closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema import purchase
from pos_engine.store.schema_reversals import reversal
from pos_engine.store.schema_shift import till_day

_c = till_day.c


class Sums(NamedTuple):
    """Purchases of one till with one outcome by one way of proving: how many, how much."""

    till_id: str
    status: str
    method: str
    times: int
    amount: int


class Back(NamedTuple):
    """What was returned of one till's purchases of a day."""

    till_id: str
    times: int
    amount: int


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day of a till as it was closed. Cash in rupiah; `sums` is what stood in the books then."""

    till_id: str
    day: date
    close_id: str
    shop_id: str
    device_id: str
    staff_id: str
    sums: Mapping[str, int]
    opening_cash: int
    cash_sales: int
    cash_in: int
    cash_out: int
    counted_cash: int
    unsent: int
    unsent_amount: int
    closed_at: datetime


_COLUMNS = tuple(_c[name] for name in ClosedDay.__slots__)


def sold_on(tx: Tx, shop_id: str, day: date) -> list[Sums]:
    """Every outcome of a shop's local day, by till, status and method."""
    c = purchase.c
    rows = tx.execute(
        select(c.till_id, c.status, c.method, func.count(), func.sum(c.amount))
        .where(c.shop_id == shop_id, c.day == day)
        .group_by(c.till_id, c.status, c.method)
        .order_by(c.till_id, c.status, c.method)
    )
    return [Sums(row[0], row[1], row[2], int(row[3]), int(row[4])) for row in rows]


def returned_on(tx: Tx, shop_id: str, day: date) -> list[Back]:
    """What was returned of a shop's purchases of that day, whenever it was returned."""
    c, back = purchase.c, reversal.c
    same = (back.shard == c.shard) & (back.reverses_id == c.purchase_id)
    rows = tx.execute(
        select(c.till_id, func.count(), func.sum(back.amount))
        .select_from(purchase.join(reversal, same))
        .where(c.shop_id == shop_id, c.day == day)
        .group_by(c.till_id)
        .order_by(c.till_id)
    )
    return [Back(row[0], int(row[1]), int(row[2])) for row in rows]


def closed_on(tx: Tx, shop_id: str, day: date) -> list[ClosedDay]:
    """The tills of a shop that were closed for this day."""
    return _read(tx, shop_id, _c.shop_id == shop_id, _c.day == day)


def find_closed(tx: Tx, shop_id: str, till_id: str, day: date) -> ClosedDay | None:
    """How a till's day was closed; None while it is open."""
    found = _read(tx, shop_id, _c.till_id == till_id, _c.day == day)
    return found[0] if found else None


def find_close(tx: Tx, shop_id: str, close_id: str) -> ClosedDay | None:
    """What an act of closing did, by its own id."""
    found = _read(tx, shop_id, _c.close_id == close_id)
    return found[0] if found else None


def _read(tx: Tx, shop_id: str, *where: Any) -> list[ClosedDay]:
    query = select(*_COLUMNS).where(_c.shard == shard_of(shop_id), *where).order_by(_c.till_id)
    return [ClosedDay(*row) for row in tx.execute(query)]


def add_closed(tx: Tx, new: ClosedDay) -> None:
    """Close a day; `ConflictError` when a rival closed it, or used the id, first."""
    values = {name: getattr(new, name) for name in new.__slots__}
    shard = shard_of(new.shop_id)
    tx.execute(insert(till_day).values(shard=shard, **values))
    announce(tx, Fact.DAY_CLOSE, [(shard, f"{new.till_id}:{new.day}")])
