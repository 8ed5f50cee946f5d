"""How much of a day's limits is used, and what a basket may still take of them."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec.structs import replace

from catalog.limits import AMOUNT_KINDS, Limit, LimitKind
from catalog.price_book import Action
from pos_engine.rules.basket import JudgedLine, LineLimit, Market
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason

QUANTITY_LIMIT_UNVERIFIED = "QUANTITY_LIMIT_UNVERIFIED"
AMOUNT_LIMIT_UNVERIFIED = "LIMIT_UNVERIFIED"


@dataclass(frozen=True, slots=True)
class Used:
    """What a local day took already: goods in thousandths of their base unit, and rupiah."""

    goods: Mapping[str, int] = field(default_factory=dict)
    amounts: Mapping[LimitKind, int] = field(default_factory=dict)


NOTHING_USED = Used()


@dataclass(frozen=True, slots=True)
class AmountLimit:
    """A limit in rupiah that a basket would pass, and what is left of it today."""

    kind: LimitKind
    maximum: Rupiah
    left: Rupiah


def limited_quantities(judged: tuple[JudgedLine, ...], market: Market) -> dict[str, int]:
    """What the lawful lines take of goods that a limit in force counts, in base units (down)."""
    book = market.catalogue.limits
    asked: defaultdict[str, int] = defaultdict(int)
    for line in judged:
        counted = line.sku in book.goods and line.reason is None
        if counted and book.of_good(line.sku, market.day):
            asked[line.sku] += _base_milli(line, market)
    return dict(asked)


def within_limits(
    judged: tuple[JudgedLine, ...], market: Market, used: Used
) -> tuple[JudgedLine, ...]:
    """Refuse or flag the lines of each good that goes beyond its limit: lines share it."""
    asked = limited_quantities(judged, market) if market.catalogue.limits.goods else {}
    for sku, quantity in asked.items():
        for limit in market.catalogue.limits.of_good(sku, market.day):
            left = max(limit.maximum - used.goods.get(sku, 0), 0)
            if quantity > left:
                unit = market.catalogue.goods[sku].base_unit
                told = LineLimit(limit.maximum, left, unit, limit.regulation)
                judged = tuple(_beyond(each, limit, told) for each in judged)
    return judged


def _beyond(line: JudgedLine, limit: Limit, told: LineLimit) -> JudgedLine:
    if line.sku != limit.sku or line.reason is not None:
        return line
    if limit.action is Action.FLAG:
        return replace(line, flags=(*line.flags, QUANTITY_LIMIT_UNVERIFIED))
    return replace(line, reason=Reason.QUANTITY_LIMIT, limit=told)


def _base_milli(line: JudgedLine, market: Market) -> int:
    """The quantity in thousandths of the base unit: a pack of 2 L is 2000."""
    catalogue = market.catalogue
    pack = catalogue.pack(line.gtin) if line.gtin is not None else None
    unit = pack.unit if pack is not None else catalogue.goods[line.sku].units[line.unit]
    return line.quantity_milli * unit.ratio.numerator // unit.ratio.denominator


def amount_limit(amount: int, market: Market, used: Used) -> AmountLimit | None:
    """The first limit in rupiah that this amount would pass: family, shop, till."""
    passed = _passed(amount, market, used, Action.DECLINE)
    return passed[0] if passed else None


def amount_flags(amount: int, market: Market, used: Used) -> tuple[str, ...]:
    """What is written beside a purchase that passes limits which nobody verified."""
    passed = _passed(amount, market, used, Action.FLAG)
    return tuple(f"{each.kind}_{AMOUNT_LIMIT_UNVERIFIED}" for each in passed)


def _passed(amount: int, market: Market, used: Used, action: Action) -> list[AmountLimit]:
    book = market.catalogue.limits
    found = []
    for kind in AMOUNT_KINDS if book.has_amounts else ():
        for limit in book.of_amount(kind, market.day):
            left = max(limit.maximum - used.amounts.get(kind, 0), 0)
            if limit.action is action and amount > left:
                found.append(AmountLimit(kind, Rupiah(limit.maximum), Rupiah(left)))
    return found
