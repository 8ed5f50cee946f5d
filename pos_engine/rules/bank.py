"""A purchase that a bank must pay: whose money it is, what the bank said, what becomes of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from pos_engine.rules.entitlement import Tranche
from pos_engine.rules.reasons import Reason

ENGINE = "ENGINE"  # the custodian of money whose books we keep ourselves
BANK_HOLD_LIFE = timedelta(days=7)  # for a reversal that nobody answers; then the hold ends
ORPHAN_AGE = timedelta(seconds=30)  # an asked bank that nobody waits for any more: we were killed
FIRST_REPEAT = timedelta(seconds=10)
REPEAT_GAP_MAX = timedelta(hours=1)


class CallState(StrEnum):
    """What became of a question to a bank.

    ASKED -> POSTED | DECLINED | REVERSING; POSTED -> REVERSING when a terminal takes it back;
    REVERSING -> REVERSED, or DISPUTED when the bank refuses the reversal: then a person looks.
    """

    ASKED = "ASKED"
    POSTED = "POSTED"
    DECLINED = "DECLINED"
    REVERSING = "REVERSING"
    REVERSED = "REVERSED"
    DISPUTED = "DISPUTED"


class Said(StrEnum):
    """What we know after asking."""

    YES = "YES"
    NO = "NO"
    UNSURE = "UNSURE"  # it may have paid: a reversal goes out until it is answered
    NOT_ASKED = "NOT_ASKED"  # nothing ever left: it cannot have paid


@dataclass(frozen=True, slots=True)
class Verdict:
    """The bank's word on one purchase. `code` is DE39 by the standard, empty without an answer."""

    said: Said
    code: str = ""
    approval: str = ""
    reason: Reason | None = None


class Reversal(StrEnum):
    """What the answer to a reversal means."""

    DONE = "DONE"
    AGAIN = "AGAIN"  # no answer, or one that says: later
    REFUSED = "REFUSED"


REVERSED_CODES = frozenset({"00", "21", "25", "94"})  # done, nothing to do, unknown, done before
LATER_CODES = frozenset({"", "68", "91", "92", "96"})


def reversal_answered(code: str) -> Reversal:
    """Whether a reversal is settled by this DE39 (empty: nobody answered).

    A bank that cannot find the purchase has not paid it.
    """
    if code in REVERSED_CODES:
        return Reversal.DONE
    return Reversal.AGAIN if code in LATER_CODES else Reversal.REFUSED


def next_repeat(tries: int, now: datetime) -> datetime:
    """When a reversal is said again: after 10 s, 20 s, 40 s ... at most an hour, for ever."""
    gap = timedelta(seconds=FIRST_REPEAT.total_seconds() * 2.0 ** min(tries, 10))
    return now + min(gap, REPEAT_GAP_MAX)


def by_custodian(tranches: tuple[Tranche, ...], day: date) -> list[tuple[str, tuple[Tranche, ...]]]:
    """The family's money by who keeps it, what must be spent first before the other.

    One purchase is paid by one custodian: two banks cannot be asked for one basket without one of
    them paying for nothing now and then.
    """
    custodians = dict.fromkeys(each.custodian for each in tranches)
    if len(custodians) < 2:  # noqa: PLR2004 - nearly every family: nothing to sort
        return [(custodian, tranches) for custodian in custodians] or [(ENGINE, ())]
    groups = [
        (custodian, tuple(each for each in tranches if each.custodian == custodian))
        for custodian in custodians
    ]
    return sorted(groups, key=lambda group: (_ends(group[1], day), group[0]))


def _ends(tranches: tuple[Tranche, ...], day: date) -> date:
    """The last day of the money that ends first; money that cannot be spent comes last."""
    ends = (each.expires_on for each in tranches if each.usable(day) and each.left > 0)
    return min(ends, default=date.max)
