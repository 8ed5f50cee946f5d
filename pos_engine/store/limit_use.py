"""How much of a day's limits is used. What was voided or reversed counts no more."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import FromClause, Select, and_, bindparam, func, select

from pos_engine.rules.ids import KpmId, ShopId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.keyed import Key, keyed, rows_by
from pos_engine.store.schema import purchase
from pos_engine.store.schema_limits import limit_use
from pos_engine.store.schema_reversals import reversal
from pos_engine.store.set_writes import insert_rows, inserts

COUNTED = "APPROVED"
RUPIAH = ""  # in place of an item code: the family's rupiah of the day

_ADD = inserts(limit_use)


@dataclass(frozen=True, slots=True)
class Use:
    """What one purchase takes of a family's limits: base units in thousandths, or RUPIAH.

    A return is a use of its own with its own id, below zero.
    """

    kpm_id: KpmId
    day: date
    purchase_id: str
    item_code: str
    used: int


def _by_family(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(
        limit_use.c.shard == wanted.c.shard,
        limit_use.c.kpm_id == wanted.c.first,
        limit_use.c.day == func.date(wanted.c.second),
    )
    return (
        select(limit_use.c.kpm_id, limit_use.c.item_code, func.sum(limit_use.c.used))
        .select_from(wanted.join(limit_use, mine))
        .group_by(limit_use.c.kpm_id, limit_use.c.item_code)
    )


_BY_FAMILY = keyed(3, _by_family)
_BY_TILL = (
    select(purchase.c.shop_id, purchase.c.till_id, func.sum(purchase.c.amount))
    .where(
        purchase.c.shop_id.in_(bindparam("shops", expanding=True)),
        purchase.c.day == bindparam("day"),
        purchase.c.status == COUNTED,
    )
    .group_by(purchase.c.shop_id, purchase.c.till_id)
)
_RETURNED_BY_TILL = (
    select(purchase.c.shop_id, purchase.c.till_id, func.sum(reversal.c.amount))
    .join_from(
        reversal,
        purchase,
        and_(
            purchase.c.shard == reversal.c.shard, purchase.c.purchase_id == reversal.c.reverses_id
        ),
    )
    .where(
        reversal.c.shop_id.in_(bindparam("shops", expanding=True)),
        reversal.c.purchase_day == bindparam("day"),
    )
    .group_by(purchase.c.shop_id, purchase.c.till_id)
)


def used_by_families(
    tx: Tx, kpm_ids: Collection[KpmId], day: date
) -> dict[KpmId, Mapping[str, int]]:
    """What these families used on a shop's local day, by item code; asked under their locks."""
    found: defaultdict[KpmId, dict[str, int]] = defaultdict(dict)
    keys: set[Key] = {(shard_of(kpm_id), kpm_id, day.isoformat()) for kpm_id in kpm_ids}
    for kpm_id, item_code, used in rows_by(tx, _BY_FAMILY, keys):
        found[kpm_id][item_code] = int(used)
    return dict(found)


def sold_by_tills(tx: Tx, shop_ids: Collection[ShopId], day: date) -> dict[tuple[str, str], int]:
    """Rupiah that each till of these shops sold on a local day less returns, as committed."""
    asked = {"shops": sorted(shop_ids), "day": day}
    sold = {(row[0], row[1]): int(row[2]) for row in tx.execute(_BY_TILL, asked)}
    for shop_id, till_id, amount in tx.execute(_RETURNED_BY_TILL, asked):
        sold[shop_id, till_id] -= int(amount)
    return sold


def uses_of(tx: Tx, kpm_id: KpmId, day: date, purchase_id: str) -> list[Use]:
    """What one purchase of a local day took."""
    rows = tx.execute(
        select(limit_use.c.item_code, limit_use.c.used).where(
            limit_use.c.shard == shard_of(kpm_id),
            limit_use.c.kpm_id == kpm_id,
            limit_use.c.day == day,
            limit_use.c.purchase_id == purchase_id,
        )
    )
    return [Use(kpm_id, day, purchase_id, item_code, used) for item_code, used in rows]


def add_uses(tx: Tx, uses: Sequence[Use]) -> None:
    """Write what approved purchases take; a return writes what it gives back, below zero."""
    insert_rows(
        tx,
        _ADD,
        [
            {
                "shard": shard_of(each.kpm_id),
                "kpm_id": each.kpm_id,
                "day": each.day,
                "purchase_id": each.purchase_id,
                "item_code": each.item_code,
                "used": each.used,
            }
            for each in uses
        ],
    )
