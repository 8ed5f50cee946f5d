"""Double entry: every movement of money as legs that sum to zero."""

from collections.abc import Mapping
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
    VOID = "VOID"  # of a purchase, on its day, by the shop's owner
    REVERSAL = "REVERSAL"  # of a purchase, on any day, by officers
    CARRIED = "CARRIED"  # returned money that a usable tranche receives for one that is not
    TREASURY = "TREASURY"  # idle money, to the state
    SETTLEMENT = "SETTLEMENT"  # from what is payable to a shop to what is on its way to its bank
    BANK = "BANK"  # what the statement of the escrow account says
    OFFLINE_LOSS = "OFFLINE_LOSS"  # a sale without signal that a programme pays, or gets back


# What makes a tranche's `credited`; every other leg on a tranche makes or unmakes its `spent`.
CREDITING = (Kind.CREDIT, Kind.CARRIED)


@dataclass(frozen=True, slots=True)
class Posting:
    """One leg: a signed amount on an account (`wallet:…`, `shop:…`, `custody:…`)."""

    account: str
    amount: Rupiah
    kind: Kind


@dataclass(frozen=True, slots=True)
class Return:
    """Money that was drawn from one tranche and comes back, there or to another one."""

    drawn_from: WalletId
    to: WalletId
    amount: Rupiah

    @property
    def same_tranche(self) -> bool:
        """Does it undo the spending, rather than being carried to another tranche."""
        return self.drawn_from == self.to


class UnbalancedError(Exception):
    """Legs that do not sum to zero: a fault of the engine, never of a user."""


def wallet_account(wallet_id: WalletId) -> str:
    """The account of one tranche."""
    return f"wallet:{wallet_id}"


def shop_account(shop_id: ShopId) -> str:
    """What we owe to a shop."""
    return f"shop:{shop_id}"


def custody_account(bank: str) -> str:
    """What a bank keeps for families, below zero: it pays shops itself, and never through us."""
    return f"custody:{bank}"


def loss_account(programme: str) -> str:
    """What a programme paid for sales without signal that no family's money covers; below zero."""
    return f"programme_loss:{programme}"


def loss_postings(shop_id: ShopId, losses: Mapping[str, int]) -> tuple[Posting, ...]:
    """From the programmes (by name) to what is payable to the shop; below zero: back from it."""
    total = Rupiah(sum(losses.values()))
    legs = [
        Posting(loss_account(programme), Rupiah(-amount), Kind.OFFLINE_LOSS)
        for programme, amount in losses.items()
    ]
    return balanced((*legs, Posting(shop_account(shop_id), total, Kind.OFFLINE_LOSS)))


def credited_first_postings(
    returns: tuple[Return, ...], losses: Mapping[str, int], kind: Kind
) -> tuple[Posting, ...]:
    """From the programmes back to a family's tranches, before anybody knows who bears it."""
    legs = [
        Posting(wallet_account(each.to), each.amount, kind if each.same_tranche else Kind.CARRIED)
        for each in returns
    ]
    paid = [
        Posting(loss_account(programme), Rupiah(-amount), Kind.OFFLINE_LOSS)
        for programme, amount in losses.items()
    ]
    return balanced((*legs, *paid))


def purchase_postings(
    shop_id: ShopId, draws: tuple[Draw, ...], payer: str | None = None
) -> tuple[Posting, ...]:
    """From the family's tranches to what is payable to the shop (summed at settlement).

    With `payer`, the bank that keeps the tranches and pays the shop: to that bank's account.
    """
    total = Rupiah(sum(each.amount for each in draws))
    legs = [
        Posting(wallet_account(each.wallet_id), Rupiah(-each.amount), Kind.PURCHASE)
        for each in draws
    ]
    to = shop_account(shop_id) if payer is None else custody_account(payer)
    return balanced((*legs, Posting(to, total, Kind.PURCHASE)))


def return_postings(
    shop_id: ShopId, returns: tuple[Return, ...], kind: Kind, payer: str | None = None
) -> tuple[Posting, ...]:
    """From what is payable to the shop (or from the bank that paid) back to the tranches."""
    total = Rupiah(sum(each.amount for each in returns))
    legs = [
        Posting(wallet_account(each.to), each.amount, kind if each.same_tranche else Kind.CARRIED)
        for each in returns
    ]
    taken_from = shop_account(shop_id) if payer is None else custody_account(payer)
    return balanced((*legs, Posting(taken_from, Rupiah(-total), kind)))


def treasury_postings(amounts: Mapping[WalletId, int], programme: str) -> tuple[Posting, ...]:
    """Idle money of one programme's tranches to the state; its own leg comes first."""
    total = Rupiah(sum(amounts.values()))
    legs = (
        Posting(wallet_account(wallet_id), Rupiah(-amount), Kind.TREASURY)
        for wallet_id, amount in amounts.items()
    )
    return balanced((Posting(f"treasury:{programme}", total, Kind.TREASURY), *legs))


def taken_back_postings(
    wallet_id: WalletId, amount: Rupiah, programme: str, period: str
) -> tuple[Posting, ...]:
    """A credit that never was spendable, back to its programme; its own leg comes first."""
    own = Posting(f"programme:{programme}:{period}", amount, Kind.RETURN)
    return balanced((own, Posting(wallet_account(wallet_id), Rupiah(-amount), Kind.RETURN)))


def balanced(postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
    """The same postings, or `UnbalancedError`: nothing unbalanced ever reaches the store."""
    if sum(each.amount for each in postings) != 0:
        raise UnbalancedError
    return postings
