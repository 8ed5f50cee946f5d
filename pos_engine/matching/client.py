"""The matcher as a web worker or a command sees it: the match process behind a local socket."""

import os
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from time import monotonic, sleep
from typing import Final, NoReturn

import msgspec

from biometrics.gallery import Scope
from biometrics.template import ModelMismatch, Template
from pos_engine.keys import KeyFileError
from pos_engine.matching import messages
from pos_engine.matching.matcher import Found, Sealed
from pos_engine.matching.messages import (
    Answer,
    Config,
    Failed,
    FoundAnswer,
    Probe,
    Request,
    Scores,
    ScoresAnswer,
    Seal,
    SealAnswer,
    Search,
    Socket,
)
from pos_engine.store.database import UnavailableError

CONNECTIONS_MAX: Final = 8  # of one process; its other threads wait for one
TRIES_MAX: Final = 5
START_S_MAX: Final = 40.0  # a second and a half on a machine with nothing else to do
CALL_S_MAX: Final = 10.0
PAUSE_S: Final = 0.02


class MatchFault(Exception):  # noqa: N818 - the name says what is wrong
    """The match process refused a request that was wrong; its message says why."""


class MatchClient:
    """A `Matcher`. Whoever asks first starts the process; killed, it is started by the next."""

    def __init__(self, config: Config) -> None:
        """Connects to nothing yet."""
        self.model_id = config.model_id
        self._config = config
        self._slots: queue.LifoQueue[Socket | None] = queue.LifoQueue()
        for _ in range(CONNECTIONS_MAX):
            self._slots.put(None)
        self._starting = threading.Lock()

    def warm_up(self) -> None:
        """See `Matcher.warm_up`; it does not wait until a nation's index is read."""
        slot = self._slots.get()
        try:
            slot = slot or self._connect()
        finally:
            self._slots.put(slot)

    def search(self, probe: Template, scope: Scope, k: int) -> Found:
        """See `Matcher.search`."""
        self._must_fit(probe)
        answer = self._ask(Search(Probe.of(probe), scope.kind, scope.key, k))
        return answer.found(self.model_id) if isinstance(answer, FoundAnswer) else _fail(answer)

    def scores(self, probe: Template, stored: Sequence[Sealed]) -> list[float]:
        """See `Matcher.scores`."""
        self._must_fit(probe)
        found: list[float] = []
        for start in range(0, len(stored), messages.STORED_MAX):
            some = [(one.sealed, one.bound_to) for one in stored[start:][: messages.STORED_MAX]]
            answer = self._ask(Scores(Probe.of(probe), some))
            found += answer.scores if isinstance(answer, ScoresAnswer) else _fail(answer)
        return found

    def seal(self, template: Template, bound_to: str) -> bytes:
        """See `Matcher.seal`."""
        answer = self._ask(Seal(Probe.of(template), bound_to))
        return answer.sealed if isinstance(answer, SealAnswer) else _fail(answer)

    def running(self) -> bool:
        """Does the process answer the door; it is not started for that."""
        connection = self._connected()
        if connection is not None:
            connection.close()
        return connection is not None

    def close(self) -> None:
        """Hang up; the process leaves when nobody else is connected."""
        while True:
            try:
                slot = self._slots.get_nowait()
            except queue.Empty:
                break
            if slot is not None:
                slot.close()

    def _must_fit(self, probe: Template) -> None:
        if probe.model_id != self.model_id:
            raise ModelMismatch(f"{probe.model_id} asked of a matcher of {self.model_id}")

    def _ask(self, request: Request) -> Answer:
        """Safe to repeat: nothing that is asked changes anything."""
        for _ in range(TRIES_MAX):
            try:
                return self._asked_once(request)
            except (OSError, EOFError, msgspec.DecodeError):
                sleep(PAUSE_S)  # that process is gone, or is going and took a new connection along
        raise UnavailableError

    def _asked_once(self, request: Request) -> Answer:
        """A connection that did not answer is not used again: its answer may still come."""
        try:
            connection = self._slots.get(timeout=CALL_S_MAX)
        except queue.Empty:
            raise UnavailableError from None
        try:
            connection = connection or self._connect()
            answer = _exchange(connection, request)
        except BaseException:
            if connection is not None:
                connection.close()
            self._slots.put(None)
            raise
        self._slots.put(connection)
        return answer

    def _connect(self) -> Socket:
        """To the process that runs, else to one that is started now."""
        if (connection := self._connected()) is not None:
            return connection
        with self._starting:
            end_s = monotonic() + START_S_MAX
            process: subprocess.Popen[bytes] | None = None
            while monotonic() < end_s:
                if (connection := self._connected()) is not None:
                    return connection
                if process is None or process.poll() is not None:
                    process = self._start()
                sleep(PAUSE_S)
        raise UnavailableError  # it says why in its log

    def _connected(self) -> Socket | None:
        plain = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        with messages.address(Path(self._config.folder)) as path:
            try:
                plain.connect(path)
            except OSError:
                plain.close()
                return None
        return messages.wrapped(plain)

    def _start(self) -> subprocess.Popen[bytes]:
        process = subprocess.Popen(
            [sys.executable, "-m", "pos_engine.matching.server"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # it serves others too when whoever started it is stopped
            env={"PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"},
        )
        if process.stdin is not None:
            with process.stdin as pipe:
                pipe.write(msgspec.json.encode(self._config))
        # it may outlive us; if not, somebody collects it
        threading.Thread(target=process.wait, daemon=True).start()
        return process


def _exchange(connection: Socket, request: Request) -> Answer:
    messages.send(connection, request)
    if not connection.poll(CALL_S_MAX):
        raise UnavailableError
    return messages.receive_answer(connection)


def _fail(answer: Answer) -> NoReturn:
    if not isinstance(answer, Failed) or answer.code == messages.FAULT:
        raise MatchFault(answer.message if isinstance(answer, Failed) else "another answer")
    if answer.code == messages.KEY:
        raise KeyFileError(answer.message)
    raise UnavailableError
