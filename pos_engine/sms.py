"""Sending a text to a phone: the gateway's interface, the demo's gateway, and the queue's mark."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pos_engine.rules.outgoing_text import Urgency

SHOWN_MAX = 50  # messages the demo page keeps


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """A text for one phone. Not printable: a code must never reach a log."""

    to: str
    text: str
    at: datetime
    kpm_id: str | None = None
    phone_id: str | None = None
    code_id: str | None = None
    subject_id: str | None = None  # the purchase that it tells of
    urgency: Urgency = Urgency.NOTICE


class SmsGateway(Protocol):
    """Takes a message for delivery; raises `OSError` when it cannot take it now."""

    def send(self, message: Message) -> None:
        """Hand the message over."""
        ...


class DemoGateway:
    """Keeps the last messages in memory for a page that only this machine can open."""

    def __init__(self) -> None:
        self._messages: deque[Message] = deque(maxlen=SHOWN_MAX)
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Keep the message, the newest first."""
        with self._lock:
            self._messages.appendleft(message)

    def messages(self) -> list[Message]:
        """The messages, the newest first."""
        with self._lock:
            return list(self._messages)


class NoGateway:
    """No gateway is configured: every message is refused, so other ways are offered."""

    def send(self, message: Message) -> None:  # noqa: ARG002 - the protocol's shape
        """Refuse."""
        raise ConnectionRefusedError


class QueuedGateway(NoGateway):
    """Texts wait in the database for a line to the operator: `services.outgoing` puts them there.

    Whoever would send one past the queue is refused.
    """


class Gathering:
    """Keeps what a notice would send, so that it is queued in the notice's own transaction."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    def send(self, message: Message) -> None:
        """Keep the message."""
        self.messages.append(message)
