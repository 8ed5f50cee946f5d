"""Tens of millions of templates as plain columns: 177 bytes each, no Python object."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from biometrics.block import Key
from biometrics.detector import Floats
from biometrics.int8 import Int8s

_STEPS: Final = 127
_HALF: Final = (1 << 64) - 1

# template, person, family; each in two halves of its UUID. Shape 6 x any: a look-up reads one row.
Ids = NDArray[np.uint64]


class NationRows:
    """Slot number = place in every column, never used again; a dead slot is zero and marked."""

    def __init__(self, dimension: int, capacity: int) -> None:
        """Memory is taken from the system as slots are used, not at once."""
        self.codes: Int8s = np.zeros((capacity, dimension), np.int8)
        self.ids: Ids = np.zeros((6, capacity), np.uint64)
        self.dead = np.zeros(capacity, np.bool_)
        self.used = 0

    def append(self, codes: Int8s, ids: Ids) -> None:
        """`codes` rows x dimension, `ids` 6 x rows."""
        start, end = self.used, self.used + len(codes)
        if end > len(self.codes):
            self._grow(max(end, 2 * len(self.codes)))
        self.codes[start:end] = codes
        self.ids[:, start:end] = ids
        self.dead[start:end] = ~codes.any(axis=1)
        self.used = end

    def slot_of(self, template_id: str) -> int | None:
        """The living slot of a template, by a scan of one column: 1 ms for a million."""
        high, low = _halves(template_id)
        for slot in np.flatnonzero(self.ids[0, : self.used] == np.uint64(high)).tolist():
            if int(self.ids[1, slot]) == low and not self.dead[slot]:
                return int(slot)
        return None

    def bury(self, slot: int) -> None:
        """Take effect for every later search; the numbers are wiped."""
        self.dead[slot] = True
        self.codes[slot] = 0

    def key(self, slot: int) -> Key:
        """The names of a slot."""
        halves = self.ids[:, slot].tolist()
        return Key(*(str(UUID(int=halves[i] << 64 | halves[i + 1])) for i in (0, 2, 4)))

    def scores(self, slots: NDArray[np.int64], vectors: Floats) -> Floats:
        """Cosines of each probe with its own slots: probes x slots, `vectors` probes x dimension.

        A row is scaled to length 1 here, so it needs no stored scale.
        """
        rows = self.codes[slots].astype(np.float32)
        lengths = np.sqrt(np.vecdot(rows, rows))
        found: Floats = np.vecdot(rows, vectors[:, None, :]) / np.maximum(lengths, np.float32(1))
        return found

    def families(self) -> int:
        """Families with a living template; counts afresh, seconds for a nation."""
        living = self.ids[4:6, : self.used][:, ~self.dead[: self.used]]
        return len(np.unique(living, axis=1).T)

    def _grow(self, capacity: int) -> None:
        extra = capacity - len(self.codes)
        self.codes = np.concatenate([self.codes, np.zeros((extra, self.codes.shape[1]), np.int8)])
        self.ids = np.concatenate([self.ids, np.zeros((6, extra), np.uint64)], axis=1)
        self.dead = np.concatenate([self.dead, np.zeros(extra, np.bool_)])


def to_codes(vectors: Floats) -> Int8s:
    """Each row scaled so that its largest number is 127: the finest steps that a byte allows."""
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    codes: Int8s = np.rint(vectors * (np.float32(_STEPS) / largest)).astype(np.int8)
    return codes


def to_ids(keys: Sequence[Key]) -> Ids:
    """6 x keys. Raises ValueError for a name that is no UUID."""
    rows = [[half for name in key for half in _halves(name)] for key in keys]
    return np.array(rows, np.uint64).reshape(-1, 6).T


def _halves(name: str) -> tuple[int, int]:
    number = UUID(name).int
    return number >> 64, number & _HALF
