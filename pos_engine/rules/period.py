"""The months that a credit is for, and the last day it may be spent."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_MAX = 12
# No published rule names the day: the idle limit that is usually quoted, unverified.
USABLE_DAYS_AFTER = 105
_SHAPE = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])(?:\.\.(\d{4})-(0[1-9]|1[0-2]))?$")


@dataclass(frozen=True, slots=True)
class Period:
    """`2026-10` or `2026-10..2026-12`: first and last day of the months meant."""

    text: str
    first: date
    last: date

    @property
    def usable_until(self) -> date:
        """The last usable day unless the decree names another."""
        return self.last + timedelta(days=USABLE_DAYS_AFTER)


def parse_period(text: str) -> Period | None:
    """The period, or None when it is no month or run of at most twelve months."""
    found = _SHAPE.match(text)
    if found is None:
        return None
    year, month = int(found[1]), int(found[2])
    last_year, last_month = int(found[3] or year), int(found[4] or month)
    months = (last_year - year) * 12 + last_month - month + 1
    if not (year >= 1 and last_year < date.max.year and 1 <= months <= MONTHS_MAX):
        return None
    last_day = monthrange(last_year, last_month)[1]
    return Period(text, date(year, month, 1), date(last_year, last_month, last_day))
