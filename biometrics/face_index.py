"""Everybody enrolled, in memory: exact in a region's block, compressed over the nation."""

from collections.abc import Sequence
from copy import copy
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.block import Block, Near, best_of_each
from biometrics.block_cache import BlockCache
from biometrics.detector import Floats
from biometrics.face_rows import Column, FaceRows, hashes
from biometrics.gallery import Scope, must_be_unit
from biometrics.int8 import to_codes, to_vectors
from biometrics.nation_scan import NationScan
from biometrics.replay import Outcome, Replayed, not_next
from biometrics.scopes import NATION
from biometrics.shared_lock import SharedLock
from biometrics.where import Owners, Where

TRAIN_AT: Final = 50_000  # templates: below, a plain scan of the bytes takes some milliseconds
# Rows of each probe. Of 10 000 probes among 18.8 million, 100 miss 17 best templates, 500 none.
RERANK: Final = 500
GROUP: Final = 32  # probes a scan: twice the rate of one at a time, and the answer comes soon


class Sizes(NamedTuple):
    """Of a scope: what is shown, and the N of the false-match risk."""

    families: int
    templates: int


class Moment(NamedTuple):
    """An index at one moment; its arrays are shared with the one that goes on."""

    sequence: int
    rows: FaceRows
    orders: list[NDArray[np.uint32]]
    scan: list[bytes]


