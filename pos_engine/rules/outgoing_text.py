"""Which text goes first, how long it is worth sending, and when it is tried again."""

from datetime import datetime, timedelta
from enum import IntEnum


class Urgency(IntEnum):
    """A code overtakes every answer, an answer every notice."""

    CODE = 0
    ANSWER = 1
    NOTICE = 2


LIFE = {
    Urgency.CODE: timedelta(minutes=10),
    Urgency.ANSWER: timedelta(minutes=10),
    Urgency.NOTICE: timedelta(days=3),
}
SUBMIT_TRIES_MAX = 5  # what an operator refuses for the moment is tried so often
SUBMIT_PAUSE = timedelta(seconds=5)  # before the second try, doubled each time
SUBMIT_PAUSE_MAX = timedelta(minutes=5)


def next_try(tries: int, expires_at: datetime, now: datetime) -> datetime | None:
    """When a text is tried again after so many tries; None when it is given up."""
    at = now + min(SUBMIT_PAUSE * 2 ** (tries - 1), SUBMIT_PAUSE_MAX)
    return None if tries >= SUBMIT_TRIES_MAX or at > expires_at else at
