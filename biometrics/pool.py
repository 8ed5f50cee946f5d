"""Strangers' pictures are opened in other processes: a bomb kills a worker, never the engine."""

import queue
import threading
from collections.abc import Sequence
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
            return self._with_worker(images, pose, monotonic() + BATCH_TIMEOUT_S)
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

    def _with_worker(
        self, images: Sequence[bytes], pose: Pose, deadline_s: float
    ) -> list[Embedded | FaceRefusal]:
        try:
            slot = self._slots.get(timeout=BATCH_TIMEOUT_S)
        except queue.Empty:
            return [FaceRefusal(FaceReason.BUSY, "no worker became free")] * len(images)
        answers = []
        try:
            for image in images:
                slot, answer = self._one(slot, image, pose, deadline_s)
                answers.append(answer)
        finally:
            self._give_back(slot)
        return answers

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
