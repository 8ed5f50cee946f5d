"""Answers of other threads for coroutines: one wake-up of the loop for all that came together.

A batch answers dozens of purchases at once; `asyncio.wrap_future` would wake the loop for each.
"""

import asyncio
from collections import deque
from concurrent.futures import Future
from contextlib import suppress
from typing import Any


class Mailbox:
    """Where a loop's coroutines wait for answers that threads give."""

    def __init__(self) -> None:
        self._told: deque[tuple[asyncio.Future[Any], Future[Any]]] = deque()
        self._called: asyncio.AbstractEventLoop | None = None  # to look into the box

    async def answer_of(self, answer: "Future[Any]", wait_s_max: float) -> Any:
        """What the answer will be; `TimeoutError` after `wait_s_max`, and nobody waits any more."""
        loop = asyncio.get_running_loop()
        waiting: asyncio.Future[Any] = loop.create_future()
        answer.add_done_callback(lambda told: self._put(loop, waiting, told))
        try:
            async with asyncio.timeout(wait_s_max):
                return await waiting
        finally:
            if not answer.done():
                answer.cancel()

    def _put(
        self, loop: asyncio.AbstractEventLoop, waiting: asyncio.Future[Any], told: "Future[Any]"
    ) -> None:
        """Called in the thread that answers."""
        self._told.append((waiting, told))
        if self._called is not loop:
            self._called = loop
            with suppress(RuntimeError):  # the loop is closed: nobody waits
                loop.call_soon_threadsafe(self._deliver)

    def _deliver(self) -> None:
        self._called = None  # before looking: what comes now calls again
        while self._told:
            waiting, told = self._told.popleft()
            if waiting.done():
                continue
            if told.cancelled():
                waiting.cancel()
            elif error := told.exception():
                waiting.set_exception(error)
            else:
                waiting.set_result(told.result())
