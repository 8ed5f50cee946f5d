"""What a NIK says: place, birth date, sex, serial. The structure by lokal, fast for the many."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from lokal.nik import parse_nik

from catalog.zones import region_exists

DIGITS = 16
WOMEN_DAYS = 40
PLACES_REMEMBERED = 16_384


@dataclass(frozen=True, slots=True, repr=False)
class NikFacts:
    """`valid` is structure only. `day` and `month` and `year2` are of birth; the century is not."""

    valid: bool
    place_known: bool = False
    day: int = 0
    month: int = 0
    year2: int = 0
    woman: bool = False

    def fits(self, born: date | None, sex: str | None) -> bool:
        """Does it say the same as the row; what the row does not know does not differ."""
        same_date = born is None or (born.day, born.month, born.year % 100) == (
            self.day,
            self.month,
            self.year2,
        )
        return same_date and (sex is None or (sex == "P") == self.woman)


INVALID = NikFacts(valid=False)


def nik_facts(nik: str) -> NikFacts:
    """The facts of 16 digits; a district of yesterday is no fault."""
    if len(nik) != DIGITS or not (nik.isascii() and nik.isdigit()):
        return INVALID
    day, month, year2 = int(nik[6:8]), int(nik[8:10]), int(nik[10:12])
    woman = day > WOMEN_DAYS
    day -= WOMEN_DAYS if woman else 0
    known = _known(nik[:6])
    plain = known and 0 < day <= 28 and 0 < month <= 12 and nik[12:] != "0000"  # noqa: PLR2004
    if not plain and not parse_nik(nik).valid:
        return INVALID
    return NikFacts(valid=True, place_known=known, day=day, month=month, year2=year2, woman=woman)


@lru_cache(PLACES_REMEMBERED)
def _known(district: str) -> bool:
    return region_exists(f"{district[:2]}.{district[2:4]}.{district[4:6]}")
