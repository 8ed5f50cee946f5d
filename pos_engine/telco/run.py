"""Run a line in a thread of its own, with an event loop of its own."""

import asyncio
import threading
from collections.abc import Callable

import structlog

from pos_engine.engine import Engine
from pos_engine.services import outgoing, ussd
from pos_engine.store.database import ConflictError, UnavailableError
from pos_engine.telco.line import Line
from pos_engine.telco.link import Link

TIDY_EVERY_S = 600.0  # old texts, dialogues and signatures are taken away
END_S_MAX = 10.0
log = structlog.get_logger()


def start(engine: Engine, line: Line) -> Callable[[], None]:
    """Open the line and keep it open; call what is returned to end it."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    link = Link(engine, line)

    async def both() -> None:
        tidying = asyncio.create_task(_tidy(engine))
        await link.run(stop)
        tidying.cancel()

    def work() -> None:
        try:
            loop.run_until_complete(both())
        finally:
            loop.close()

    thread = threading.Thread(target=work, name=f"line-{line.name}", daemon=True)
    thread.start()

    def end() -> None:
        if thread.is_alive():
            loop.call_soon_threadsafe(stop.set)
            thread.join(END_S_MAX)

    return end


async def _tidy(engine: Engine) -> None:
    while True:
        try:
            await asyncio.to_thread(outgoing.forget_old, engine)
            await asyncio.to_thread(ussd.forget_old, engine)
        except (UnavailableError, ConflictError):
            log.warning("line.database_unavailable")
        await asyncio.sleep(TIDY_EVERY_S)
