"""How long answers took: counted in each process, written every few seconds, read by anybody.

The one who credits a nation is another process than those who sell; the table is where they meet.
"""

import threading
import uuid
from bisect import bisect_left
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from pos_engine.rules.ids import shard_of
from pos_engine.rules.latency import EDGES_MS, STEPS, Spread, spread_of
from pos_engine.store.database import ConflictError, Database, Tx, UnavailableError
from pos_engine.store.schema_latency import answer_latency

WRITE_EVERY = timedelta(seconds=10)
KEPT = timedelta(days=30)
ROWS_READ_MAX = 200_000  # ten processes for two days


class Latencies:
    """The counts of one process."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database, self._now = database, now
        self._process = uuid.uuid4().hex
        self._lock = threading.Lock()
        self._number = 0
        self._clear()

    def _clear(self) -> None:
        self._since: datetime | None = None  # of the first answer: an idle hour is in no row
        self._counts, self._turned_away = [0] * STEPS, 0

    def answered(self, times_s: Iterable[float]) -> None:
        """These answers took so many seconds each, from the question to the commit."""
        steps = [bisect_left(EDGES_MS, time_s * 1000) for time_s in times_s]
        with self._lock:
            self._since = self._since or self._now()
            for step in steps:
                self._counts[step] += 1

    def turned_away(self, count: int = 1) -> None:
        """So many were told to ask again."""
        with self._lock:
            self._since = self._since or self._now()
            self._turned_away += count

    def write(self, *, due_only: bool = True) -> None:
        """Write what was counted when it is time; a busy database loses counts, never a sale."""
        now = self._now()
        with self._lock:
            if self._since is None or (due_only and now - self._since < WRITE_EVERY):
                return
            self._number += 1
            row = {
                "shard": shard_of(self._process),
                "process": self._process,
                "number": self._number,
                "since": self._since,
                "until": now,
                "counts": self._counts,
                "turned_away": self._turned_away,
            }
            self._clear()
        with suppress(UnavailableError, ConflictError):
            self._database.transact(lambda tx: _append(tx, row, now))


def _append(tx: Tx, row: dict[str, object], now: datetime) -> None:
    tx.execute(insert(answer_latency).values(**row))
    tx.execute(delete(answer_latency).where(answer_latency.c.until < now - KEPT))


def between(tx: Tx, since: datetime, until: datetime) -> Spread:
    """What all processes measured in this time: whole rows, so some seconds more at both ends."""
    c = answer_latency.c
    rows = tx.execute(
        select(c.counts, c.turned_away)
        .where(c.until >= since, c.since <= until)
        .order_by(c.until)
        .limit(ROWS_READ_MAX)
    )
    return spread_of([Spread(tuple(counts), turned_away) for counts, turned_away in rows])
