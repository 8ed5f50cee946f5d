"""Holds in the database: the row, its draws, and what lies in `wallet.held`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, bindparam, insert, select, update

from pos_engine.rules.allowances import OFFLINE
from pos_engine.rules.entitlement import Draw, TrancheStatus
from pos_engine.rules.holds import Hold, HoldState
from pos_engine.rules.ids import KpmId, WalletId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.schema import wallet
from pos_engine.store.schema_holds import hold, hold_draw

_COLUMNS = (
    hold.c.hold_id,
    hold.c.kpm_id,
    hold.c.shop_id,
    hold.c.purpose,
    hold.c.amount,
    hold.c.state,
    hold.c.captured,
    hold.c.purchase_id,
    hold.c.made_at,
    hold.c.expires_at,
    hold.c.resolved_at,
)
_AT = (wallet.c.shard == bindparam("at_shard"), wallet.c.wallet_id == bindparam("at_wallet"))
_PUT_ASIDE = (
    update(wallet)
    .where(
        *_AT,
        wallet.c.credited - wallet.c.spent - wallet.c.held >= bindparam("amount"),
        wallet.c.expires_on >= bindparam("day"),
        wallet.c.status == TrancheStatus.OPEN.value,
    )
    .values(held=wallet.c.held + bindparam("amount"))
)
_RESOLVE = (
    update(wallet)
    .where(*_AT, wallet.c.held >= bindparam("amount"))
    .values(held=wallet.c.held - bindparam("amount"), spent=wallet.c.spent + bindparam("taken"))
)


@dataclass(frozen=True, slots=True)
class Resolution:
    """The one way out of a hold: what was captured of it by which movement."""

    state: HoldState
    taken: tuple[Draw, ...]
    purchase_id: str | None
    now: datetime


def add_hold(tx: Tx, new: Hold, content: bytes, draws: Sequence[Draw], day: date) -> None:
    """Put money aside. The condition stands in the row: `ConflictError` when it is not there."""
    shard = shard_of(new.kpm_id)
    values = {name: getattr(new, name) for name in new.__slots__} | {"state": new.state.value}
    tx.execute(insert(hold).values(shard=shard, content=content, **values))
    tx.execute(
        insert(hold_draw),
        [
            {
                "shard": shard,
                "hold_id": new.hold_id,
                "place": place,
                "wallet_id": each.wallet_id,
                "amount": each.amount,
            }
            for place, each in enumerate(draws)
        ],
    )
    rows = [
        {"at_shard": shard, "at_wallet": each.wallet_id, "amount": each.amount, "day": day}
        for each in draws
    ]
    if tx.execute(_PUT_ASIDE, rows).rowcount != len(rows):
        raise ConflictError
    for fact in (Fact.HOLD, Fact.HOLD_DRAW):
        announce(tx, fact, [(shard, new.hold_id)])


def find_hold(tx: Tx, kpm_id: str, hold_id: str) -> Hold | None:
    """One hold of a family."""
    row = tx.execute(
        select(*_COLUMNS).where(hold.c.shard == shard_of(kpm_id), hold.c.hold_id == hold_id)
    ).one_or_none()
    return _hold(row) if row else None


def draws_of(tx: Tx, kpm_id: str, hold_id: str) -> tuple[Draw, ...]:
    """What it drew, in the order in which it was drawn."""
    rows = tx.execute(
        select(hold_draw.c.wallet_id, hold_draw.c.amount)
        .where(hold_draw.c.shard == shard_of(kpm_id), hold_draw.c.hold_id == hold_id)
        .order_by(hold_draw.c.place)
    )
    return tuple(Draw(WalletId(row.wallet_id), Rupiah(row.amount)) for row in rows)


def resolve(tx: Tx, held: Hold, way: Resolution) -> None:
    """Take the hold out of its tranches, once; the family's tranches are locked."""
    shard = shard_of(held.kpm_id)
    taken = {each.wallet_id: each.amount for each in way.taken}
    done = tx.execute(
        update(hold)
        .where(
            hold.c.shard == shard,
            hold.c.hold_id == held.hold_id,
            hold.c.state == HoldState.HELD.value,
        )
        .values(
            state=way.state.value,
            captured=sum(taken.values()),
            purchase_id=way.purchase_id,
            resolved_at=way.now,
        )
    )
    if done.rowcount != 1:
        raise ConflictError  # a rival resolved it first: read again
    rows = [
        {
            "at_shard": shard,
            "at_wallet": each.wallet_id,
            "amount": each.amount,
            "taken": taken.get(each.wallet_id, 0),
        }
        for each in draws_of(tx, held.kpm_id, held.hold_id)
    ]
    if tx.execute(_RESOLVE, rows).rowcount != len(rows):
        raise ConflictError
    announce(tx, Fact.HOLD_END, [(shard, held.hold_id)])


def due_holds(tx: Tx, now: datetime, limit: int) -> list[tuple[KpmId, str]]:
    """Holds whose time is over, the oldest first: family and id.

    An allowance's hold ends with its allowance, and by nothing else.
    """
    rows = tx.execute(
        select(hold.c.kpm_id, hold.c.hold_id)
        .where(
            hold.c.state == HoldState.HELD.value,
            hold.c.expires_at <= now,
            hold.c.purpose != OFFLINE,
        )
        .order_by(hold.c.expires_at, hold.c.hold_id)
        .limit(limit)
    )
    return [(KpmId(row.kpm_id), row.hold_id) for row in rows]


def open_holds(tx: Tx, limit: int) -> list[Hold]:
    """Holds that are not resolved, those that end first before the others."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(hold.c.state == HoldState.HELD.value)
        .order_by(hold.c.expires_at, hold.c.hold_id)
        .limit(limit)
    )
    return [_hold(row) for row in rows]


def _hold(row: Row[*tuple[Any, ...]]) -> Hold:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    return Hold(**values | {"state": HoldState(row.state)})
