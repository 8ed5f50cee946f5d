"""What a NIK says: place, birth date, sex, serial. The structure by lokal, fast for the many."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache

from lokal.nik import parse_nik

from catalog.zones import region_exists, region_name

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


class NikPart(StrEnum):
    """The part of a NIK that a remark is about."""

    LENGTH = "LENGTH"
    LETTERS = "LETTERS"
    PROVINCE = "PROVINCE"
    PLACE = "PLACE"
    BIRTH_DATE = "BIRTH_DATE"
    SERIAL = "SERIAL"


_PARTS = {
    "province": NikPart.PROVINCE,
    "wilayah": NikPart.PLACE,
    "birth_date": NikPart.BIRTH_DATE,
    "serial": NikPart.SERIAL,
}


@dataclass(frozen=True, slots=True, repr=False)
class NikReport:
    """All that a NIK says. `warnings` refuse nothing: a district may be of before a split.

    `birth_date` takes the century that makes her no older than a hundred on the day asked.
    """

    valid: bool
    faults: tuple[NikPart, ...]
    warnings: tuple[NikPart, ...] = ()
    birth_date: date | None = None
    sex: str | None = None
    province: str | None = None
    regency: str | None = None
    district: str | None = None


def nik_report(nik: str, day: date) -> NikReport:
    """Each fault by its part (Kemendagri's PPRRSS DDMMYY NNNN, a woman's day + 40)."""
    faults = _of_shape(nik)
    if faults:
        return NikReport(valid=False, faults=faults)
    said = parse_nik(nik, lookup_wilayah=_place, reference_date=day)
    return NikReport(
        valid=said.valid,
        faults=tuple(_PARTS[each.code] for each in said.errors),
        warnings=(NikPart.PLACE,) if said.warnings else (),
        birth_date=date.fromisoformat(said.birth_date) if said.birth_date else None,
        sex=said.gender,
        province=said.province,
        regency=said.regency,
        district=said.district,
    )


def nik_faults(nik: str) -> tuple[NikPart, ...]:
    """The parts that do not fit; none for a NIK by its structure. A district of yesterday fits."""
    return _of_shape(nik) or tuple(_PARTS[each.code] for each in parse_nik(nik).errors)


def _of_shape(nik: str) -> tuple[NikPart, ...]:
    checks = (
        (len(nik) != DIGITS, NikPart.LENGTH),
        (not (nik.isascii() and nik.isdigit()), NikPart.LETTERS),
    )
    return tuple(part for holds, part in checks if holds)


def _place(code: str) -> str | None:
    return region_name(code) if region_exists(code) else None
