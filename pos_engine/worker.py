"""The background worker: notices leave after the commit, never before."""

import threading

import structlog

from pos_engine.engine import Engine
from pos_engine.services.notify import drain
from pos_engine.store.database import ConflictError, UnavailableError

PAUSE_S = 0.5  # between two looks at an empty outbox

log = structlog.get_logger()


def run(engine: Engine, stop: threading.Event) -> None:
    """Drain the outbox until `stop` is set; a database that is gone is tried again."""
    while not stop.is_set():
        try:
            drained = drain(engine)
        except (UnavailableError, ConflictError):
            log.warning("worker.database_unavailable")
            stop.wait(PAUSE_S * 4)
            continue
        if drained.done == 0:
            stop.wait(PAUSE_S)


def start(engine: Engine) -> threading.Event:
    """Run the worker in a thread of this process; set the returned event to stop it."""
    stop = threading.Event()
    threading.Thread(target=run, args=(engine, stop), name="worker", daemon=True).start()
    return stop
