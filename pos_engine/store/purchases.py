"""Purchases: the claim that makes an id unique in the nation, and the row with its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict, replace
from sqlalchemy import bindparam, select

from pos_engine.rules.ids import ShopId, shard_of
from pos_engine.store.announce import Kind, announce
from pos_engine.store.database import Tx
from pos_engine.store.driver import JsonText
from pos_engine.store.schema import purchase, purchase_claim
from pos_engine.store.set_writes import insert_rows, inserts

LISTED_MAX = 200


class Claim(Struct, frozen=True):
    """What was answered to a purchase id: `content` is the hash of what was asked.

    Without an answer it is claimed only: on several databases the debit comes after the claim.
    """

    purchase_id: str
    content: bytes
    home_shard: int
    kpm_id: str | None
    shop_id: ShopId
    answer: str


class PurchaseRow(Struct, frozen=True):
    """A purchase or a refusal as the ministry sees it. `lines` and `flags` are plain or text."""

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
    lines: list[dict[str, Any]] | JsonText
    flags: list[str] | JsonText
    policy: str
    price_book: str
    number: str
    day: date
    occurred_at: datetime
    decided_at: datetime


# Built once: a purchase must not pay for putting its statements together.
CLAIM_COLUMNS = (
    purchase_claim.c.purchase_id,
    purchase_claim.c.content,
    purchase_claim.c.home_shard,
    purchase_claim.c.kpm_id,
    purchase_claim.c.shop_id,
    purchase_claim.c.answer,
)
CLAIMS = select(*CLAIM_COLUMNS)
_CLAIM = CLAIMS.where(
    purchase_claim.c.claim_shard == bindparam("claim_shard"),
    purchase_claim.c.purchase_id == bindparam("purchase_id"),
)
_ADD_CLAIMS = inserts(purchase_claim)
_ADD_PURCHASES = inserts(purchase)


def claim_of(row: Any) -> Claim:
    """The claim of a row that has CLAIM_COLUMNS."""
    claim = Claim(*row)
    return claim if claim.answer else replace(claim, answer="")


def find_claim(tx: Tx, purchase_id: str) -> Claim | None:
    """What this id was answered, in whatever shard its family lives."""
    key = {"claim_shard": shard_of(purchase_id), "purchase_id": purchase_id}
    row = tx.execute(_CLAIM, key).one_or_none()
    return claim_of(row) if row else None


def record(tx: Tx, claims: Sequence[Claim], rows: Sequence[PurchaseRow]) -> None:
    """Write claims and purchases; `ConflictError` when a rival used an id first.

    Claims go in the order of their keys: two batches that share ids wait in one direction.
    """
    if not rows:
        return
    add_claims(tx, claims)
    insert_rows(tx, _ADD_PURCHASES, [asdict(row) for row in rows])
    announce(tx, Kind.PURCHASE, ((row.shard, row.purchase_id) for row in rows))


def add_claims(tx: Tx, claims: Sequence[Claim]) -> None:
    """Make ids unique in the nation: of purchases, of holds, of voids and reversals."""
    keyed = [{"claim_shard": shard_of(each.purchase_id)} | asdict(each) for each in claims]
    keyed.sort(key=lambda each: (each["claim_shard"], each["purchase_id"]))
    insert_rows(tx, _ADD_CLAIMS, keyed)


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
    returned: int = 0


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
