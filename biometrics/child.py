"""One worker process as its parent sees it: start, ask with a deadline, end; never hang."""

import json
import os
import socket
import struct
import subprocess
import sys
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from biometrics.encoder import PRECISION_DEFAULT, PRECISIONS
from biometrics.models import ModelsMissing
from biometrics.pipeline import ENGINES
from biometrics.quality import Pose
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.reply import Embedded, from_bytes
from biometrics.worker import READY, REQUEST_HEAD, START_FAILED

MEMORY_BYTES_MAX: Final = 4 * 1024**3  # address space; OpenVINO and OpenCV map about 2 GiB
START_TIMEOUT_S: Final = 60.0
REPLY_BYTES_MAX: Final = 64 * 1024
STALL_TIMEOUT_S: Final = 2  # without progress within a message; a whole one may take twice that
END_TIMEOUT_S: Final = 1.0


class WorkerFault(Exception):  # noqa: N818 - the name says what is wrong
    """The worker crashed, hung or answered nonsense; it must be replaced."""


@dataclass(frozen=True, slots=True)
class WorkerConfig:
    """What a worker loads: engine "sface" or "dlib", model folder, precision "f32" or "bf16"."""

    engine: str = "sface"
    model_dir: Path | None = None
    precision: str = PRECISION_DEFAULT
    memory_bytes_max: int = MEMORY_BYTES_MAX

    def __post_init__(self) -> None:
        """Refuse an unknown engine or precision here, not as a crash of the worker."""
        if self.engine not in ENGINES:
            raise ValueError(f"no face engine called {self.engine!r}; there are {ENGINES}")
        if self.precision not in PRECISIONS:
            raise ValueError(f"no precision called {self.precision!r}; there are {PRECISIONS}")

    def to_json(self) -> str:
        """For the command line of the child."""
        return json.dumps(
            {
                "engine": self.engine,
                "model_dir": str(self.model_dir or ""),
                "precision": self.precision,
                "memory_bytes_max": self.memory_bytes_max,
            }
        )


class Child:
    """A started worker; one question at a time (the pool sees to that)."""

    def __init__(self, config: WorkerConfig) -> None:
        """Start without waiting.

        A fresh interpreter: no fork of a threaded server, and unlike multiprocessing's spawn it
        does not import the parent's main program a second time.
        """
        self._connection, theirs = _sockets()
        command = [sys.executable, "-m", "biometrics.worker", str(theirs.fileno())]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, config.to_json()],
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,  # dlib prints; the parent's output may be read by a program
            # Not the parent's environment: keys and database addresses stay out of reach.
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"},
        )
        theirs.close()
        self._ready = False

    @property
    def pid(self) -> int:
        """Process id, for logs and tests."""
        return self._process.pid

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def wait_ready(self) -> None:
        """Until the models are loaded. Raises `WorkerFault` or `ModelsMissing`."""
        if self._ready:
            return
        greeting = self._receive(START_TIMEOUT_S)
        if greeting.startswith(START_FAILED):
            raise ModelsMissing(greeting.removeprefix(START_FAILED).decode())
        if greeting != READY:
            raise WorkerFault("the worker did not say ready")
        self._ready = True

    def ask(
        self, image: bytes, timeout_s: float, pose: Pose = Pose.FRONTAL
    ) -> Embedded | FaceRefusal:
        """Answer for one picture. Raises `WorkerFault` after `timeout_s` or a crash."""
        self.wait_ready()
        try:
            self._connection.send_bytes(REQUEST_HEAD[pose] + image)
            return from_bytes(self._receive(timeout_s))
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise WorkerFault(type(fault).__name__) from fault

    def kill(self) -> None:
        """End the process now; safe from any thread, also while another one waits in `ask`."""
        self._process.kill()

    def close(self) -> None:
        """End the process, collect it, close the socket; by the thread that holds the child."""
        self.kill()
        self._connection.close()
        try:
            self._process.wait(END_TIMEOUT_S)
        except subprocess.TimeoutExpired:  # stuck in the kernel; it dies when it returns from it
            return

    def _receive(self, timeout_s: float) -> bytes:
        try:
            if not self._connection.poll(timeout_s):
                raise WorkerFault("no answer in time")
            return self._connection.recv_bytes(REPLY_BYTES_MAX)
        except (EOFError, OSError) as fault:
            raise WorkerFault("the worker is gone") from fault


def _sockets() -> tuple["Connection[bytes, bytes]", socket.socket]:
    """Our end, which gives up on a worker that stopped in the middle of a message, and theirs."""
    ours, theirs = socket.socketpair()
    timeval = struct.pack("ll", STALL_TIMEOUT_S, 0)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, timeval)
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, timeval)
    return Connection(ours.detach()), theirs


def failed(detail: str) -> FaceRefusal:
    """The refusal for a picture whose worker failed; the next picture gets a new worker."""
    return FaceRefusal(FaceReason.WORKER_FAILED, detail)
