"""Many sales on allowances written at once: each ends a hold, and the rest goes on in the next."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, update

from pos_engine.rules.allowances import OFFLINE, AllowanceState
from pos_engine.rules.entitlement import Draw
from pos_engine.rules.holds import HoldState
from pos_engine.rules.ids import WalletId, shard_of
from pos_engine.store.allowances import Living
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.hold_sets import NOTHING, end_rows, take_rows
from pos_engine.store.schema_allowances import allowance
from pos_engine.store.schema_holds import hold, hold_draw
from pos_engine.store.set_writes import insert_rows, inserts

_ADD, _ADD_DRAWS = inserts(hold), inserts(hold_draw)
_DRAWN = (
    update(allowance)
    .where(
        allowance.c.shard == bindparam("at_shard"),
        allowance.c.allowance_id == bindparam("at_allowance"),
        allowance.c.state == AllowanceState.LIVE.value,
    )
    .values(
        state=bindparam("new_state"),
        remaining=bindparam("new_remaining"),
        hold_id=bindparam("new_hold"),
        spent_offline=allowance.c.spent_offline + bindparam("taken"),
        ended_at=bindparam("new_end", type_=allowance.c.ended_at.type),
    )
)


@dataclass(frozen=True, slots=True)
class Drawn:
    """One sale: what the allowance held before it, what the sale took, what goes on in `hold_id`.

    Nothing is kept when the allowance is spent.
    """

    before: Living
    taken: tuple[Draw, ...]
    kept: tuple[Draw, ...]
    hold_id: str
    purchase_id: str
    at: datetime

    @property
    def shard(self) -> int:
        """Where the family lives."""
        return shard_of(self.before.kpm_id)

    @property
    def amount(self) -> int:
        """What the sale took, in rupiah."""
        return sum(each.amount for each in self.taken)


def write_draws(tx: Tx, sales: Sequence[Drawn]) -> None:
    """Write sales in their order; the families' tranches are locked.

    `ConflictError` when a hold or an allowance is not what was read.
    """
    if not sales:
        return
    ends = {each.before.hold_id: each for each in sales}
    made = [each for each in sales if each.kept]
    names = {each.hold_id for each in made}
    end_rows(tx, [_end(each) for name, each in ends.items() if name not in names])
    insert_rows(tx, _ADD, [_hold(each, ends.get(each.hold_id)) for each in made])
    insert_rows(tx, _ADD_DRAWS, [row for each in made for row in _draws(each)])
    _move(tx, sales)
    _write(tx, sales)
    fresh = [(each.shard, each.hold_id) for each in made]
    announce(tx, Fact.HOLD, fresh)
    announce(tx, Fact.HOLD_DRAW, fresh)
    announce(tx, Fact.HOLD_END, [(each.shard, each.before.hold_id) for each in sales])
    spent = [each for each in sales if not each.kept]
    announce(tx, Fact.ALLOWANCE_END, [(each.shard, each.before.allowance_id) for each in spent])


def _end(sale: Drawn) -> dict[str, Any]:
    return {
        "at_shard": sale.shard,
        "at_hold": sale.before.hold_id,
        "new_state": HoldState.CAPTURED.value,
        "amount": sale.amount,
        "for_purchase": sale.purchase_id,
        "now": sale.at,
    }


def _hold(sale: Drawn, ended_by: Drawn | None) -> dict[str, Any]:
    """The hold that the rest goes on in; a later sale of the same writing may have ended it."""
    return {
        "shard": sale.shard,
        "hold_id": sale.hold_id,
        "kpm_id": sale.before.kpm_id,
        "shop_id": sale.before.shop_id,
        "purpose": OFFLINE,
        "amount": sum(each.amount for each in sale.kept),
        "state": (HoldState.CAPTURED if ended_by else HoldState.HELD).value,
        "captured": ended_by.amount if ended_by else 0,
        "purchase_id": ended_by.purchase_id if ended_by else None,
        "content": NOTHING,
        "made_at": sale.at,
        "expires_at": sale.before.release_at,
        "resolved_at": ended_by.at if ended_by else None,
    }


def _draws(sale: Drawn) -> list[dict[str, Any]]:
    return [
        {
            "shard": sale.shard,
            "hold_id": sale.hold_id,
            "place": place,
            "wallet_id": each.wallet_id,
            "amount": each.amount,
        }
        for place, each in enumerate(sale.kept)
    ]


def _move(tx: Tx, sales: Sequence[Drawn]) -> None:
    """Out of `held`, into `spent`: one update a tranche."""
    amounts: defaultdict[tuple[int, WalletId], int] = defaultdict(int)
    for sale in sales:
        for each in sale.taken:
            amounts[sale.shard, each.wallet_id] += each.amount
    take_rows(
        tx,
        [
            {"at_shard": shard, "at_wallet": wallet_id, "amount": amount, "taken": amount}
            for (shard, wallet_id), amount in amounts.items()
        ],
    )


def _write(tx: Tx, sales: Sequence[Drawn]) -> None:
    """The allowances as the last sale of each leaves them."""
    taken: defaultdict[str, int] = defaultdict(int)
    for each in sales:
        taken[each.before.allowance_id] += each.amount
    last = {each.before.allowance_id: each for each in sales}
    rows = [
        {
            "at_shard": each.shard,
            "at_allowance": name,
            "new_state": (AllowanceState.LIVE if each.kept else AllowanceState.SPENT).value,
            "new_remaining": sum(part.amount for part in each.kept),
            "new_hold": each.hold_id if each.kept else each.before.hold_id,
            "taken": taken[name],
            "new_end": None if each.kept else each.at,
        }
        for name, each in last.items()
    ]
    if tx.execute(_DRAWN, rows).rowcount != len(rows):
        raise ConflictError
