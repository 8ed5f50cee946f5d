"""DINSOS says which shops lie beyond the signal: their families may put all aside, for longer."""

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.cards import inside
from pos_engine.store import remote_shops, shops


def mark_remote(
    engine: Engine, shop_id: str, officer: str, region: str | None, *, remote: bool
) -> bool:
    """Set or take away the mark; False for a shop outside the officer's region. Twice is once.

    What was put aside before keeps its time.
    """
    now = engine.now()
    with engine.database.begin() as tx:
        shop = shops.find_shop(tx, shop_id)
        if shop is None or not inside(shop.region, region):
            return False
        if remote_shops.is_remote(tx, shop_id) != remote:
            remote_shops.set_remote(
                tx, shop_id, remote=remote, event_id=new_uuid7(now), set_by=officer, now=now
            )
    return True
