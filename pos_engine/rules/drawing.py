"""Which money pays for what, when not all money may pay for everything."""

from collections import deque
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Need:
    """An amount, and by their places the sources that may pay it."""

    amount: int
    sources: Collection[int]


@dataclass(frozen=True, slots=True)
class Allocation:
    """What each source pays, and what stays unpaid of each need."""

    taken: tuple[int, ...]
    unmet: tuple[int, ...]


def allocate(capacities: Sequence[int], needs: Sequence[Need]) -> Allocation:
    """Pay as much as can be paid at all, and of that as much as possible from the first sources.

    A maximum flow by augmenting paths: what an earlier source pays may be moved to another need,
    but is never taken back. So the order of the sources decides who pays, never whether it is paid.
    """
    flows = _Flows(capacities, needs)
    for source in range(len(capacities)):
        while flows.push(source):
            pass
    taken = tuple(sum(row) for row in flows.paid)
    return Allocation(taken, tuple(flows.unmet))


class _Flows:
    """What each source pays of each need so far."""

    def __init__(self, capacities: Sequence[int], needs: Sequence[Need]) -> None:
        self.free = list(capacities)
        self.needs = needs
        self.unmet = [need.amount for need in needs]
        self.paid = [[0] * len(needs) for _ in capacities]

    def push(self, source: int) -> bool:
        """Let a source pay more along one shortest path; False when it cannot."""
        path = self._path(source) if self.free[source] else None
        if path is None:
            return False
        moved = [self.paid[other][need] for (_, need), (other, _) in pairwise(path)]
        amount = min(self.free[source], self.unmet[path[-1][1]], *moved)
        for payer, need in path:
            self.paid[payer][need] += amount
        for (_, need), (other, _) in pairwise(path):
            self.paid[other][need] -= amount
        self.free[source] -= amount
        self.unmet[path[-1][1]] -= amount
        return True

    def _path(self, source: int) -> list[tuple[int, int]] | None:
        """Steps (payer, need) from the source to a need that is unmet, each freeing the next."""
        came: dict[int, list[tuple[int, int]]] = {source: []}
        waiting = deque([source])
        while waiting:
            payer = waiting.popleft()
            for place, need in enumerate(self.needs):
                if payer not in need.sources:
                    continue
                path = [*came[payer], (payer, place)]
                if self.unmet[place]:
                    return path
                for other, row in enumerate(self.paid):
                    if row[place] and other not in came:
                        came[other] = path
                        waiting.append(other)
        return None
