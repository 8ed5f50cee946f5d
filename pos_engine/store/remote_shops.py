"""Which shops lie beyond the signal: each word of DINSOS is a row, the newest counts."""

from datetime import datetime

from sqlalchemy import insert, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema_allowances import shop_remote


def set_remote(
    tx: Tx, shop_id: str, *, remote: bool, event_id: str, set_by: str, now: datetime
) -> None:
    """From now on the shop is REMOTE, or is not."""
    shard = shard_of(shop_id)
    values = {"event_id": event_id, "shop_id": shop_id, "remote": remote}
    tx.execute(insert(shop_remote).values(shard=shard, set_by=set_by, set_at=now, **values))
    announce(tx, Fact.SHOP_REMOTE, [(shard, event_id)])


def remote_now(tx: Tx) -> frozenset[str]:
    """All shops that are REMOTE now."""
    c = shop_remote.c
    rows = tx.execute(select(c.shop_id, c.remote).order_by(c.set_at, c.event_id))
    newest = {row.shop_id: row.remote for row in rows}
    return frozenset(shop_id for shop_id, remote in newest.items() if remote)


def is_remote(tx: Tx, shop_id: str) -> bool:
    """Is the shop REMOTE now."""
    c = shop_remote.c
    newest = tx.execute(
        select(c.remote)
        .where(c.shard == shard_of(shop_id), c.shop_id == shop_id)
        .order_by(c.set_at.desc(), c.event_id.desc())
        .limit(1)
    ).scalar_one_or_none()
    return bool(newest)
