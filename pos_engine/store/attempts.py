"""Attempts to prove who somebody is, kept for the exclusion meter and for audit."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, or_, select

from pos_engine.rules.ids import shard_of
from pos_engine.store import outbox
from pos_engine.store.database import Tx
from pos_engine.store.schema import family, identity_attempt

_ADD_ATTEMPT = insert(identity_attempt)
IDENTITY_ATTEMPT = "IDENTITY_ATTEMPT"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt: never the picture, never the number; score, gallery size and risk for a face."""

    attempt_id: str
    shop_id: str
    till_id: str
    staff_id: str
    kpm_id: str | None
    method: str
    outcome: str
    reason: str | None
    at: datetime
    scope: str | None = None
    gallery_size: int | None = None
    score: float | None = None
    margin: float | None = None
    fpir_estimate: float | None = None
    model_id: str | None = None
    quote_id: str | None = None


def add_attempt(tx: Tx, attempt: Attempt) -> None:
    """Append an attempt."""
    add_attempts(tx, [attempt])


def add_attempts(tx: Tx, attempts: Sequence[Attempt]) -> None:
    """Append attempts, and tell the event lake of them."""
    rows = [{"shard": shard_of(each.attempt_id)} | asdict(each) for each in attempts]
    if not rows:
        return
    tx.execute(_ADD_ATTEMPT, rows)
    told = [_told(each) for each in attempts]
    outbox.add_events(tx, told, attempts[0].at, state=outbox.LAKE)


def _told(attempt: Attempt) -> outbox.Event:
    name = attempt.attempt_id
    return outbox.Event(shard_of(name), name, IDENTITY_ATTEMPT, attempt.kpm_id, name, 0)


def count_reason_since(tx: Tx, kpm_id: str, reason: str, since: datetime) -> int:
    """How often a family was refused for a reason since a moment.

    The family is locked until the transaction ends: rivals count one after the other.
    """
    tx.execute(
        select(family.c.kpm_id)
        .where(family.c.shard == shard_of(kpm_id), family.c.kpm_id == kpm_id)
        .with_for_update(key_share=True)
    )
    columns = identity_attempt.c
    counted = select(func.count()).where(
        columns.kpm_id == kpm_id, columns.reason == reason, columns.at > since
    )
    return int(tx.execute(counted).scalar_one())


FAILED_OUTCOMES = ("NOT_IDENTIFIED", "RETAKE", "FAILED")
STEP_UP, STEP_UP_REQUIRED = "STEP_UP", "STEP_UP_REQUIRED"


@dataclass(frozen=True, slots=True)
class Happened:
    """One attempt of a till, as the fallback ladder looks at it."""

    method: str
    outcome: str
    reason: str | None
    quote_id: str | None
    kpm_id: str | None

    @property
    def failed(self) -> bool:
        """Did it fail; a step-up that is merely asked for is no failure."""
        missed = self.outcome == STEP_UP and self.reason != STEP_UP_REQUIRED
        return self.outcome in FAILED_OUTCOMES or (missed and self.reason is not None)


def _failed() -> ColumnElement[bool]:
    columns = identity_attempt.c
    missed = and_(
        columns.outcome == STEP_UP,
        columns.reason.is_not(None),
        columns.reason != STEP_UP_REQUIRED,
    )
    return or_(columns.outcome.in_(FAILED_OUTCOMES), missed)


def of_till(tx: Tx, till_id: str, since: datetime, limit: int) -> list[Happened]:
    """What a till tried since a moment, the newest first."""
    columns = identity_attempt.c
    rows = tx.execute(
        select(columns.method, columns.outcome, columns.reason, columns.quote_id, columns.kpm_id)
        .where(columns.till_id == till_id, columns.at > since)
        .order_by(columns.at.desc(), columns.attempt_id.desc())
        .limit(limit)
    )
    return [Happened(*row) for row in rows]


def failures_of_shop(tx: Tx, shop_id: str, since: datetime) -> int:
    """How many attempts failed in a shop since a moment."""
    columns = identity_attempt.c
    counted = select(func.count()).where(columns.shop_id == shop_id, columns.at > since, _failed())
    return int(tx.execute(counted).scalar_one())


def failures_of_family(tx: Tx, kpm_id: str, since: datetime) -> dict[str, int]:
    """How many attempts for a family failed since a moment, by method."""
    columns = identity_attempt.c
    rows = tx.execute(
        select(columns.method, func.count())
        .where(columns.kpm_id == kpm_id, columns.at > since, _failed())
        .group_by(columns.method)
    )
    return {str(method): int(count) for method, count in rows}
