"""Opening a database and running transactions: SQLite or PostgreSQL, one way."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

Tx = Connection
Result = TypeVar("Result")

BUSY_TIMEOUT_MS = 10_000
CONNECTIONS_MAX = 8
POOL_TIMEOUT_S = 5
WRITER_WAIT_S_MAX = 5  # in front of SQLite's one writer
RETRIES_MAX = 5
RETRY_PAUSE_S = 0.01  # doubled each time; the pause is anything below it: full jitter
RETRY_PAUSE_S_MAX = 0.5
RETRYABLE_SQLSTATES = {"40001", "40P01"}  # serialization failure, deadlock
READ_ONLY_SQLSTATE = "25006"  # a standby that is not yet, or no longer, the one to write to
# A server that is gone without a word, as a cut cable or a stopped machine, is noticed by these.
POSTGRES_OPTIONS = {
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


class UnavailableError(Exception):
    """The database did not answer; nothing was written, or its outcome is to be asked again."""


class LockedError(UnavailableError):
    """A table that a migration changes was in use for too long; nothing was changed."""


class ConflictError(Exception):
    """Somebody else wrote the same key first: read again and answer with what stands there."""


class Database:
    """An open database. `begin` writes, `read` reads, `transact` writes with retries."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self.dialect = engine.dialect.name
        # SQLite has one writer: waiting here in turn beats its busy handler's sleeping
        self._writer = threading.Lock() if self.dialect == "sqlite" else None

    @contextmanager
    def begin(self) -> Iterator[Tx]:
        """One write transaction, committed at the end and rolled back by an exception."""
        if self._writer is None:
            with _translated(), self._engine.begin() as tx:
                yield tx
            return
        if not self._writer.acquire(timeout=WRITER_WAIT_S_MAX):
            raise UnavailableError
        try:
            with _translated(), self._engine.begin() as tx:
                yield tx
        finally:
            self._writer.release()

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """One read transaction: it never waits for the writer."""
        with _translated(), self._engine.connect() as plain:
            tx = plain.execution_options(reads_only=True)
            with tx.begin():
                yield tx

    def transact(self, work: Callable[[Tx], Result]) -> Result:
        """Run `work` in a write transaction, again when the database or a rival asks for it.

        Safe because every act carries its own id: doing it twice is doing it once.
        """
        for attempt in range(1, RETRIES_MAX + 1):
            try:
                with self.begin() as tx:
                    return work(tx)
            except ConflictError:
                if attempt == RETRIES_MAX:
                    raise
                pause_s = min(RETRY_PAUSE_S_MAX, RETRY_PAUSE_S * 2**attempt)
                time.sleep(random.uniform(0, pause_s))  # noqa: S311 - jitter
        raise AssertionError  # pragma: no cover - the loop returns or raises

    def upgrade(self) -> None:
        """Bring the schema to the newest version, beside whoever works on it.

        `LockedError`: somebody kept a table for too long; nothing was changed, try again.
        """
        from pos_engine.store import upgrading  # noqa: PLC0415 - it imports Alembic: half a second

        if not upgrading.upgrade(self._engine):
            raise LockedError

    def is_of(self, tx: Tx) -> bool:
        """Does this transaction run here."""
        return tx.engine.pool is self._engine.pool

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()


def open_database(url: str) -> Database:
    """Open `sqlite:///file` or `postgresql://...` (through psycopg 3)."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        parsed = parsed.set(drivername="postgresql+psycopg")
    engine = create_engine(
        parsed,
        pool_size=CONNECTIONS_MAX,
        max_overflow=0,
        pool_timeout=POOL_TIMEOUT_S,
        hide_parameters=True,  # an error message must not carry personal data into a log
        connect_args=POSTGRES_OPTIONS if parsed.drivername.startswith("postgresql") else {},
    )
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return Database(engine)


def retryable(error: BaseException | None) -> bool:
    """Did PostgreSQL end one of two rivals: the same again may well succeed."""
    return getattr(error, "sqlstate", None) in RETRYABLE_SQLSTATES


def _tune_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL can lose an acknowledged purchase at a power cut
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


def _sqlstate(error: Exception) -> str | None:
    state: str | None = getattr(getattr(error, "orig", None), "sqlstate", None)
    return state


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's errors into the two that the floors above know."""
    try:
        yield
    except IntegrityError as error:
        raise ConflictError from error
    except (OperationalError, PoolTimeoutError) as error:
        if retryable(getattr(error, "orig", None)):
            raise ConflictError from error
        raise UnavailableError from error
    except DBAPIError as error:
        if error.connection_invalidated or _sqlstate(error) == READ_ONLY_SQLSTATE:
            raise UnavailableError from error
        raise
