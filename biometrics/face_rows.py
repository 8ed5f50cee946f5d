"""Tens of millions of templates as plain columns: 151 bytes each, no Python object."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Floats
from biometrics.int8 import Int8s, to_codes

COLUMNS: Final = {
    "number": np.uint32,  # of the log entry that put it in force; ascending
    "person": np.uint32,  # a hash: it groups rows and names nobody
    "family": np.uint32,
    "shop": np.uint32,
    "region": np.uint32,
    "born": np.uint16,
}
Column: TypeAlias = NDArray[np.uint32] | NDArray[np.uint16]
Columns: TypeAlias = Mapping[str, Column]


class FaceRows:
    """Slot = place in every column, never used again; a dead slot is zero and marked."""

    def __init__(self, dimension: int, capacity: int) -> None:
        """Memory is taken from the system as slots are used, not at once."""
        self.codes: Int8s = np.zeros((capacity, dimension), np.int8)
        self.columns: dict[str, Column] = {
            name: np.zeros(capacity, kind) for name, kind in COLUMNS.items()
        }
        self.dead = np.zeros(capacity, np.bool_)
        self.used = 0

    def append(self, vectors: Floats, columns: Columns) -> None:
        """`vectors` rows x dimension of length 1; a value of each column for each row.

        Numbers ascend, or `sort` follows: slots are found by them.
        """
        self.append_codes(to_codes(vectors), columns)

    def append_codes(self, codes: Int8s, columns: Columns) -> None:
        """As `append`, from what is in a snapshot."""
        start, end = self.used, self.used + len(codes)
        if end > len(self.codes):
            self._grow(max(end, 2 * len(self.codes)))
        self.codes[start:end] = codes
        for name, values in columns.items():
            self.columns[name][start:end] = values
        self.dead[start:end] = ~codes.any(axis=1)  # as in a snapshot: the wiped stay dead
        self.used = end

    def column(self, name: str) -> Column:
        """A view of the used slots."""
        return self.columns[name][: self.used]

    def slot_of(self, number: int) -> int | None:
        """The living slot of a log number."""
        slot = int(np.searchsorted(self.column("number"), number))
        found = slot < self.used and self.columns["number"][slot] == number
        return slot if found and not self.dead[slot] else None

    def sort(self) -> None:
        """Slots in the order of their numbers; for a moment it takes twice the memory."""
        numbers = self.column("number")
        if np.all(numbers[1:] > numbers[:-1]):
            return
        order = np.argsort(numbers)
        for name in self.columns:
            self.columns[name][: self.used] = self.column(name)[order]
        self.codes[: self.used] = self.codes[order]
        self.dead[: self.used] = self.dead[order]

    def bury(self, slot: int) -> None:
        """Take effect for every later search; the numbers are wiped."""
        self.dead[slot] = True
        self.codes[slot] = 0

    def living(self) -> int:
        """Templates in force."""
        return self.used - int(np.count_nonzero(self.dead[: self.used]))

    def _grow(self, capacity: int) -> None:
        extra = capacity - len(self.codes)
        self.codes = np.concatenate([self.codes, np.zeros((extra, self.codes.shape[1]), np.int8)])
        self.columns = {
            name: np.concatenate([values, np.zeros(extra, values.dtype)])
            for name, values in self.columns.items()
        }
        self.dead = np.concatenate([self.dead, np.zeros(extra, np.bool_)])


def hashes(names: Sequence[str]) -> NDArray[np.uint32]:
    """A number of 32 bits for each name.

    Of two persons of one search that share a number the second is not listed, never taken for the
    first; that another one shares the number of the best happens once in 400 million searches.
    """
    return np.fromiter(map(crc32, map(str.encode, names)), np.uint32, len(names))
