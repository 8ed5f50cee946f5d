"""What was done with personal data and keys: appended, and told to the audit chain."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import insert, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind, announce
from pos_engine.store.database import Tx
from pos_engine.store.schema_privacy import privacy_event

EVENTS_LISTED_MAX = 500
DETAIL_LENGTH_MAX = 300


class Act(StrEnum):
    """What was done."""

    EXPORTED = "EXPORTED"
    ERASED = "ERASED"
    SWEPT = "SWEPT"
    BREACH = "BREACH"  # asked who was exposed
    FACE = "FACE_REVIEWED"
    KEY_BEGUN = "KEY_BEGUN"
    KEY_ROTATED = "KEY_ROTATED"


@dataclass(frozen=True, slots=True)
class PrivacyEvent:
    """One act; `second_id`: the other officer where two are needed."""

    event_id: str
    kpm_id: str | None
    kind: str
    detail: str
    by_id: str
    second_id: str | None
    at: datetime


def add_event(tx: Tx, new: PrivacyEvent) -> None:
    """Append it; a family's lies with her."""
    shard = shard_of(new.kpm_id or new.event_id)
    tx.execute(insert(privacy_event).values(shard=shard, **asdict(new)))
    announce(tx, Kind.PRIVACY_EVENT, [(shard, new.event_id)])


def events_of(tx: Tx, kinds: Sequence[str], limit: int = EVENTS_LISTED_MAX) -> list[PrivacyEvent]:
    """The newest of some kinds."""
    columns = [privacy_event.c[name] for name in PrivacyEvent.__slots__]
    rows = tx.execute(
        select(*columns)
        .where(privacy_event.c.kind.in_(kinds))
        .order_by(privacy_event.c.at.desc(), privacy_event.c.event_id.desc())
        .limit(limit)
    )
    return [PrivacyEvent(*row) for row in rows]


def events_of_family(tx: Tx, kpm_id: str) -> list[PrivacyEvent]:
    """What was done with a family's data, the oldest first."""
    columns = [privacy_event.c[name] for name in PrivacyEvent.__slots__]
    rows = tx.execute(
        select(*columns)
        .where(privacy_event.c.shard == shard_of(kpm_id), privacy_event.c.kpm_id == kpm_id)
        .order_by(privacy_event.c.at, privacy_event.c.event_id)
        .limit(EVENTS_LISTED_MAX)
    )
    return [PrivacyEvent(*row) for row in rows]
