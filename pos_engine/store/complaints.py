"""Complaints of families, each with a number that she can read out."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import insert, select, update

from pos_engine.rules.ids import KpmId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_sms import complaint

OPEN, CLOSED = "OPEN", "CLOSED"
COMPLAINTS_LISTED_MAX = 500


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a family says is wrong; `note_sealed` are her words."""

    complaint_id: str
    reference: str
    kpm_id: KpmId
    phone_id: str | None
    channel: str
    purchase_id: str | None
    note_sealed: bytes | None
    status: str
    opened_at: datetime
    closed_at: datetime | None = None
    closed_by: str | None = None
    outcome: str | None = None


_COMPLAINT = select(*(complaint.c[name] for name in Complaint.__dataclass_fields__))


def add_complaint(tx: Tx, new: Complaint) -> None:
    """Write a complaint; `ConflictError` when its number is taken."""
    tx.execute(insert(complaint).values(shard=shard_of(new.kpm_id), **asdict(new)))


def open_of(tx: Tx, kpm_id: str) -> list[Complaint]:
    """A family's complaints that are not closed."""
    rows = tx.execute(
        _COMPLAINT.where(
            complaint.c.shard == shard_of(kpm_id),
            complaint.c.kpm_id == kpm_id,
            complaint.c.status != CLOSED,
        ).order_by(complaint.c.complaint_id)
    )
    return [Complaint(*row) for row in rows]


def find_complaint(tx: Tx, kpm_id: str, complaint_id: str) -> Complaint | None:
    """One of a family's complaints."""
    mine = (complaint.c.shard == shard_of(kpm_id)) & (complaint.c.complaint_id == complaint_id)
    row = tx.execute(_COMPLAINT.where(mine)).one_or_none()
    return Complaint(*row) if row else None


def find_reference(tx: Tx, reference: str) -> Complaint | None:
    """A complaint by the number that she was told."""
    row = tx.execute(_COMPLAINT.where(complaint.c.reference == reference)).one_or_none()
    return Complaint(*row) if row else None


def listed(tx: Tx, status: str) -> list[Complaint]:
    """Complaints, the oldest first; OPEN is all that is not closed."""
    closed = complaint.c.status == CLOSED
    rows = tx.execute(
        _COMPLAINT.where(closed if status == CLOSED else ~closed)
        .order_by(complaint.c.opened_at)
        .limit(COMPLAINTS_LISTED_MAX)
    )
    return [Complaint(*row) for row in rows]


def close_complaint(tx: Tx, found: Complaint, by: str, outcome: str, now: datetime) -> None:
    """An officer's answer."""
    tx.execute(
        update(complaint)
        .where(
            complaint.c.shard == shard_of(found.kpm_id),
            complaint.c.complaint_id == found.complaint_id,
        )
        .values(status=CLOSED, closed_by=by, outcome=outcome, closed_at=now)
    )
