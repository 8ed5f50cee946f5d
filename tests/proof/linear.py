"""Is each family's account linearizable: what eight tills saw at once fits one order in time.

The checker is Wing and Gong's search with Lowe's memory: it looks for an order of the operations
that keeps real time (what ended before another began comes first) and in which every answer is what
a plain account would have said. It knows nothing of the engine.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

STATES_MAX = 200_000  # above it the search gives up, and says so


@dataclass(frozen=True)
class Op:
    """One call: its name, what was asked and told, and when it began and ended."""

    name: str
    asked: int
    told: Any
    began: float
    ended: float


Step = Callable[[int, Op], int | None]  # the balance after, or None: this answer does not fit


def account(balance: int, op: Op) -> int | None:
    """A plain account: buy (told: balances before and after, None for too little), back, look."""
    match op.name:
        case "buy" if op.told is None:
            return balance if op.asked > balance else None
        case "buy":
            fits = op.told == (balance, balance - op.asked) and op.asked <= balance
            return balance - op.asked if fits else None
        case "back":
            return balance + op.asked
        case _:
            return balance if op.told == balance else None


@dataclass
class Verdict:
    """Does an order exist; `gave_up` when the search was too long."""

    fits: bool
    gave_up: bool = False
    states: int = 0


def check(history: list[Op], opening: int, step: Step = account) -> Verdict:
    """Search for an order, depth first, never the same (done, balance) twice."""
    ops = sorted(history, key=lambda each: each.began)
    everything = (1 << len(ops)) - 1
    seen: set[tuple[int, int]] = set()
    stack = [(0, opening)]
    while stack:
        done, balance = stack.pop()
        if done == everything:
            return Verdict(fits=True, states=len(seen))
        if (done, balance) in seen:
            continue
        seen.add((done, balance))
        if len(seen) > STATES_MAX:
            return Verdict(fits=False, gave_up=True, states=len(seen))
        for place in _minimal(ops, done):
            after = step(balance, ops[place])
            if after is not None:
                stack.append((done | 1 << place, after))
    return Verdict(fits=False, states=len(seen))


def _minimal(ops: list[Op], done: int) -> list[int]:
    """Operations that may come next: none that is left ended before they began."""
    left = [place for place in range(len(ops)) if not done >> place & 1]
    first_end = min(ops[place].ended for place in left)
    return [place for place in left if ops[place].began <= first_end]
