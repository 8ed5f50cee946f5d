"""How much may be bought in a day: of one good by a family, and for how much money by whom."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Self

from catalog.price_book import Action


class LimitKind(StrEnum):
    """Whose day is limited; the first counts a quantity, the others rupiah."""

    KPM_GOOD = "KPM_GOOD"
    KPM = "KPM"
    SHOP = "SHOP"
    TILL = "TILL"


AMOUNT_KINDS = (LimitKind.KPM, LimitKind.SHOP, LimitKind.TILL)


@dataclass(frozen=True, slots=True)
class Limit:
    """One row of limits.csv, for a shop's local day; `valid_to` is the last valid day.

    `maximum` is thousandths of the base unit of the good `sku`, or rupiah when `sku` is empty.
    """

    kind: LimitKind
    sku: str
    maximum: int
    regulation: str
    valid_from: date
    valid_to: date | None
    source: str
    confidence: str
    action: Action

    def in_force(self, day: date) -> bool:
        """Whether the limit holds on the shop's local day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class LimitBook:
    """An immutable snapshot of every limit, past and present.

    `goods` and `has_amounts` say at once that no limit ever concerned a basket.
    """

    rows: tuple[Limit, ...]
    goods: frozenset[str]
    has_amounts: bool
    _latest_first: Mapping[tuple[LimitKind, str], tuple[Limit, ...]] = field(hash=False, repr=False)

    @classmethod
    def of(cls, rows: Iterable[Limit]) -> Self:
        """Build the book with its index."""
        every = tuple(rows)
        index: dict[tuple[LimitKind, str], list[Limit]] = {}
        for row in sorted(every, key=lambda row: row.valid_from, reverse=True):
            index.setdefault((row.kind, row.sku), []).append(row)
        return cls(
            rows=every,
            goods=frozenset(row.sku for row in every if row.sku),
            has_amounts=any(not row.sku for row in every),
            _latest_first=MappingProxyType({key: tuple(found) for key, found in index.items()}),
        )

    def of_good(self, sku: str, day: date) -> tuple[Limit, ...]:
        """The limits of a good for a family: the latest that refuses and the latest that flags."""
        return self._in_force(LimitKind.KPM_GOOD, sku, day)

    def of_amount(self, kind: LimitKind, day: date) -> tuple[Limit, ...]:
        """The limits in rupiah for a family, a shop or a till, in the same way."""
        return self._in_force(kind, "", day)

    def _in_force(self, kind: LimitKind, sku: str, day: date) -> tuple[Limit, ...]:
        rows = [row for row in self._latest_first.get((kind, sku), ()) if row.in_force(day)]
        latest = (next((row for row in rows if row.action is each), None) for each in Action)
        return tuple(row for row in latest if row is not None)


NO_LIMITS = LimitBook.of(())
