"""Who looked for a family at a till: when, where, how, and what came of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pos_engine.store.database import Tx
from pos_engine.store.schema import identity_attempt, shop

LOOKUPS_SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class Lookup:
    """One attempt that led to this family."""

    at: datetime
    shop_name: str
    region: str
    method: str
    outcome: str


def lookups_of(tx: Tx, kpm_id: str, since: datetime) -> list[Lookup]:
    """Those since a moment, the newest first."""
    c = identity_attempt.c
    rows = tx.execute(
        select(c.at, shop.c.name, shop.c.region, c.method, c.outcome)
        .join_from(identity_attempt, shop, shop.c.shop_id == c.shop_id)
        .where(c.kpm_id == kpm_id, c.at > since)
        .order_by(c.at.desc(), c.attempt_id.desc())
        .limit(LOOKUPS_SHOWN_MAX)
    )
    return [Lookup(*row) for row in rows]
