"""The templates of one scope, never changed once built: prune by a fast scan, decide in float64."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Floats
from biometrics.gallery import Candidate
from biometrics.int8 import Int32s, PackedRows

INT8_ABOVE: Final = 1_000  # rows: here float32 and int8 take the same 20 us, at 2 600 int8 half
_FLOAT32_SLACK: Final = 2e-5  # twice the rounding of 128 products, with room


class Key(NamedTuple):
    """Whose row it is."""

    template_id: str
    person_id: str
    family_id: str


class Block:
    """Rows of `source` (any x dimension, float32, length 1), which must not be overwritten.

    The answer is that of a float64 scan over all rows: the fast scan only leaves out rows that
    its own error bound proves to be too far. Equal scores are ordered by template id.
    """

    def __init__(
        self,
        source: Floats,
        rows: NDArray[np.intp],
        keys: Sequence[Key],
        *,
        int8_above: int = INT8_ABOVE,
    ) -> None:
        """`keys` one for each of `rows`. Small blocks copy their rows, so a scan reads in line."""
        self.keys = keys
        self.families = len({key.family_id for key in keys})
        self._most = _most_of_one_person(keys)
        self._packed: PackedRows | None = None
        if len(keys) > int8_above:
            self._source, self._rows = source, rows
            self._packed = PackedRows(source[rows])
        else:
            self._source, self._rows = source[rows], np.arange(len(keys))

    def search(self, vector: Floats, k: int, model_id: str) -> list[Candidate]:
        """At most k persons, best first, each by her best template."""
        if not self.keys:
            return []
        near = self._near(vector, k)
        exact = np.vecdot(self._source[self._rows[near]].astype(float), vector.astype(float))
        found = zip((-exact).tolist(), (self.keys[row] for row in near.tolist()), strict=True)
        return best_persons(sorted(found), k, model_id)

    def nearest(self, vector: Floats) -> int:
        """The row that the fast scan alone puts first: what a benchmark of the scan measures."""
        return int(self._coarse(vector)[0].argmax())

    def _coarse(self, vector: Floats) -> tuple[Floats | Int32s, float]:
        if self._packed is None:
            return self._source @ vector, _FLOAT32_SLACK
        return self._packed.scores(vector)

    def _near(self, vector: Floats, k: int) -> NDArray[np.intp]:
        """Every row that may be among the best k persons."""
        scores, slack = self._coarse(vector)
        # So many rows hold k persons, however many templates each has.
        wanted = k * self._most
        if wanted >= scores.size:
            return np.arange(scores.size)
        floor = scores.max() if wanted == 1 else np.partition(scores, -wanted)[-wanted]
        near: NDArray[np.intp] = (scores >= floor - slack).nonzero()[0]
        return near


def best_persons(found: Sequence[tuple[float, Key]], k: int, model_id: str) -> list[Candidate]:
    """The first row of each person; `found` is (score negated, whose), sorted."""
    best: dict[str, Candidate] = {}
    for negated, key in found:
        if key.person_id not in best:
            best[key.person_id] = Candidate(*key, -negated, model_id)
            if len(best) == k:
                break
    return list(best.values())


def _most_of_one_person(keys: Sequence[Key]) -> int:
    counts: dict[str, int] = {}
    for key in keys:
        counts[key.person_id] = counts.get(key.person_id, 0) + 1
    return max(counts.values(), default=0)
