"""Group commit: a bounded queue in front of the database. One transaction for all that wait.

A writer takes what is waiting as soon as it is free; no timer ever makes anybody wait. A second one
starts beside it when many wait, or one for long. An answer is given after the commit that wrote it,
never before.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from pos_engine.store.database import Database, Tx, UnavailableError
from pos_engine.store.latencies import Latencies

WAITING_MAX = 4_096  # a full queue says so at once: 503, send the same again
BATCH_MAX = 256
ANSWER_WAIT_S_MAX = 10.0  # from the question to its answer, the queue included
CLOSE_S_MAX = 5.0  # for what still waits when the engine stops
POSTGRES_WRITERS = 4
ANOTHER_WRITER_AT = 32  # that wait: fewer go into the next batch of who writes already
OVERLOADED_AT = 128  # that wait, the first of them for OLDEST_S_MAX: more are turned away at once
OLDEST_S_MAX = 0.5
STUCK_S = 0.25  # who waits so long gets another writer: the first may wait for a lock
SQLITE_WRITERS = 1

Work = Callable[[Tx, Any, Sequence[Any]], Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Figures:
    """What the queue did so far, for the operator."""

    batches: int = 0
    items: int = 0
    batch_size_max: int = 0
    queue_age_s_max: float = 0.0
    failed_batches: int = 0
    refused: int = 0


class Watcher(Protocol):
    """Who wants to know how the queue does, as it happens."""

    def batch(self, size: int, age_s: float) -> None:
        """A writer took so many; the first had waited so long."""

    def refused(self) -> None:
        """One was turned away."""

    def failed(self) -> None:
        """A transaction failed."""


@dataclass(slots=True)
class _Waiting:
    """One question: `work` answers it together with others of the same `owner`."""

    work: Work
    owner: Any
    item: Any
    answer: "Future[Any]" = field(default_factory=Future)
    since: float = field(default_factory=time.monotonic)

    def goes_with(self, other: "_Waiting") -> bool:
        """May both be answered in one transaction."""
        return self.work is other.work and self.owner is other.owner


class GroupCommit:
    """The queue and its writers. They start with the first question and end with `close`."""

    def __init__(
        self,
        database: Database,
        waiting_max: int = WAITING_MAX,
        latencies: Latencies | None = None,
    ) -> None:
        self.figures = Figures()
        self._latencies = latencies
        self.watcher: Watcher | None = None
        self._database = database
        self._waiting_max = waiting_max
        self._waiting: deque[_Waiting] = deque()
        self._changed = threading.Condition()
        self._writers: list[threading.Thread] = []
        self._writing = 0
        self._under_way: dict[int, list[_Waiting]] = {}  # by writer
        self._closed = False

    def ask(self, work: Work, owner: Any, item: Any, wait_s_max: float = ANSWER_WAIT_S_MAX) -> Any:
        """The answer that `work(tx, owner, items)` gives to this item, after its commit.

        `UnavailableError`: the queue is full or closed, the database is gone, or the time is over.
        The outcome is unknown then; the item's own id makes it safe to ask again.
        """
        answer = self.put(work, owner, item)
        try:
            return answer.result(wait_s_max)
        except TimeoutError:
            answer.cancel()  # not taken yet: it never will be
            self._turned_away(1)
            raise UnavailableError from None

    def put(self, work: Work, owner: Any, item: Any) -> "Future[Any]":
        """Put an item into the queue; its answer comes later. Cancel it to give up waiting."""
        waiting = _Waiting(work, owner, item)
        with self._changed:
            if self._closed or len(self._waiting) >= self._waiting_max or self.overloaded:
                self.figures = replace(self.figures, refused=self.figures.refused + 1)
                self._turned_away(1)
                if self.watcher is not None:
                    self.watcher.refused()
                raise UnavailableError
            self._waiting.append(waiting)
            self._start()
            self._changed.notify()
        return waiting.answer

    @property
    def waiting(self) -> int:
        """How many wait now for a writer."""
        return len(self._waiting)

    @property
    def overloaded(self) -> bool:
        """Would who comes now wait longer than a till should: it is told so instead."""
        if len(self._waiting) < OVERLOADED_AT:
            return False
        with suppress(IndexError):  # a writer took all of them meanwhile
            return time.monotonic() - self._waiting[0].since > OLDEST_S_MAX
        return False

    def give_up(self) -> None:
        """Tell everybody to ask again, also who is being written: the process is about to end."""
        with self._changed:
            self._closed = True
            left = [*self._waiting, *(each for some in self._under_way.values() for each in some)]
            self._waiting.clear()
            self._changed.notify_all()
        for each in left:
            with suppress(InvalidStateError):  # answered, or nobody waits for it any more
                each.answer.set_exception(UnavailableError())

    def close(self, wait_s_max: float = CLOSE_S_MAX) -> None:
        """Answer what waits, then stop; what is left after `wait_s_max` is told to ask again."""
        until = time.monotonic() + wait_s_max
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for writer in self._writers:
            writer.join(max(0.0, until - time.monotonic()))
        with self._changed:
            left, self._waiting = list(self._waiting), deque()
        for each in left:
            if each.answer.set_running_or_notify_cancel():
                each.answer.set_exception(UnavailableError())
        if self._latencies is not None:
            self._latencies.write(due_only=False)

    def _start(self) -> None:
        """Start the writers once; they are daemons: a stuck database never keeps a process."""
        if self._writers:
            return
        count = SQLITE_WRITERS if self._database.dialect == "sqlite" else POSTGRES_WRITERS
        for number in range(count):
            thread = threading.Thread(target=self._write, name=f"writer-{number}", daemon=True)
            self._writers.append(thread)
            thread.start()

    def _write(self) -> None:
        while batch := self._take():
            self._under_way[threading.get_ident()] = batch
            try:
                self._answer(batch)
            finally:
                self._under_way.pop(threading.get_ident(), None)
                self._put_down()
            del batch  # an idle writer keeps nobody's request alive

    def _take(self) -> list[_Waiting]:
        """What waits now, in order, at most BATCH_MAX; nothing when closed and empty."""
        with self._changed:
            while True:
                while not (self._worth_a_batch() or self._closed):
                    self._changed.wait(STUCK_S if self._waiting else None)
                if not self._waiting:
                    return []
                if taken := self._next():
                    self._writing += 1
                    self._count(taken)
                    return taken

    def _worth_a_batch(self) -> bool:
        """A batch costs as much as ten purchases: beside others it is worth it when many wait."""
        if not self._waiting:
            return False
        if len(self._waiting) > self._writing * ANOTHER_WRITER_AT:
            return True
        return time.monotonic() - self._waiting[0].since > STUCK_S

    def _put_down(self) -> None:
        with self._changed:
            self._writing -= 1
            self._changed.notify()

    def _next(self) -> list[_Waiting]:
        """The first items that go together; who gave up waiting is left out."""
        taken: list[_Waiting] = []
        while self._waiting and len(taken) < BATCH_MAX:
            if taken and not self._waiting[0].goes_with(taken[0]):
                break
            each = self._waiting.popleft()
            if each.answer.set_running_or_notify_cancel():
                taken.append(each)
        return taken

    def _count(self, taken: list[_Waiting]) -> None:
        old, age = self.figures, time.monotonic() - taken[0].since
        self.figures = replace(
            old,
            batches=old.batches + 1,
            items=old.items + len(taken),
            batch_size_max=max(old.batch_size_max, len(taken)),
            queue_age_s_max=max(old.queue_age_s_max, age),
        )
        if self.watcher is not None:
            self.watcher.batch(len(taken), age)

    def _answer(self, batch: list[_Waiting]) -> None:
        """Decide a batch in one transaction; a failed one is halved until the culprit is alone."""
        first, items = batch[0], [each.item for each in batch]
        try:
            answers = self._database.transact(lambda tx: first.work(tx, first.owner, items))
            answered = list(zip(batch, answers, strict=True))
        except Exception as error:  # noqa: BLE001 - whatever it is belongs to who asked
            self._failed(batch, error)
            return
        if self._latencies is not None:
            now = time.monotonic()
            self._latencies.answered([now - each.since for each in batch])
        for each, answer in answered:
            with suppress(InvalidStateError):  # given up meanwhile: the same request finds it
                each.answer.set_result(answer)
        if self._latencies is not None:
            self._latencies.write()

    def _turned_away(self, count: int) -> None:
        if self._latencies is not None:
            self._latencies.turned_away(count)

    def _failed(self, batch: list[_Waiting], error: Exception) -> None:
        with self._changed:
            count = self.figures.failed_batches + 1
            self.figures = replace(self.figures, failed_batches=count)
            if self.watcher is not None:
                self.watcher.failed()
        if len(batch) > 1 and not isinstance(error, UnavailableError):
            half = len(batch) // 2
            self._answer(batch[:half])
            self._answer(batch[half:])
            return
        if isinstance(error, UnavailableError):
            self._turned_away(len(batch))
        for each in batch:
            with suppress(InvalidStateError):
                each.answer.set_exception(error)
