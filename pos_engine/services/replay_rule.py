"""A stored purchase under another rule: who would have eaten, who would have been refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, timedelta
from typing import Any

from catalog.catalogue import Catalogue
from catalog.load import load_files
from catalog.price_book import Action, PriceBook
from pos_engine.rules.basket import Market
from pos_engine.rules.decision import Approved, decide_judged
from pos_engine.rules.money import QUANTITY_MILLI_ONE
from pos_engine.rules.reasons import Reason
from pos_engine.services.answers import APPROVED
from pos_engine.services.replay_facts import facts_of, of_the_payer, stored_reason
from pos_engine.services.replay_lines import Basket
from pos_engine.services.replay_money import FamilyMoney

UNFED_WITHIN = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is other than it was; everything else stays. Nothing set: nothing is other."""

    policy: str | None = None
    mode: Action | None = None  # of ceilings that refused
    files: Mapping[str, bytes] = field(default_factory=dict)  # of the catalogue, by name

    @property
    def other(self) -> bool:
        """Is anything other at all."""
        return bool(self.policy or self.mode or self.files)

    def catalogue(self, stored: Catalogue, files: Mapping[str, bytes]) -> Catalogue:
        """A stored catalogue under this rule; `CatalogueError` when the files do not fit it."""
        found = load_files({**files, **self.files}) if self.files else stored
        if self.mode is None:
            return found
        rows = [
            replace(row, action=self.mode) if row.action is Action.DECLINE else row
            for row in found.price_book.rows
        ]
        return replace(found, price_book=PriceBook.of(rows, found.zones))


@dataclass(slots=True)
class Effect:
    """What another rule changes in one regency. Families live in one shard: counts may be added."""

    purchases: int = 0
    refused: int = 0
    refused_for_price: int = 0
    gained: int = 0  # refused as it was, paid under the rule
    lost: int = 0  # the other way round
    families_gain: int = 0
    families_lose: int = 0
    families_fed: int = 0  # of those that gain: bought nothing within two days as it was
    rupiah_gained: int = 0
    shops_bear: int = 0  # asked above the ceiling and not paid

    def add(self, other: "Effect") -> None:
        """Both together."""
        for each in fields(self):
            setattr(self, each.name, getattr(self, each.name) + getattr(other, each.name))


@dataclass(slots=True)
class OfFamily:
    """Which regencies a family gained, lost and was fed in: counted once each."""

    gained: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    fed: set[str] = field(default_factory=set)


def under(
    row: Any,
    market: Market,
    basket: Basket,
    money: FamilyMoney | None,
    own: OfFamily,
    effect: Effect,
) -> None:
    """Decide one row by a market under another rule and note what changes; money moves on.

    Each purchase is decided with the money that there was: what she would not have had left
    afterwards, or would not have asked again, is not followed.
    """
    regency = row.region[:5]
    was_paid = row.status == APPROVED
    effect.purchases += 1
    effect.refused += not was_paid
    effect.refused_for_price += row.reason == Reason.PRICE_ABOVE_CEILING.value
    if money is not None:
        money.move_to(row.decided_at)
    if money is not None and not of_the_payer(stored_reason(row)):
        facts = facts_of(row, market, money, proven=True)
        decision = decide_judged(basket.lines, basket.judged, facts)
        paid = isinstance(decision, Approved)
        if paid:
            effect.shops_bear += sum(
                (line.asked_price - line.unit_price) * line.quantity_milli // QUANTITY_MILLI_ONE
                for line in decision.lines
                if line.asked_price is not None
            )
        if paid and not was_paid:
            effect.gained += 1
            effect.rupiah_gained += decision.amount
            own.gained.add(regency)
            after = money.next_bought(row.decided_at)
            if after is None or after - row.decided_at > UNFED_WITHIN:
                own.fed.add(regency)
        elif was_paid and not paid:
            effect.lost += 1
            own.lost.add(regency)
    if money is not None:
        money.paid(row.purchase_id)


def count_family(own: OfFamily, effects: Mapping[str, Effect]) -> None:
    """Add a family to the regencies where something changes for her."""
    for regency in own.gained:
        effects[regency].families_gain += 1
    for regency in own.lost:
        effects[regency].families_lose += 1
    for regency in own.fed:
        effects[regency].families_fed += 1


def month_of(period: str) -> tuple[date, date] | None:
    """The first and last day of a month written 2026-11; None when it is no month."""
    try:
        first = date.fromisoformat(f"{period}-01")
    except ValueError:
        return None
    following = (first + timedelta(days=31)).replace(day=1)
    return first, following - timedelta(days=1)
