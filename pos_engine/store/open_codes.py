"""The purchase that a family's newest code was asked for."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from pos_engine.rules.ids import ShopId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import one_time_code


@dataclass(frozen=True, slots=True)
class AskedCode:
    """What the newest code is good for."""

    shop_id: ShopId
    purchase_id: str
    amount_max: int


def newest_asked(tx: Tx, kpm_id: str, since: datetime) -> AskedCode | None:
    """What a till asked for lately; None when that code bought already."""
    columns = one_time_code.c
    row = tx.execute(
        select(columns.shop_id, columns.purchase_id, columns.amount_max, columns.used_at)
        .where(
            columns.shard == shard_of(kpm_id), columns.kpm_id == kpm_id, columns.sent_at >= since
        )
        .order_by(columns.sent_at.desc(), columns.code_id.desc())
        .limit(1)
    ).one_or_none()
    if row is None or row.used_at is not None:
        return None
    return AskedCode(ShopId(row.shop_id), row.purchase_id, row.amount_max)
