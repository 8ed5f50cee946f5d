"""Allowances in the database: whose, on which device, and the hold that the money lies in.

Whoever changes one holds the locks of its family's tranches: `ledger.tranches_of(lock=True)`.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    FromClause,
    Select,
    and_,
    bindparam,
    cast,
    func,
    insert,
    select,
    update,
)

from pos_engine.rules.allowances import OFFLINE, AllowanceState
from pos_engine.rules.entitlement import Draw
from pos_engine.rules.holds import HoldState
from pos_engine.rules.ids import KpmId, WalletId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.driver import Later
from pos_engine.store.hold_sets import NOTHING
from pos_engine.store.keyed import Key, ask_rows, keyed
from pos_engine.store.ledger import in_one_only
from pos_engine.store.schema import wallet
from pos_engine.store.schema_allowances import allowance
from pos_engine.store.schema_envelopes import offline_chain
from pos_engine.store.schema_holds import hold, hold_draw

ALLOWANCES_DUE_MAX = 100  # ended in one round of the worker
ALLOWANCES_LISTED_MAX = 500  # of one device


@dataclass(frozen=True, slots=True)
class Allowance:
    """An allowance as it stands. Money in rupiah; `document` is the text that was signed.

    `amount` was promised, `remaining` lies in the hold `hold_id` now, `spent_offline` went by
    envelopes and `drawn_online` by purchases at the same device.
    """

    allowance_id: str
    kpm_id: KpmId
    person_id: str
    card_id: str
    shop_id: str
    shop_name: str
    till_id: str
    device_id: str
    staff_id: str
    content: bytes
    amount: int
    remaining: int
    spent_offline: int
    drawn_online: int
    hold_id: str
    remote: bool
    state: str
    issued_at: datetime
    not_after: datetime
    release_at: datetime
    last_day: date
    document: str
    signature: str
    end_id: str | None = None
    ended_by: str | None = None
    ended_shop: str | None = None
    ended_at: datetime | None = None

    @property
    def live(self) -> bool:
        """Does it still hold money for its device."""
        return self.state == AllowanceState.LIVE.value


@dataclass(frozen=True, slots=True)
class Living:
    """A living allowance and what it holds of which tranches, the first drawn first."""

    allowance_id: str
    kpm_id: KpmId
    shop_id: str
    shop_name: str
    device_id: str
    hold_id: str
    release_at: datetime
    last_day: date
    draws: tuple[Draw, ...]

    @property
    def remaining(self) -> int:
        """What it holds, in rupiah."""
        return sum(each.amount for each in self.draws)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of an allowance: its money in a new hold, spent, or free again.

    `kept` goes on in the hold `hold_id`. `taken` is what the movement `purchase_id` spends of the
    hold itself (an envelope); what a purchase at the device draws is spent by that purchase, and
    counted in `drawn_online`. The rest is the family's to spend again.
    """

    state: AllowanceState
    at: datetime
    kept: tuple[Draw, ...] = ()
    hold_id: str = ""
    taken: tuple[Draw, ...] = ()
    purchase_id: str | None = None
    drawn_online: int = 0
    end_id: str | None = None
    ended_by: str | None = None
    ended_shop: str | None = None


_COLUMNS = [allowance.c[name] for name in Allowance.__slots__]
_AT = (wallet.c.shard == bindparam("at_shard"), wallet.c.wallet_id == bindparam("at_wallet"))
_FREE = (
    update(wallet)
    .where(*_AT, wallet.c.held >= bindparam("freed"))
    .values(held=wallet.c.held - bindparam("freed"), spent=wallet.c.spent + bindparam("taken"))
)


def add_allowance(tx: Tx, new: Allowance) -> None:
    """Write an allowance; its hold was made. `ConflictError` when a rival issued another first."""
    shard = shard_of(new.kpm_id)
    values = {name: getattr(new, name) for name in new.__slots__}
    tx.execute(insert(allowance).values(shard=shard, **values))
    announce(tx, Fact.ALLOWANCE, [(shard, new.allowance_id)])


