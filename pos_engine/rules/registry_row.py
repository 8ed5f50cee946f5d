"""One row of a registry file: what it says, what was corrected, why it waits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from catalog.zones import region_exists
from pos_engine.rules.identity import compact, phone_number
from pos_engine.rules.nik import nik_facts
from pos_engine.rules.registry import Code, Disposition, Finding, NikStatus

FIELDS = (
    "family_id", "no_kk", "nik", "name", "birth_date", "sex", "role", "region", "home_shop",
    "msisdn", "programme", "status", "letter", "witness_1", "witness_2", "consent",
)  # fmt: skip
ADULT_YEARS = 17
AGE_MAX_YEARS = 120
FAMILY_ID_LENGTH_MAX = 64
NAME_LENGTH_MAX = 120
TEXT_LENGTH_MAX = 64
PROGRAMME_LENGTH_MAX = 16
REGIONS_REMEMBERED = 131_072  # every village of the nation, and the codes of older years
GROWN_UP = frozenset({"PENGURUS", "WAKIL"})
ACTIVE = "ACTIVE"
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?: 00:00:00)?")
_DATE_TURNED = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})(?: 00:00:00)?")
_PHONE = re.compile(r"(?:\+62|62|0)(8[1-9]\d{7,10})")
_ROUNDED = re.compile(r"\d[.,]\d+E\+?\d+", re.IGNORECASE)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_QUOTED = frozenset((*_FORMULA, *"0123456789"))
_HELD, _CORRECTED, _REMARK = Disposition.HELD, Disposition.CORRECTED, Disposition.REMARK


@dataclass(frozen=True, slots=True)
class Words:
    """How lists write things, and which codes of older years have which successor."""

    values: Mapping[str, Mapping[str, str]]
    regions: Mapping[str, str]
    _places: dict[str, str] = field(default_factory=dict)

    def village(self, code: str) -> str:
        """Today's code of a village written with or without dots; empty when there is none."""
        known = self._places.get(code)
        if known is None:
            if len(self._places) >= REGIONS_REMEMBERED:
                self._places.clear()
            known = self._places[code] = self._look_up(code)
        return known

    def _look_up(self, code: str) -> str:
        digits = code.replace(".", "")
        if len(digits) != 10 or not (digits.isascii() and digits.isdigit()):  # noqa: PLR2004
            return ""
        dotted = f"{digits[:2]}.{digits[2:4]}.{digits[4:6]}.{digits[6:]}"
        if region_exists(dotted):
            return dotted
        successor = self.regions.get(dotted[:5], "") + dotted[5:]
        return successor if region_exists(successor) else ""


class Entry(NamedTuple):
    """What a row says of a person, checked. Empty texts were not said."""

    number: int
    kpm_id: str
    no_kk: str
    nik: str
    name: str
    birth_date: date | None
    sex: str | None
    role: str
    region: str
    home_shop: str
    msisdn: str
    programme: str
    nik_status: str
    letter: str
    witnesses: tuple[str, str]
    consent: str

    def __repr__(self) -> str:
        """Nothing personal."""
        return f"Entry(number={self.number})"


def check_row(
    number: int, cells: tuple[str, ...], words: Words, today: date
) -> tuple[Entry | None, list[Finding]]:
    """The entry, or None when the row waits; and everything that is said of it."""
    found: list[Finding] = []
    (kpm_id, no_kk, nik, name, born, sex, role, region, shop, msisdn, programme, status,
     letter, first, second, consent) = _plain(cells)  # fmt: skip
    values = words.values
    _identifier(kpm_id, found)
    _status(_word(values, "status", status or ACTIVE), found)
    said_role = _word(values, "role", role or "PENGURUS")
    if not said_role:
        found.append(Finding("role", Code.ROLE_UNKNOWN, _HELD))
    said_sex = _word(values, "sex", sex) if sex else None
    if said_sex == "":
        found.append(Finding("sex", Code.SEX_UNKNOWN, _HELD))
    said_consent = _word(values, "consent", consent) if consent else ""
    if consent and not said_consent:
        found.append(Finding("consent", Code.CONSENT_UNKNOWN, _HELD))
    birth_date = _birth_date(born, said_role in GROWN_UP, today, found)
    witnesses = (_short(first), _short(second))
    proven = bool(letter and all(witnesses))
    digits, nik_status = _nik(
        nik, found, birth_date, said_sex, said_role in GROWN_UP and not proven
    )
    entry = Entry(
        number=number,
        kpm_id=kpm_id,
        no_kk=_no_kk(no_kk, found),
        nik=digits,
        name=_name(name, found),
        birth_date=birth_date,
        sex=said_sex,
        role=said_role,
        region=_region(region, words, found),
        home_shop=_short(shop),
        msisdn=_msisdn(msisdn, found),
        programme=_programme(programme, found),
        nik_status=nik_status,
        letter=_short(letter),
        witnesses=witnesses,
        consent=said_consent,
    )
    held = any(each.disposition is _HELD for each in found) if found else False
    return (None if held else entry), found


