"""What people decided about sales without signal, and what families dispute of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema_envelopes import offline_dispute, offline_review

OPEN, CLOSED = "OPEN", "CLOSED"
DISPUTES_LISTED_MAX = 200
REVIEWS_TOLD_MAX = 200  # of a device, in one answer


@dataclass(frozen=True, slots=True)
class Review:
    """A decision of two officers; `approved_by` is None on a demo only."""

    review_id: str
    device_id: str
    subject_id: str
    decision: str
    note: str
    made_by: str
    approved_by: str | None
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """A sale that its family says was not hers; `credited_by` is the return that paid her first."""

    purchase_id: str
    envelope_id: str
    device_id: str
    kpm_id: str
    shop_id: str
    amount: int
    credited_by: str | None
    state: str
    opened_at: datetime
    closed_at: datetime | None = None


_columns = [offline_dispute.c[name] for name in Dispute.__slots__]
_decided = [offline_review.c[name] for name in Review.__slots__]


def add_review(tx: Tx, new: Review) -> None:
    """Keep a decision."""
    values = {name: getattr(new, name) for name in new.__slots__}
    shard = shard_of(new.device_id)
    tx.execute(insert(offline_review).values(shard=shard, **values))
    announce(tx, Fact.OFFLINE_REVIEW, [(shard, new.review_id)])


def reviews_since(tx: Tx, device_id: str, since: datetime) -> list[Review]:
    """Decisions about a device since a moment, the oldest first, at most REVIEWS_TOLD_MAX."""
    columns = offline_review.c
    rows = tx.execute(
        select(*_decided)
        .where(
            columns.shard == shard_of(device_id),
            columns.device_id == device_id,
            columns.made_at >= since,
        )
        .order_by(columns.made_at, columns.review_id)
        .limit(REVIEWS_TOLD_MAX)
    )
    return [Review(*row) for row in rows]


def add_dispute(tx: Tx, new: Dispute) -> None:
    """Open a dispute; `ConflictError` when there is one of this purchase."""
    values = {name: getattr(new, name) for name in new.__slots__}
    shard = shard_of(new.kpm_id)
    tx.execute(insert(offline_dispute).values(shard=shard, **values))
    announce(tx, Fact.OFFLINE_DISPUTE, [(shard, new.purchase_id)])


def find_dispute(tx: Tx, kpm_id: str, purchase_id: str) -> Dispute | None:
    """The dispute of a purchase, locked."""
    columns = offline_dispute.c
    row = tx.execute(
        select(*_columns)
        .where(columns.shard == shard_of(kpm_id), columns.purchase_id == purchase_id)
        .with_for_update()
    ).one_or_none()
    return Dispute(*row) if row else None


def close_dispute(tx: Tx, found: Dispute, now: datetime) -> None:
    """It is decided; it is locked."""
    columns = offline_dispute.c
    tx.execute(
        update(offline_dispute)
        .where(columns.shard == shard_of(found.kpm_id), columns.purchase_id == found.purchase_id)
        .values(state=CLOSED, closed_at=now)
    )


def open_disputes(tx: Tx, envelope_ids: Collection[str]) -> set[str]:
    """Which of these envelopes are disputed now."""
    columns = offline_dispute.c
    rows = tx.execute(
        select(columns.envelope_id).where(
            columns.envelope_id.in_(list(envelope_ids)), columns.state == OPEN
        )
    )
    return set(rows.scalars())


def listed_disputes(tx: Tx) -> Sequence[Dispute]:
    """Open disputes, the oldest first, at most DISPUTES_LISTED_MAX."""
    columns = offline_dispute.c
    rows = tx.execute(
        select(*_columns)
        .where(columns.state == OPEN)
        .order_by(columns.opened_at, columns.purchase_id)
        .limit(DISPUTES_LISTED_MAX)
    )
    return [Dispute(*row) for row in rows]
