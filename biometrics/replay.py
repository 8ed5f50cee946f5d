"""What one numbered entry of the template log did to an index, so that replay is harmless."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Outcome(StrEnum):
    """The entry is in force when this is returned, whichever it is."""

    APPLIED = "APPLIED"
    REPEATED = "REPEATED"  # this number was applied before: nothing changed
    UNKNOWN = "UNKNOWN"  # revoke of what is not here: another model's, or gone before


@dataclass(frozen=True, slots=True)
class SequenceGap:
    """Entries are missing between: nothing was applied; read the log from `expected` on."""

    expected: int
    got: int


Replayed: TypeAlias = Outcome | SequenceGap


def not_next(done: int, got: int) -> Replayed | None:
    """`None` if `got` follows `done`, the newest number applied; else why it is not applied."""
    if got <= done:
        return Outcome.REPEATED
    return None if got == done + 1 else SequenceGap(done + 1, got)
