"""Since when money is idle, which days count, and when it is announced or frozen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.rules.ids import KpmId, WalletId
from pos_engine.rules.money import Rupiah

ANNOUNCED_DAYS = (60, 90)  # counted days at which she is told
NOTICE_GAP = timedelta(days=7)  # between two announcements, and before a freeze
FREEZE_NEVER = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """Days that do not count; without `last` they are not over."""

    first: date
    last: date | None


@dataclass(frozen=True, slots=True)
class IdleTranche:
    """A tranche with money in it, and since when neither credit nor proven purchase came."""

    wallet_id: WalletId
    kpm_id: KpmId
    programme: str
    period: str
    left: Rupiah
    status: TrancheStatus
    since: date
    days: int


def counted_days(since: date, today: date, pauses: Sequence[Pause]) -> int:
    """Days after `since` up to today that no pause covers; overlapping pauses count once."""
    paused = 0
    covered_until = since
    for pause in sorted(pauses, key=lambda each: each.first):
        first = max(pause.first, covered_until + timedelta(days=1))
        last = today if pause.last is None else min(pause.last, today)
        if first <= last:
            paused += (last - first).days + 1
            covered_until = last
    return max((today - since).days - paused, 0)


def due_notice(days: int, told: Mapping[int, date], today: date) -> int | None:
    """The announcement that is due; those that were missed follow each other with NOTICE_GAP."""
    due = [each for each in ANNOUNCED_DAYS if each <= days and each not in told]
    return due[0] if due and _rested(told, today) else None


def may_freeze(days: int, freeze_days: int, told: Mapping[int, date], today: date) -> bool:
    """Frozen only when that is in force, every announcement was made, and the last is a week old.

    `told` says which announcement was made on which day.
    """
    if freeze_days == FREEZE_NEVER or days < freeze_days:
        return False
    return all(each in told for each in ANNOUNCED_DAYS) and _rested(told, today)


def _rested(told: Mapping[int, date], today: date) -> bool:
    return all(today - at >= NOTICE_GAP for at in told.values())
