"""Sending a text to a phone: the gateway's interface, and the demo's gateway with a page."""

import threading
from collections import deque
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

SHOWN_MAX = 50  # messages the demo page keeps


@dataclass(frozen=True, slots=True, repr=False)
class Message:
    """A text for one phone. Not printable: a code must never reach a log."""

    to: str
    text: str
    at: datetime


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
