"""The equation of a day: what the escrow account owes against what the bank says lies in it."""

from collections.abc import Mapping
from dataclasses import dataclass

WALLET, SHOP, CLEARING, TREASURY, PROGRAMME, BANK, CUSTODY = (
    "wallet", "shop", "clearing", "treasury", "programme", "bank", "custody",
)  # fmt: skip
# A programme's loss by sales without signal is paid before money for it came in, as a credit is.
PROGRAMMES = (f"{PROGRAMME}:", "programme_loss:")


@dataclass(frozen=True, slots=True)
class Escrow:
    """Rupiah at the end of a bank day.

    `unfunded` (not above 0): credited by decree before the money came in. `unposted`: lines that
    are neither matched nor signed off. `unexplained`: the bank's balance does not follow from its
    own lines. `statement` None: no balance is known. `wallets` are those of the engine's custody.
    """

    wallets: int
    payable: int
    in_flight: int
    due_to_treasury: int
    unfunded: int
    statement: int | None
    unposted: int
    other: int

    @property
    def owed(self) -> int:
        """Wallets with what is held, payable, on its way, due to the treasury."""
        return self.wallets + self.payable + self.in_flight + self.due_to_treasury

    @property
    def difference(self) -> int | None:
        """What the bank has more (or less) than is owed."""
        return None if self.statement is None else self.statement - self.owed

    @property
    def unexplained(self) -> int | None:
        """The part of the difference that no line and no missing funding explains."""
        if self.difference is None:
            return None
        return self.difference - self.unfunded - self.unposted - self.other

    @property
    def holds(self) -> bool:
        """To the rupiah."""
        return self.difference == 0


def escrow_of(sums: Mapping[str, int], statement: int | None, unposted: int) -> Escrow:
    """The equation from sums by account: programmes by name, other accounts by their first word.

    What stands on a programme above zero came in, or came back, and belongs to no family: it is
    due to the treasury. Below zero it was credited and has not come in. What banks keep for
    families lies in no escrow account: their custody accounts take it off the wallets again.
    """
    known = {WALLET, SHOP, CLEARING, TREASURY, BANK, CUSTODY}
    programmes = [amount for name, amount in sums.items() if name.startswith(PROGRAMMES)]
    others = {
        name: amount
        for name, amount in sums.items()
        if name not in known and not name.startswith(PROGRAMMES)
    }
    return Escrow(
        wallets=sums.get(WALLET, 0) + sums.get(CUSTODY, 0),
        payable=sums.get(SHOP, 0),
        in_flight=sums.get(CLEARING, 0),
        due_to_treasury=sums.get(TREASURY, 0) + sum(each for each in programmes if each > 0),
        unfunded=sum(each for each in programmes if each < 0),
        statement=statement,
        unposted=unposted,
        other=sum(others.values()),
    )
