"""Tranches and postings: the money, and the proof that it adds up."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, Row, bindparam, case, cast, func, select, update

from pos_engine.rules.entitlement import Draw, Tranche, TrancheStatus
from pos_engine.rules.ids import KpmId, WalletId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import Posting
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.schema import posting, wallet
from pos_engine.store.set_writes import insert_rows, inserts

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
_SPEND = (
    update(wallet)
    .where(
        wallet.c.shard == bindparam("at_shard"),
        wallet.c.wallet_id == bindparam("at_wallet"),
        wallet.c.credited - wallet.c.spent - wallet.c.held >= bindparam("amount"),
        wallet.c.expires_on >= bindparam("day"),
        wallet.c.status == TrancheStatus.OPEN.value,
    )
    .values(spent=wallet.c.spent + bindparam("amount"))
)
_POST = inserts(posting)


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
    if tx.execute(_SPEND, rows).rowcount != len(rows):
        raise ConflictError


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

    @property
    def good(self) -> bool:
        """Sums are zero, balances equal postings, nothing is negative."""
        return not (self.unbalanced or self.differing or self.negative)


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
    )


def _differing(tx: Tx) -> list[str]:
    """Wallets whose credit or spending is not the sum of their postings, and orphans.

    Compared by sorting: SQLite joins on a computed account by trying each with each.
    """
    came_in = func.sum(case((posting.c.amount > 0, posting.c.amount), else_=0))
    went_out = func.sum(case((posting.c.amount < 0, -posting.c.amount), else_=0))
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
    found: list[str] = []
    for one, other in ((kept, posted), (posted, kept)):
        differing = one.except_(other).subquery()
        found += tx.execute(select(differing.c.account).limit(PROBLEMS_MAX)).scalars()
    return sorted(set(found))[:PROBLEMS_MAX]


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
