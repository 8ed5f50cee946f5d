"""Goods as the till sells them: food group, units and the kind of price rule they fall under."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MILLI = 1000
"""Quantities are integers of thousandths of the unit (`quantity_milli`)."""

BANNED_CATEGORIES = frozenset({"TOBACCO", "ALCOHOL"})
"""Categories a catalogue must refuse in every policy (minister of social affairs, Sep 2021)."""


class FoodGroup(StrEnum):
    """The four food groups of the Sembako guideline, other food, and what is no food."""

    KARBO = "KARBO"
    HEWANI = "HEWANI"
    NABATI = "NABATI"
    VITMIN = "VITMIN"
    LAIN = "LAIN"
    NON_PANGAN = "NON_PANGAN"


class PriceRule(StrEnum):
    """How the price of a good is bounded; under HET a missing ceiling is itself a refusal."""

    HET = "HET"
    HAP = "HAP"
    LOCAL = "LOCAL"
    NONE = "NONE"


@dataclass(frozen=True, slots=True)
class Ratio:
    """One such unit is numerator/denominator base units: an egg is 1/16 kg."""

    numerator: int
    denominator: int


ONE = Ratio(1, 1)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of sale; a whole one (egg, sack) is sold only in multiples of 1000 milli."""

    code: str
    ratio: Ratio
    whole: bool

    def allows(self, quantity_milli: int) -> bool:
        """Whether a positive quantity (thousandths of this unit) can be sold in this unit."""
        return quantity_milli > 0 and not (self.whole and quantity_milli % MILLI)


@dataclass(frozen=True, slots=True)
class Good:
    """One key on the till; `units` always holds the base unit at 1/1."""

    sku: str
    name: str
    group: FoodGroup
    category: str
    base_unit: str
    units: Mapping[str, Unit] = field(hash=False)
    price_rule: PriceRule
    picture: str
    position: int
    # A person's limit per day, in thousandths of the base unit (MinyaKita: 2 L, SE 03/2023).
    daily_max_milli: int | None = None


@dataclass(frozen=True, slots=True)
class Pack:
    """A barcoded pack of a good, sold and priced by the piece."""

    gtin: str
    sku: str
    name: str
    unit: Unit
