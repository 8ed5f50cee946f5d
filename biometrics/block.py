"""The templates of one region, packed for a scan; never changed once built."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.face_rows import Column, FaceRows
from biometrics.int8 import SCALE, Int8s, Int32s, PackedRows

_UNIT: Final = 1 / (SCALE * SCALE)  # of an integer product, as a cosine


class Near(NamedTuple):
    """A template near the probe: its number in the log, and its cosine to some 0.003."""

    number: int
    person: int
    score: float


class Block:
    """Every row is looked at; the shortlist is right but for templates that are equally near.

    A shortlist is no answer: who is on it is scored again from the stored template.
    """

    def __init__(self, rows: FaceRows, slots: NDArray[np.int64]) -> None:
        """Takes copies of the living rows of `slots`."""
        living = slots[~rows.dead[slots]]
        self.numbers = rows.columns["number"][living]
        self._persons = rows.columns["person"][living]
        self.families = int(np.unique(rows.columns["family"][living]).size)
        self._rows = PackedRows(rows.codes[living]) if len(living) else None

    @property
    def count(self) -> int:
        """Templates in it."""
        return len(self.numbers)

    def nearest(self, code: Int8s) -> int:
        """The number of the template nearest to `to_codes(vector[None])`.

        Raises ValueError for an empty block.
        """
        if self._rows is None:
            raise ValueError("nobody is here")
        return int(self.numbers[self._rows.nearest(code)])

    def search(self, code: Int8s, k: int) -> list[Near]:
        """The best template of each of the k nearest persons, best first."""
        if self._rows is None:
            return []
        products = self._rows.products(code)
        return best_of_each(products, _UNIT, self.numbers, self._persons, k)


def best_of_each(
    scores: NDArray[np.floating] | Int32s, unit: float, numbers: Column, persons: Column, k: int
) -> list[Near]:
    """At most k persons by their best template; equal scores in the order of enrolment.

    `scores` times `unit` are cosines.
    """
    wanted = min(4 * k, scores.size)  # persons with many templates: then at more
    while True:
        all_of_them = wanted == scores.size
        rows = np.arange(wanted) if all_of_them else np.argpartition(scores, -wanted)[-wanted:]
        columns = (-scores[rows]).tolist(), numbers[rows].tolist(), persons[rows].tolist()
        best: dict[int, Near] = {}
        for negated, number, person in sorted(zip(*columns, strict=True)):
            if person not in best:
                best[person] = Near(number, person, -negated * unit)
        if len(best) >= k or all_of_them:
            return list(best.values())[:k]
        wanted = min(4 * wanted, scores.size)
