"""A line to an operator: what it must be able to do, and what comes from it."""

from dataclasses import dataclass
from typing import Protocol

from pos_engine.services.outgoing import Handed, Outgoing
from pos_engine.wire.delivery import Report


class LineDownError(Exception):
    """The line is not there: bind again after a while. The message names no password."""


@dataclass(frozen=True, slots=True, repr=False)
class TextCame:
    """A text from a phone."""

    message_id: str
    sender: str
    text: str


@dataclass(frozen=True, slots=True, repr=False)
class StepCame:
    """A step of a dialogue. `reply_with` goes back with the answer as it came."""

    session_id: str
    sender: str
    typed: str
    begins: bool
    reply_with: bytes | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The other side is gone."""


Came = Report | TextCame | StepCame | Ended | None  # None: nothing for us


class Bound(Protocol):
    """An open line."""

    async def hand_over(self, outgoing: Outgoing) -> Handed:
        """Give a text to the operator; never raises for what the operator says."""
        ...

    async def next(self) -> Came:
        """What comes next."""
        ...

    async def show(self, step: StepCame, text: str, *, end: bool) -> bool:
        """Show a screen on the phone; False when the operator did not take it."""
        ...

    async def close(self) -> None:
        """Say goodbye."""
        ...


class Line(Protocol):
    """How a line is opened."""

    name: str
    window: int  # texts without an answer at once

    async def open(self) -> Bound:
        """Bind; `LineDownError` when nobody is there or we are not let in."""
        ...
