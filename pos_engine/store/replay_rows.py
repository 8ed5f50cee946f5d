"""The stored facts of a shard's purchases: what was answered, and the money there was to pay it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Text, cast, func, or_, select

from pos_engine.rules.allowances import OFFLINE
from pos_engine.rules.posting import Kind
from pos_engine.store import batch_facts
from pos_engine.store.database import Tx
from pos_engine.store.purchases import Claim
from pos_engine.store.schema import posting, purchase, shop, wallet
from pos_engine.store.schema_allowances import allowance
from pos_engine.store.schema_bank import bank_call
from pos_engine.store.schema_holds import hold, hold_draw
from pos_engine.store.schema_limits import limit_use
from pos_engine.store.schema_registry import registry_hold
from pos_engine.store.schema_reversals import reversal

CLAIMS_AT_ONCE = 2_000
_PREFIX = "wallet:"


@dataclass(frozen=True, slots=True)
class WalletRow:
    """A tranche as it stands today; what was in it at a moment follows from its legs."""

    wallet_id: str
    kpm_id: str
    programme: str
    period: str
    expires_on: date
    status: str
    custodian: str


@dataclass(frozen=True, slots=True)
class Leg:
    """A movement on a tranche."""

    at: datetime
    kind: str
    amount: int
    txn_id: str


@dataclass(frozen=True, slots=True)
class Held:
    """Money of a tranche that lay aside from a moment until another (None: it still does)."""

    wallet_id: str
    amount: int
    made_at: datetime
    resolved_at: datetime | None
    offline: bool
    hold_id: str


AllowanceRow = tuple[datetime, datetime | None, str, str]  # issued, ended, till, its id


@dataclass(slots=True)
class ShardMoney:
    """Everything that moved money of a shard's families up to some moment."""

    wallets: dict[str, list[WalletRow]]  # by family, in key order
    opening: dict[str, tuple[int, datetime]]  # by tranche: rupiah, and when it was first credited
    legs: dict[str, list[Leg]]
    held: dict[str, list[Held]]
    tills: dict[str, list[AllowanceRow]]  # by family
    waits: dict[str, list[tuple[datetime, datetime | None]]]  # families that two people look at
    uses: dict[str, list[tuple[str, date, str, int]]]  # by family: purchase, day, good, used
    returned_at: dict[str, datetime]  # voids and reversals


def shards_with_purchases(tx: Tx, first: date, last: date) -> list[int]:
    """The shards whose families bought, or were refused, on these local days."""
    rows = tx.execute(
        select(purchase.c.shard)
        .where(purchase.c.day >= first, purchase.c.day <= last)
        .distinct()
        .order_by(purchase.c.shard)
    )
    return list(rows.scalars())


def purchases_of(tx: Tx, shard: int, first: date, last: date) -> Sequence[Any]:
    """A shard's rows of these local days, with lines and flags as the text that was written."""
    c = purchase.c
    plain = [each for each in c if each.name not in ("lines", "flags")]
    query = (
        select(*plain, cast(c.lines, Text).label("lines"), cast(c.flags, Text).label("flags"))
        .where(c.shard == shard, c.day >= first, c.day <= last)
        .order_by(c.kpm_id, c.decided_at, c.purchase_id)
    )
    return tx.execute(query).all()


def claims_of(tx: Tx, purchase_ids: Sequence[str]) -> dict[str, Claim]:
    """What these ids were answered."""
    found: dict[str, Claim] = {}
    for start in range(0, len(purchase_ids), CLAIMS_AT_ONCE):
        found |= batch_facts.claims(tx, set(purchase_ids[start : start + CLAIMS_AT_ONCE]))()
    return found


def shop_names(tx: Tx) -> dict[str, str]:
    """Every shop's name, as receipts print it."""
    return {row.shop_id: row.name for row in tx.execute(select(shop.c.shop_id, shop.c.name))}


def paid_elsewhere(tx: Tx, shard: int) -> set[str]:
    """Purchases that a bank was asked for, or that a hold paid: their money was not looked at."""
    banks = tx.execute(select(bank_call.c.purchase_id).where(bank_call.c.shard == shard))
    captured = tx.execute(
        select(hold.c.purchase_id).where(
            hold.c.shard == shard, hold.c.purchase_id.is_not(None), hold.c.purpose != OFFLINE
        )
    )
    return {*banks.scalars(), *(str(each) for each in captured.scalars())}


