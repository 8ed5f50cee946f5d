"""Many holds at once, for purchases that banks are asked about.

One batch makes them, another ends them. The condition stands in the rows as ever; a count that
differs aborts the batch.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Update, bindparam, literal_column, update

from pos_engine.rules.entitlement import Draw, TrancheStatus
from pos_engine.rules.holds import HoldState
from pos_engine.rules.ids import KpmId, WalletId, shard_of
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.driver import when_known
from pos_engine.store.schema import wallet
from pos_engine.store.schema_holds import hold, hold_draw
from pos_engine.store.set_writes import SetWrite, arrays, insert_rows, inserts

BANK = "BANK"
NOTHING = b"\x00" * 32  # its purchase's claim says what it is for


@dataclass(frozen=True, slots=True)
class Aside:
    """Money to put aside for the purchase of the same id, or for a device; the shop's local day."""

    hold_id: str
    kpm_id: KpmId
    shop_id: str
    draws: tuple[Draw, ...]
    day: date
    made_at: datetime
    expires_at: datetime
    purpose: str = BANK


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a hold: CAPTURED takes all of it, RELEASED gives all of it back."""

    hold_id: str
    kpm_id: KpmId
    draws: tuple[Draw, ...]
    captured: bool
    at: datetime


def _put(shard: Any, wallet_id: Any, amount: Any, day: Any) -> Update:
    return (
        update(wallet)
        .where(
            wallet.c.shard == shard,
            wallet.c.wallet_id == wallet_id,
            wallet.c.credited - wallet.c.spent - wallet.c.held >= amount,
            wallet.c.expires_on >= day,
            wallet.c.status == literal_column(f"'{TrancheStatus.OPEN.value}'"),
        )
        .values(held=wallet.c.held + amount)
    )


def _take(shard: Any, wallet_id: Any, amount: Any, taken: Any) -> Update:
    return (
        update(wallet)
        .where(wallet.c.shard == shard, wallet.c.wallet_id == wallet_id, wallet.c.held >= amount)
        .values(held=wallet.c.held - amount, spent=wallet.c.spent + taken)
    )


def _end(shard: Any, hold_id: Any, state: Any, captured: Any, purchase: Any, at: Any) -> Update:
    return (
        update(hold)
        .where(
            hold.c.shard == shard,
            hold.c.hold_id == hold_id,
            hold.c.state == literal_column(f"'{HoldState.HELD.value}'"),
        )
        .values(state=state, captured=captured, purchase_id=purchase, resolved_at=at)
    )


def _both(build: Callable[..., Update], columns: Sequence[Any], names: Sequence[str]) -> SetWrite:
    """The statement for one row and for arrays of them."""
    rows = arrays(*columns, names=names)
    binds = [
        bindparam(name, type_=column.type) for name, column in zip(names, columns, strict=True)
    ]
    return SetWrite(build(*binds), build(*(rows.c[name] for name in names)))


_PUT = _both(
    _put,
    (wallet.c.shard, wallet.c.wallet_id, wallet.c.held, wallet.c.expires_on),
    ("at_shard", "at_wallet", "amount", "day"),
)
_TAKE = _both(
    _take,
    (wallet.c.shard, wallet.c.wallet_id, wallet.c.held, wallet.c.spent),
    ("at_shard", "at_wallet", "amount", "taken"),
)
_END = _both(
    _end,
    (
        hold.c.shard,
        hold.c.hold_id,
        hold.c.state,
        hold.c.captured,
        hold.c.purchase_id,
        hold.c.resolved_at,
    ),
    ("at_shard", "at_hold", "new_state", "amount", "for_purchase", "now"),
)
_ADD, _ADD_DRAWS = inserts(hold), inserts(hold_draw)


def add_holds(tx: Tx, asides: Sequence[Aside]) -> None:
    """Make holds; their tranches are locked."""
    if not asides:
        return
    insert_rows(tx, _ADD, [_hold_row(each) for each in asides])
    insert_rows(tx, _ADD_DRAWS, [row for each in asides for row in _draw_rows(each)])
    amounts: defaultdict[tuple[int, WalletId], int] = defaultdict(int)
    days: dict[tuple[int, WalletId], date] = {}
    for each in asides:
        for part in each.draws:
            key = (shard_of(each.kpm_id), part.wallet_id)
            amounts[key] += part.amount
            days[key] = max(each.day, days.get(key, each.day))
    rows = [
        {"at_shard": key[0], "at_wallet": key[1], "amount": amount, "day": days[key]}
        for key, amount in amounts.items()
    ]
    _run(tx, _PUT, rows)
    made = [(shard_of(each.kpm_id), each.hold_id) for each in asides]
    for fact in (Fact.HOLD, Fact.HOLD_DRAW):
        announce(tx, fact, made)


def end_holds(tx: Tx, ended: Sequence[Ended]) -> None:
    """End holds that are HELD; their tranches are locked."""
    if not ended:
        return
    _run(tx, _END, [_end_row(each) for each in ended])
    held: defaultdict[tuple[int, WalletId], int] = defaultdict(int)
    taken: defaultdict[tuple[int, WalletId], int] = defaultdict(int)
    for each in ended:
        for part in each.draws:
            key = (shard_of(each.kpm_id), part.wallet_id)
            held[key] += part.amount
            taken[key] += part.amount if each.captured else 0
    rows = [
        {"at_shard": key[0], "at_wallet": key[1], "amount": amount, "taken": taken[key]}
        for key, amount in held.items()
    ]
    _run(tx, _TAKE, rows)
    announce(tx, Fact.HOLD_END, [(shard_of(each.kpm_id), each.hold_id) for each in ended])


def end_rows(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """End holds that are HELD, each row with the values that it ends with."""
    _run(tx, _END, rows)


def take_rows(tx: Tx, rows: Sequence[dict[str, Any]]) -> None:
    """Take money out of `held`, and what of it was `taken` into `spent`; a row a tranche."""
    _run(tx, _TAKE, rows)


def _run(tx: Tx, statement: SetWrite, rows: Sequence[dict[str, Any]]) -> None:
    written = statement.run(tx, rows)

    def check() -> None:
        if written() != len(rows):
            raise ConflictError

    when_known(tx, check)


def _hold_row(each: Aside) -> dict[str, Any]:
    return {
        "shard": shard_of(each.kpm_id),
        "hold_id": each.hold_id,
        "kpm_id": each.kpm_id,
        "shop_id": each.shop_id,
        "purpose": each.purpose,
        "amount": sum(part.amount for part in each.draws),
        "state": HoldState.HELD.value,
        "captured": 0,
        "purchase_id": None,
        "content": NOTHING,
        "made_at": each.made_at,
        "expires_at": each.expires_at,
        "resolved_at": None,
    }


def _draw_rows(each: Aside) -> list[dict[str, Any]]:
    return [
        {
            "shard": shard_of(each.kpm_id),
            "hold_id": each.hold_id,
            "place": place,
            "wallet_id": part.wallet_id,
            "amount": part.amount,
        }
        for place, part in enumerate(each.draws)
    ]


def _end_row(each: Ended) -> dict[str, Any]:
    state = HoldState.CAPTURED if each.captured else HoldState.RELEASED
    return {
        "at_shard": shard_of(each.kpm_id),
        "at_hold": each.hold_id,
        "new_state": state.value,
        "amount": sum(part.amount for part in each.draws) if each.captured else 0,
        "for_purchase": each.hold_id if each.captured else None,
        "now": each.at,
    }
