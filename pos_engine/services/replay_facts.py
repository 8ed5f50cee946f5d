"""A stored purchase as the facts that it was decided by: lines, market, proof, money."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from catalog.catalogue import Catalogue
from catalog.policy import Policy
from pos_engine.rules.basket import PACK_UNIT, Line, Market
from pos_engine.rules.decision import Facts
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import PRECEDENCE, Reason
from pos_engine.services.replay_money import FamilyMoney

LAST_OF_PROOF = PRECEDENCE[Reason.DELEGATE_NOT_ALLOWED]  # what comes before is of shop and payer
OFFLINE = "OFFLINE"
REGENCY_LENGTH = 5
_BALANCE = re.compile(r'"balance_before":(\d+)')


class StoredLine(msgspec.Struct):
    """What a stored line says of the line that was asked."""

    sku: str
    quantity_milli: int
    unit: str
    unit_price: int
    gtin: str | None = None
    asked_price: int | None = None


_LINES = msgspec.json.Decoder(list[StoredLine])


class UnreadableError(Exception):
    """A row's lines are no lines any more."""


@dataclass(slots=True)
class Books:
    """Catalogues by version and markets by place and day, for as long as a process works."""

    catalogues: Mapping[str, Catalogue]
    policy: str | None = None  # another policy than the stored one
    markets: dict[tuple[str, str, str, date], Market] = field(default_factory=dict)

    def market(self, row: Any) -> Market | None:
        """The rules that a row was decided by; None when their catalogue or policy is gone."""
        policy = self.policy or row.policy
        key = (row.price_book, policy, row.region[:REGENCY_LENGTH], row.day)
        known = self.markets.get(key)
        if known is None:
            catalogue = self.catalogues.get(row.price_book)
            found: Policy | None = catalogue.policies.get(policy) if catalogue else None
            if catalogue is None or found is None:
                return None
            known = self.markets[key] = Market(catalogue, found, key[2], row.day)
        return known


def lines_of(row: Any) -> tuple[Line, ...]:
    """The lines as they were asked; `UnreadableError`."""
    try:
        stored = _LINES.decode(row.lines)
    except msgspec.DecodeError as error:
        raise UnreadableError from error
    return tuple(_line(each) for each in stored)


def _line(stored: StoredLine) -> Line:
    price = Rupiah(stored.unit_price if stored.asked_price is None else stored.asked_price)
    if stored.gtin is None:
        return Line(stored.sku, None, stored.quantity_milli, price, stored.unit or None)
    unit = None if stored.unit in ("", PACK_UNIT) else stored.unit
    return Line(None, stored.gtin, stored.quantity_milli, price, unit)


def stored_reason(row: Any) -> Reason | None:
    """Why a row was refused; None for an approval and for a word that is no reason."""
    return Reason(row.reason) if row.reason in Reason.__members__ else None


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
