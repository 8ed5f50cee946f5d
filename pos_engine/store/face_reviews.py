"""Faces that the machine refused and what a person said about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, insert, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import identity_attempt, shop
from pos_engine.store.schema_privacy import face_review

REVIEWS_LISTED_MAX = 200
REFUSED = ("NOT_IDENTIFIED", "FAILED")
METHODS = ("FACE", "KTP")


@dataclass(frozen=True, slots=True)
class RefusedFace:
    """One refusal. `kpm_id` is known only where a NIK or card named her."""

    attempt_id: str
    at: datetime
    shop_id: str
    shop_name: str
    region: str
    kpm_id: str | None
    reason: str | None
    score: float | None


def waiting(tx: Tx, region: str | None, since: datetime) -> Sequence[RefusedFace]:
    """Those that nobody looked at, the oldest first, of a region (None: the nation)."""
    a, s, r = identity_attempt.c, shop.c, face_review.c
    at_shop = s.shop_id == a.shop_id
    reviewed = and_(r.shard == a.shard, r.attempt_id == a.attempt_id)
    query = (
        select(a.attempt_id, a.at, a.shop_id, s.name, s.region, a.kpm_id, a.reason, a.score)
        .join_from(identity_attempt, shop, at_shop)
        .join(face_review, reviewed, isouter=True)
        .where(a.method.in_(METHODS), a.outcome.in_(REFUSED), a.at >= since)
        .where(r.attempt_id.is_(None), a.reason.is_not(None))
        .order_by(a.at, a.attempt_id)
        .limit(REVIEWS_LISTED_MAX)
    )
    if region:
        inside = s.region.startswith(f"{region}.", autoescape=True)
        query = query.where((s.region == region) | inside)
    return [RefusedFace(*row) for row in tx.execute(query)]


def region_of(tx: Tx, attempt_id: str) -> str | None:
    """Where it was; None when there is no such attempt."""
    query = (
        select(shop.c.region)
        .join_from(identity_attempt, shop, shop.c.shop_id == identity_attempt.c.shop_id)
        .where(
            identity_attempt.c.shard == shard_of(attempt_id),
            identity_attempt.c.attempt_id == attempt_id,
        )
    )
    return tx.execute(query).scalar_one_or_none()


def reviewed(tx: Tx, attempt_id: str) -> bool:
    """Has a person said something about it."""
    query = select(face_review.c.attempt_id).where(
        face_review.c.shard == shard_of(attempt_id), face_review.c.attempt_id == attempt_id
    )
    return tx.execute(query).first() is not None


def add_review(tx: Tx, attempt_id: str, decision: str, note: str, by: str, now: datetime) -> None:
    """What a person decided; `ConflictError` when somebody did."""
    tx.execute(
        insert(face_review).values(
            shard=shard_of(attempt_id),
            attempt_id=attempt_id,
            decision=decision,
            note=note,
            by_id=by,
            at=now,
        )
    )
