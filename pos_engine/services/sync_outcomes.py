"""What became of a device's envelopes after it had sent them: told when it asks."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pos_engine.engine import Engine
from pos_engine.services.sync import Told, told_of
from pos_engine.store import envelopes, offline_reviews
from pos_engine.store.devices import DeviceKey
from pos_engine.store.envelopes import Kept
from pos_engine.store.offline_reviews import REVIEWS_TOLD_MAX, Review
from pos_engine.wire.offline_told import decided_told

OUTCOMES_ASKED_MAX = 500
LOOK_BACK_MAX = timedelta(days=31)  # so long a tablet keeps what it sent
OVERLAP = timedelta(minutes=5)  # a decision that was being written is told by the next answer


@dataclass(frozen=True, slots=True)
class Later:
    """One envelope by its name, what became of it, and what people decided of it since."""

    envelope: str
    told: Told
    decision: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Outcomes:
    """An answer; the next question begins at `at`, and again is harmless."""

    at: datetime
    later: list[Later]


def outcomes_since(
    engine: Engine, device: DeviceKey, since: datetime | None, names: Collection[str]
) -> Outcomes:
    """The envelopes named, and those that people decided about since a moment.

    Without a moment as far back as a tablet keeps what it sent.
    """
    now, device_id = engine.now(), device.device_id
    first = max(since or now - LOOK_BACK_MAX, now - LOOK_BACK_MAX)
    with engine.database.read() as tx:
        decided = offline_reviews.reviews_since(tx, device_id, first)
        newest = {each.subject_id: each for each in decided}
        kept = envelopes.named(tx, device_id, {*names, *newest})
        disputed = offline_reviews.open_disputes(tx, kept.keys())
    at = decided[-1].made_at if len(decided) == REVIEWS_TOLD_MAX else now - OVERLAP
    rows = sorted(kept.values(), key=lambda each: (each.seq, each.envelope_id))
    told = [
        _later(each, newest.get(each.envelope_id), disputed=each.envelope_id in disputed)
        for each in rows
    ]
    return Outcomes(at, told)


def _later(kept: Kept, review: Review | None, *, disputed: bool) -> Later:
    told = told_of(kept, disputed=disputed)
    decision = review.decision if review else None
    told = replace(told, message=decided_told(decision, told.message))
    return Later(kept.envelope_id, told, decision, review.made_at if review else None)
