"""Which ways of proving who pays a bank takes for money that lies with it, beside its own card."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class BankMethod(StrEnum):
    """How the payer was proven, as agreed with a bank. KKS is the bank's own card with its PIN."""

    KKS = "KKS"
    OWN_CARD = "OWN_CARD"
    PHONE = "PHONE"
    FACE = "FACE"
    KTP = "KTP"
    QR = "QR"


@dataclass(frozen=True, slots=True)
class Agreement:
    """One row of bank_methods.csv; `entry` is the DE22 that the bank wants, empty for its usual.

    `valid_to` is the last valid day; `in_trust`: the source is verified, or two officers signed.
    """

    bank: str
    method: BankMethod
    entry: str
    valid_from: date
    valid_to: date | None
    source: str
    in_trust: bool

    def in_force(self, day: date) -> bool:
        """Whether it may be used on a day."""
        return self.in_trust and self.valid_from <= day <= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class BankMethods:
    """What was agreed with whom. A bank's own card is always taken by that bank."""

    rows: tuple[Agreement, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[Agreement]) -> "BankMethods":
        """The newest agreement stands before the older ones."""
        return cls(tuple(sorted(rows, key=lambda row: row.valid_from, reverse=True)))

    def find(self, bank: str, method: BankMethod, day: date) -> Agreement | None:
        """What is in force on a day."""
        for row in self.rows:
            if row.bank == bank and row.method is method and row.in_force(day):
                return row
        if method is not BankMethod.KKS:
            return None
        return Agreement(bank, method, "", date.min, None, "the bank's own card", in_trust=True)

    def taken_by(self, bank: str, day: date) -> tuple[BankMethod, ...]:
        """Every way that this bank takes on a day."""
        return tuple(each for each in BankMethod if self.find(bank, each, day) is not None)


NOTHING_AGREED = BankMethods()
