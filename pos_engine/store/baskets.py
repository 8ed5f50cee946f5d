"""Baskets that wait to be paid by a shown code, and what providers said about them."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import insert, or_, select, update

from pos_engine.rules.ids import KpmId, PurchaseId, ShopId, TillId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_qris import basket, qris_notice

HONOURED, REFUND = "HONOURED", "REFUND"


@dataclass(frozen=True, slots=True)
class Basket:
    """Lines that were judged when they were shown. `taken` says whose money pays them."""

    purchase_id: PurchaseId
    shop_id: ShopId
    till_id: TillId
    staff_id: str
    status: str
    reason: str | None
    lines: list[dict[str, Any]]
    amount: int
    content: bytes
    taken: str | None
    shown_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Notice:
    """A provider's word that a code was paid, and whether it was honoured. No personal data."""

    partner_id: str
    reference_no: str
    purchase_id: str | None
    shop_id: str
    kpm_id: KpmId | None
    kind: str
    state: str
    reason: str | None
    amount: int
    fee: int
    paid_at: datetime
    at: datetime


_BASKET = select(*(basket.c[name] for name in Basket.__dataclass_fields__))
_NOTICE = select(*(qris_notice.c[name] for name in Notice.__dataclass_fields__))


def add_basket(tx: Tx, new: Basket) -> None:
    """Hold a basket; `ConflictError` when the id is taken."""
    tx.execute(insert(basket).values(shard=shard_of(new.purchase_id), **asdict(new)))


def find_basket(tx: Tx, purchase_id: str) -> Basket | None:
    """One basket by its purchase id."""
    row = tx.execute(
        _BASKET.where(basket.c.shard == shard_of(purchase_id), basket.c.purchase_id == purchase_id)
    ).one_or_none()
    return Basket(*row) if row else None


def take(tx: Tx, purchase_id: str, kind: str, *, instead: str | None = None) -> bool:
    """Take a basket for one kind of money; False when the other kind has it.

    `instead` is a kind that may be replaced, because what it tried was refused for good.
    """
    columns = basket.c
    free = or_(columns.taken.is_(None), columns.taken == kind)
    done = tx.execute(
        update(basket)
        .where(
            columns.shard == shard_of(purchase_id),
            columns.purchase_id == purchase_id,
            free if instead is None else or_(free, columns.taken == instead),
        )
        .values(taken=kind)
    )
    return done.rowcount == 1


def add_notice(tx: Tx, new: Notice) -> None:
    """Write a notice; `ConflictError` when the provider's number is taken."""
    tx.execute(insert(qris_notice).values(shard=shard_of(new.reference_no), **asdict(new)))


def find_notice(tx: Tx, partner_id: str, reference_no: str) -> Notice | None:
    """What a provider said under its number."""
    columns = qris_notice.c
    row = tx.execute(
        _NOTICE.where(
            columns.shard == shard_of(reference_no),
            columns.partner_id == partner_id,
            columns.reference_no == reference_no,
        )
    ).one_or_none()
    return Notice(*row) if row else None


def refunded(tx: Tx, reference_no: str, kpm_id: str) -> Notice | None:
    """A family's payment that goes back, by its provider's number."""
    columns = qris_notice.c
    row = tx.execute(
        _NOTICE.where(
            columns.shard == shard_of(reference_no),
            columns.reference_no == reference_no,
            columns.kpm_id == kpm_id,
            columns.state == REFUND,
        ).limit(1)
    ).one_or_none()
    return Notice(*row) if row else None


def honoured(tx: Tx, purchase_id: str) -> bool:
    """Was a provider's word about this basket honoured already."""
    columns = qris_notice.c
    known = select(columns.reference_no).where(
        columns.purchase_id == purchase_id, columns.state == HONOURED
    )
    return tx.execute(known.limit(1)).one_or_none() is not None
