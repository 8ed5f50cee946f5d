"""What a family bought, the newest first, with what was returned of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from pos_engine.rules.ids import shard_of
from pos_engine.store import reversals, shops
from pos_engine.store.database import Tx
from pos_engine.store.schema import purchase


@dataclass(frozen=True, slots=True)
class Bought:
    """One approved purchase; `lines` as they were answered. Money in rupiah."""

    purchase_id: str
    number: str
    shop_name: str
    region: str
    amount: int
    lines: list[dict[str, Any]]
    decided_at: datetime
    returned: int = 0


def bought_by(tx: Tx, kpm_id: str, *, skip: int, limit: int) -> Sequence[Bought]:
    """A part of a family's purchases."""
    c, shard = purchase.c, shard_of(kpm_id)
    rows = tx.execute(
        select(c.purchase_id, c.number, c.shop_id, c.region, c.amount, c.lines, c.decided_at)
        .where(c.shard == shard, c.kpm_id == kpm_id, c.status == "APPROVED")
        .order_by(c.decided_at.desc(), c.purchase_id.desc())
        .offset(skip)
        .limit(limit)
    ).all()
    names = {row.shop_id: _name(tx, row.shop_id) for row in rows}
    return [
        Bought(
            row.purchase_id,
            row.number,
            names[row.shop_id],
            row.region,
            row.amount,
            row.lines,
            row.decided_at,
            returned=reversals.returned(reversals.reversals_of(tx, shard, row.purchase_id)),
        )
        for row in rows
    ]


def _name(tx: Tx, shop_id: str) -> str:
    found = shops.find_shop(tx, shop_id)
    return found.name if found else ""
