"""Days on which banks do not settle: a dated holiday with how far its source is trusted."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class HolidayKind(StrEnum):
    """A national holiday, leave that the state takes together, or a bank's own closed day."""

    NATIONAL = "NATIONAL"
    JOINT_LEAVE = "JOINT_LEAVE"
    BANK = "BANK"


@dataclass(frozen=True, slots=True)
class BankHoliday:
    """Banks are closed all day, WIB. `verified`: by the decree itself, or signed by two officers.

    An unverified one counts too, because a transfer that is asked for on a closed day comes back;
    whoever it moves is told.
    """

    day: date
    name: str
    kind: HolidayKind
    source: str
    verified: bool
