"""Attempts to prove who somebody is, kept for the exclusion meter and for audit."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import func, insert, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import family, identity_attempt

_ADD_ATTEMPT = insert(identity_attempt)


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
    """Append attempts."""
    rows = [{"shard": shard_of(each.attempt_id)} | asdict(each) for each in attempts]
    if rows:
        tx.execute(_ADD_ATTEMPT, rows)


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
