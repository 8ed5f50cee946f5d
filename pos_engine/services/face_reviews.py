"""A person looks at each refused face within three days (Law 27/2022, Art. 10)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.install import Refused
from pos_engine.store import face_reviews, privacy_events
from pos_engine.store.database import Tx
from pos_engine.store.face_reviews import RefusedFace
from pos_engine.store.privacy_events import Act, PrivacyEvent

REVIEW_WITHIN = timedelta(days=3)
LOOK_BACK = timedelta(days=60)
NOTE_LENGTH_MAX = 200


class Decision(StrEnum):
    """What a person found."""

    RIGHT = "RIGHT"  # not she, or no usable picture: the machine was right
    ENROL_AGAIN = "ENROL_AGAIN"  # it was she: her face is taken anew
    OTHER_WAY = "OTHER_WAY"  # another way is opened first for her
    FRAUD = "FRAUD"  # somebody tried to be another


@dataclass(frozen=True, slots=True)
class Waiting:
    """A refusal with the day by which a person looks."""

    refused: RefusedFace
    due_at: datetime
    late: bool


def waiting(engine: Engine, region: str | None) -> list[Waiting]:
    """Refused faces of the last LOOK_BACK that nobody looked at, the oldest first."""
    now = engine.now()
    found: list[RefusedFace] = []
    for each in engine.each_database():
        with each.database.read() as tx:
            found += face_reviews.waiting(tx, region, now - LOOK_BACK)
    found.sort(key=lambda each: each.at)
    return [
        Waiting(each, each.at + REVIEW_WITHIN, late=now > each.at + REVIEW_WITHIN) for each in found
    ]


def review(
    engine: Engine, attempt_id: str, decision: Decision, note: str, by: str
) -> Refused | None:
    """Twice is once: the first word stays."""
    if len(note) > NOTE_LENGTH_MAX:
        return Refused("note", f"at most {NOTE_LENGTH_MAX} characters")
    now = engine.now()

    def work(tx: Tx) -> Refused | None:
        if face_reviews.region_of(tx, attempt_id) is None:
            return Refused("attempt_id", "no such attempt")
        if not face_reviews.reviewed(tx, attempt_id):
            face_reviews.add_review(tx, attempt_id, decision.value, note, by, now)
            detail = f"{attempt_id} {decision.value}"
            event = PrivacyEvent(new_uuid7(now), None, Act.FACE.value, detail, by, None, now)
            privacy_events.add_event(tx, event)
        return None

    return engine.database.transact(work)


def region_of(engine: Engine, attempt_id: str) -> str | None:
    """Where it was, for who may look at it."""
    with engine.database.read() as tx:
        return face_reviews.region_of(tx, attempt_id)
