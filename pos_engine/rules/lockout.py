"""How long a log-in waits after too many wrong tries: a while first, longer each time."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

STAFF_TRIES_MAX = 5  # in a row, of a PIN or of a second factor
LOCK_FIRST = timedelta(minutes=15)
LOCK_LONGEST = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Tries:
    """Tries that are left, locks in a row, and the end of the newest lock."""

    tries_left: int = STAFF_TRIES_MAX
    locks: int = 0
    until: datetime | None = None


def lock_after(locks: int, now: datetime) -> datetime:
    """When the lock of this number (from 1) ends: each is twice as long as the last."""
    doublings = min(locks - 1, (LOCK_LONGEST // LOCK_FIRST).bit_length())
    return now + min(LOCK_FIRST * (1 << doublings), LOCK_LONGEST)


def take_try(tries: Tries, now: datetime) -> Tries | None:
    """One try fewer, counted before anybody looks at it; None while a lock lasts.

    With the last one the lock begins: a right answer ends it again.
    """
    if tries.until is not None and now < tries.until:
        return None
    if tries.tries_left <= 0:  # the lock is over
        tries = replace(tries, tries_left=STAFF_TRIES_MAX, until=None)
    left = tries.tries_left - 1
    if left > 0:
        return replace(tries, tries_left=left)
    return Tries(0, tries.locks + 1, lock_after(tries.locks + 1, now))
