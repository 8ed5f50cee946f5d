"""How many families of each region buy at which shop, and how many purchases a second were seen."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select

from pos_engine.store.database import Tx
from pos_engine.store.families import ACTIVE
from pos_engine.store.latencies import KEPT, ROWS_READ_MAX
from pos_engine.store.schema import family, shop
from pos_engine.store.schema_latency import answer_latency

LOADS_MAX = 500_000  # rows of region and shop
MINUTE_S = 60


@dataclass(frozen=True, slots=True)
class RegionLoad:
    """Families of a region (a code of the asked length) whose home shop is this one."""

    code: str
    shop_id: str
    families: int


def region_loads(tx: Tx, region: str | None, length: int) -> list[RegionLoad]:
    """Active families by region code and home shop, in the order of codes."""
    code = func.substr(family.c.region, 1, length).label("code")
    query = (
        select(code, family.c.home_shop_id, func.count())
        .where(family.c.status == ACTIVE)
        .group_by(code, family.c.home_shop_id)
        .order_by(code, family.c.home_shop_id)
        .limit(LOADS_MAX)
    )
    if region is not None:
        inside = family.c.region.startswith(f"{region}.", autoescape=True)
        query = query.where(or_(family.c.region == region, inside))
    return [RegionLoad(*row) for row in tx.execute(query)]


def names_of_shops(tx: Tx, region: str | None) -> dict[str, str]:
    """Names of shops by id, of a region."""
    query = select(shop.c.shop_id, shop.c.name)
    if region is not None:
        inside = shop.c.region.startswith(f"{region}.", autoescape=True)
        query = query.where(or_(shop.c.region == region, inside))
    return {row[0]: row[1] for row in tx.execute(query.limit(LOADS_MAX))}


def busiest_minute(tx: Tx, now: datetime) -> float:
    """The most answers a second, over a minute of all processes together; 0 without any.

    What was seen, so at least so much can be done: a lower bound of the capacity.
    """
    c = answer_latency.c
    rows = tx.execute(
        select(c.until, c.counts)
        .where(c.until >= now - KEPT)
        .order_by(c.until)
        .limit(ROWS_READ_MAX)
    )
    minutes: defaultdict[int, int] = defaultdict(int)
    for until, counts in rows:
        minutes[int(until.timestamp()) // MINUTE_S] += sum(counts)
    return max(minutes.values(), default=0) / MINUTE_S
