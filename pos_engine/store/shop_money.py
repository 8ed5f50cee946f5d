"""What a shop's own purchases put on its account since a moment: no settlement took it yet."""

from datetime import date, datetime

from sqlalchemy import Table, func, select

from pos_engine.store.database import Tx
from pos_engine.store.schema import posting, purchase
from pos_engine.store.schema_reversals import reversal
from pos_engine.store.settlements import SHOP_PREFIX


def not_settled(tx: Tx, shop_id: str, first_day: date, since: datetime | None) -> int:
    """Purchases less what was returned, in rupiah, posted at or after `since`.

    Found by the shop's own purchases from `first_day` on, so that nobody else's postings are
    read. Money that a bank keeps stands on another account and is not counted.
    """
    sold = _sum(tx, shop_id, purchase, "purchase_id", "day", first_day, since)
    back = _sum(tx, shop_id, reversal, "reversal_id", "purchase_day", first_day, since)
    return sold + back


def _sum(
    tx: Tx,
    shop_id: str,
    facts: Table,
    key: str,
    day: str,
    first_day: date,
    since: datetime | None,
) -> int:
    leg = (posting.c.shard == facts.c.shard) & (posting.c.txn_id == facts.c[key])
    query = (
        select(func.coalesce(func.sum(posting.c.amount), 0))
        .select_from(facts.join(posting, leg))
        .where(
            facts.c.shop_id == shop_id,
            facts.c[day] >= first_day,
            posting.c.account == f"{SHOP_PREFIX}{shop_id}",
        )
    )
    if since is not None:
        query = query.where(posting.c.posted_at >= since)
    return int(tx.execute(query).scalar_one())
