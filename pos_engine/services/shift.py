"""A shop's day so far (X), and a till's day closed once by its owner (Z)."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from catalog.zones import region_name
from pos_engine.engine import Engine
from pos_engine.rules.day_slip import DaySlip, Sold, day_slip_text
from pos_engine.rules.ids import TillId, shard_of
from pos_engine.rules.shift import Cash, NotClosed, Unsent, may_close
from pos_engine.services.answers import APPROVED, DECLINED
from pos_engine.store import shifts, shops
from pos_engine.store.database import Tx
from pos_engine.store.shifts import ClosedDay


@dataclass(frozen=True, slots=True)
class WayUsed:
    """Approved purchases by one way of proving."""

    method: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class TillSoFar:
    """One till's part of the day, and how it was closed."""

    till_id: str
    sold: Sold
    closed: ClosedDay | None


@dataclass(frozen=True, slots=True)
class DaySoFar:
    """X: what the engine knows of a shop's local day."""

    day: date
    at: datetime
    tills: tuple[TillSoFar, ...]
    ways: tuple[WayUsed, ...]


@dataclass(frozen=True, slots=True)
class CloseRequest:
    """Z as the owner asks it; the same `close_id` again is the same act."""

    close_id: str
    day: date
    till_id: TillId
    device_id: str
    staff_id: str
    cash: Cash
    unsent: Unsent


def day_so_far(engine: Engine, shop: shops.Shop, day: date | None = None) -> DaySoFar:
    """What was sold on a local day until now; None: today."""
    now = engine.now()
    asked = day or _today(engine, shop, now)
    sold, ways = _sold(engine, shop.shop_id, asked)
    with engine.database_of(shard_of(shop.shop_id)).read() as tx:
        closed = {each.till_id: each for each in shifts.closed_on(tx, shop.shop_id, asked)}
    tills = tuple(
        TillSoFar(till_id, sold.get(till_id, Sold()), closed.get(till_id))
        for till_id in sorted({*sold, *closed})
    )
    return DaySoFar(asked, _local(engine, shop, now), tills, ways)


def close_day(engine: Engine, shop: shops.Shop, asked: CloseRequest) -> ClosedDay | NotClosed:
    """Close a till's day once, with the cash as it was counted."""
    sold = _sold(engine, shop.shop_id, asked.day)[0].get(asked.till_id, Sold())
    return engine.database_of(shard_of(shop.shop_id)).transact(
        lambda tx: _close(tx, engine, shop, asked, sold)
    )


def _close(
    tx: Tx, engine: Engine, shop: shops.Shop, asked: CloseRequest, sold: Sold
) -> ClosedDay | NotClosed:
    now = engine.now()
    new = _row(shop, asked, sold, now)
    before = shifts.find_close(tx, shop.shop_id, asked.close_id)
    if before is not None:
        same = replace(new, sums=before.sums, staff_id=before.staff_id, closed_at=before.closed_at)
        return before if same == before else NotClosed.DUPLICATE_DIFFERENT
    closed = shifts.find_closed(tx, shop.shop_id, asked.till_id, asked.day)
    today = engine.catalogue(tx).zones.local_day(shop.region, now)
    refused = may_close(asked.day, today, asked.unsent, closed=closed is not None)
    if refused is not None:
        return refused
    shifts.add_closed(tx, new)
    return new


def _row(shop: shops.Shop, asked: CloseRequest, sold: Sold, now: datetime) -> ClosedDay:
    cash, unsent = asked.cash, asked.unsent
    return ClosedDay(
        till_id=asked.till_id,
        day=asked.day,
        close_id=asked.close_id,
        shop_id=shop.shop_id,
        device_id=asked.device_id,
        staff_id=asked.staff_id,
        sums={name: getattr(sold, name) for name in Sold.__slots__},
        opening_cash=cash.opening,
        cash_sales=cash.sales,
        cash_in=cash.taken_in,
        cash_out=cash.taken_out,
        counted_cash=cash.counted,
        unsent=unsent.count,
        unsent_amount=unsent.amount,
        closed_at=now,
    )


def cash_of(closed: ClosedDay) -> Cash:
    """The drawer of a closed day."""
    return Cash(
        opening=closed.opening_cash,
        sales=closed.cash_sales,
        taken_in=closed.cash_in,
        taken_out=closed.cash_out,
        counted=closed.counted_cash,
    )


def slip_of(engine: Engine, shop: shops.Shop, closed: ClosedDay) -> str:
    """What the till prints of a closed day: the same again for the same day."""
    with engine.database.read() as tx:
        zone = engine.catalogue(tx).zones.time_zone_name(shop.region)
    return day_slip_text(
        DaySlip(
            shop_name=shop.name,
            place=region_name(shop.region[:5]),
            day=closed.day,
            at=_local(engine, shop, closed.closed_at),
            zone=zone,
            sold=Sold(**closed.sums),
            cash=cash_of(closed),
            unsent=Unsent(closed.unsent, closed.unsent_amount, handed_over=True),
        )
    )


def _sold(engine: Engine, shop_id: str, day: date) -> tuple[dict[str, Sold], tuple[WayUsed, ...]]:
    """By till, and by way of proving; in every database, for families live everywhere."""
    tills: dict[str, Sold] = {}
    ways: dict[str, WayUsed] = {}
    for view in engine.each_database():
        with view.database.read() as tx:
            sums, back = shifts.sold_on(tx, shop_id, day), shifts.returned_on(tx, shop_id, day)
        for each in sums:
            tills[each.till_id] = _more(tills.get(each.till_id, Sold()), each)
            if each.status == APPROVED:
                used = ways.get(each.method, WayUsed(each.method, 0, 0))
                ways[each.method] = WayUsed(
                    each.method, used.count + each.times, used.amount + each.amount
                )
        for row in back:
            so_far = tills[row.till_id]
            tills[row.till_id] = replace(
                so_far,
                returned=so_far.returned + row.times,
                returned_amount=so_far.returned_amount + row.amount,
            )
    return tills, tuple(ways[name] for name in sorted(ways))


def _more(sold: Sold, sums: shifts.Sums) -> Sold:
    if sums.status == APPROVED:
        return replace(sold, approved=sold.approved + sums.times, amount=sold.amount + sums.amount)
    if sums.status == DECLINED:
        return replace(sold, declined=sold.declined + sums.times)
    return sold


def _today(engine: Engine, shop: shops.Shop, now: datetime) -> date:
    with engine.database.read() as tx:
        return engine.catalogue(tx).zones.local_day(shop.region, now)


def _local(engine: Engine, shop: shops.Shop, at: datetime) -> datetime:
    with engine.database.read() as tx:
        return at.astimezone(engine.catalogue(tx).zones.time_zone_of(shop.region))
