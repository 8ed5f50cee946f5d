"""What was returned of purchases: rows that are only ever added."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, insert, select

from pos_engine.rules.ids import KpmId, ShopId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.voids import Status, became
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema import purchase
from pos_engine.store.schema_reversals import reversal

VOID, REVERSAL = "VOID", "REVERSAL"


@dataclass(frozen=True, slots=True)
class Reversal:
    """A return. `lines` are place, quantity and amount; `returns` name the tranches.

    `unusable` of the amount went back into a tranche that may not be spent any more.
    """

    reversal_id: str
    reverses_id: str
    kind: str
    kpm_id: KpmId
    shop_id: ShopId
    made_by: str
    approved_by: str | None
    reason: str
    amount: Rupiah
    unusable: Rupiah
    balance_after: Rupiah
    lines: list[dict[str, int]]
    returns: list[dict[str, Any]]
    purchase_day: date
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Bought:
    """An approved or refused purchase as far as a return must know it."""

    purchase_id: str
    kpm_id: KpmId | None
    shop_id: ShopId
    status: str
    amount: Rupiah
    lines: list[dict[str, Any]]
    day: date
    number: str


_COLUMNS = tuple(reversal.c[name] for name in Reversal.__slots__)


def add_reversal(tx: Tx, new: Reversal) -> None:
    """Write a return; its money moves in the same transaction."""
    values = {name: getattr(new, name) for name in new.__slots__}
    shard = shard_of(new.kpm_id)
    tx.execute(insert(reversal).values(shard=shard, **values))
    announce(tx, Fact.REVERSAL, [(shard, new.reversal_id)])


def reversals_of(tx: Tx, shard: int, purchase_id: str) -> list[Reversal]:
    """What was returned of a purchase, the oldest first."""
    return _read(
        tx,
        _select().where(reversal.c.shard == shard, reversal.c.reverses_id == purchase_id),
    )


def reversals_of_day(tx: Tx, shop_id: str, day: date) -> list[Reversal]:
    """What was returned of a shop's purchases of one local day."""
    return _read(tx, _select().where(reversal.c.shop_id == shop_id, reversal.c.purchase_day == day))


def find_reversal(tx: Tx, shard: int, reversal_id: str) -> Reversal | None:
    """One return by its own id."""
    found = _read(
        tx, _select().where(reversal.c.shard == shard, reversal.c.reversal_id == reversal_id)
    )
    return found[0] if found else None


def _select() -> Select[Any]:
    return select(*_COLUMNS).order_by(reversal.c.made_at, reversal.c.reversal_id)


def _read(tx: Tx, query: Select[Any]) -> list[Reversal]:
    return [Reversal(*row) for row in tx.execute(query)]


def find_bought(tx: Tx, shard: int, purchase_id: str) -> Bought | None:
    """The purchase of this id in its family's shard."""
    columns = [purchase.c[name] for name in Bought.__slots__]
    row = tx.execute(
        select(*columns).where(purchase.c.shard == shard, purchase.c.purchase_id == purchase_id)
    ).one_or_none()
    return Bought(*row) if row else None


def returned(rows: Sequence[Reversal]) -> Rupiah:
    """The sum of returns."""
    return Rupiah(sum(each.amount for each in rows))


def status_after(amount: int, rows: Sequence[Reversal]) -> Status | None:
    """What a purchase of this amount has become by these returns."""
    by_officers = any(each.kind == REVERSAL for each in rows)
    return became(amount, returned(rows), by_officers=by_officers)
