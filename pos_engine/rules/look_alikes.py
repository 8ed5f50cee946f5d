"""The same person written twice: names as they are misspelt, birth dates as they are mistyped."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import JaroWinkler
from rapidfuzz.fuzz import ratio, token_sort_ratio

SAME_DAY_SCORE = 82.0
NEAR_DAY_SCORE = 93.0
STAND_IN_SCORE = 96.0
FAR_SCORE = 55.0
NAMES_REMEMBERED = 65_536
TITLES = frozenset(
    {"H", "HJ", "HAJI", "HAJAH", "NY", "NYONYA", "TN", "TUAN", "BU", "IBU", "PAK", "BAPAK", "BPK",
     "SDR", "SDRI", "DRS", "IR", "SE", "SPD", "SH", "ALM", "ALMH", "R", "RR", "RADEN"}
)  # fmt: skip
SHORT_FORMS = {
    "M": "MUHAMMAD", "MUH": "MUHAMMAD", "MUHAMAD": "MUHAMMAD", "MOHAMMAD": "MUHAMMAD",
    "MOHAMAD": "MUHAMMAD", "MOH": "MUHAMMAD", "MOCH": "MUHAMMAD", "MOCHAMAD": "MUHAMMAD",
    "MOCHAMMAD": "MUHAMMAD", "MHD": "MUHAMMAD", "MHMD": "MUHAMMAD", "ABD": "ABDUL",
    "ABDOEL": "ABDUL", "ST": "SITI", "STI": "SITI", "NURUL": "NUR", "ACH": "AHMAD",
    "ACHMAD": "AHMAD", "AKHMAD": "AHMAD", "BT": "BINTI", "BTE": "BINTI", "BN": "BIN",
}  # fmt: skip
OLD_SPELLING = (("OE", "U"), ("TJ", "C"), ("DJ", "J"), ("SJ", "SY"), ("NJ", "NY"))
# Written for whoever does not know the day: they say less than other dates.
STAND_INS = frozenset({(1, 1), (7, 1), (12, 31)})
_TENS = tuple(10**n for n in range(8))
_NO_LETTER = re.compile(r"[^A-Z ]+")


class Someone(NamedTuple):
    """A person of a village, in the order in which families came."""

    kpm_id: str
    person_id: str
    name: str
    birth_date: date | None
    sex: str | None
    role: str
    row: int  # of this import by which the family came, else 0
    fresh: bool


@lru_cache(NAMES_REMEMBERED)
def name_key(name: str) -> str:
    """A name without titles, short forms, old spelling: `Hj. St. Djoemiati` is `SITI JUMIATI`."""
    plain = _NO_LETTER.sub(" ", name.upper().replace("'", "").replace("`", ""))
    for old, new in OLD_SPELLING:
        plain = plain.replace(old, new)
    words = [SHORT_FORMS.get(word, word) for word in plain.split()]
    kept = [word for word in words if word not in TITLES]
    return " ".join(kept or words)


def names_score(one: str, other: str) -> float:
    """How much two name keys are one name, 0 to 100: in any order, with initials, run together."""
    if one == other:
        return 100.0
    best = max(token_sort_ratio(one, other), ratio(one.replace(" ", ""), other.replace(" ", "")))
    if best < FAR_SCORE or best >= STAND_IN_SCORE:
        return best  # most pairs are strangers
    return max(best, _words_score(one.split(), other.split()))


def _words_score(one: list[str], other: list[str]) -> float:
    """Every word of the shorter name meets one of the longer, as itself, an initial or misspelt."""
    short, long = sorted((one, other), key=len)
    if not short or len(" ".join(short)) < 4:  # noqa: PLR2004 - one short word is no name
        return 0.0
    left, worst, whole = list(long), 100.0, 0
    for word in short:
        score, place = max((_word_score(word, each), -n) for n, each in enumerate(left))
        worst = min(worst, score)
        whole += len(word) > 1 and len(left[-place]) > 1
        del left[-place]
    missing = len(long) - len(short)
    return worst - 4.0 * missing if whole and missing <= 1 else 0.0


def _word_score(one: str, other: str) -> float:
    if min(len(one), len(other)) == 1:
        return 95.0 if one[0] == other[0] else 0.0
    return 100.0 * JaroWinkler.similarity(one, other)


def needed_score(one: date | None, other: date | None) -> float | None:
    """How alike two names must be for these birth dates; None when the dates say no."""
    if one is None or other is None:
        return None
    if one == other:
        return SAME_DAY_SCORE if (one.month, one.day) not in STAND_INS else NEAR_DAY_SCORE
    if _mistyped(one, other):
        return NEAR_DAY_SCORE
    stand_in = {(one.month, one.day), (other.month, other.day)} & STAND_INS
    return STAND_IN_SCORE if stand_in and one.year == other.year else None


def _mistyped(one: date, other: date) -> bool:
    if one.year == other.year and (one.month, one.day) == (other.day, other.month):
        return True
    pairs = zip(f"{one:%Y%m%d}", f"{other:%Y%m%d}", strict=True)
    return sum(a != b for a, b in pairs) == 1


def same_person(one: Someone, other: Someone) -> bool:
    """Are two persons of two families probably one."""
    needed = needed_score(one.birth_date, other.birth_date)
    if needed is None:
        return False
    if one.sex and other.sex and one.sex != other.sex:
        needed = max(needed, STAND_IN_SCORE)
    return names_score(name_key(one.name), name_key(other.name)) >= needed


def look_alikes(people: Sequence[Someone]) -> Iterator[tuple[Someone, Someone]]:
    """Pairs of two families, the earlier first, of which at least one is new.

    `people` come in the order in which their families came.
    """
    by_key: defaultdict[int, list[int]] = defaultdict(list)
    for place, someone in enumerate(people):
        met: set[int] = set()
        shared, seeks, offers = _keys(someone.birth_date)
        for key in (*shared, *seeks):
            if key in by_key:
                met.update(by_key[key])
        for key in (*shared, *offers):
            by_key[key].append(place)
        for earlier in sorted(met):
            other = people[earlier]
            if other.kpm_id == someone.kpm_id or not (other.fresh or someone.fresh):
                continue
            if same_person(other, someone):
                yield other, someone


def _keys(born: date | None) -> tuple[list[int], list[int], list[int]]:
    """Two dates that `needed_score` knows meet by one of these: shared; sought, offered.

    A stand-in meets everybody of its year; other days of a year meet its stand-ins only.
    """
    if born is None:
        return [], [], []
    year, month, day = born.year, born.month, born.day
    number = (year * 100 + month) * 100 + day
    # with one digit taken out each, and that digit's place behind
    shared = [(number - number // ten % 10 * ten) * 10 + n for n, ten in enumerate(_TENS)]
    shared.append((year * 10_000 + max(day, month) * 100 + min(day, month)) * 10 + 9)
    stand_ins, others = -2 * year, -2 * year - 1
    if (month, day) in STAND_INS:
        return shared, [stand_ins, others], [stand_ins]
    return shared, [stand_ins], [others]
