"""The cash of a till's day: what should be in the drawer, and when a day may be closed."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

DAYS_BACK_MAX = 7  # an owner who forgot closes an older day of the last week
CASH_RUPIAH_MAX = 1_000_000_000
UNSENT_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Cash:
    """What the shop's own people counted, in rupiah. Aid never passes through the drawer."""

    opening: int
    sales: int  # ordinary sales for cash, which the engine does not know
    taken_in: int
    taken_out: int
    counted: int

    @property
    def expected(self) -> int:
        """What should lie in the drawer; shown only after somebody has counted."""
        return self.opening + self.sales + self.taken_in - self.taken_out

    @property
    def difference(self) -> int:
        """Positive: too much, negative: too little."""
        return self.counted - self.expected


@dataclass(frozen=True, slots=True)
class Unsent:
    """Sales that still lie on the device, and whether the owner knows it."""

    count: int
    amount: int
    handed_over: bool


class NotClosed(StrEnum):
    """Why a day stays open."""

    UNSENT_SALES = "UNSENT_SALES"
    DAY_CLOSED = "DAY_CLOSED"  # by another act: a day is closed once
    DAY_NOT_OPEN = "DAY_NOT_OPEN"  # to come, or too long ago
    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"  # the id stands for another count


def may_close(day: date, today: date, unsent: Unsent, *, closed: bool) -> NotClosed | None:
    """The first reason why this day may not be closed now; None: it may."""
    if closed:
        return NotClosed.DAY_CLOSED
    if not today - timedelta(days=DAYS_BACK_MAX) <= day <= today:
        return NotClosed.DAY_NOT_OPEN
    if unsent.count and not unsent.handed_over:
        return NotClosed.UNSENT_SALES
    return None
