"""A stored purchase as the facts that it was decided by: lines, market, proof, money."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalog.catalogue import Catalogue
from catalog.policy import Policy
from pos_engine.rules.basket import Market
from pos_engine.rules.decision import Facts
from pos_engine.rules.reasons import PRECEDENCE, Reason
from pos_engine.services.replay_lines import Basket, Lines, Place
from pos_engine.services.replay_money import FamilyMoney

LAST_OF_PROOF = PRECEDENCE[Reason.DELEGATE_NOT_ALLOWED]  # what comes before is of shop and payer
OFFLINE = "OFFLINE"
REGENCY_LENGTH = 5
_BALANCE = re.compile(r'"balance_before":(\d+)')


@dataclass(slots=True)
class Books:
    """Catalogues, the rules by place and day, and lines, for as long as a process works."""

    catalogues: Mapping[str, Catalogue]
    policy: str | None = None  # another policy than the stored one
    places: dict[tuple[str, str, str, date], Place] = field(default_factory=dict)
    lines: Lines = field(default_factory=Lines)

    def basket(self, row: Any, place: Place) -> Basket:
        """A row's lines, asked and judged; `UnreadableError`."""
        return self.lines.basket(row.lines, place)

    def place(self, row: Any) -> Place | None:
        """The rules that a row was decided by; None when their catalogue or policy is gone."""
        policy = self.policy or row.policy
        key = (row.price_book, policy, row.region[:REGENCY_LENGTH], row.day)
        known = self.places.get(key)
        if known is None:
            catalogue = self.catalogues.get(row.price_book)
            found: Policy | None = catalogue.policies.get(policy) if catalogue else None
            if catalogue is None or found is None:
                return None
            known = self.places[key] = Place(Market(catalogue, found, key[2], row.day))
        return known


def stored_reason(row: Any) -> Reason | None:
    """Why a row was refused; None for an approval and for a word that is no reason."""
    return Reason.__members__.get(row.reason) if row.reason is not None else None


def of_the_payer(reason: Reason | None) -> bool:
    """Is it about shop or proof: a fact of its own, not made of lines and money."""
    return reason is not None and PRECEDENCE[reason] <= LAST_OF_PROOF


def facts_of(row: Any, market: Market, money: FamilyMoney | None, *, proven: bool) -> Facts:
    """What was known when a row was decided; without a family there is no money."""
    reason = stored_reason(row)
    standing = (reason,) if of_the_payer(reason) and reason is not None else ()
    if money is None or not proven:
        return Facts(market, standing, proven, ())
    tranches, reserved = money.tranches(row.decided_at, row.till_id)
    return Facts(market, standing, proven, tranches, money.used(row.day), reserved)


def balance_before(answer: str) -> int:
    """What an answer said was there; 0 in a refusal."""
    found = _BALANCE.search(answer)
    return int(found[1]) if found else 0
