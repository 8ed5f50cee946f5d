"""Everybody of the nation, for duplicates and fraud work: compressed scan, then re-rank."""

from collections.abc import Sequence
from copy import copy
from typing import Final, Self

import numpy as np

from biometrics.block import Key
from biometrics.detector import Floats
from biometrics.gallery import Candidate, GalleryEntry, Scope, must_be_unit, must_fit
from biometrics.nation_ranking import ranked
from biometrics.nation_rows import Ids, NationRows, to_codes, to_ids
from biometrics.nation_scan import NationScan
from biometrics.replay import Outcome, Replayed, not_next
from biometrics.scopes import NATION, Places
from biometrics.shared_lock import SharedLock
from biometrics.template import Template

TRAIN_AT: Final = 50_000  # templates: below, a plain scan of the bytes takes some milliseconds
RERANK: Final = 100  # rows of each probe; benchmarks/match_nation.py says what is missed
GROUP: Final = 32  # probes a scan: twice the rate of one at a time, and the answer comes soon


class NationIndex:
    """A `LiveGallery` of the scope NATION; never for a debit.

    Among tens of millions some stranger looks alike, so the answer is a list for review.

    209 bytes a template: 32 scanned, 128 to re-rank, 49 for three UUIDs and the tombstone. Scores
    are cosines with the template in 8 bits: off by 0.002 or so, hence not exact to the last digit.
    """

    def __init__(
        self, model_id: str, *, dimension: int = 128, sequence: int = 0,
        capacity: int = 1 << 20, train_at: int = TRAIN_AT, rerank: int = RERANK,
    ) -> None:  # fmt: skip
        """`capacity` saves copying while it grows; `sequence` is that of what is loaded next."""
        self.model_id = model_id
        self.sequence = sequence
        self.rows = NationRows(dimension, capacity)
        self._train_at, self._rerank = train_at, rerank
        self._lock = SharedLock()
        self._tombstones: set[str] = set()
        self.scan = NationScan(dimension)

    @classmethod
    def of(cls, model_id: str, sequence: int, rows: NationRows, scan: list[bytes]) -> Self:
        """From what `snapshot` gave."""
        index = cls(model_id, dimension=rows.codes.shape[1], sequence=sequence, capacity=0)
        index.rows = rows
        index.scan.restore(scan)
        return index

    def snapshot(self) -> tuple[int, NationRows, list[bytes]]:
        """Sequence number, columns (shared, read those below `used` only) and the scan's bytes."""
        with self._lock.read():
            return self.sequence, copy(self.rows), self.scan.dump()

    def load(self, vectors: Floats, ids: Ids) -> None:
        """Append many templates of the stored ones: rows x dimension, and `to_ids` of their keys.

        Raises ValueError for a vector that is not of length 1.
        """
        must_be_unit(vectors)
        with self._lock.write():
            self.rows.append(to_codes(vectors), ids)
            self._follow()

    def search(self, probe: Template, scope: Scope, k: int) -> list[Candidate]:
        """See `Gallery.search`; for several probes `search_many` does twice as many a second."""
        _must_be_nation(scope)
        return self.search_many([probe], k)[0]

    def search_many(self, probes: Sequence[Template], k: int) -> list[list[Candidate]]:
        """One list a probe, at most k persons each, best first."""
        for probe in probes:
            must_fit(probe, self.model_id, k)
        found: list[list[Candidate]] = []
        for start in range(0, len(probes), GROUP):
            group = np.stack([probe.vector for probe in probes[start : start + GROUP]])
            with self._lock.read():
                found += self._best(group, k)
        return found

    def size_families(self, scope: Scope) -> int:
        """See `Gallery.size_families`; counts afresh, seconds for a nation."""
        _must_be_nation(scope)
        with self._lock.read():
            return self.rows.families()

    def size_templates(self, scope: Scope) -> int:
        """See `Gallery.size_templates`."""
        _must_be_nation(scope)
        with self._lock.read():
            return int(self.rows.used - np.count_nonzero(self.rows.dead[: self.rows.used]))

    def enrol(self, entry: GalleryEntry, places: Places, sequence: int) -> Replayed:  # noqa: ARG002
        """See `LiveGallery.enrol`; everybody is in the nation, so `places` says nothing here."""
        vector = np.asarray(entry.vector, np.float32).reshape(1, -1)
        must_be_unit(vector)
        ids = to_ids([Key(entry.template_id, entry.person_id, entry.family_id)])
        with self._lock.write():
            if (refused := not_next(self.sequence, sequence)) is not None:
                return refused
            self.sequence = sequence
            if entry.template_id in self._tombstones:
                return Outcome.TOMBSTONED
            self._bury(entry.template_id)
            self.rows.append(to_codes(vector), ids)
            self._follow()
            return Outcome.APPLIED

    def revoke(self, template_id: str, sequence: int) -> Replayed:
        """See `LiveGallery.revoke`."""
        with self._lock.write():
            if (refused := not_next(self.sequence, sequence)) is not None:
                return refused
            self.sequence = sequence
            self._tombstones.add(template_id)
            return Outcome.APPLIED if self._bury(template_id) else Outcome.UNKNOWN

    def _bury(self, template_id: str) -> bool:
        """Never `remove_ids`: FAISS rewrites everything for it, 294 ms at a million."""
        if (slot := self.rows.slot_of(template_id)) is not None:
            self.rows.bury(slot)
        return slot is not None

    def _follow(self) -> None:
        """Bring the scan up to the rows; the code book is learnt once, from the first rows."""
        if not self.scan.ready:
            if self.rows.used < self._train_at:
                return
            self.scan.learn(self.rows.codes[: self._train_at])
        self.scan.follow(self.rows.codes[: self.rows.used])

    def _best(self, vectors: Floats, k: int) -> list[list[Candidate]]:
        if self.scan.ready:
            slots = self.scan.near(vectors, max(self._rerank, 4 * k))
        else:
            slots = np.tile(np.arange(self.rows.used), (len(vectors), 1))
        scores = self.rows.scores(slots, vectors)
        living = (slots >= 0) & ~self.rows.dead[slots]
        rows = zip(slots, scores, living, strict=True)
        return [ranked(self.rows, who[ok], how[ok], k, self.model_id) for who, how, ok in rows]


def _must_be_nation(scope: Scope) -> None:
    if scope != NATION:
        raise ValueError(f"this index holds the nation, not {scope}")
