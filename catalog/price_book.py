"""Price ceilings in force at a place on a day, and the one test of a price against them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from catalog.goods import Ratio
from catalog.zones import PROVINCE_LENGTH, REGENCY_LENGTH, Zones

SCOPES = ("REGENCY", "PROVINCE", "3TP", "ZONE", "NATIONAL")
"""Most specific first."""


class CeilingKind(StrEnum):
    """HET is the hard ceiling, HAP a reference price, LOCAL a regency's own price."""

    HET = "HET"
    HAP = "HAP"
    LOCAL = "LOCAL"


class Action(StrEnum):
    """What a price above the ceiling does: refuse the line, flag it, or pay the ceiling alone.

    CAP: the family pays the ceiling, and the shop bears what it asked above it.
    """

    DECLINE = "DECLINE"
    FLAG = "FLAG"
    CAP = "CAP"


@dataclass(frozen=True, slots=True)
class Ceiling:
    """One row of ceilings.csv: whole rupiah per base unit; `valid_to` is the last valid day."""

    sku: str
    kind: CeilingKind
    scope: str
    scope_code: str
    unit: str
    rupiah_low: int | None
    rupiah: int
    regulation: str
    valid_from: date
    valid_to: date | None
    source: str
    checked_on: date
    confidence: str
    action: Action

    def in_force(self, day: date) -> bool:
        """Whether the ceiling holds on the shop's local day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class PriceBook:
    """An immutable snapshot of every ceiling, past and present."""

    rows: tuple[Ceiling, ...]
    zones: Zones
    _latest_first: Mapping[_Key, tuple[Ceiling, ...]] = field(hash=False, repr=False)

    @classmethod
    def of(cls, rows: Iterable[Ceiling], zones: Zones) -> Self:
        """Build the book; its index makes a look-up five dictionary reads at most."""
        every = tuple(rows)
        index: dict[_Key, list[Ceiling]] = {}
        for row in sorted(every, key=lambda row: row.valid_from, reverse=True):
            index.setdefault((row.sku, row.scope, row.scope_code), []).append(row)
        frozen = MappingProxyType({key: tuple(found) for key, found in index.items()})
        return cls(rows=every, zones=zones, _latest_first=frozen)

    def ceiling(self, sku: str, region: str, day: date) -> Ceiling | None:
        """Return the most specific ceiling in force, then the latest; None if there is none.

        `region` is a Kemendagri code of any depth; an unknown province is UnknownRegionError.
        """
        for scope, code in self._scopes(region):
            for row in self._latest_first.get((sku, scope, code), ()):
                if row.in_force(day):
                    return row
        return None

    def _scopes(self, region: str) -> Iterator[tuple[str, str]]:
        zone = self.zones.zone_of(region)
        yield "REGENCY", region[:REGENCY_LENGTH]
        yield "PROVINCE", region[:PROVINCE_LENGTH]
        if self.zones.is_3tp(region):
            yield "3TP", ""
        yield "ZONE", zone
        yield "NATIONAL", ""


def above_ceiling(unit_price: int, ratio: Ratio, ceiling: int) -> bool:
    """Whether rupiah per unit of `ratio` exceed rupiah per base unit; quantity never enters."""
    return unit_price * ratio.denominator > ceiling * ratio.numerator


def highest_lawful_price(ratio: Ratio, ceiling: int) -> int:
    """Return the highest whole rupiah per unit still lawful: what the keypad offers."""
    return ceiling * ratio.numerator // ratio.denominator
