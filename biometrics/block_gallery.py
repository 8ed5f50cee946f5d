"""The live galleries of one region in memory: a cache of the stored templates, block by block."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from threading import Lock
from typing import Final

import numpy as np

from biometrics.block import INT8_ABOVE, Block, Key
from biometrics.detector import Floats
from biometrics.gallery import Candidate, GalleryEntry, Scope, must_be_unit, must_fit
from biometrics.replay import Outcome, Replayed, not_next
from biometrics.scopes import Enrolment, Places
from biometrics.template import Template

_ROWS_MIN: Final = 1_024


@dataclass(frozen=True, slots=True)
class _Stored:
    row: int
    key: Key
    places: Places


class BlockGallery:
    """A `LiveGallery`, exact in every scope, for up to some hundred thousand templates.

    All vectors lie in one float32 matrix; a scope's block is built at its first search and
    dropped by the next change of that scope. Blocks are never changed, so readers take no lock
    once a block is built. A row is never written twice, so a block may point into the matrix.
    """

    def __init__(
        self, model_id: str, enrolments: Iterable[Enrolment] = (), *,
        sequence: int = 0, int8_above: int = INT8_ABOVE,
    ) -> None:  # fmt: skip
        """`enrolments` as the store holds them at `sequence`. Raises ValueError (length 1)."""
        self.model_id = model_id
        self.sequence = sequence
        self._int8_above = int8_above
        self._lock = Lock()
        self._matrix: Floats = np.zeros((0, 0), np.float32)
        self._used = 0
        self._stored: dict[str, _Stored] = {}
        self._members: dict[Scope, set[str]] = {}
        self._blocks: dict[Scope, Block] = {}
        self._tombstones: set[str] = set()
        for enrolment in enrolments:
            self._add(enrolment.entry, enrolment.places)

    def search(self, probe: Template, scope: Scope, k: int) -> list[Candidate]:
        """See `Gallery.search`; a scope nobody is in finds nobody."""
        must_fit(probe, self.model_id, k)
        block = self._blocks.get(scope) or self._build(scope)
        return block.search(probe.vector, k, self.model_id)

    def size_families(self, scope: Scope) -> int:
        """See `Gallery.size_families`."""
        return (self._blocks.get(scope) or self._build(scope)).families

    def size_templates(self, scope: Scope) -> int:
        """See `Gallery.size_templates`."""
        return len(self._members.get(scope, ()))

    @property
    def count(self) -> int:
        """Living templates."""
        return len(self._stored)

    @property
    def dimension(self) -> int:
        """Numbers in a template; 0 as long as there is none."""
        return int(self._matrix.shape[1])

    def enrol(self, entry: GalleryEntry, places: Places, sequence: int) -> Replayed:
        """See `LiveGallery.enrol`."""
        with self._lock:
            if (refused := not_next(self.sequence, sequence)) is not None:
                return refused
            dead = entry.template_id in self._tombstones
            if not dead:
                self._add(entry, places)
            self.sequence = sequence
            return Outcome.TOMBSTONED if dead else Outcome.APPLIED

    def revoke(self, template_id: str, sequence: int) -> Replayed:
        """See `LiveGallery.revoke`."""
        with self._lock:
            if (refused := not_next(self.sequence, sequence)) is not None:
                return refused
            self.sequence = sequence
            self._tombstones.add(template_id)
            return Outcome.APPLIED if self._take_out(template_id) else Outcome.UNKNOWN

    def snapshot(self) -> tuple[int, int, Iterator[Enrolment]]:
        """Sequence number, count, and the templates as of now, whatever changes meanwhile."""
        with self._lock:
            sequence, stored, matrix = self.sequence, list(self._stored.values()), self._matrix
        placed = (Enrolment(GalleryEntry(*one.key, matrix[one.row]), one.places) for one in stored)
        return sequence, len(stored), placed

    def _add(self, entry: GalleryEntry, places: Places) -> None:
        vector = np.asarray(entry.vector, np.float32)
        must_be_unit(vector)
        self._make_room(vector.size)
        self._matrix[self._used] = vector
        self._take_out(entry.template_id)
        key = Key(entry.template_id, entry.person_id, entry.family_id)
        self._stored[key.template_id] = _Stored(self._used, key, places)
        self._used += 1
        for scope in places.scopes():
            self._members.setdefault(scope, set()).add(key.template_id)
            self._blocks.pop(scope, None)

    def _take_out(self, template_id: str) -> bool:
        old = self._stored.pop(template_id, None)
        for scope in old.places.scopes() if old else ():
            self._members[scope].remove(template_id)
            self._blocks.pop(scope, None)
        return old is not None

    def _make_room(self, dimension: int) -> None:
        """A larger matrix with the living rows only; blocks of the old one are dropped with it."""
        if self.dimension not in (0, dimension):
            raise ValueError(f"{dimension} numbers in a gallery of {self.dimension}")
        if self._used < len(self._matrix):
            return
        living = list(self._stored.values())
        matrix = np.zeros((max(_ROWS_MIN, 2 * len(living)), dimension), np.float32)
        if living:
            matrix[: len(living)] = self._matrix[[one.row for one in living]]
        self._stored = {
            one.key.template_id: _Stored(row, one.key, one.places) for row, one in enumerate(living)
        }
        self._matrix, self._used = matrix, len(living)
        self._blocks.clear()

    def _build(self, scope: Scope) -> Block:
        with self._lock:
            if scope in self._blocks:
                return self._blocks[scope]
            stored = [self._stored[one] for one in self._members.get(scope, ())]
            rows = np.array([one.row for one in stored], np.intp)
            keys = [one.key for one in stored]
            block = Block(self._matrix, rows, keys, int8_above=self._int8_above)
            if keys:  # names that nobody has must not fill the memory
                self._blocks[scope] = block
            return block
