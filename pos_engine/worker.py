"""The background worker: notices leave after the commit, replaced faces come into force in time."""

import threading
import time

import structlog

from pos_engine.engine import Engine
from pos_engine.services.enrolment_force import activate_due
from pos_engine.services.notify import drain
from pos_engine.store.database import ConflictError, UnavailableError

PAUSE_S = 0.5  # between two looks at an empty outbox
FACES_EVERY_S = 30.0  # between two looks for replacements whose cool-down is over

log = structlog.get_logger()


def run(engine: Engine, stop: threading.Event) -> None:
    """Drain the outbox until `stop` is set; a database that is gone is tried again."""
    faces_next = 0.0
    while not stop.is_set():
        try:
            if time.monotonic() >= faces_next:
                activate_due(engine)
                faces_next = time.monotonic() + FACES_EVERY_S
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
