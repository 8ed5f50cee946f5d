"""How days, periods and the state of money are said on the KPM's page."""

from datetime import date, datetime

from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.rules.period import parse_period
from pos_engine.rules.receipt import MONTHS

WAITS = {
    TrancheStatus.FROZEN: "Disisihkan karena lama tidak dipakai. Belanja lagi membukanya.",
    TrancheStatus.HELD: "Menunggu pemeriksaan dua petugas. Tanyakan ke pendamping.",
}
RUN_OUT = "Masa pakainya sudah habis. Tanyakan ke pendamping."


def day_shown(day: date) -> str:
    """`21 Nov 2026`."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def moment_shown(at: datetime, zone: str) -> str:
    """`21 Nov 2026 09.14 WIB`; `at` is local already."""
    return f"{day_shown(at)} {at:%H.%M} {zone}"


def period_shown(text: str) -> str:
    """`2026-10..2026-12` -> `Okt 2026 - Des 2026`; what is no period stays as it is."""
    period = parse_period(text)
    if period is None:
        return text
    first, last = (f"{MONTHS[each.month - 1]} {each.year}" for each in (period.first, period.last))
    return first if first == last else f"{first} - {last}"
