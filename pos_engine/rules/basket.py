"""What the family wants to buy: the lines as asked, and each line's verdict."""

from dataclasses import dataclass, field
from datetime import date

from msgspec import Struct  # a frozen value that is made ten times as fast as a dataclass
from msgspec.structs import replace

from catalog.catalogue import Catalogue
from catalog.goods import Good, PriceRule, Unit
from catalog.policy import Judgement, Policy, Verdict
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


class JudgedLine(Struct, frozen=True):
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
    asked_price: Rupiah | None = None  # of a line that is paid at the ceiling instead


@dataclass(frozen=True, slots=True)
class Market:
    """The rules in force at one place on one day."""

    catalogue: Catalogue
    policy: Policy
    region: str
    day: date
    # what was looked up already; goods of the catalogue only, so it is bounded
    _offers: "dict[_Asked, _Offer]" = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def policy_of(self, programme: str) -> Policy:
        """The programme's own policy; the one in force governs every other programme."""
        return self.catalogue.own_policies.get(programme, self.policy)

    def offer(self, line: Line) -> "_Offer":
        """What may be said of a line whatever its quantity and price."""
        asked = (line.sku, line.gtin, line.unit)
        known = self._offers.get(asked)
        if known is None:
            known = _look_up(line, self)
            if known.good is not None and known.unit is not None:
                self._offers[asked] = known
        return known


_Asked = tuple[str | None, str | None, str | None]


@dataclass(frozen=True, slots=True)
class _Offer:
    """A good in a unit at a place on a day: what the policy says, and the ceiling."""

    good: Good | None
    unit: Unit | None
    name: str
    judgement: Judgement | None = None
    ceiling: Ceiling | None = None
    lawful: Rupiah | None = None  # the ceiling per unit of the line


def judge_basket(lines: tuple[Line, ...], market: Market) -> tuple[JudgedLine, ...]:
    """Judge each line alone: the order of lines never matters, quantity never enters the price."""
    if len(lines) > LINES_MAX:
        return ()  # which fifty would be judged is a matter of order
    return tuple(judge_line(line, market) for line in lines)


def judge_line(line: Line, market: Market) -> JudgedLine:
    """The verdict of one line by catalogue, policy and price book."""
    offer = market.offer(line)
    if offer.good is None or offer.judgement is None:
        return _judged(line, offer, Reason.ITEM_UNKNOWN)
    if reason := _quantity_reason(line, offer.unit):
        return _judged(line, offer, reason)
    if offer.judgement.verdict is not Verdict.OK:
        reason = Reason(offer.judgement.verdict.value)
        return _judged(line, offer, reason, regulation=offer.judgement.regulation)
    if offer.unit is None:
        return _judged(line, offer, Reason.UNIT_MISMATCH)
    return _priced(line, offer, offer.good, offer.unit, offer.judgement.flags)


def _look_up(line: Line, market: Market) -> _Offer:
    good, unit, name = _find(line, market.catalogue)
    if good is None:
        return _Offer(None, unit, name)
    judgement = market.policy.judge(good, line.gtin, market.day)
    if unit is None or judgement.verdict is not Verdict.OK:
        return _Offer(good, unit, name, judgement)
    ceiling = market.catalogue.price_book.ceiling(good.sku, market.region, market.day)
    lawful = highest_lawful_price(unit.ratio, ceiling.rupiah) if ceiling else None
    return _Offer(
        good, unit, name, judgement, ceiling, Rupiah(lawful) if lawful is not None else None
    )


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
    line: Line, offer: _Offer, good: Good, unit: Unit, flags: tuple[str, ...]
) -> JudgedLine:
    ceiling = offer.ceiling
    if ceiling is None:
        missing = Reason.CEILING_MISSING if good.price_rule is PriceRule.HET else None
        return _judged(line, offer, missing, flags=flags)
    reason = None
    if above_ceiling(line.unit_price, unit.ratio, ceiling.rupiah):
        capped = _capped(line, offer, ceiling, flags)
        if capped is not None:
            return capped
        if ceiling.action is Action.FLAG:
            flags = (*flags, f"ABOVE_{ceiling.kind.value}")
        else:
            reason = Reason.PRICE_ABOVE_CEILING
    return _judged(line, offer, reason, flags=flags, ceiling=ceiling, regulation=ceiling.regulation)


def _capped(
    line: Line, offer: _Offer, ceiling: Ceiling, flags: tuple[str, ...]
) -> JudgedLine | None:
    """The line at the ceiling where the ceiling caps; None where it does not, or is below Rp1."""
    paid = offer.lawful or Rupiah(0)
    total = line_total(paid, line.quantity_milli)
    if ceiling.action is not Action.CAP or not total:
        return None
    flags = (*flags, f"CAPPED_{ceiling.kind.value}")
    judged = _judged(line, offer, None, flags=flags, ceiling=ceiling, regulation=ceiling.regulation)
    return replace(judged, unit_price=paid, total=total, asked_price=line.unit_price)


def _judged(
    line: Line,
    offer: _Offer,
    reason: Reason | None,
    *,
    flags: tuple[str, ...] = (),
    ceiling: Ceiling | None = None,
    regulation: str = "",
) -> JudgedLine:
    good, unit = offer.good, offer.unit
    countable = 0 < line.quantity_milli <= QUANTITY_MILLI_MAX
    total = line_total(line.unit_price, line.quantity_milli) if countable else Rupiah(0)
    return JudgedLine(
        sku=good.sku if good else (line.sku or ""),
        gtin=line.gtin,
        name=offer.name,
        quantity_milli=line.quantity_milli,
        unit=unit.code if unit else (line.unit or ""),
        unit_price=line.unit_price,
        total=total,
        reason=reason,
        flags=flags,
        ceiling=offer.lawful if ceiling else None,
        ceiling_kind=ceiling.kind.value if ceiling else None,
        regulation=regulation,
    )
