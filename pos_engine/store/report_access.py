"""Where families live and where open shops are, by village; when each till was last heard of."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select

from pos_engine.store.database import Tx
from pos_engine.store.families import ACTIVE
from pos_engine.store.report_region import inside
from pos_engine.store.schema import device, family, session, shop, till
from pos_engine.store.shops import ACTIVE as OPEN


@dataclass(frozen=True, slots=True)
class TillSeen:
    """A till of an open shop: the end of its newest log-in, and of its newest refresh's grace."""

    region: str
    shop_id: str
    till_id: str
    session_end: datetime | None
    refresh_end: datetime | None


def families_by_place(tx: Tx, region: str | None) -> dict[str, int]:
    """How many families a programme serves in each village of a region."""
    rows = tx.execute(
        select(family.c.region, func.count())
        .where(family.c.status == ACTIVE, inside(family.c.region, region))
        .group_by(family.c.region)
    )
    return {place: int(count) for place, count in rows}


def shops_by_place(tx: Tx, region: str | None) -> dict[str, int]:
    """How many shops are open in each village of a region."""
    rows = tx.execute(
        select(shop.c.region, func.count())
        .where(shop.c.status == OPEN, inside(shop.c.region, region))
        .group_by(shop.c.region)
    )
    return {place: int(count) for place, count in rows}


def tills_seen(tx: Tx, region: str | None, shop_id: str | None = None) -> list[TillSeen]:
    """Every working till of the open shops of a region, by place and name."""
    query = (
        select(
            shop.c.region,
            shop.c.shop_id,
            till.c.till_id,
            func.max(session.c.expires_at),
            func.max(session.c.previous_until),
        )
        .join_from(till, shop, shop.c.shop_id == till.c.shop_id)
        .join(device, device.c.till_id == till.c.till_id, isouter=True)
        .join(session, session.c.device_id == device.c.device_id, isouter=True)
        .where(and_(till.c.status == OPEN, shop.c.status == OPEN), inside(shop.c.region, region))
        .group_by(shop.c.region, shop.c.shop_id, till.c.till_id)
        .order_by(shop.c.region, shop.c.shop_id, till.c.till_id)
    )
    if shop_id:
        query = query.where(shop.c.shop_id == shop_id)
    return [TillSeen(*row) for row in tx.execute(query)]
