"""Which shop sold which good lawfully lately: what a refusal for price points to."""

import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Date, and_, bindparam, case, delete, func, select, text

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import shop
from pos_engine.store.schema_ceiling_drafts import shop_good

DISTRICT_LENGTH, REGENCY_LENGTH = 8, 5
SELLERS_REMEMBERED_MAX = 2_000  # places and goods of a process, for SELLERS_FRESH
SELLERS_FRESH = timedelta(minutes=10)
ACTIVE = "ACTIVE"


@dataclass(frozen=True, slots=True)
class Seller:
    """A shop that sold a good lawfully."""

    shop_id: str
    name: str
    region: str


@dataclass(frozen=True, slots=True)
class SoldLately:
    """A shop, a good and the newest day of a lawful sale."""

    shop_id: str
    sku: str
    region: str
    last_day: date


_NEAREST = (
    select(shop_good.c.shop_id, shop.c.name, shop_good.c.region)
    .join_from(
        shop_good,
        shop,
        and_(shop.c.shard == shop_good.c.shard, shop.c.shop_id == shop_good.c.shop_id),
    )
    .where(
        shop_good.c.sku == bindparam("sku"),
        shop_good.c.regency == bindparam("regency"),
        shop_good.c.last_day >= bindparam("since"),
        shop.c.status == ACTIVE,
    )
    .order_by(
        case(
            (shop_good.c.region == bindparam("region"), 0),
            (
                func.substr(shop_good.c.region, 1, DISTRICT_LENGTH) == bindparam("district"),
                1,
            ),
            else_=2,
        ),
        shop_good.c.last_day.desc(),
        shop_good.c.shop_id,
    )
    .limit(bindparam("limit"))
)
# Written out: both databases read it, and neither dialect's own builder is needed.
_KEEP = text(
    "INSERT INTO shop_good (shard, shop_id, sku, regency, region, last_day) "
    "VALUES (:shard, :shop_id, :sku, :regency, :region, :last_day) "
    "ON CONFLICT (shard, shop_id, sku) DO UPDATE SET regency = excluded.regency, "
    "region = excluded.region, last_day = excluded.last_day "
    "WHERE excluded.last_day > shop_good.last_day"
).bindparams(bindparam("last_day", type_=Date))


def nearest_sellers(tx: Tx, sku: str, region: str, since: date, limit: int) -> list[Seller]:
    """Open shops of a place's regency that sold a good since a day: village, district, the rest."""
    asked = {
        "sku": sku,
        "regency": region[:REGENCY_LENGTH],
        "district": region[:DISTRICT_LENGTH],
        "region": region,
        "since": since,
        "limit": limit,
    }
    return [Seller(*row) for row in tx.execute(_NEAREST, asked)]


def keep_sellers(tx: Tx, rows: Sequence[SoldLately]) -> None:
    """Write down who sold what; an older day never takes the place of a newer one."""
    if rows:
        tx.execute(_KEEP, [_values(each) for each in rows])


def forget_sellers(tx: Tx, before: date) -> int:
    """Take away what nobody points to any more; how many rows."""
    return tx.execute(delete(shop_good).where(shop_good.c.last_day < before)).rowcount


def any_seller(tx: Tx) -> bool:
    """Was anything written down yet."""
    return tx.execute(select(shop_good.c.sku).limit(1)).first() is not None


def _values(each: SoldLately) -> dict[str, object]:
    return {
        "shard": shard_of(each.shop_id),
        "shop_id": each.shop_id,
        "sku": each.sku,
        "regency": each.region[:REGENCY_LENGTH],
        "region": each.region,
        "last_day": each.last_day,
    }


class Remembered:
    """Answers of a process for a few minutes: on a payday the same place asks again and again."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, date], tuple[datetime, tuple[Seller, ...]]] = {}
        self._lock = threading.Lock()

    def find(self, key: tuple[str, str, date], now: datetime) -> tuple[Seller, ...] | None:
        """What was found for a good, place and day; None when nobody asked lately."""
        known = self._known.get(key)
        return known[1] if known is not None and now - known[0] <= SELLERS_FRESH else None

    def keep(
        self, key: tuple[str, str, date], now: datetime, found: Iterable[Seller]
    ) -> tuple[Seller, ...]:
        """Remember an answer; the oldest goes when there are too many."""
        sellers = tuple(found)
        with self._lock:
            self._known.pop(key, None)
            while len(self._known) >= SELLERS_REMEMBERED_MAX:
                del self._known[next(iter(self._known))]
            self._known[key] = (now, sellers)
        return sellers
