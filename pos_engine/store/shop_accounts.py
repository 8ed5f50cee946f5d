"""Where shops are paid: versions of a sealed bank account, in force after a second person."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema_settlement import shop_account
from pos_engine.store.shops import ACTIVE

PROPOSED = "PROPOSED"
_c = shop_account.c


@dataclass(frozen=True, slots=True, repr=False)
class AccountRow:
    """A version of a shop's account; number and name are sealed."""

    shop_id: str
    version: int
    bank: str
    sealed: bytes
    status: str
    made_by: str
    approved_by: str | None


def newest_account(tx: Tx, shop_id: str, *, lock: bool = False) -> AccountRow | None:
    """The version written last, approved or not."""
    columns = [getattr(_c, name) for name in AccountRow.__slots__]
    query = (
        select(*columns)
        .where(_c.shard == shard_of(shop_id), _c.shop_id == shop_id)
        .order_by(_c.version.desc())
        .limit(1)
    )
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return AccountRow(*row) if row else None


def next_version(tx: Tx, shop_id: str) -> int:
    """The number of the version to come."""
    query = select(func.coalesce(func.max(_c.version), 0))
    found = tx.execute(query.where(_c.shard == shard_of(shop_id), _c.shop_id == shop_id))
    return int(found.scalar_one()) + 1


def add_account(tx: Tx, row: AccountRow, now: datetime) -> None:
    """Write a version; `ConflictError` when its number is taken."""
    values = {name: getattr(row, name) for name in AccountRow.__slots__}
    approved_at = now if row.status == ACTIVE else None
    tx.execute(
        insert(shop_account).values(
            shard=shard_of(row.shop_id), created_at=now, approved_at=approved_at, **values
        )
    )
    if row.status == ACTIVE:
        _announce(tx, row)


def _announce(tx: Tx, row: AccountRow) -> None:
    """From now on money goes there."""
    announce(tx, Fact.SHOP_ACCOUNT, [(shard_of(row.shop_id), f"{row.shop_id}:{row.version}")])


def approve_account(tx: Tx, row: AccountRow, officer: str, now: datetime) -> None:
    """Put a version in force."""
    tx.execute(
        update(shop_account)
        .where(
            _c.shard == shard_of(row.shop_id),
            _c.shop_id == row.shop_id,
            _c.version == row.version,
        )
        .values(status=ACTIVE, approved_by=officer, approved_at=now)
    )
    _announce(tx, row)
