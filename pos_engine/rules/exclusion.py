"""When a group of families is left out more than the nation: a rule to check by hand."""

from dataclasses import dataclass
from math import sqrt

DAYS_TO_SUCCEED = 7  # who has not bought so long after a failure, or a credit, is left out
DAYS_OFFERED = (3, DAYS_TO_SUCCEED, 14, 30)
LEAST_FAMILIES = 30  # of a smaller group nothing is said
TIMES_THE_NATION = 1.5
SURE_99 = 2.326  # one-sided 99 % of the normal distribution


@dataclass(frozen=True, slots=True)
class Reference:
    """What another programme publishes of the same figure; shares between 0 and 1."""

    name: str
    low: float
    high: float


# Public figures of programmes that do the same job (studies and press; not audited).
INDIA = Reference("India: keluarga tidak terlayani", 0.013, 0.025)
PAKISTAN = Reference("Pakistan: keluarga gagal dikenali", 0.07, 0.07)
INDIA_CODE = Reference("India: kode SMS yang gagal", 0.18, 0.18)


def share(part: int, whole: int) -> float | None:
    """Between 0 and 1, to a ten-thousandth; None when there is nothing to divide by."""
    return round(part / whole, 4) if whole else None


def at_least(part: int, whole: int) -> float:
    """The lower end of Wilson's interval: 99 % sure the share is not below it (0 to 1)."""
    if not whole:
        return 0.0
    seen, square = part / whole, SURE_99**2
    middle = seen + square / (2 * whole)
    spread = SURE_99 * sqrt((seen * (1 - seen) + square / (4 * whole)) / whole)
    return max(0.0, (middle - spread) / (1 + square / whole))


def stands_out(part: int, whole: int, nation_part: int, nation_whole: int) -> bool:
    """Is a group left out more than the nation, by half as much again and surely so."""
    if whole < LEAST_FAMILIES or not nation_whole:
        return False
    nation = nation_part / nation_whole
    return part / whole >= TIMES_THE_NATION * nation and at_least(part, whole) > nation
