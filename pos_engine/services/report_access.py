"""The report `access`: how far the nearest open shop is, how many share it, which tills are still.

Shops have no coordinates: near is the same village, the same district, the same regency.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pos_engine.rules.region_level import LENGTHS
from pos_engine.services.sessions import PREVIOUS_LIFE, REFRESH_LIFE
from pos_engine.store.database import Tx
from pos_engine.store.report_access import (
    TillSeen,
    families_by_place,
    shops_by_place,
    tills_seen,
)
from pos_engine.store.work_lists import Look

Row = dict[str, Any]
COLUMNS = (
    "region", "families", "open_shops", "nearest", "shops_within", "families_per_shop", "tills",
    "silent_tills", "last_seen",
)  # fmt: skip
SILENT_AFTER = timedelta(days=3)
REGENCY = 5
NEAR = ((13, "VILLAGE"), (8, "DISTRICT"), (REGENCY, "REGENCY"))
FAR = "NONE"  # no open shop in the whole regency


@dataclass(frozen=True, slots=True)
class _Around:
    """Families and open shops by every code that a place lies in."""

    families: Mapping[str, int]
    shops: Mapping[str, int]


def access(tx: Tx, look: Look) -> Iterator[Row]:
    """Each village where families live, as things stand now."""
    around = look.region[:REGENCY] if look.region else None  # the nearest shop may lie outside
    families = families_by_place(tx, around)
    shops = shops_by_place(tx, around)
    tills = _tills(tills_seen(tx, look.region), look.now)
    sums = _Around(_sums(families), _sums(shops))
    for place in sorted(families):
        if _inside(place, look.region):
            own = tills.get(place, _Tills())
            yield _row(place, families[place], shops.get(place, 0), sums) | {
                "tills": own.tills,
                "silent_tills": own.silent,
                "last_seen": own.last_seen.isoformat() if own.last_seen else "",
            }


def _row(place: str, families: int, shops: int, sums: _Around) -> Row:
    code, nearest = next(
        ((place[:length], word) for length, word in NEAR if sums.shops.get(place[:length])),
        ("", FAR),
    )
    within = sums.shops.get(code, 0)
    return {
        "region": place,
        "families": families,
        "open_shops": shops,
        "nearest": nearest,
        "shops_within": within,
        "families_per_shop": round(sums.families[code] / within) if within else None,
    }


def _sums(by_place: Mapping[str, int]) -> Mapping[str, int]:
    """Of each village, district, regency and province."""
    found = Counter[str]()
    for place, count in by_place.items():
        for code in {place[:length] for length in LENGTHS}:
            found[code] += count
    return found


def _inside(place: str, region: str | None) -> bool:
    return not region or place == region or place.startswith(f"{region}.")


@dataclass(slots=True)
class _Tills:
    tills: int = 0
    silent: int = 0
    last_seen: datetime | None = None


def last_sign(till: TillSeen) -> datetime | None:
    """When a till was last heard of: it renews its session every ten minutes while it is on."""
    signs = [
        end - life
        for end, life in ((till.session_end, REFRESH_LIFE), (till.refresh_end, PREVIOUS_LIFE))
        if end is not None
    ]
    return max(signs, default=None)


def is_silent(sign: datetime | None, now: datetime) -> bool:
    """Was nothing heard of it for SILENT_AFTER."""
    return sign is None or sign < now - SILENT_AFTER


def _tills(seen: list[TillSeen], now: datetime) -> dict[str, _Tills]:
    """By village."""
    found: dict[str, _Tills] = {}
    for each in seen:
        own, sign = found.setdefault(each.region, _Tills()), last_sign(each)
        own.tills += 1
        own.silent += is_silent(sign, now)
        if sign is not None:
            own.last_seen = max(own.last_seen or sign, sign)
    return found
