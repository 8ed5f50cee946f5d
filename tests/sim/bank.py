"""Five banks as a test plays them: over real TCP, in a thread of their own."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pos_engine.switch.banks import Banks
from pos_engine.switch.config import LinkConfig
from pos_engine.switch.simulated import SimulatedBank, five_banks

ACQUIRER = "360001"


class Played:
    """The simulated banks by their code, and links to them."""

    def __init__(self, banks: dict[str, SimulatedBank], loop: asyncio.AbstractEventLoop) -> None:
        self.banks, self._loop = banks, loop

    def __getitem__(self, bank: str) -> SimulatedBank:
        return self.banks[bank]

    def links(self, now: Any, *only: str, **changed: Any) -> Banks:
        """Links to these banks (to all of them without names), quick to give up."""
        quick = {"answer_s": 1.2, "connect_s": 5.0, "pause_s": 0.2} | changed
        configs = [
            LinkConfig(
                bank=name,
                host="127.0.0.1",
                port=each.port,
                acquirer=ACQUIRER,
                dialect=each.dialect,
                **quick,
            )
            for name, each in self.banks.items()
            if not only or name in only
        ]
        return Banks(configs, now)

    def stop(self, bank: str) -> None:
        """This bank is gone: nobody listens on its port any more."""
        asyncio.run_coroutine_threadsafe(self.banks[bank].close(), self._loop).result(5)

    def again(self, bank: str) -> None:
        """It is back on its port."""
        each = self.banks[bank]
        asyncio.run_coroutine_threadsafe(each.start(port=each.port), self._loop).result(5)


@contextmanager
def playing() -> Iterator[Played]:
    """All five, listening on free ports."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    banks = five_banks()

    async def start() -> None:
        for each in banks.values():
            await each.start()

    async def close() -> None:
        for each in banks.values():
            await each.close()
        await asyncio.sleep(0.02)  # the lines' own ends

    asyncio.run_coroutine_threadsafe(start(), loop).result(5)
    try:
        yield Played(banks, loop)
    finally:
        asyncio.run_coroutine_threadsafe(close(), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()
