"""Tranches and postings: the money, and the proof that it adds up."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Date,
    Row,
    Select,
    Update,
    bindparam,
    case,
    cast,
    func,
    literal_column,
    select,
    update,
)

from pos_engine.rules.entitlement import Draw, Tranche, TrancheStatus
from pos_engine.rules.holds import HoldState
from pos_engine.rules.ids import KpmId, WalletId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import CREDITING, Kind, Posting, Return
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.driver import when_known
from pos_engine.store.schema import posting, purchase, wallet
from pos_engine.store.schema_holds import hold, hold_draw
from pos_engine.store.schema_reversals import reversal
from pos_engine.store.set_writes import SetWrite, arrays, insert_rows, inserts

PROBLEMS_MAX = 100  # a check lists at most this many rows of each kind


TRANCHE_COLUMNS = (
    wallet.c.wallet_id,
    wallet.c.programme,
    wallet.c.period,
    wallet.c.credited,
    wallet.c.spent,
    wallet.c.held,
    wallet.c.expires_on,
    wallet.c.status,
    wallet.c.custodian,
)
# Built once: a purchase must not pay for putting its statements together.
_TRANCHES = (
    select(*TRANCHE_COLUMNS)
    .where(wallet.c.shard == bindparam("shard"), wallet.c.kpm_id == bindparam("kpm_id"))
    .order_by(wallet.c.shard, wallet.c.wallet_id)
)
_TRANCHES_LOCKED = _TRANCHES.with_for_update(key_share=True)


def _spend(shard: Any, wallet_id: Any, amount: Any, day: Any) -> Update:
    return (
        update(wallet)
        .where(
            wallet.c.shard == shard,
            wallet.c.wallet_id == wallet_id,
            wallet.c.credited - wallet.c.spent - wallet.c.held >= amount,
            wallet.c.expires_on >= day,
            wallet.c.status == literal_column(f"'{TrancheStatus.OPEN.value}'"),
        )
        .values(spent=wallet.c.spent + amount)
    )


_SPENT_NAMES = ("at_shard", "at_wallet", "amount", "day")
_SPENT_COLUMNS = (wallet.c.shard, wallet.c.wallet_id, wallet.c.spent, wallet.c.expires_on)
_SPENT = arrays(*_SPENT_COLUMNS, names=_SPENT_NAMES)
_SPEND = SetWrite(
    _spend(*map(bindparam, _SPENT_NAMES)), _spend(*(_SPENT.c[name] for name in _SPENT_NAMES))
)
_POST = inserts(posting)
_AT = (wallet.c.shard == bindparam("at_shard"), wallet.c.wallet_id == bindparam("at_wallet"))
_THAW = (
    update(wallet)
    .where(*_AT, wallet.c.status == TrancheStatus.FROZEN.value)
    .values(status=TrancheStatus.OPEN.value)
)
_UNSPEND = (
    update(wallet)
    .where(*_AT, wallet.c.spent >= bindparam("amount"))
    .values(spent=wallet.c.spent - bindparam("amount"))
)
# for what was bought today with a tranche that ended meanwhile: usable until the day is over
_UNSPEND_TODAY = _UNSPEND.values(
    expires_on=case(
        (wallet.c.expires_on < bindparam("day"), bindparam("day", type_=Date)),
        else_=wallet.c.expires_on,
    )
)
_CARRY = update(wallet).where(*_AT).values(credited=wallet.c.credited + bindparam("amount"))


def tranches_of(tx: Tx, kpm_id: str, *, lock: bool) -> tuple[Tranche, ...]:
    """The family's tranches in key order; with `lock` nobody else spends until we commit."""
    key = {"shard": shard_of(kpm_id), "kpm_id": kpm_id}
    rows = tx.execute(_TRANCHES_LOCKED if lock else _TRANCHES, key)
    return tuple(tranche_of(row) for row in rows)


def tranche_of(row: Row[*tuple[Any, ...]]) -> Tranche:
    """The value of a row that has TRANCHE_COLUMNS."""
    return Tranche(
        wallet_id=WalletId(row.wallet_id),
        programme=row.programme,
        period=row.period,
        credited=Rupiah(row.credited),
        spent=Rupiah(row.spent),
        held=Rupiah(row.held),
        expires_on=row.expires_on,
        status=TrancheStatus(row.status),
        custodian=row.custodian,
    )


