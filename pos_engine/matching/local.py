"""The matcher in this process: what the match process runs, and what a single command uses."""

from collections.abc import Sequence

from biometrics.gallery import GalleryEntry, Scope
from biometrics.stored_gallery import Stored, StoredGallery
from biometrics.template import ModelMismatch, Template, cosine
from pos_engine.keys import KeyFileError, TemplateKey
from pos_engine.matching.follower import Follower, Progress, no_progress
from pos_engine.matching.matcher import UNLIKE, Found, Sealed
from pos_engine.matching.opener import Opener
from pos_engine.matching.snapshot_file import SnapshotFile
from pos_engine.store import template_log
from pos_engine.store.database import Database


class LocalMatcher:
    """A `Matcher`. For any number of threads."""

    def __init__(
        self, database: Database, key: TemplateKey, model_id: str, file: SnapshotFile | None = None
    ) -> None:
        """Knows nobody before `open`; the database is not closed by it."""
        self.model_id = model_id
        self._database, self._key = database, key
        self._opener = Opener(key, model_id)
        self.follower = Follower(database, key, model_id, file)

    def open(self, progress: Progress = no_progress) -> None:
        """Build the index. Raises `KeyFileError` when the templates belong to another key."""
        self.follower.open(progress)

    def warm_up(self) -> None:
        """See `Matcher.warm_up`."""
        self.open()

    def search(self, probe: Template, scope: Scope, k: int) -> Found:
        """See `Matcher.search`."""
        index = self.follower.index()
        candidates = StoredGallery(index, self._stored).search(probe, scope, k)
        return Found(tuple(candidates), *index.sizes(scope))

    def scores(self, probe: Template, stored: Sequence[Sealed]) -> list[float]:
        """See `Matcher.scores`."""
        if probe.model_id != self.model_id:
            raise ModelMismatch(f"{probe.model_id} compared by a matcher of {self.model_id}")
        try:
            vectors = list(self._opener.vectors([(one.sealed, one.bound_to) for one in stored]))
        except (KeyFileError, ValueError):
            return [self._score(probe, one) for one in stored]
        return [cosine(probe.vector, vector) for vector in vectors]

    def _score(self, probe: Template, stored: Sealed) -> float:
        vector = self._opener.one(stored.sealed, stored.bound_to)
        return UNLIKE if vector is None else cosine(probe.vector, vector)

    def seal(self, template: Template, bound_to: str) -> bytes:
        """See `Matcher.seal`."""
        return self._key.seal(template.to_bytes(), bound_to)

    def running(self) -> bool:
        """See `Matcher.running`."""
        return True

    def close(self) -> None:
        """Keep a snapshot for the next start."""
        self.follower.save()

    def _stored(self, numbers: Sequence[int]) -> list[Stored]:
        with self._database.read() as tx:
            rows = template_log.named(tx, list(numbers))
        sound, vectors = self._opener.readable(rows)
        return [
            Stored(row.number, GalleryEntry(row.template_id, row.person_id, row.kpm_id, vector))
            for row, vector in zip(sound, vectors, strict=True)
        ]
