"""What the day took already of the limits that concern a batch, and what the batch takes of them.

A family's sums are read under her locks and carried on from one purchase to the next. Those of
shops and tills are read as they are committed, and may overshoot by what other batches hold:
a row to lock for each shop would make its tills wait for each other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from catalog.catalogue import Catalogue
from catalog.limits import LimitKind
from pos_engine.rules.basket import Line, Market, find_good
from pos_engine.rules.decision import Approved
from pos_engine.rules.ids import KpmId
from pos_engine.rules.limits import NOTHING_USED, Used, limited_quantities
from pos_engine.rules.voids import ReturnedLine
from pos_engine.services.purchase import PurchaseRequest
from pos_engine.store import limit_use
from pos_engine.store.database import Tx
from pos_engine.store.shops import Shop


@dataclass(frozen=True, slots=True)
class Basket:
    """Whose basket, at which till."""

    kpm_id: KpmId
    shop: Shop
    till_id: str
    lines: tuple[Line, ...]
    shown_at: datetime | None = None  # judged by that day, not by today


@dataclass(slots=True)
class DayUse:
    """What was used before this batch and by it; `uses` are to be written."""

    families: dict[tuple[KpmId, date], Counter[str]] = field(default_factory=dict)
    tills: dict[date, Counter[tuple[str, str]]] = field(default_factory=dict)
    uses: list[limit_use.Use] = field(default_factory=list)

    def of(self, kpm_id: KpmId | None, shop_id: str, till_id: str, day: date) -> Used:
        """What the limits of a purchase find used."""
        if kpm_id is None or not (self.families or self.tills):
            return NOTHING_USED
        goods = self.families.get((kpm_id, day), Counter())
        sold = self.tills.get(day, Counter())
        shop = sum(amount for (sold_by, _), amount in sold.items() if sold_by == shop_id)
        amounts = {
            LimitKind.KPM: goods[limit_use.RUPIAH],
            LimitKind.SHOP: shop,
            LimitKind.TILL: sold[shop_id, till_id],
        }
        return Used(goods, amounts)

    def take(
        self, kpm_id: KpmId, request: PurchaseRequest, decision: Approved, market: Market
    ) -> None:
        """The next purchase of this family, shop and till finds this used."""
        day, limits = market.day, market.catalogue.limits
        taken = limited_quantities(decision.lines, market)
        if limits.has_amounts and limits.of_amount(LimitKind.KPM, day):
            taken[limit_use.RUPIAH] = decision.amount
        for item_code, used in taken.items():
            self.families.setdefault((kpm_id, day), Counter())[item_code] += used
            self.uses.append(limit_use.Use(kpm_id, day, request.purchase_id, item_code, used))
        if day in self.tills:
            self.tills[day][request.shop_id, request.till_id] += decision.amount


def read_day_use(tx: Tx, catalogue: Catalogue, now: datetime, baskets: Iterable[Basket]) -> DayUse:
    """Read what the limits in force need, and nothing when none concerns these baskets."""
    found = DayUse()
    by_day: defaultdict[date, list[Basket]] = defaultdict(list)
    for each in baskets:
        if _concerned(catalogue, each):
            at = each.shown_at or now
            by_day[catalogue.zones.local_day(each.shop.region, at)].append(each)
    for day, of_day in by_day.items():
        families = {each.kpm_id for each in of_day if _family_limited(catalogue, each, day)}
        if families:
            used = limit_use.used_by_families(tx, families, day)
            found.families |= {(kpm, day): Counter(used.get(kpm, {})) for kpm in families}
        if any(catalogue.limits.of_amount(kind, day) for kind in (LimitKind.SHOP, LimitKind.TILL)):
            shops = {each.shop.shop_id for each in of_day}
            found.tills[day] = Counter(limit_use.sold_by_tills(tx, shops, day))
    return found


def _concerned(catalogue: Catalogue, basket: Basket) -> bool:
    """Could any limit of any day concern it: asked of every purchase, so it costs nothing."""
    limits = catalogue.limits
    return limits.has_amounts or any(
        line.gtin is not None or line.sku in limits.goods for line in basket.lines
    )


def _family_limited(catalogue: Catalogue, basket: Basket, day: date) -> bool:
    limits = catalogue.limits
    if limits.of_amount(LimitKind.KPM, day):
        return True
    goods = (find_good(line.sku, line.gtin, catalogue) for line in basket.lines)
    return any(limits.of_good(good.sku, day) for good in goods if good is not None)


def returned_uses(
    bought: Sequence[Mapping[str, Any]],
    back: Sequence[ReturnedLine],
    amount: int,
    uses: Sequence[limit_use.Use],
) -> dict[str, int]:
    """What a return of `amount` rupiah frees, by item code: its share, rounded down.

    Shares go by quantity; by money where a good was bought in several units, and of the whole
    purchase where the return names no lines.
    """
    paid = sum(line["line_total"] for line in bought)
    freed: dict[str, int] = {}
    for use in uses:
        if use.item_code == limit_use.RUPIAH:
            freed[use.item_code] = min(use.used, amount)
            continue
        if not back:
            freed[use.item_code] = use.used * amount // paid
            continue
        lines = {place: line for place, line in enumerate(bought) if line["sku"] == use.item_code}
        of_it = [each for each in back if each.place in lines]
        if len({line["unit"] for line in lines.values()}) == 1:
            whole = sum(line["quantity_milli"] for line in lines.values())
            share = sum(each.quantity_milli for each in of_it)
        else:
            whole = sum(line["line_total"] for line in lines.values())
            share = sum(each.amount for each in of_it)
        freed[use.item_code] = use.used * share // whole
    return {item_code: amount for item_code, amount in freed.items() if amount}