@dataclass(frozen=True, slots=True)
class Spending:
    """Money that leaves one tranche of a family, on the shop's local day."""

    kpm_id: KpmId
    draw: Draw
    day: date


def spend(tx: Tx, spendings: Sequence[Spending]) -> None:
    """Debit tranches, each once. The condition is checked again in the row: never below zero."""
    if not spendings:
        return
    rows = [
        {
            "at_shard": shard_of(each.kpm_id),
            "at_wallet": each.draw.wallet_id,
            "amount": each.draw.amount,
            "day": each.day,
        }
        for each in spendings
    ]
    written = _SPEND.run(tx, rows)

    def check_each() -> None:
        if written() != len(rows):
            raise ConflictError

    when_known(tx, check_each)


def thaw(tx: Tx, wallets: Sequence[tuple[KpmId, WalletId]]) -> None:
    """Frozen tranches of families that proved themselves are open again. They are locked."""
    if wallets:
        tx.execute(_THAW, [{"at_shard": shard_of(kpm), "at_wallet": each} for kpm, each in wallets])


def release_held(tx: Tx, kpm_id: str) -> None:
    """Tranches that waited for two people are the family's to spend."""
    tx.execute(_held_of(kpm_id).values(status=TrancheStatus.OPEN.value))


def close_held(tx: Tx, kpm_id: str) -> None:
    """Tranches that waited go back; the caller posts it. They are locked."""
    closed = {"spent": wallet.c.credited, "status": TrancheStatus.RETURNED.value}
    tx.execute(_held_of(kpm_id).values(**closed))


def _held_of(kpm_id: str) -> Update:
    waits = wallet.c.status == TrancheStatus.HELD.value
    return update(wallet).where(
        wallet.c.shard == shard_of(kpm_id), wallet.c.kpm_id == kpm_id, waits
    )


def give_back(
    tx: Tx, kpm_id: KpmId, returns: Sequence[Return], usable_until: date | None = None
) -> None:
    """Returned money lies in the tranches again; `ConflictError` when it never left them.

    With `usable_until` a tranche that ended before that day may be spent until it is over.
    """
    shard = shard_of(kpm_id)
    own = [each for each in returns if each.same_tranche]
    for statement, some in ((_UNSPEND, own), (_CARRY, [e for e in returns if e not in own])):
        rows = [{"at_shard": shard, "at_wallet": each.to, "amount": each.amount} for each in some]
        if rows and statement is _UNSPEND and usable_until is not None:
            rows = [row | {"day": usable_until} for row in rows]
            statement = _UNSPEND_TODAY  # noqa: PLW2901 - the same act with an end
        if rows and tx.execute(statement, rows).rowcount != len(rows):
            raise ConflictError


def legs_of(tx: Tx, shard: int, txn_ids: Sequence[str]) -> list[Posting]:
    """The legs of these movements of one shard, in their order."""
    rows = tx.execute(
        select(posting.c.account, posting.c.amount, posting.c.kind)
        .where(posting.c.shard == shard, posting.c.txn_id.in_(txn_ids))
        .order_by(posting.c.txn_id, posting.c.leg)
    )
    return [Posting(row.account, Rupiah(row.amount), Kind(row.kind)) for row in rows]


@dataclass(frozen=True, slots=True)
class Movement:
    """The legs of one movement of money. They were balanced when they were made."""

    shard: int
    txn_id: str
    legs: Sequence[Posting]
    now: datetime


def post(tx: Tx, movements: Sequence[Movement]) -> None:
    """Append the legs of movements."""
    insert_rows(tx, _POST, [leg for each in movements for leg in _legs(each)])
    announce(tx, Fact.MOVEMENT, ((each.shard, each.txn_id) for each in movements if each.legs))


def _legs(movement: Movement) -> list[dict[str, Any]]:
    return [
        {
            "shard": movement.shard,
            "txn_id": movement.txn_id,
            "leg": leg,
            "account": each.account,
            "amount": each.amount,
            "kind": each.kind.value,
            "posted_at": movement.now,
        }
        for leg, each in enumerate(movement.legs)
    ]


