"""The end of a server process: who was let in gets an answer, and it is over in ten seconds.

SIGTERM: nobody new comes in (the server sees to that). Who waits has DRAIN_S for the answer; then
all are told 503, also those that a stuck database keeps. What does not end by itself is ended.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import structlog

from pos_engine.engine import Engine

DRAIN_S = 4.0  # after it everybody is told to ask again
END_S = 9.0  # after it the process is ended: what was acknowledged is on disk
log = structlog.get_logger()


@contextmanager
def ended_in_time(engine: Engine) -> Iterator[None]:
    """While this lasts SIGTERM and SIGINT start the two clocks; only the main thread may say so."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    clocks = _Clocks(engine)
    before = {each: signal.getsignal(each) for each in (signal.SIGTERM, signal.SIGINT)}
    for each, handler in before.items():
        signal.signal(each, clocks.then(handler))
    try:
        yield
    finally:
        clocks.drained.cancel()
        # the clock that ends the process goes on: threads may keep it after the server is gone
        for each, handler in before.items():
            signal.signal(each, handler)


class _Clocks:
    def __init__(self, engine: Engine) -> None:
        self._engine, self._started = engine, False
        self.drained = threading.Timer(DRAIN_S, self._tell_all)
        self._over = threading.Timer(END_S, _end)
        for each in (self.drained, self._over):
            each.daemon = True

    def then(self, handler: Any) -> Callable[[int, FrameType | None], None]:
        """Start once, then what the server does with the signal."""

        def begin(number: int, frame: FrameType | None) -> None:
            if not self._started:
                self._started = True
                self.drained.start()
                self._over.start()
            if callable(handler):
                handler(number, frame)

        return begin

    def _tell_all(self) -> None:
        homes = self._engine.homes
        for each in homes.all if homes is not None else [self._engine]:
            each.commits.give_up()


def _end() -> None:
    log.error("stop.forced", after_s=END_S)
    os._exit(1)
