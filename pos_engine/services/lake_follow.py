"""Keep the lake seconds behind: write what comes, merge small files, count the days again."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import duckdb
import structlog

from pos_engine.engine import Engine, NotReadyError
from pos_engine.lake.compact import Job, count_jobs, day_jobs, merge_small
from pos_engine.lake.folder import ROLLUPS_FOLDER, LakeBusyError, LakeError, hidden
from pos_engine.lake.state import folded
from pos_engine.lake.writer import Writer
from pos_engine.services.lake_write import Consumer, Wrote
from pos_engine.store.database import ConflictError, UnavailableError

LOOK_EVERY_S = 2.0  # between two looks when all is written: one file a province each time at most
BUSY_WAIT_S = 15.0  # until the lease of another consumer is asked for again
TROUBLE_WAIT_S = 10.0  # after a full disk or a database that is gone
COUNT_EVERY_S = 300.0  # between two counts of the days that changed
COMPACT_EVERY_S = 3600.0  # between two looks for days that are over
MERGE_S = 1.0  # of one look: sixteen small files of a province take some hundredths
WIB = timedelta(hours=7)
NIGHT_HOURS = (1, 2, 3)  # in WIB, when the families of a running month are counted
DAY_IS_OVER = timedelta(hours=30)  # after its beginning in UTC: every zone's day is, and half one
END_S_MAX = 10.0

log = structlog.get_logger()


class Apart:
    """One job at a time in a thread of its own: what is bought meanwhile does not wait for it."""

    def __init__(self, lake: Path, job: Job) -> None:
        place = lake / ROLLUPS_FOLDER
        place.mkdir(parents=True, exist_ok=True)
        self.job, self._path = job, hidden(place / uuid4().hex)
        self._made = False
        self._thread = threading.Thread(target=self._make, name="lake-job", daemon=True)
        self._thread.start()

    def _make(self) -> None:
        try:
            self.job.part.fill(self._path)
        except (LakeError, OSError, duckdb.Error) as error:  # the lake was opened anew, a full disk
            self._path.unlink(missing_ok=True)
            log.warning("lake.job_failed", dataset=self.job.part.dataset.name, why=str(error))
        else:
            self._made = True

    @property
    def over(self) -> bool:
        """Has it ended, well or not."""
        return not self._thread.is_alive()

    def done(self, writer: Writer) -> bool:
        """Let what it made count; False when it made nothing."""
        if self._made:
            self.job.done(writer, self._path)
        return self._made


class Follower:
    """One consumer with its housekeeping; opened again after any trouble."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._consumer: Consumer | None = None
        self._apart: Apart | None = None
        self._count_next = self._compact_next = 0.0

    def step(self) -> Wrote:
        """One round, and whatever is due."""
        if self._consumer is None:
            self._consumer = Consumer(self._engine)
        wrote = self._consumer.round()
        self._tidy(self._consumer.writer, idle=not wrote.more)
        return wrote

    def _tidy(self, writer: Writer, *, idle: bool) -> None:
        """Take what was made apart; else merge for a moment, or begin the next job apart.

        Nothing is merged while a job reads files.
        """
        job_apart = self._apart
        if job_apart is not None:
            if job_apart.over:
                self._apart = None
                if not job_apart.done(writer):
                    self._compact_next = self._count_next = time.monotonic() + TROUBLE_WAIT_S
            return
        until = time.monotonic() + MERGE_S
        while idle and merge_small(writer, limit=1):
            if time.monotonic() > until:
                return
        job = self._next_job(writer) if idle else None
        if job is not None:
            self._apart = Apart(writer.lake, job)

    def _next_job(self, writer: Writer) -> Job | None:
        """Days that are over into one file, then counts; each looked for now and then."""
        now, utc = time.monotonic(), self._engine.now()
        lake, state = writer.lake, folded(writer.lake)
        if now >= self._compact_next:
            until = (utc - DAY_IS_OVER).date().isoformat()
            night = (utc + WIB).hour in NIGHT_HOURS
            job = next(day_jobs(lake, state, until), None)
            job = job or next(count_jobs(lake, state, until, running=night), None)
            if job is not None:
                return job  # days, then what is made of them
            self._compact_next = now + COMPACT_EVERY_S
        if now >= self._count_next:
            job = next(count_jobs(lake, state), None)
            if job is not None:
                return job
            self._count_next = now + COUNT_EVERY_S
        return None

    def close(self) -> None:
        """Let another consumer write; a job that still runs makes a file that never counts."""
        self._apart = None
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
