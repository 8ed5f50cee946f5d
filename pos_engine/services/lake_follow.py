"""Keep the lake seconds behind: write what comes, merge small files, count the days again."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import duckdb
import structlog

from pos_engine.engine import Engine, NotReadyError
from pos_engine.lake.compact import compact_days, count_days, merge_small
from pos_engine.lake.folder import LakeBusyError, LakeError
from pos_engine.services.lake_write import Consumer, Wrote
from pos_engine.store.database import ConflictError, UnavailableError

LOOK_EVERY_S = 2.0  # between two looks when all is written: one file a province each time at most
BUSY_WAIT_S = 15.0  # until the lease of another consumer is asked for again
TROUBLE_WAIT_S = 10.0  # after a full disk or a database that is gone
COUNT_EVERY_S = 300.0  # between two counts of the days that changed
COMPACT_EVERY_S = 3600.0  # between two looks for days that are over
DAY_IS_OVER = timedelta(hours=30)  # after its beginning in UTC: every zone's day is, and half one
END_S_MAX = 10.0

log = structlog.get_logger()


class Follower:
    """One consumer with its housekeeping; opened again after any trouble."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._consumer: Consumer | None = None
        self._count_next = self._compact_next = 0.0

    def step(self) -> Wrote:
        """One round, and whatever is due."""
        if self._consumer is None:
            self._consumer = Consumer(self._engine)
        wrote = self._consumer.round()
        if not wrote.more:
            self._tidy(self._consumer)
        return wrote

    def _tidy(self, consumer: Consumer) -> None:
        """One merge or count at a time: what is bought meanwhile waits for no more than that."""
        writer, now = consumer.writer, time.monotonic()
        if merge_small(writer, limit=1):
            return
        if now >= self._compact_next:
            until = (self._engine.now() - DAY_IS_OVER).date().isoformat()
            if next(compact_days(writer, until), None) is not None:
                return
            if next(count_days(writer, until), None) is not None:
                return  # days, then what is made of them
            self._compact_next = now + COMPACT_EVERY_S
        if now >= self._count_next and next(count_days(writer), None) is None:
            self._count_next = now + COUNT_EVERY_S

    def close(self) -> None:
        """Let another consumer write."""
        if self._consumer is not None:
            self._consumer.close()
            self._consumer = None


def start(engine: Engine) -> Callable[[], None]:
    """Follow in a thread of its own; call what is returned to stop it and wait."""
    if engine.lake is None:
        return lambda: None
    stop = threading.Event()
    thread = threading.Thread(target=follow, args=(engine, stop), name="lake", daemon=True)
    thread.start()

    def end() -> None:
        stop.set()
        thread.join(END_S_MAX)

    return end


def follow(engine: Engine, stop: threading.Event) -> None:
    """Write the lake until `stop` is set; trouble is told and tried again."""
    follower = Follower(engine)
    try:
        while not stop.is_set():
            stop.wait(_one(follower))
    finally:
        follower.close()


def _one(follower: Follower) -> float:
    """One step; how many seconds to wait before the next."""
    try:
        wrote = follower.step()
    except LakeBusyError:
        return BUSY_WAIT_S  # another worker writes: this one takes over when it ends
    except (UnavailableError, ConflictError, NotReadyError):
        log.warning("lake.database_unavailable")
    except (LakeError, OSError, duckdb.Error) as error:
        log.warning("lake.not_written", why=str(error))
    else:
        return 0.0 if wrote.more else LOOK_EVERY_S
    follower.close()  # opening it again finishes or undoes what was begun
    return TROUBLE_WAIT_S
