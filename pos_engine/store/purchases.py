"""Purchases: the claim that makes an id unique in the nation, and the row with its lines."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import insert, select

from pos_engine.rules.ids import ShopId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import purchase, purchase_claim

LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class Claim:
    """What was answered to a purchase id: `content` is the hash of what was asked."""

    purchase_id: str
    content: bytes
    home_shard: int
    kpm_id: str | None
    shop_id: ShopId
    answer: str


@dataclass(frozen=True, slots=True)
class PurchaseRow:
    """A purchase or a refusal as the ministry sees it. `lines` are plain JSON values."""

    shard: int
    purchase_id: str
    kpm_id: str | None
    person_id: str | None
    shop_id: ShopId
    till_id: str
    staff_id: str
    region: str
    status: str
    reason: str | None
    method: str
    amount: int
    lines: list[dict[str, Any]]
    flags: list[str]
    policy: str
    price_book: str
    number: str
    day: date
    occurred_at: datetime
    decided_at: datetime


def find_claim(tx: Tx, purchase_id: str) -> Claim | None:
    """What this id was answered, in whatever shard its family lives."""
    columns = purchase_claim.c
    row = tx.execute(
        select(
            columns.purchase_id,
            columns.content,
            columns.home_shard,
            columns.kpm_id,
            columns.shop_id,
            columns.answer,
        ).where(columns.claim_shard == shard_of(purchase_id), columns.purchase_id == purchase_id)
    ).one_or_none()
    return Claim(*row) if row else None


def record(tx: Tx, claim: Claim, row: PurchaseRow) -> None:
    """Write claim and purchase; `ConflictError` when a rival used the id first."""
    tx.execute(
        insert(purchase_claim).values(
            claim_shard=shard_of(claim.purchase_id),
            purchase_id=claim.purchase_id,
            content=claim.content,
            home_shard=claim.home_shard,
            kpm_id=claim.kpm_id,
            shop_id=claim.shop_id,
            answer=claim.answer,
        )
    )
    tx.execute(
        insert(purchase).values(
            shard=row.shard,
            purchase_id=row.purchase_id,
            kpm_id=row.kpm_id,
            person_id=row.person_id,
            shop_id=row.shop_id,
            till_id=row.till_id,
            staff_id=row.staff_id,
            region=row.region,
            status=row.status,
            reason=row.reason,
            method=row.method,
            amount=row.amount,
            lines=row.lines,
            flags=row.flags,
            policy=row.policy,
            price_book=row.price_book,
            number=row.number,
            day=row.day,
            occurred_at=row.occurred_at,
            decided_at=row.decided_at,
        )
    )


@dataclass(frozen=True, slots=True)
class DayEntry:
    """One row of the shop's list of the day: nobody's name, nobody's balance."""

    purchase_id: str
    status: str
    amount: int
    reason: str | None
    method: str
    decided_at: datetime
    number: str


def day_list(tx: Tx, shop_id: str, day: date) -> list[DayEntry]:
    """A shop's purchases and refusals of a local day, the newest first, at most LISTED_MAX."""
    columns = purchase.c
    rows = tx.execute(
        select(
            columns.purchase_id,
            columns.status,
            columns.amount,
            columns.reason,
            columns.method,
            columns.decided_at,
            columns.number,
        )
        .where(columns.shop_id == shop_id, columns.day == day)
        .order_by(columns.decided_at.desc(), columns.purchase_id.desc())
        .limit(LISTED_MAX)
    )
    return [DayEntry(*row) for row in rows]
