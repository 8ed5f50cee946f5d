"""The match process: one on a machine, alone with the template key and the index."""

import fcntl
import os
import resource
import signal
import socket
import sys
import threading
from contextlib import closing
from pathlib import Path
from time import monotonic
from typing import Final

import faiss
import msgspec
import structlog

from biometrics.template import ModelMismatch
from pos_engine.keys import KeyFileError, load_template_key
from pos_engine.matching import messages
from pos_engine.matching.local import LocalMatcher
from pos_engine.matching.messages import Answer, Config, Failed, Request, Seal, Search, Socket
from pos_engine.matching.snapshot_file import SnapshotFile
from pos_engine.store.database import UnavailableError, open_database

CONNECTIONS_MAX: Final = 64
IDLE_S_MAX: Final = 5.0  # without a connection; whoever needs it next starts it again
FIRST_CALL_S_MAX: Final = 30.0
LOOK_S: Final = 0.5  # between two looks at what is to be done beside the searches

log = structlog.get_logger()


def main() -> None:
    """Serve until nobody is connected; the configuration comes as JSON over standard input."""
    config = msgspec.json.decode(sys.stdin.buffer.read(), type=Config)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started it
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold faces and the key
    faiss.omp_set_num_threads(1)  # searches run beside each other, not each on every core
    lock = os.open(Path(config.folder) / "match.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return  # another one is there; the system frees the lock when it dies, however it dies
    with closing(open_database(config.database_url)) as database:
        file = SnapshotFile(Path(config.folder), config.model_id)
        key = load_template_key(Path(config.key_file))
        Server(LocalMatcher(database, key, config.model_id, file), Path(config.folder)).run()


class Server:
    """Answers requests of many connections from one matcher."""

    def __init__(self, matcher: LocalMatcher, folder: Path) -> None:
        self._matcher, self._folder = matcher, folder
        self._stop = threading.Event()
        self._connections = 0
        self._quiet_since_s = monotonic() + FIRST_CALL_S_MAX - IDLE_S_MAX
        self._changed, self._saving = threading.Lock(), threading.Lock()
        self._wrong_key = ""

    def run(self) -> None:
        """Until it was idle for long or is told to stop (SIGTERM)."""
        signal.signal(signal.SIGTERM, lambda *_: self._stop.set())
        with messages.address(self._folder) as path, closing(_listen(path)) as listener:
            mine = Path(path).stat().st_ino
            threading.Thread(target=self._build, daemon=True).start()
            while not self._stop.is_set() and not self._left_alone():
                self._accept(listener)
                if self._matcher.follower.wants_saving() and not self._saving.locked():
                    threading.Thread(target=self._save, daemon=True).start()
            _leave(path, mine)
        self._save()

    def _build(self) -> None:
        try:
            self._matcher.open(_Progress())
            log.info("faces.index_ready", model_id=self._matcher.model_id)
        except KeyFileError as error:
            self._wrong_key = str(error)
        except UnavailableError:
            log.warning("faces.database_unavailable")  # the next search tries again

    def _left_alone(self) -> bool:
        """Saved first, while it still listens: a nation takes a while, and somebody may come."""
        if self._idle():
            self._save()
        return self._idle()

    def _save(self) -> None:
        try:
            with self._saving:
                self._matcher.follower.save()
        except (OSError, UnavailableError) as error:
            log.warning("faces.snapshot_not_written", why=type(error).__name__)

    def _accept(self, listener: socket.socket) -> None:
        try:
            plain, _ = listener.accept()
        except TimeoutError:
            return
        with self._changed:
            if self._connections >= CONNECTIONS_MAX:
                plain.close()
                return
            self._connections += 1
        connection = messages.wrapped(plain)
        threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _idle(self) -> bool:
        with self._changed:
            return self._connections == 0 and monotonic() - self._quiet_since_s > IDLE_S_MAX

    def _serve(self, connection: Socket) -> None:
        try:
            with closing(connection):
                while True:
                    messages.send(connection, self._answer(messages.receive_request(connection)))
        except (EOFError, OSError):
            pass
        except (msgspec.DecodeError, msgspec.ValidationError):
            log.warning("faces.bad_request")  # whoever it was is hung up on
        finally:
            with self._changed:
                self._connections -= 1
                self._quiet_since_s = monotonic()

    def _answer(self, request: Request) -> Answer:
        try:
            return self._answered(request)
        except UnavailableError:
            return Failed(messages.UNAVAILABLE)
        except KeyFileError as error:
            return Failed(messages.KEY, str(error))
        except (ModelMismatch, ValueError) as error:
            return Failed(messages.FAULT, str(error))
        except Exception:
            log.exception("faces.fault")
            return Failed(messages.FAULT, "see the log of the match process")

    def _answered(self, request: Request) -> Answer:
        if self._wrong_key:
            raise KeyFileError(self._wrong_key)
        probe = request.probe.template()
        if isinstance(request, Search):
            found = self._matcher.search(probe, request.scope(), request.k)
            return messages.FoundAnswer.of(found)
        if isinstance(request, Seal):
            return messages.SealAnswer(self._matcher.seal(probe, request.bound_to))
        return messages.ScoresAnswer(self._matcher.scores(probe, request.sealed()))


class _Progress:
    """Says how far a long build is, every few seconds."""

    def __init__(self) -> None:
        self._next_s = monotonic() + 2

    def __call__(self, done: int, of: int) -> None:
        if monotonic() >= self._next_s:
            self._next_s = monotonic() + 5
            log.info("faces.index_building", templates=done, newest=of)


def _listen(path: str) -> socket.socket:
    """The lock is ours, so a socket that lies there is a dead one's."""
    Path(path).unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)  # for this user only
    try:
        listener.bind(path)
    finally:
        os.umask(before)
    listener.listen(CONNECTIONS_MAX)
    listener.settimeout(LOOK_S)
    return listener


def _leave(path: str, mine: int) -> None:
    """Nobody may connect to one that is leaving; another's socket is left where it is."""
    if Path(path).exists() and Path(path).stat().st_ino == mine:
        Path(path).unlink()


if __name__ == "__main__":
    main()
