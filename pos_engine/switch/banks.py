"""Every bank of an installation, asked from any thread: one event loop, one link a bank.

A bank that hangs keeps its own few questions waiting and nobody else's: nothing is shared but the
loop, which never waits.
"""

import asyncio
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from datetime import datetime

from pos_engine.switch.config import LinkConfig
from pos_engine.switch.link import NO_ANSWER, Heard, Incoming, Link, Reply
from pos_engine.wire.iso8583 import Message
from pos_engine.wire.iso_dialect import Dialect

CLOSE_S_MAX = 2.0
HANG_UP_S = 0.01
UNKNOWN_REVERSAL = "25"


class Nobody:
    """Nobody listens: what a bank says unasked is not known."""

    def late(self, _bank: str, _message: Message) -> None:
        """Nothing."""

    def reversal(self, _bank: str, _message: Message) -> str:
        """Not found."""
        return UNKNOWN_REVERSAL


class Banks:
    """The banks by their code. The loop starts with the first question and ends with `close`."""

    def __init__(self, configs: Iterable[LinkConfig], now: Callable[[], datetime]) -> None:
        self._configs = {each.bank: each for each in configs}
        self._now = now
        self._incoming: Incoming = Nobody()
        self.listening = False
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._links: dict[str, Link] = {}
        self._closed = False

    @property
    def codes(self) -> list[str]:
        """The banks that may be asked."""
        return sorted(self._configs)

    def listen(self, incoming: Incoming) -> None:
        """Who is told what banks say unasked."""
        self._incoming, self.listening = incoming, True

    def dialect(self, bank: str) -> Dialect:
        """How a bank speaks."""
        return self._configs[bank].dialect

    def acquirer(self, bank: str) -> str:
        """Our number at a bank (DE32)."""
        return self._configs[bank].acquirer

    def may_ask(self, bank: str) -> bool:
        """Is there a link to this bank, and is it not left alone just now."""
        if bank not in self._configs or self._closed:
            return False
        link = self._links.get(bank)
        loop = self._loop
        return link is None or loop is None or link.breaker.may_ask(loop.time())

    def ask(self, bank: str, message: Message) -> "Future[Reply]":
        """The bank's answer, later. It always comes: a silent bank is an answer too."""
        told: Future[Reply] = Future()
        try:
            loop = self._running()
        except RuntimeError:
            told.set_result(Reply(Heard.NOT_SENT))
            return told
        loop.call_soon_threadsafe(self._begin, bank, message, told)
        return told

    def _begin(self, bank: str, message: Message, told: "Future[Reply]") -> None:
        """In the loop."""
        link = self._links.get(bank)
        if link is None:
            link = self._links[bank] = Link(self._configs[bank], self._now, lambda: self._incoming)
        task = asyncio.ensure_future(link.ask(message))
        task.add_done_callback(lambda done: told.set_result(_told(done)))

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._closed:
                raise RuntimeError
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(
                    target=self._run, args=(self._loop,), name="banks", daemon=True
                )
                self._thread.start()
            return self._loop

    @staticmethod
    def _run(loop: asyncio.AbstractEventLoop) -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_forever()
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.run_until_complete(asyncio.sleep(HANG_UP_S))  # the lines' own ends
            loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()

    def close(self) -> None:
        """Hang up everywhere; who waits for an answer hears that none came."""
        with self._lock:
            self._closed = True
            loop, thread = self._loop, self._thread
        if loop is None or thread is None or loop.is_closed():
            return

        def end() -> None:
            for link in self._links.values():
                link.close()
            loop.call_soon(loop.stop)

        loop.call_soon_threadsafe(end)
        thread.join(CLOSE_S_MAX)


def _told(done: "asyncio.Task[Reply]") -> Reply:
    """A question that was cut off may have gone out."""
    if done.cancelled() or done.exception() is not None:
        return NO_ANSWER
    return done.result()
