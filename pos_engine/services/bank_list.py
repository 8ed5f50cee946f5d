"""What officers see of the banks: purchases that are not settled there, and how many there are."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.store import bank_calls
from pos_engine.store.bank_calls import Call


@dataclass(frozen=True, slots=True)
class BankState:
    """Open and noted calls, the oldest first, and counts by bank and state."""

    calls: list[Call]
    counts: dict[tuple[str, str], int]


def bank_state(engine: Engine) -> BankState:
    """How it stands with the banks."""
    with engine.database.read() as tx:
        return BankState(bank_calls.open_calls(tx), bank_calls.counts(tx))
