"""The index of one machine, built from the database and kept up with its log."""

from collections.abc import Callable
from threading import Lock
from typing import Final

import structlog

from biometrics.face_index import FaceIndex
from biometrics.index_snapshot import load_index
from biometrics.snapshot_header import SnapshotRefused
from biometrics.where import Owners
from pos_engine.keys import NOT_OURS, KeyFileError, TemplateKey
from pos_engine.matching.opener import Opener
from pos_engine.matching.snapshot_file import SnapshotFile
from pos_engine.store import template_log
from pos_engine.store.database import Database, UnavailableError
from pos_engine.store.template_log import Listed, Revoked

Progress = Callable[[int, int], None]  # templates read, number of the newest entry

OPEN_WAIT_S: Final = 2.0  # for an index that somebody else is building
SAVE_AFTER_MIN: Final = 1_000  # changes after which a snapshot is written beside the searches
SAVE_AFTER_SHARE: Final = 0.02  # of the templates in force

log = structlog.get_logger()


def no_progress(_done: int, _of: int) -> None:
    """Tells nobody."""


class Follower:
    """Truth is the database. A snapshot saves the reading, an index in memory the decrypting."""

    def __init__(
        self, database: Database, key: TemplateKey, model_id: str, file: SnapshotFile | None = None
    ) -> None:
        self._database, self._key, self._file = database, key, file
        self._model_id, self._opener = model_id, Opener(key, model_id)
        self._lock = Lock()
        self._index: FaceIndex | None = None
        self._saved = 0

    def index(self) -> FaceIndex:
        """With everything that was committed before this call.

        Raises `UnavailableError` while it is being built or the database is gone.
        """
        index = self._index or self._opened()
        with self._database.read() as tx:
            newest = template_log.newest_number(tx)
        if newest != index.sequence:
            with self._lock:
                index = self._caught_up(index)
        return index

    def open(self, progress: Progress = no_progress) -> None:
        """From the snapshot if it is sound and not ahead, else from the database.

        Raises `KeyFileError` when the templates belong to another key.
        """
        with self._lock:
            if self._index is None:
                index = self._from_snapshot() or self._from_database(progress)
                self._index = self._caught_up(index)

    def _opened(self) -> FaceIndex:
        """A small index is built by who asks first; for a nation's the others come again later."""
        if not self._lock.acquire(timeout=OPEN_WAIT_S):
            raise UnavailableError
        self._lock.release()
        self.open()
        if self._index is None:
            raise UnavailableError
        return self._index

    def save(self) -> None:
        """Write a snapshot if anything changed since the last."""
        index = self._index
        if index is not None and self._file is not None and index.sequence != self._saved:
            self._saved = self._file.write(index, self._key.snapshot_key, self._mark)

    def wants_saving(self) -> bool:
        """Have many come or gone since the last snapshot."""
        index = self._index
        if index is None or self._file is None:
            return False
        enough = max(SAVE_AFTER_MIN, int(SAVE_AFTER_SHARE * index.rows.used))
        return index.sequence - self._saved >= enough

    def _from_snapshot(self) -> FaceIndex | None:
        if self._file is None or not self._file.exists():
            return None
        with self._database.read() as tx:
            newest = template_log.newest_number(tx)
        try:
            with self._file.reading() as file:
                restored = load_index(
                    file, self._key.snapshot_key, model_id=self._model_id, newest_sequence=newest
                )
        except SnapshotRefused as refused:
            log.warning("faces.snapshot_refused", reason=refused.reason.value)
            return None
        if restored.mark != self._mark(restored.index.sequence):
            log.warning("faces.snapshot_refused", reason="OTHER_HISTORY")
            return None
        self._saved = restored.index.sequence
        return restored.index

    def _from_database(self, progress: Progress) -> FaceIndex:
        read = 0
        with self._database.read() as tx:
            newest = template_log.newest_number(tx)
            index = FaceIndex(self._model_id, capacity=newest + SAVE_AFTER_MIN)
            for page in template_log.everybody(tx, newest):
                self._load(index, page, first=read == 0)
                read += len(page)
                progress(read, newest)
        index.load_done(newest)
        return index

    def _load(self, index: FaceIndex, page: list[Listed], *, first: bool) -> None:
        rows, vectors = self._opener.readable(page)
        if rows:
            index.load(vectors, [row.number for row in rows], _owners(rows))
        elif first and any(row.model_id == self._model_id for row in page):
            raise KeyFileError(NOT_OURS)

    def _caught_up(self, index: FaceIndex) -> FaceIndex:
        """Under the lock: a newest number that was read before it may be older than the index."""
        with self._database.read() as tx:
            newest = template_log.newest_number(tx)
        if newest < index.sequence:
            # the database was put back to an older state: what it never said must not be found
            log.warning("faces.index_ahead", index=index.sequence, database=newest)
            self._index = index = self._from_database(no_progress)
        while index.sequence < newest:
            with self._database.read() as tx:
                entries = template_log.entries(tx, index.sequence)
            for entry in entries:
                self._apply(index, entry)
        return index

    def _apply(self, index: FaceIndex, entry: template_log.Entry) -> None:
        if isinstance(entry, Revoked):
            index.revoke(entry.number, entry.enlisted)
            return
        rows, vectors = self._opener.readable([entry] if isinstance(entry, Listed) else [])
        if rows:
            index.enlist(entry.number, vectors[0], _owners(rows))
        else:
            index.skip(entry.number)

    def _mark(self, number: int) -> str:
        with self._database.read() as tx:
            return template_log.mark(tx, number)


def _owners(rows: list[Listed]) -> Owners:
    return Owners(
        [row.person_id for row in rows],
        [row.kpm_id for row in rows],
        [row.shop_id for row in rows],
        [row.region for row in rows],
        [row.birth_date for row in rows],
    )
