"""What a draft would have done to last month's purchases: the same rules, the other catalogue."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from catalog.amend import has_row
from catalog.catalogue import Catalogue
from catalog.load import load_files
from pos_engine.engine import Engine
from pos_engine.rules.basket import JudgedLine, Line, Market, judge_line
from pos_engine.rules.ceilings import DraftKind
from pos_engine.rules.money import QUANTITY_MILLI_ONE, Rupiah
from pos_engine.services.ceiling_files import MARK, Signed, file_of, with_draft
from pos_engine.services.ceiling_look import Asked, asked_of
from pos_engine.services.ceilings import place_of
from pos_engine.store import ceiling_drafts, installation
from pos_engine.store.ceiling_drafts import Draft

DAYS_BACK = 30
EAST_AHEAD = timedelta(days=1)  # in WIB and further east it may be tomorrow already


@dataclass(frozen=True, slots=True)
class RegencyEffect:
    """What changes in one regency: lines of these goods, and those that fare otherwise."""

    regency: str
    lines: int
    lawful_now: int
    newly_refused: int
    newly_paid: int  # refused as it is, and paid then
    capped: int  # of what is paid then: at the ceiling, the shop bears the rest

    @property
    def share(self) -> float:
        """Of the sales that are lawful now, how many would be refused: 0 to 1."""
        return self.newly_refused / self.lawful_now if self.lawful_now else 0.0


@dataclass(frozen=True, slots=True)
class Preview:
    """A draft against the purchases of some days."""

    first: date
    last: date
    regencies: tuple[RegencyEffect, ...]

    @property
    def lines(self) -> int:
        """Lines of these goods, lawful or not."""
        return sum(each.lines for each in self.regencies)

    @property
    def newly_refused(self) -> int:
        """Lines that are lawful now and would be refused."""
        return sum(each.newly_refused for each in self.regencies)

    @property
    def newly_paid(self) -> int:
        """Lines that are refused now and would be paid."""
        return sum(each.newly_paid for each in self.regencies)

    @property
    def lawful_now(self) -> int:
        """Lines that are lawful now."""
        return sum(each.lawful_now for each in self.regencies)

    @property
    def hit(self) -> int:
        """In how many regencies sales would be refused."""
        return sum(1 for each in self.regencies if each.newly_refused)

    @property
    def share(self) -> float:
        """Of all sales that are lawful now: 0 to 1."""
        return self.newly_refused / self.lawful_now if self.lawful_now else 0.0

    @property
    def sentence(self) -> str:
        """How a person says it."""
        if not self.lines:
            return "Barang ini tidak dibeli dalam 30 hari terakhir di wilayah ini."
        refused = (
            f"akan menolak {percent(self.share)} penjualan di {self.hit} kabupaten/kota"
            if self.newly_refused
            else "tidak menolak penjualan yang sekarang sah"
        )
        paid = f", dan membayar {self.newly_paid} baris yang sekarang ditolak"
        return f"Aturan ini {refused}{paid if self.newly_paid else ''}."


def percent(share: float) -> str:
    """A share as people write it: 12,5%."""
    return f"{share * 100:.1f}".replace(".", ",").removesuffix(",0") + "%"


def preview(engine: Engine, draft_id: str) -> Preview | None:
    """The draft against the 30 days before today, by regency; None without such a draft."""
    with engine.database.read() as tx:
        found = ceiling_drafts.find_draft(tx, draft_id)
        if found is None:
            return None
        before = engine.catalogue(tx)
        files = installation.catalogue_files(tx, before.version)
    return effect_of(engine, found, before, files)


def effect_of(
    engine: Engine, found: Draft, before: Catalogue, files: Mapping[str, bytes]
) -> Preview:
    """The same for a draft that may not be kept yet."""
    signed = Signed((found.made_by, "second"), found.made_at.date())
    there = has_row(files[file_of(found)], MARK, found.draft_id)  # then nothing is to compare
    after = before if there else load_files(with_draft(files, found, signed))
    last = engine.now().date() + EAST_AHEAD
    first = last - timedelta(days=DAYS_BACK)
    counted = asked_of(engine, first, last, place_of(found), _skus(before, found))
    kept = {key: count for key, count in counted.items() if _inside(before, found, key.regency)}
    judges = _Judges(engine, before, after, found.valid_from)
    return Preview(first, last, tuple(judges.regencies(kept)))


class _Judges:
    """The rules before and after a draft, place by place."""

    def __init__(self, engine: Engine, before: Catalogue, after: Catalogue, day: date) -> None:
        self._policy, self._day = engine.policy_id, day
        self._catalogues = (before, after)
        self._markets: dict[tuple[int, str], Market] = {}

    def _judge(self, which: int, asked: Asked) -> JudgedLine:
        key = (which, asked.regency)
        market = self._markets.get(key)
        if market is None:
            catalogue = self._catalogues[which]
            policy = catalogue.policies[self._policy]
            market = self._markets[key] = Market(catalogue, policy, asked.regency, self._day)
        sku, unit = (None, None) if asked.gtin else (asked.sku, asked.unit)
        price = Rupiah(asked.unit_price)
        return judge_line(Line(sku, asked.gtin, QUANTITY_MILLI_ONE, price, unit), market)

    def regencies(self, counted: Mapping[Asked, int]) -> list[RegencyEffect]:
        """What becomes of each place's lines."""
        sums: defaultdict[str, list[int]] = defaultdict(lambda: [0] * 5)
        for asked, count in counted.items():
            now, then = self._judge(0, asked), self._judge(1, asked)
            told = (
                True,
                now.reason is None,
                now.reason is None and then.reason is not None,
                now.reason is not None and then.reason is None,
                then.asked_price is not None,
            )
            for place, holds in enumerate(told):
                sums[asked.regency][place] += count if holds else 0
        return [RegencyEffect(regency, *found) for regency, found in sorted(sums.items())]


def _skus(catalogue: Catalogue, found: Draft) -> list[str]:
    """The goods that a draft speaks of."""
    if found.kind == DraftKind.CEILING or found.target_kind == "GOOD":
        return [found.target]
    if found.target_kind == "GTIN":
        pack = catalogue.pack(found.target)
        return [pack.sku] if pack else []
    goods = catalogue.goods.values()
    by_category = found.target_kind == "CATEGORY"
    return [
        good.sku
        for good in goods
        if (good.category if by_category else good.group.value) == found.target
    ]


def _inside(catalogue: Catalogue, found: Draft, regency: str) -> bool:
    """Does a draft's place hold a regency."""
    if found.scope == "ZONE":
        return catalogue.zones.zone_of(regency) == found.scope_code
    return found.scope != "3TP" or catalogue.zones.is_3tp(regency)
