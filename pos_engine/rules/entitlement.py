"""What a family may spend today: tranches, the oldest first."""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from pos_engine.rules.ids import WalletId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason


class TrancheStatus(StrEnum):
    """What may happen to a tranche besides being spent."""

    OPEN = "OPEN"
    FROZEN = "FROZEN"  # idle money put aside; off by default
    RETURNED = "RETURNED"  # back to the treasury by a list that two people signed
    HELD = "HELD"  # credited, and waits until two people say that the family is no double


_OPEN, _FROZEN = TrancheStatus.OPEN, TrancheStatus.FROZEN


@dataclass(frozen=True, slots=True)
class Tranche:
    """One credit of one programme and period. `expires_on` is the last usable day."""

    wallet_id: WalletId
    programme: str
    period: str
    credited: Rupiah
    spent: Rupiah
    held: Rupiah
    expires_on: date
    status: TrancheStatus
    custodian: str

    @property
    def left(self) -> Rupiah:
        """Money neither spent nor held, whether or not it is still usable."""
        return Rupiah(self.credited - self.spent - self.held)

    def usable(self, day: date) -> bool:
        """May this tranche be spent on this local day."""
        return self.status is TrancheStatus.OPEN and day <= self.expires_on

    def put_aside(self, day: date) -> bool:
        """Is it frozen, or returned while it would still be usable (then nothing is left in it)."""
        if self.status is TrancheStatus.RETURNED and day <= self.expires_on:
            return True
        return self.status is _FROZEN and self.left > 0


@dataclass(frozen=True, slots=True)
class Draw:
    """Money taken from one tranche for one purchase."""

    wallet_id: WalletId
    amount: Rupiah


def spendable(tranches: tuple[Tranche, ...], day: date) -> Rupiah:
    """Everything the family can spend on this day."""
    return Rupiah(sum(tranche.left for tranche in tranches if tranche.usable(day)))


def draw(tranches: tuple[Tranche, ...], amount: Rupiah, day: date) -> tuple[Draw, ...]:
    """Take `amount` from the tranches that expire first. The caller knows that it is there."""
    missing, draws = int(amount), []
    usable = (tranche for tranche in tranches if tranche.usable(day) and tranche.left > 0)
    for tranche in sorted(usable, key=lambda each: (each.expires_on, each.period, each.wallet_id)):
        taken = min(missing, tranche.left)
        if taken:
            draws.append(Draw(tranche.wallet_id, Rupiah(taken)))
            missing -= taken
    return tuple(draws)


def frozen(tranches: tuple[Tranche, ...]) -> tuple[WalletId, ...]:
    """Tranches that were put aside because they were idle."""
    return tuple(each.wallet_id for each in tranches if each.status is _FROZEN)


def thawed(tranches: tuple[Tranche, ...]) -> tuple[Tranche, ...]:
    """The same tranches with none of them frozen: a family that proves itself is not idle."""
    for each in tranches:  # every purchase asks: a plain loop costs it next to nothing
        if each.status is _FROZEN:
            return tuple(
                replace(each, status=_OPEN) if each.status is _FROZEN else each for each in tranches
            )
    return tranches


def shortage_reason(tranches: tuple[Tranche, ...], day: date) -> Reason:
    """Why the money is not there: never credited, run out, returned, or simply too little."""
    if all(each.status is TrancheStatus.HELD for each in tranches):
        return Reason.NOT_DISBURSED  # nothing has reached her yet
    if spendable(tranches, day) > 0:
        return Reason.INSUFFICIENT_BALANCE
    if any(each.left > 0 and day > each.expires_on for each in tranches):
        return Reason.TRANCHE_EXPIRED
    if any(each.put_aside(day) for each in tranches):
        return Reason.TRANCHE_RETURNED
    return Reason.INSUFFICIENT_BALANCE
