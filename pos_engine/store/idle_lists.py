"""Lists of frozen tranches for the treasury: made, approved, carried out item by item."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.rules.ids import KpmId, WalletId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema import wallet
from pos_engine.store.schema_idle import idle_item, idle_list

LIST_SHARD = 0  # a list names tranches of many
MADE, APPROVED, DONE = "MADE", "APPROVED", "DONE"
WAITING, RETURNED, KEPT = "WAITING", "RETURNED", "KEPT"


@dataclass(frozen=True, slots=True)
class ReturnList:
    """A list of frozen tranches: made by one officer, approved by another."""

    list_id: str
    state: str
    count: int
    total: Rupiah
    sha256: str
    made_by: str
    approved_by: str | None
    made_at: datetime
    approved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Item:
    """A tranche on a list. KEPT: she bought or it changed before the list was approved."""

    list_id: str
    wallet_id: WalletId
    kpm_id: KpmId
    programme: str
    period: str
    amount: Rupiah
    state: str

    @property
    def shard(self) -> int:
        """Where it lives."""
        return shard_of(self.kpm_id)


def add_list(tx: Tx, new: ReturnList, items: Sequence[Item]) -> None:
    """Write a list with its tranches."""
    values = {name: getattr(new, name) for name in new.__slots__}
    tx.execute(insert(idle_list).values(shard=LIST_SHARD, **values))
    rows = [
        {"shard": each.shard} | {name: getattr(each, name) for name in each.__slots__}
        for each in items
    ]
    tx.execute(insert(idle_item), rows)
    announce(tx, Fact.IDLE_LIST, [(LIST_SHARD, new.list_id)])


def find_list(tx: Tx, list_id: str, *, lock: bool = False) -> ReturnList | None:
    """One list."""
    query = select(*(idle_list.c[name] for name in ReturnList.__slots__)).where(
        idle_list.c.shard == LIST_SHARD, idle_list.c.list_id == list_id
    )
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return ReturnList(*row) if row else None


def approve_list(tx: Tx, list_id: str, officer: str, now: datetime) -> None:
    """A second person wants it carried out: from now on only its state changes."""
    change_list(tx, list_id, state=APPROVED, approved_by=officer, approved_at=now)
    announce(tx, Fact.IDLE_APPROVAL, [(LIST_SHARD, list_id)])


def change_list(tx: Tx, list_id: str, **values: Any) -> None:
    """Set columns of a list."""
    tx.execute(
        update(idle_list)
        .where(idle_list.c.shard == LIST_SHARD, idle_list.c.list_id == list_id)
        .values(**values)
    )


def listed_elsewhere(tx: Tx, shard: int) -> set[WalletId]:
    """Tranches of a shard that stand on a list that is not carried out yet."""
    rows = tx.execute(
        select(idle_item.c.wallet_id).where(
            idle_item.c.shard == shard, idle_item.c.state == WAITING
        )
    )
    return {WalletId(each) for each in rows.scalars()}


def items_of(tx: Tx, list_id: str, shard: int | None = None) -> Iterator[Item]:
    """The tranches of a list, in the order of their keys."""
    columns = idle_item.c
    query = select(*(columns[name] for name in Item.__slots__)).where(columns.list_id == list_id)
    if shard is not None:
        query = query.where(columns.shard == shard)
    for row in tx.execute(query.order_by(columns.shard, columns.wallet_id)):
        yield Item(*row)


def shards_of_list(tx: Tx, list_id: str) -> list[int]:
    """Shards of a list that are not carried out yet."""
    rows = tx.execute(
        select(idle_item.c.shard)
        .where(idle_item.c.list_id == list_id, idle_item.c.state == WAITING)
        .distinct()
    )
    return sorted(rows.scalars())


_TAKE = (
    update(wallet)
    .where(
        wallet.c.shard == bindparam("at_shard"),
        wallet.c.wallet_id == bindparam("at_wallet"),
        wallet.c.status == TrancheStatus.FROZEN.value,
        wallet.c.held == 0,
        wallet.c.credited - wallet.c.spent == bindparam("amount"),
    )
    .values(spent=wallet.c.credited, status=TrancheStatus.RETURNED.value)
)
_SETTLE = (
    update(idle_item)
    .where(
        idle_item.c.shard == bindparam("at_shard"),
        idle_item.c.list_id == bindparam("of_list"),
        idle_item.c.wallet_id == bindparam("at_wallet"),
        idle_item.c.state == WAITING,
    )
    .values(state=bindparam("becomes"))
)


def take_back(tx: Tx, item: Item) -> bool:
    """Empty a frozen tranche that is as it was when it was listed; was it so."""
    row = {"at_shard": item.shard, "at_wallet": item.wallet_id, "amount": item.amount}
    return tx.execute(_TAKE, row).rowcount == 1


def announce_items(tx: Tx, list_id: str, shard: int) -> None:
    """The tranches of a list in this shard will not change any more."""
    announce(tx, Fact.IDLE_ITEM, [(shard, list_id)])


def settle_item(tx: Tx, item: Item, state: str) -> None:
    """RETURNED or KEPT, once."""
    key = {"at_shard": item.shard, "of_list": item.list_id, "at_wallet": item.wallet_id}
    tx.execute(_SETTLE, key | {"becomes": state})