@dataclass(frozen=True, slots=True)
class LedgerCheck:
    """The result of a full check. It is good when every list is empty."""

    wallets: int
    postings: int
    left: int
    unbalanced: list[str]
    differing: list[str]
    negative: list[str]
    held_differing: list[str]
    over_returned: list[str]
    # settlements: what differs from its postings, windows or payouts
    unsettled: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Sums are zero, balances equal postings, holds what they hold, nothing is negative."""
        return not (
            self.unbalanced
            or self.differing
            or self.negative
            or self.held_differing
            or self.over_returned
            or self.unsettled
        )


def check(tx: Tx) -> LedgerCheck:
    """Prove the books: each movement sums to zero, each balance equals its postings."""
    unbalanced = tx.execute(
        select(posting.c.txn_id)
        .group_by(posting.c.shard, posting.c.txn_id)
        .having(func.sum(posting.c.amount) != 0)
        .limit(PROBLEMS_MAX)
    ).scalars()
    return LedgerCheck(
        wallets=tx.execute(select(func.count()).select_from(wallet)).scalar_one(),
        postings=tx.execute(select(func.count()).select_from(posting)).scalar_one(),
        left=int(
            tx.execute(
                select(func.coalesce(func.sum(wallet.c.credited - wallet.c.spent), 0))
            ).scalar_one()
        ),
        unbalanced=list(unbalanced),
        differing=_differing(tx),
        negative=_negative(tx),
        held_differing=_held_differing(tx),
        over_returned=_over_returned(tx),
    )


def _differing(tx: Tx) -> list[str]:
    """Wallets whose credit or spending is not the sum of their postings, and orphans.

    Compared by sorting: SQLite joins on a computed account by trying each with each.
    """
    crediting = (posting.c.amount > 0) & posting.c.kind.in_([each.value for each in CREDITING])
    came_in = func.sum(case((crediting, posting.c.amount), else_=0))
    went_out = func.sum(case((crediting, 0), else_=-posting.c.amount))
    posted = (
        select(
            posting.c.shard,
            posting.c.account.label("account"),
            cast(came_in, BigInteger),
            cast(went_out, BigInteger),
        )
        .where(posting.c.account.like("wallet:%"))
        .group_by(posting.c.shard, posting.c.account)
    )
    account = ("wallet:" + wallet.c.wallet_id).label("account")
    moved = (wallet.c.credited != 0) | (wallet.c.spent != 0)
    kept = select(wallet.c.shard, account, wallet.c.credited, wallet.c.spent).where(moved)
    return in_one_only(tx, kept, posted, "account")


def _held_differing(tx: Tx) -> list[str]:
    """Wallets whose `held` is not the sum of what their open holds drew."""
    kept = select(wallet.c.shard, wallet.c.wallet_id, wallet.c.held).where(wallet.c.held != 0)
    open_holds = (hold.c.shard == hold_draw.c.shard) & (hold.c.hold_id == hold_draw.c.hold_id)
    drawn = (
        select(
            hold_draw.c.shard,
            hold_draw.c.wallet_id,
            cast(func.sum(hold_draw.c.amount), BigInteger),
        )
        .join_from(hold_draw, hold, open_holds)
        .where(hold.c.state == HoldState.HELD.value)
        .group_by(hold_draw.c.shard, hold_draw.c.wallet_id)
    )
    return in_one_only(tx, kept, drawn, "wallet_id")


def in_one_only(tx: Tx, kept: Select[Any], counted: Select[Any], name: str) -> list[str]:
    """Names of rows that stand in one of two sorted sets only."""
    found: list[str] = []
    for one, other in ((kept, counted), (counted, kept)):
        differing = one.except_(other).subquery()
        found += tx.execute(select(differing.c[name]).limit(PROBLEMS_MAX)).scalars()
    return sorted(set(found))[:PROBLEMS_MAX]


def _over_returned(tx: Tx) -> list[str]:
    """Purchases of which more was returned than was paid."""
    paid = func.coalesce(func.max(purchase.c.amount), 0)
    same = (purchase.c.shard == reversal.c.shard) & (
        purchase.c.purchase_id == reversal.c.reverses_id
    )
    rows = tx.execute(
        select(reversal.c.reverses_id)
        .join_from(reversal, purchase, same, isouter=True)
        .group_by(reversal.c.shard, reversal.c.reverses_id)
        .having(func.sum(reversal.c.amount) > paid)
        .limit(PROBLEMS_MAX)
    )
    return list(rows.scalars())


def _negative(tx: Tx) -> list[str]:
    rows = tx.execute(
        select(wallet.c.wallet_id)
        .where(
            (wallet.c.credited - wallet.c.spent - wallet.c.held < 0)
            | (wallet.c.spent < 0)
            | (wallet.c.held < 0)
        )
        .limit(PROBLEMS_MAX)
    )
    return list(rows.scalars())