def find_allowance(tx: Tx, kpm_id: str, allowance_id: str) -> Allowance | None:
    """One allowance of a family. Its family is what the claim of its id says."""
    row = tx.execute(
        select(*_COLUMNS).where(
            allowance.c.shard == shard_of(kpm_id), allowance.c.allowance_id == allowance_id
        )
    ).one_or_none()
    return Allowance(*row) if row else None


def living_of_family(tx: Tx, kpm_id: str) -> Allowance | None:
    """The one living allowance of a family."""
    row = tx.execute(
        select(*_COLUMNS).where(
            allowance.c.shard == shard_of(kpm_id), allowance.c.kpm_id == kpm_id, _living()
        )
    ).one_or_none()
    return Allowance(*row) if row else None


def living_of_device(tx: Tx, device_id: str) -> list[Allowance]:
    """The living allowances of a device, the newest first, at most ALLOWANCES_LISTED_MAX."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(allowance.c.device_id == device_id, _living())
        .order_by(allowance.c.issued_at.desc(), allowance.c.allowance_id)
        .limit(ALLOWANCES_LISTED_MAX)
    )
    return [Allowance(*row) for row in rows]


def held_by_device(tx: Tx, device_id: str) -> int:
    """What a device holds of all families, in rupiah."""
    total = cast(func.coalesce(func.sum(allowance.c.remaining), 0), BigInteger)
    held: int = tx.execute(
        select(total).where(allowance.c.device_id == device_id, _living())
    ).scalar_one()
    return int(held)


def sales_came_in(tx: Tx, device_id: str, seq: int) -> bool:
    """Are all envelopes of a device up to this number here, without a gap."""
    c = offline_chain.c
    came = tx.execute(
        select(c.seq).where(c.shard == shard_of(device_id), c.device_id == device_id)
    ).scalar_one_or_none()
    return (came or 0) >= seq


def due_allowances(tx: Tx, now: datetime) -> list[tuple[KpmId, str]]:
    """Living allowances whose grace is over, the oldest first: family and id."""
    rows = tx.execute(
        select(allowance.c.kpm_id, allowance.c.allowance_id)
        .where(_living(), allowance.c.release_at <= now)
        .order_by(allowance.c.release_at, allowance.c.allowance_id)
        .limit(ALLOWANCES_DUE_MAX)
    )
    return [(KpmId(row.kpm_id), row.allowance_id) for row in rows]


def differing(tx: Tx) -> list[str]:
    """Holds for devices that no living allowance knows with this sum, and the other way round."""
    own = select(allowance.c.shard, allowance.c.hold_id, allowance.c.remaining).where(_living())
    held = select(hold.c.shard, hold.c.hold_id, hold.c.amount).where(
        hold.c.state == HoldState.HELD.value, hold.c.purpose == OFFLINE
    )
    return in_one_only(tx, own, held, "hold_id")


def _living() -> Any:
    return allowance.c.state == AllowanceState.LIVE.value


def _of_families(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(allowance.c.shard == wanted.c.shard, allowance.c.kpm_id == wanted.c.first)
    drawn = and_(hold_draw.c.shard == allowance.c.shard, hold_draw.c.hold_id == allowance.c.hold_id)
    return (
        select(
            allowance.c.allowance_id,
            allowance.c.kpm_id,
            allowance.c.shop_id,
            allowance.c.shop_name,
            allowance.c.device_id,
            allowance.c.hold_id,
            allowance.c.release_at,
            allowance.c.last_day,
            hold_draw.c.wallet_id,
            hold_draw.c.amount,
        )
        .join_from(wanted, allowance, mine)
        .join(hold_draw, drawn)
        .where(_living())
        .order_by(allowance.c.allowance_id, hold_draw.c.place)
    )


_OF_FAMILIES = keyed(2, _of_families)


def living_of_families(tx: Tx, kpm_ids: Collection[KpmId]) -> Later[dict[KpmId, Living]]:
    """The living allowances of these families with their draws; their tranches are locked."""
    rows = ask_rows(tx, _OF_FAMILIES, _keys(kpm_ids))

    def by_family() -> dict[KpmId, Living]:
        draws: defaultdict[tuple[Any, ...], list[Draw]] = defaultdict(list)
        for *known, wallet_id, amount in rows():
            draws[tuple(known)].append(Draw(WalletId(wallet_id), Rupiah(amount)))
        found = [Living(*(*known, tuple(parts))) for known, parts in draws.items()]
        return {each.kpm_id: each for each in found}

    return by_family


def _keys(kpm_ids: Collection[KpmId]) -> set[Key]:
    return {(shard_of(each), each) for each in kpm_ids}


def change(tx: Tx, found: Living, to: Change) -> None:
    """Carry out what becomes of a living allowance, once; its family's tranches are locked.

    `ConflictError` when its hold is not what was read: a rival was first.
    """
    _end_hold(tx, found, to)
    _free_money(tx, found, to)
    if to.kept:
        _hold_on(tx, found, to)
    _write(tx, found, to)


def _end_hold(tx: Tx, found: Living, to: Change) -> None:
    taken = sum(each.amount for each in to.taken)
    state = HoldState.CAPTURED if taken else HoldState.RELEASED
    done = tx.execute(
        update(hold)
        .where(
            hold.c.shard == shard_of(found.kpm_id),
            hold.c.hold_id == found.hold_id,
            hold.c.state == HoldState.HELD.value,
        )
        .values(
            state=state.value,
            captured=taken,
            purchase_id=to.purchase_id if taken else None,
            resolved_at=to.at,
        )
    )
    if done.rowcount != 1:
        raise ConflictError
    announce(tx, Fact.HOLD_END, [(shard_of(found.kpm_id), found.hold_id)])


def _free_money(tx: Tx, found: Living, to: Change) -> None:
    """Out of `held` what is not kept; into `spent` what was taken."""
    kept = {each.wallet_id: each.amount for each in to.kept}
    taken = {each.wallet_id: each.amount for each in to.taken}
    rows = [
        {
            "at_shard": shard_of(found.kpm_id),
            "at_wallet": each.wallet_id,
            "freed": each.amount - kept.get(each.wallet_id, 0),
            "taken": taken.get(each.wallet_id, 0),
        }
        for each in found.draws
    ]
    if tx.execute(_FREE, rows).rowcount != len(rows):
        raise ConflictError


def _hold_on(tx: Tx, found: Living, to: Change) -> None:
    """The rest goes on in a hold of its own; it never left `wallet.held`."""
    shard = shard_of(found.kpm_id)
    tx.execute(
        insert(hold).values(
            shard=shard,
            hold_id=to.hold_id,
            kpm_id=found.kpm_id,
            shop_id=found.shop_id,
            purpose=OFFLINE,
            amount=sum(each.amount for each in to.kept),
            state=HoldState.HELD.value,
            captured=0,
            purchase_id=None,
            content=NOTHING,
            made_at=to.at,
            expires_at=found.release_at,
            resolved_at=None,
        )
    )
    tx.execute(insert(hold_draw), _draw_rows(shard, to.hold_id, to.kept))
    for fact in (Fact.HOLD, Fact.HOLD_DRAW):
        announce(tx, fact, [(shard, to.hold_id)])


def _draw_rows(shard: int, hold_id: str, draws: Sequence[Draw]) -> list[dict[str, Any]]:
    return [
        {
            "shard": shard,
            "hold_id": hold_id,
            "place": place,
            "wallet_id": each.wallet_id,
            "amount": each.amount,
        }
        for place, each in enumerate(draws)
    ]


def _write(tx: Tx, found: Living, to: Change) -> None:
    shard, ends = shard_of(found.kpm_id), to.state is not AllowanceState.LIVE
    end = {"end_id": to.end_id, "ended_by": to.ended_by, "ended_shop": to.ended_shop}
    tx.execute(
        update(allowance)
        .where(allowance.c.shard == shard, allowance.c.allowance_id == found.allowance_id)
        .values(
            state=to.state.value,
            remaining=sum(each.amount for each in to.kept),
            hold_id=to.hold_id or found.hold_id,
            spent_offline=allowance.c.spent_offline + sum(each.amount for each in to.taken),
            drawn_online=allowance.c.drawn_online + to.drawn_online,
            **(end | {"ended_at": to.at} if ends else {}),
        )
    )
    if ends:
        announce(tx, Fact.ALLOWANCE_END, [(shard, found.allowance_id)])
