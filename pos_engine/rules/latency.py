"""How long answers took, as counts in named steps: sums of many processes are still true.

A step is a fourth root of two, so a percentile is named at most 19 % too long, never too short.
"""

from collections.abc import Sequence
from dataclasses import dataclass

STEPS_A_DOUBLING = 4
FIRST_MS = 1.0  # everything faster is one step
STEPS = 56  # the last holds all that took longer than 11.6 s
EDGES_MS = tuple(FIRST_MS * 2 ** (step / STEPS_A_DOUBLING) for step in range(STEPS - 1))


@dataclass(frozen=True, slots=True)
class Spread:
    """Answers by the time they took; `turned_away` were told to ask again."""

    counts: tuple[int, ...]
    turned_away: int = 0

    @property
    def answers(self) -> int:
        """How many were answered."""
        return sum(self.counts)

    def percentile_ms(self, share: float) -> float:
        """So long at most took this share of the answers, in milliseconds; 0 without answers.

        What took longer than the last edge is named as infinite.
        """
        wanted, seen = share * self.answers, 0
        if not wanted:
            return 0.0
        for edge, count in zip(EDGES_MS, self.counts, strict=False):
            seen += count
            if seen >= wanted:
                return edge
        return float("inf")


def spread_of(parts: Sequence[Spread]) -> Spread:
    """All parts as one."""
    counts = [0] * STEPS
    for part in parts:
        for step, count in enumerate(part.counts):
            counts[step] += count
    return Spread(tuple(counts), sum(part.turned_away for part in parts))
