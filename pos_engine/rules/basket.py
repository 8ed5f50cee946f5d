"""What the family wants to buy: the lines as asked, and each line's verdict."""

from dataclasses import dataclass
from datetime import date

from catalog.catalogue import Catalogue
from catalog.goods import Good, PriceRule, Ratio, Unit
from catalog.policy import Policy, Verdict
from catalog.price_book import Action, Ceiling, above_ceiling, highest_lawful_price
from pos_engine.rules.money import LINE_TOTAL_RUPIAH_MAX, QUANTITY_MILLI_ONE, Rupiah, line_total
from pos_engine.rules.reasons import Reason

LINES_MAX = 50
QUANTITY_MILLI_MAX = 1_000_000  # a thousand kilograms: more is a slip of the finger
PACK_UNIT = "pack"


@dataclass(frozen=True, slots=True)
class Line:
    """One line as the till asked it. Exactly one of `sku` and `gtin` is given."""

    sku: str | None
    gtin: str | None
    quantity_milli: int
    unit_price: Rupiah
    unit: str | None


@dataclass(frozen=True, slots=True)
class LineLimit:
    """A limit that a line would pass and what is left of it, in thousandths of the base unit."""

    maximum_milli: int
    left_milli: int
    unit: str
    regulation: str


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """A line with its verdict. `reason` None means it may be bought at this price."""

    sku: str
    gtin: str | None
    name: str
    quantity_milli: int
    unit: str
    unit_price: Rupiah
    total: Rupiah
    reason: Reason | None
    flags: tuple[str, ...]
    ceiling: Rupiah | None  # per unit of the line, rounded down: what the till may ask at most
    ceiling_kind: str | None
    regulation: str
    limit: LineLimit | None = None  # of a line that is refused for its quantity


@dataclass(frozen=True, slots=True)
class Market:
    """The rules in force at one place on one day."""

    catalogue: Catalogue
    policy: Policy
    region: str
    day: date

    def policy_of(self, programme: str) -> Policy:
        """The programme's own policy; the one in force governs every other programme."""
        return self.catalogue.own_policies.get(programme, self.policy)


def judge_basket(lines: tuple[Line, ...], market: Market) -> tuple[JudgedLine, ...]:
    """Judge each line alone: the order of lines never matters, quantity never enters the price."""
    if len(lines) > LINES_MAX:
        return ()  # which fifty would be judged is a matter of order
    return tuple(judge_line(line, market) for line in lines)


def judge_line(line: Line, market: Market) -> JudgedLine:
    """The verdict of one line by catalogue, policy and price book."""
    good, unit, name = _find(line, market.catalogue)
    if good is None:
        return _judged(line, name, unit, Reason.ITEM_UNKNOWN)
    judgement = market.policy.judge(good, line.gtin, market.day)
    if reason := _quantity_reason(line, unit):
        return _judged(line, name, unit, reason, good=good)
    if judgement.verdict is not Verdict.OK:
        reason = Reason(judgement.verdict.value)
        return _judged(line, name, unit, reason, good=good, regulation=judgement.regulation)
    if unit is None:
        return _judged(line, name, unit, Reason.UNIT_MISMATCH, good=good)
    return _priced(line, good, unit, name, judgement.flags, market)


def find_good(sku: str | None, gtin: str | None, catalogue: Catalogue) -> Good | None:
    """The good behind a code or a barcode."""
    pack = catalogue.pack(gtin) if gtin is not None else None
    return catalogue.goods.get(pack.sku if pack is not None else sku or "")


def _find(line: Line, catalogue: Catalogue) -> tuple[Good | None, Unit | None, str]:
    """The good, the unit it is sold in (None when it is not sold so) and its name."""
    if line.gtin is not None:
        pack = catalogue.pack(line.gtin)
        if pack is None:
            return None, None, line.gtin
        unit = pack.unit if line.unit in (None, PACK_UNIT) else None
        return catalogue.goods[pack.sku], unit, pack.name
    good = catalogue.goods.get(line.sku or "")
    if good is None:
        return None, None, line.sku or ""
    return good, good.units.get(line.unit or good.base_unit), good.name


def _quantity_reason(line: Line, unit: Unit | None) -> Reason | None:
    if not 0 < line.quantity_milli <= QUANTITY_MILLI_MAX:
        return Reason.QUANTITY_INVALID
    if unit is not None and unit.whole and line.quantity_milli % QUANTITY_MILLI_ONE:
        return Reason.QUANTITY_INVALID
    if not 0 < line_total(line.unit_price, line.quantity_milli) <= LINE_TOTAL_RUPIAH_MAX:
        return Reason.QUANTITY_INVALID
    return None


def _priced(
    line: Line, good: Good, unit: Unit, name: str, flags: tuple[str, ...], market: Market
) -> JudgedLine:
    ceiling = market.catalogue.price_book.ceiling(good.sku, market.region, market.day)
    if ceiling is None:
        missing = Reason.CEILING_MISSING if good.price_rule is PriceRule.HET else None
        return _judged(line, name, unit, missing, good=good, flags=flags)
    reason = None
    if above_ceiling(line.unit_price, unit.ratio, ceiling.rupiah):
        if ceiling.action is Action.DECLINE:
            reason = Reason.PRICE_ABOVE_CEILING
        else:
            flags = (*flags, f"ABOVE_{ceiling.kind.value}")
    return _judged(
        line,
        name,
        unit,
        reason,
        good=good,
        flags=flags,
        ceiling=ceiling,
        ratio=unit.ratio,
        regulation=ceiling.regulation,
    )


def _judged(
    line: Line,
    name: str,
    unit: Unit | None,
    reason: Reason | None,
    *,
    good: Good | None = None,
    flags: tuple[str, ...] = (),
    ceiling: Ceiling | None = None,
    ratio: Ratio | None = None,
    regulation: str = "",
) -> JudgedLine:
    countable = 0 < line.quantity_milli <= QUANTITY_MILLI_MAX
    total = line_total(line.unit_price, line.quantity_milli) if countable else Rupiah(0)
    lawful = highest_lawful_price(ratio, ceiling.rupiah) if ceiling and ratio else None
    return JudgedLine(
        sku=good.sku if good else (line.sku or ""),
        gtin=line.gtin,
        name=name,
        quantity_milli=line.quantity_milli,
        unit=unit.code if unit else (line.unit or ""),
        unit_price=line.unit_price,
        total=total,
        reason=reason,
        flags=flags,
        ceiling=Rupiah(lawful) if lawful is not None else None,
        ceiling_kind=ceiling.kind.value if ceiling else None,
        regulation=regulation,
    )
