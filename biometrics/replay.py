"""What one numbered change of the template log did to an index, so that replay is harmless."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias


class Outcome(StrEnum):
    """The change is in force when this is returned, whichever it is."""

    APPLIED = "APPLIED"
    REPEATED = "REPEATED"  # this number was applied before: nothing changed
    TOMBSTONED = "TOMBSTONED"  # enrol of an id that was revoked: it never comes back
    UNKNOWN = "UNKNOWN"  # revoke of an id that is not here: remembered, so it cannot come later


@dataclass(frozen=True, slots=True)
class SequenceGap:
    """Changes are missing between: nothing was applied; read the log from `expected` on."""

    expected: int
    got: int


Replayed: TypeAlias = Outcome | SequenceGap


def not_next(done: int, got: int) -> Replayed | None:
    """`None` if `got` follows `done`, the newest number applied; else why it is not applied."""
    if got <= done:
        return Outcome.REPEATED
    return None if got == done + 1 else SequenceGap(done + 1, got)