def _plain(cells: tuple[str, ...]) -> list[str]:
    """Without spaces around, and the apostrophe that keeps a spreadsheet from running a cell."""
    texts = [each.strip() for each in cells]
    if "'" in "".join(texts):
        return [each[1:] if each[:1] == "'" and each[1:2] in _QUOTED else each for each in texts]
    return texts


def _short(text: str) -> str:
    return text[:TEXT_LENGTH_MAX] if text.isprintable() else ""


def _word(values: Mapping[str, Mapping[str, str]], name: str, written: str) -> str:
    return values[name].get(written.upper(), "")


def _identifier(kpm_id: str, found: list[Finding]) -> None:
    plain = kpm_id.isascii() and kpm_id.isprintable() and not kpm_id.startswith(_FORMULA)
    if not (plain and 0 < len(kpm_id) <= FAMILY_ID_LENGTH_MAX):
        found.append(Finding("family_id", Code.FAMILY_ID_BAD, _HELD))


def _status(status: str, found: list[Finding]) -> None:
    if status != ACTIVE:
        code = Code(status) if status else Code.STATUS_UNKNOWN
        found.append(Finding("status", code, _HELD))


def _name(name: str, found: list[Finding]) -> str:
    tidy = " ".join(name.split())
    lawful = tidy.isprintable() and not tidy.startswith(_FORMULA)
    if not (lawful and len(tidy) <= NAME_LENGTH_MAX and any(map(str.isalpha, tidy))):
        found.append(Finding("name", Code.NAME_BAD, _HELD))
    elif tidy != name:
        found.append(Finding("name", Code.NAME_TIDIED, _CORRECTED))
    return tidy


def _birth_date(text: str, grown_up: bool, today: date, found: list[Finding]) -> date | None:
    if not text:
        found.append(Finding("birth_date", Code.BIRTH_DATE_MISSING, _REMARK))
        return None
    born = read_date(text)
    if born is None or not 0 <= today.year - born.year <= AGE_MAX_YEARS or born > today:
        found.append(Finding("birth_date", Code.BIRTH_DATE_BAD, _HELD))
        return None
    birthday = (today.month, today.day) >= (born.month, born.day)
    if grown_up and today.year - born.year - (not birthday) < ADULT_YEARS:
        found.append(Finding("birth_date", Code.MINOR, _HELD))
    return born


@lru_cache(65_536)
def read_date(text: str) -> date | None:
    """A day written 1980-08-15 or 15-08-1980, with dashes, slashes or dots."""
    year_first = _DATE.fullmatch(text)
    parts = year_first.groups() if year_first else None
    if parts is None and (turned := _DATE_TURNED.fullmatch(text)):
        parts = turned.groups()[::-1]
    try:
        return date(*map(int, parts)) if parts else None
    except ValueError:
        return None


def _nik(
    text: str, found: list[Finding], born: date | None, sex: str | None, needed: bool
) -> tuple[str, str]:
    if not text:
        if needed:
            found.append(Finding("nik", Code.NIK_MISSING, _HELD))
        return "", NikStatus.NONE.value
    digits = compact(text).replace(".", "")
    facts = nik_facts(digits)
    if not facts.valid:
        rounded = _ROUNDED.fullmatch(text) is not None
        code = Code.NIK_SPREADSHEET if rounded else Code.NIK_INVALID
        found.append(Finding("nik", code, _HELD))
        return "", NikStatus.NONE.value
    if digits != text:
        found.append(Finding("nik", Code.NIK_TIDIED, _CORRECTED))
    if not facts.place_known:
        found.append(Finding("nik", Code.NIK_PLACE_UNKNOWN, _REMARK))
    if not facts.fits(born, sex):
        found.append(Finding("nik", Code.NIK_DATE_DIFFERS, _REMARK))
        return digits, NikStatus.MISMATCH.value
    return digits, NikStatus.FORMAT_OK.value


def _no_kk(text: str, found: list[Finding]) -> str:
    digits = compact(text)
    if not digits:
        return ""
    if len(digits) == 16 and digits.isascii() and digits.isdigit():  # noqa: PLR2004 - KK digits
        return digits
    found.append(Finding("no_kk", Code.KK_LEFT_OUT, _CORRECTED))
    return ""


def _region(text: str, words: Words, found: list[Finding]) -> str:
    village = words.village(text)
    if not village:
        found.append(Finding("region", Code.REGION_UNKNOWN, _HELD))
    elif village != text and village.replace(".", "") != text.replace(".", ""):
        found.append(Finding("region", Code.REGION_MAPPED, _CORRECTED))
    return village


def _msisdn(text: str, found: list[Finding]) -> str:
    if not text:
        return ""
    plain = _PHONE.fullmatch(text)
    number = f"+62{plain[1]}" if plain else phone_number(text)
    if number is None:
        found.append(Finding("msisdn", Code.PHONE_LEFT_OUT, _CORRECTED))
    return number or ""


def _programme(text: str, found: list[Finding]) -> str:
    plain = text.isascii() and text.isprintable() and not text.startswith(_FORMULA)
    if not plain or len(text) > PROGRAMME_LENGTH_MAX:
        found.append(Finding("programme", Code.PROGRAMME_BAD, _HELD))
    return text
