"""Small counts are hidden, and enough others with them that no subtraction brings them back."""

from collections.abc import Sequence
from dataclasses import dataclass

SMALL = 5  # a count below it may be somebody
ROUNDED_TO = 5
HIDDEN_TOGETHER_MIN = 2  # one hidden row alone is the total less the others


@dataclass(frozen=True, slots=True)
class Hidden:
    """Rows of a table that are not shown. `totals`: the totals are not shown either."""

    rows: frozenset[int]
    totals: bool = False


def is_small(count: int) -> bool:
    """A count that may point at somebody; nobody at all points at nobody."""
    return 0 < count < SMALL


def hidden_rows(rows: Sequence[Sequence[int]]) -> Hidden:
    """Which rows of a table are hidden whose columns have published totals.

    A row with a small count is hidden whole. While what is hidden together is a single row, or a
    small count in some column, the smallest row that is left is hidden with it; when none is left,
    the totals go too.
    """
    hidden = {place for place, row in enumerate(rows) if any(map(is_small, row))}
    left = sorted(
        (place for place, row in enumerate(rows) if place not in hidden and any(row)),
        key=lambda place: (tuple(rows[place]), place),
    )
    while _can_be_found(rows, hidden):
        if not left:
            return Hidden(frozenset(hidden), totals=True)
        hidden.add(left.pop(0))
    return Hidden(frozenset(hidden))


def _can_be_found(rows: Sequence[Sequence[int]], hidden: set[int]) -> bool:
    """Would totals less the shown rows give a small count, or one row exactly."""
    if not hidden:
        return False
    together = [sum(column) for column in zip(*(rows[place] for place in hidden), strict=True)]
    return len(hidden) < HIDDEN_TOGETHER_MIN or any(map(is_small, together))


def rounded(count: int) -> int:
    """To the nearest ROUNDED_TO: two looks at a running month do not show one purchase."""
    return (count + ROUNDED_TO // 2) // ROUNDED_TO * ROUNDED_TO
