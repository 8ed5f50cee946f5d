"""The life of a KKS card: which state may follow which, and why one was not handed over."""

from datetime import date
from enum import StrEnum

VALID_YEARS = 5  # of our own cards, as banks print it on theirs; to the end of that month


class CardState(StrEnum):
    """Where a card is in its life. The money never depends on it."""

    ISSUED = "ISSUED"
    UNDISTRIBUTED = "UNDISTRIBUTED"
    DISTRIBUTED = "DISTRIBUTED"
    ACTIVE = "ACTIVE"
    BLOCKED_PIN = "BLOCKED_PIN"
    BLOCKED = "BLOCKED"
    LOST = "LOST"
    SWALLOWED = "SWALLOWED"
    EXPIRED = "EXPIRED"
    REPLACED = "REPLACED"


class UndistributedReason(StrEnum):
    """Why a card was not handed over: the causes that the audits name."""

    ABLE = "ABLE"
    REFUSED = "REFUSED"
    DEAD = "DEAD"
    MOVED = "MOVED"
    MINOR = "MINOR"
    NOT_FOUND = "NOT_FOUND"
    ILL = "ILL"
    WRONG_NAME = "WRONG_NAME"


S = CardState
_STOPPED = {S.BLOCKED, S.LOST, S.SWALLOWED, S.EXPIRED, S.REPLACED}
_NEXT: dict[CardState, set[CardState]] = {
    S.ISSUED: {S.DISTRIBUTED, S.UNDISTRIBUTED, *_STOPPED},
    S.UNDISTRIBUTED: {S.DISTRIBUTED, S.UNDISTRIBUTED, *_STOPPED},
    S.DISTRIBUTED: {S.ACTIVE, *_STOPPED},
    S.ACTIVE: {S.BLOCKED_PIN, *_STOPPED},
    S.BLOCKED_PIN: {S.ACTIVE, *_STOPPED},
    S.BLOCKED: {S.ACTIVE, S.LOST, S.SWALLOWED, S.EXPIRED, S.REPLACED},
    S.LOST: {S.REPLACED},
    S.SWALLOWED: {S.REPLACED, S.LOST},
    S.EXPIRED: {S.REPLACED, S.LOST},
    S.REPLACED: set(),
}
# A report of loss stops a card whoever sends it twice; the stronger word stays.
REPORTED = frozenset({S.LOST, S.SWALLOWED, S.BLOCKED})
WORKING = frozenset({S.ISSUED, S.UNDISTRIBUTED, S.DISTRIBUTED, S.ACTIVE, S.BLOCKED_PIN, S.BLOCKED})


def expired_if_issued_before(today: date) -> date:
    """Cards of before this day have run out today."""
    return today.replace(year=today.year - VALID_YEARS, day=1)


def may_become(now: CardState, then: CardState) -> bool:
    """Is this step in the life of a card lawful."""
    return then in _NEXT[now]
