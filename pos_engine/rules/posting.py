"""Double entry: every movement of money as legs that sum to zero."""

from dataclasses import dataclass
from enum import StrEnum

from pos_engine.rules.entitlement import Draw
from pos_engine.rules.ids import ShopId, WalletId
from pos_engine.rules.money import Rupiah


class Kind(StrEnum):
    """What a leg belongs to."""

    CREDIT = "CREDIT"
    PURCHASE = "PURCHASE"
    RETURN = "RETURN"  # of a credit, unspent, to the programme's budget


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg: a signed amount on an account (`wallet:…`, `shop:…`, `programme:…`)."""

    account: str
    amount: Rupiah
    kind: Kind


class UnbalancedError(Exception):
    """Legs that do not sum to zero: a fault of the engine, never of a user."""


def wallet_account(wallet_id: WalletId) -> str:
    """The account of one tranche."""
    return f"wallet:{wallet_id}"


def purchase_postings(shop_id: ShopId, draws: tuple[Draw, ...]) -> tuple[Posting, ...]:
    """From the family's tranches to what is payable to the shop (summed at settlement)."""
    total = Rupiah(sum(each.amount for each in draws))
    legs = [
        Posting(wallet_account(each.wallet_id), Rupiah(-each.amount), Kind.PURCHASE)
        for each in draws
    ]
    return balanced((*legs, Posting(f"shop:{shop_id}", total, Kind.PURCHASE)))


def balanced(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """The same postings, or `UnbalancedError`: nothing unbalanced ever reaches the store."""
    if sum(each.amount for each in postings) != 0:
        raise UnbalancedError
    return postings