def money_of(
    tx: Tx, shard: int, start: datetime, end: datetime, days: tuple[date, date]
) -> ShardMoney:
    """What lay in the tranches of a shard at `start`, and what moved until `end`."""
    wallets: defaultdict[str, list[WalletRow]] = defaultdict(list)
    columns = [wallet.c[name] for name in WalletRow.__slots__]
    of_shard = select(*columns).where(wallet.c.shard == shard).order_by(wallet.c.wallet_id)
    for row in tx.execute(of_shard):
        wallets[row.kpm_id].append(WalletRow(*row))
    return ShardMoney(
        wallets=dict(wallets),
        opening=_opening(tx, shard, start),
        legs=_legs(tx, shard, start, end),
        held=_held(tx, shard, start),
        tills=_tills(tx, shard, start),
        waits=_waits(tx, shard),
        uses=_uses(tx, shard, days),
        returned_at={
            row.reversal_id: row.made_at
            for row in tx.execute(
                select(reversal.c.reversal_id, reversal.c.made_at).where(
                    reversal.c.shard == shard, reversal.c.made_at >= start
                )
            )
        },
    )


def _opening(tx: Tx, shard: int, start: datetime) -> dict[str, tuple[int, datetime]]:
    c = posting.c
    rows = tx.execute(
        select(c.account, cast(func.sum(c.amount), BigInteger).label("left"), func.min(c.posted_at))
        .where(c.shard == shard, c.account.like(f"{_PREFIX}%"), c.posted_at < start)
        .group_by(c.account)
    )
    return {row[0].removeprefix(_PREFIX): (int(row[1]), row[2]) for row in rows}


def _legs(tx: Tx, shard: int, start: datetime, end: datetime) -> dict[str, list[Leg]]:
    c = posting.c
    rows = tx.execute(
        select(c.account, c.posted_at, c.kind, c.amount, c.txn_id)
        .where(
            c.shard == shard,
            c.account.like(f"{_PREFIX}%"),
            c.posted_at >= start,
            c.posted_at < end,
        )
        .order_by(c.posted_at, c.txn_id, c.leg)
    )
    found: defaultdict[str, list[Leg]] = defaultdict(list)
    for row in rows:
        found[row[0].removeprefix(_PREFIX)].append(Leg(*row[1:]))
    return dict(found)


def _held(tx: Tx, shard: int, start: datetime) -> dict[str, list[Held]]:
    same = (hold.c.shard == hold_draw.c.shard) & (hold.c.hold_id == hold_draw.c.hold_id)
    rows = tx.execute(
        select(
            hold_draw.c.wallet_id,
            hold_draw.c.amount,
            hold.c.made_at,
            hold.c.resolved_at,
            hold.c.purpose,
            hold.c.hold_id,
        )
        .join_from(hold_draw, hold, same)
        .where(
            hold_draw.c.shard == shard,
            or_(hold.c.resolved_at.is_(None), hold.c.resolved_at >= start),
        )
    )
    found: defaultdict[str, list[Held]] = defaultdict(list)
    for row in rows:
        found[row[0]].append(Held(*row[:4], offline=row[4] == OFFLINE, hold_id=row[5]))
    return dict(found)


def _tills(tx: Tx, shard: int, start: datetime) -> dict[str, list[AllowanceRow]]:
    c = allowance.c
    rows = tx.execute(
        select(c.kpm_id, c.issued_at, c.ended_at, c.till_id, c.allowance_id).where(
            c.shard == shard, or_(c.ended_at.is_(None), c.ended_at >= start)
        )
    )
    found: defaultdict[str, list[AllowanceRow]] = defaultdict(list)
    for row in rows:
        found[row.kpm_id].append((row.issued_at, row.ended_at, row.till_id, row.allowance_id))
    return dict(found)


def _waits(tx: Tx, shard: int) -> dict[str, list[tuple[datetime, datetime | None]]]:
    c = registry_hold.c
    rows = tx.execute(select(c.kpm_id, c.held_at, c.released_at).where(c.shard == shard))
    found: defaultdict[str, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for row in rows:
        found[row.kpm_id].append((row.held_at, row.released_at))
    return dict(found)


def _uses(
    tx: Tx, shard: int, days: tuple[date, date]
) -> dict[str, list[tuple[str, date, str, int]]]:
    c = limit_use.c
    rows = tx.execute(
        select(c.kpm_id, c.purchase_id, c.day, c.item_code, c.used).where(
            c.shard == shard, c.day >= days[0], c.day <= days[1]
        )
    )
    found: defaultdict[str, list[tuple[str, date, str, int]]] = defaultdict(list)
    for row in rows:
        found[row.kpm_id].append((row.purchase_id, row.day, row.item_code, int(row.used)))
    return dict(found)


CREDITING = frozenset({Kind.CREDIT.value})
GONE_BACK = frozenset({Kind.TREASURY.value, Kind.RETURN.value})
