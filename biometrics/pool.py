"""Strangers' pictures are opened in other processes: a bomb kills a worker, never the engine."""

import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Final, Self

from biometrics.child import Child, WorkerConfig, WorkerFault, failed
from biometrics.decode import IMAGE_BYTES_MAX
from biometrics.quality import Pose
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.reply import Embedded

CALL_TIMEOUT_S: Final = 10.0  # one picture; a sound one takes well under 0.2 s
BATCH_TIMEOUT_S: Final = 30.0  # all pictures of one call
WAITING_MAX: Final = 16  # calls that may wait for a worker; the next one is told BUSY
IMAGES_MAX: Final = 15  # the contract's most per request


class _Batch:
    """The pictures of one call, shared out among the workers that have time."""

    def __init__(self, images: Sequence[bytes]) -> None:
        self._left = iter(range(len(images)))
        self._lock = threading.Lock()
        self.answers: list[Embedded | FaceRefusal | None] = [None] * len(images)
        self.fault: BaseException | None = None

    def next(self) -> int | None:
        """The next picture that nobody has; none after a fault."""
        with self._lock:
            return next(self._left, None) if self.fault is None else None

    def quietly(self, work: Callable[[Child | None], None]) -> Callable[[Child | None], None]:
        """For a thread: its fault is raised by `result`."""

        def run(slot: Child | None) -> None:
            with suppress(BaseException):
                work(slot)

        return run

    def result(self) -> list[Embedded | FaceRefusal]:
        """All answers, in order. Raises what stopped a worker."""
        if self.fault is not None:
            raise self.fault
        return [answer for answer in self.answers if answer is not None]


class FacePool:
    """Worker processes with one thread each; call it from any thread.

    Starts nothing until `warm_up` or the first call. Use as a context manager or `close` it.
    """

    def __init__(
        self,
        config: WorkerConfig | None = None,
        *,
        workers: int = 1,
        waiting_max: int = WAITING_MAX,
        call_timeout_s: float = CALL_TIMEOUT_S,
    ) -> None:
        if workers < 1:
            raise ValueError("a pool needs a worker")
        self._config = config or WorkerConfig()
        self._call_timeout_s = call_timeout_s
        self._places = threading.BoundedSemaphore(workers + waiting_max)
        # A slot is a child or the right to start one.
        self._slots: queue.LifoQueue[Child | None] = queue.LifoQueue()
        for _ in range(workers):
            self._slots.put(None)
        self._workers = workers
        self._lock = threading.Lock()
        self._children: set[Child] = set()
        self._closed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def warm_up(self) -> None:
        """Start every worker and wait until its models are loaded (about 1.5 s).

        Raises `ModelsMissing` with the cure in its message, `WorkerFault` if a worker cannot start.
        """
        taken = [self._slots.get() for _ in range(self._workers)]
        try:
            for index, slot in enumerate(taken):
                taken[index] = slot or self._start()
            for child in filter(None, taken):
                child.wait_ready()
        except BaseException:
            for child in filter(None, taken):
                self._discard(child)
            taken = [None] * self._workers
            raise
        finally:
            for slot in taken:
                self._give_back(slot)

    def embed_many(
        self, images: Sequence[bytes], pose: Pose = Pose.FRONTAL
    ) -> list[Embedded | FaceRefusal]:
        """One answer per picture, in order; a picture's failure does not touch the others.

        `pose` FREE lets turned heads pass: for the frames of a liveness challenge only.
        Raises ValueError for more than `IMAGES_MAX` pictures and `ModelsMissing`.
        """
        if len(images) > IMAGES_MAX:
            raise ValueError(f"{len(images)} pictures, at most {IMAGES_MAX}")
        if self._closed or not self._places.acquire(blocking=False):
            return [FaceRefusal(FaceReason.BUSY, "every worker is taken")] * len(images)
        try:
            return self._with_workers(images, pose, monotonic() + BATCH_TIMEOUT_S)
        finally:
            self._places.release()

    def close(self) -> None:
        """End all workers; calls under way answer WORKER_FAILED. Twice is once."""
        with self._lock:
            self._closed = True
            children = list(self._children)
        for child in children:
            child.kill()
        while True:
            try:
                self._discard(self._slots.get_nowait())
            except queue.Empty:
                return

    def worker_pids(self) -> list[int]:
        """Process ids of the workers alive, for health checks."""
        with self._lock:
            return [child.pid for child in self._children]

    def _with_workers(
        self, images: Sequence[bytes], pose: Pose, deadline_s: float
    ) -> list[Embedded | FaceRefusal]:
        """One worker is waited for; those that happen to be idle help, so a face waits less."""
        try:
            slots = [self._slots.get(timeout=BATCH_TIMEOUT_S)]
        except queue.Empty:
            return [FaceRefusal(FaceReason.BUSY, "no worker became free")] * len(images)
        slots += self._idle(len(images) - 1)
        batch = _Batch(images)

        def work(slot: Child | None) -> None:
            try:
                while (index := batch.next()) is not None:
                    slot, answer = self._one(slot, images[index], pose, deadline_s)
                    batch.answers[index] = answer
            except BaseException as fault:
                batch.fault = fault
                raise
            finally:
                self._give_back(slot)

        helpers = [threading.Thread(target=batch.quietly(work), args=(s,)) for s in slots[1:]]
        for helper in helpers:
            helper.start()
        try:
            work(slots[0])
        finally:
            for helper in helpers:
                helper.join()
        return batch.result()

    def _idle(self, most: int) -> list[Child | None]:
        """Workers that run and have nothing to do; none is started for this."""
        found: list[Child | None] = []
        while len(found) < most:
            try:
                slot = self._slots.get_nowait()
            except queue.Empty:
                break
            if slot is None:
                self._give_back(slot)
                break
            found.append(slot)
        return found

    def _one(
        self, slot: Child | None, image: bytes, pose: Pose, deadline_s: float
    ) -> tuple[Child | None, Embedded | FaceRefusal]:
        """The answer, and what is in the slot afterwards (empty when the worker failed)."""
        if len(image) > IMAGE_BYTES_MAX:  # not worth the way to the worker
            return slot, FaceRefusal(FaceReason.TOO_LARGE, f"at most {IMAGE_BYTES_MAX} bytes")
        left_s = deadline_s - monotonic()
        if left_s <= 0 or self._closed:
            return slot, failed("no time left")
        child = slot
        try:
            if child is None or not child.alive:  # one that died idle costs nobody a retake
                self._discard(child)
                child = self._start()
            return child, child.ask(image, min(self._call_timeout_s, left_s), pose)
        except WorkerFault as fault:
            self._discard(child)
            return None, failed(str(fault))
        except BaseException:  # interrupted: its answer would be taken for the next picture's
            self._discard(child)
            raise

    def _start(self) -> Child:
        with self._lock:
            if self._closed:
                raise WorkerFault("the pool is closed")
            child = Child(self._config)
            self._children.add(child)
        return child

    def _give_back(self, slot: Child | None) -> None:
        with self._lock:
            if not self._closed:
                self._slots.put(slot)
                return
        self._discard(slot)

    def _discard(self, child: Child | None) -> None:
        if child is not None:
            with self._lock:
                self._children.discard(child)
            child.close()