class FaceIndex:
    """A cache of the stored templates that follows their log by number; drop it at will.

    195 bytes a template: 128 of numbers, 32 to scan, 23 of columns, 12 of lists. One writer at a
    time, any number of readers; an entry is in force for every search that begins after it.
    """

    def __init__(
        self, model_id: str, *, dimension: int = 128, capacity: int = 1 << 16,
        train_at: int = TRAIN_AT, rerank: int = RERANK, blocks: BlockCache | None = None,
    ) -> None:  # fmt: skip
        """`capacity` saves copying while it grows."""
        self.model_id = model_id
        self.sequence = 0
        self.rows = FaceRows(dimension, capacity)
        self.scan = NationScan(dimension)
        self.where = Where()
        self._lock = SharedLock()
        self._train_at, self._rerank = train_at, rerank
        self._blocks = blocks or BlockCache()

    # ---- following the log ----------------------------------------------------------------
    def load(self, vectors: Floats, numbers: Sequence[int], owners: Owners) -> None:
        """Append many templates in force, in any order; they are found after `load_done`.

        Raises ValueError for a vector that is not of length 1; nothing is appended then.
        """
        must_be_unit(vectors)
        with self._lock.write():
            self.rows.append(vectors, self._columns(numbers, owners))

    def load_done(self, sequence: int, orders: Sequence[NDArray[np.uint32]] | None = None) -> None:
        """Everything up to this number is loaded: bring the lists of places up to the rows.

        `orders` as a snapshot kept them; raises ValueError when they do not fit.
        """
        with self._lock.write():
            self.sequence = sequence
            if orders is None:
                self.rows.sort()
                self.where.sort(self.rows)
            else:
                self.where.restore(orders, self.rows)
            self._follow()
            self._blocks.clear()

    def enlist(self, number: int, vector: Floats, owner: Owners) -> Replayed:
        """Put a template in force. Raises ValueError as `load`."""
        row = np.asarray(vector, np.float32).reshape(1, -1)
        must_be_unit(row)
        with self._lock.write():
            if (refused := not_next(self.sequence, number)) is not None:
                return refused
            self.rows.append(row, self._columns([number], owner))
            self.sequence = number
            self._follow()
            self.where.add(self.rows, self.rows.used - 1)
            self._blocks.drop(self._scopes_of(self.rows.used - 1))
            return Outcome.APPLIED

    def revoke(self, number: int, enlisted: int) -> Replayed:
        """Entry `number` takes what entry `enlisted` put in force out of it."""
        with self._lock.write():
            if (refused := not_next(self.sequence, number)) is not None:
                return refused
            self.sequence = number
            slot = self.rows.slot_of(enlisted)
            if slot is None:
                return Outcome.UNKNOWN
            self.rows.bury(slot)  # never out of FAISS: it rewrites everything, 294 ms at a million
            self._blocks.drop(self._scopes_of(slot))
            return Outcome.APPLIED

    def skip(self, number: int) -> Replayed:
        """An entry that concerns another model, or one that a later entry ended."""
        with self._lock.write():
            if (refused := not_next(self.sequence, number)) is not None:
                return refused
            self.sequence = number
            return Outcome.APPLIED

    def snapshot(self) -> Moment:
        """What the index is now: read no row of it at or above `used`.

        Nobody waits for a disk: what is revoked while they are written is wiped in them or is
        replayed, and replaying it twice is harmless.
        """
        with self._lock.read():
            return Moment(
                self.sequence, copy(self.rows), self.where.sorted_slots(), self.scan.dump()
            )

    # ---- searching ------------------------------------------------------------------------
    def nearest(self, vector: Floats, scope: Scope, k: int) -> list[Near]:
        """The shortlist: at most k persons of the scope by their nearest template."""
        if scope == NATION:
            return self.nearest_many(vector[None], k)[0]
        return self.block(scope).search(to_codes(vector[None]), k)

    def nearest_many(self, vectors: Floats, k: int) -> list[list[Near]]:
        """One shortlist over the nation for each probe; probes x dimension."""
        found: list[list[Near]] = []
        for start in range(0, len(vectors), GROUP):
            group = vectors[start : start + GROUP]
            with self._lock.read():
                found += self._near_in_nation(group, k)
        return found

    def sizes(self, scope: Scope) -> Sizes:
        """Of the nation only the templates are counted: families would take seconds."""
        if scope == NATION:
            with self._lock.read():
                living = self.rows.living()
                return Sizes(living, living)
        block = self.block(scope)
        return Sizes(block.families, block.count)

    def block(self, scope: Scope) -> Block:
        """The templates of a scope, built at its first search and after each change there."""
        block = self._blocks.get(scope)
        if block is None:
            with self._lock.read():  # no change can fall between building and keeping it
                block = Block(self.rows, self.where.slots(scope))
                self._blocks.put(scope, block)
        return block

    def _near_in_nation(self, vectors: Floats, k: int) -> list[list[Near]]:
        if self.scan.ready:
            slots = self.scan.near(vectors, max(self._rerank, 4 * k))
        else:
            slots = np.tile(np.arange(self.rows.used), (len(vectors), 1))
        return [
            self._ranked(one[one >= 0], vector, k)
            for one, vector in zip(slots, vectors, strict=True)
        ]

    def _ranked(self, slots: NDArray[np.int64], vector: Floats, k: int) -> list[Near]:
        living = slots[~self.rows.dead[slots]]
        if living.size == 0:
            return []
        scores = to_vectors(self.rows.codes[living]) @ vector
        columns = self.rows.columns
        return best_of_each(scores, 1.0, columns["number"][living], columns["person"][living], k)

    def _scopes_of(self, slot: int) -> tuple[Scope, ...]:
        return self.where.places(self.rows.columns, slot).scopes()

    def _columns(self, numbers: Sequence[int], owners: Owners) -> dict[str, Column]:
        return {
            "number": np.array(numbers, np.uint32),
            "person": hashes(owners.person_ids),
            "family": hashes(owners.family_ids),
            **self.where.columns(owners),
        }

    def _follow(self) -> None:
        """Bring the scan up to the rows; the code book is learnt once, from the first rows."""
        if not self.scan.ready:
            if self.rows.used < self._train_at:
                return
            self.scan.learn(self.rows.codes[: self._train_at])
        self.scan.follow(self.rows.codes[: self.rows.used])
