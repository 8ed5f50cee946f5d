"""All comparisons of two sets of faces, in slices that fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Floats
from biometrics.labelled import Codes, Mask

SLICE_ROWS: Final = 512  # 512 x 6 000 scores are 12 MB
BINS: Final = 4000  # of width 0.0005 over the cosines -1 to 1
TAIL_SHARE: Final = 1e-3  # the highest thousandth is kept score by score
_EDGES: Final = np.linspace(-1.0, 1.0, BINS + 1)


@dataclass(frozen=True, slots=True, eq=False)
class Faces:
    """`vectors` float32 (n, d) of length 1, `person` (n,) codes; one person may have several."""

    vectors: Floats = field(repr=False)
    person: Codes = field(repr=False)


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Scores (r, c) of rows `first`.. against columns `column`..; `same` person, `valid` pair."""

    first: int
    column: int
    scores: Floats
    same: Mask
    valid: Mask


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Genuine scores one by one; impostor scores counted, those above `tail_from` one by one."""

    genuine: Floats
    counts: NDArray[np.int64]
    tail: Floats
    tail_from: float

    @property
    def impostors(self) -> int:
        """Comparisons of two persons."""
        return int(self.counts.sum())

    def impostors_from(self, score: float) -> int:
        """Impostor comparisons that reach `score`; below the tail rounded up by one bin."""
        if score >= self.tail_from:
            return int(self.tail.size - np.searchsorted(self.tail, score, side="left"))
        return int(self.counts[int(_bin(np.array(score, np.float32))) :].sum())

    def score_at(self, fmr: float) -> float:
        """The score reached by the share `fmr` of the impostor comparisons."""
        wanted = round(fmr * self.impostors)
        if 0 < wanted <= self.tail.size:
            return float(self.tail[-wanted])
        above = np.cumsum(self.counts[::-1])[::-1]
        return float(_EDGES[int(np.flatnonzero(above >= max(wanted, 1))[-1])])

    def plus(self, other: Self) -> Self:
        """Both sets of comparisons; the tail is exact from the higher of the two bounds on."""
        start = max(self.tail_from, other.tail_from)
        tail = np.sort(np.concatenate([self.tail, other.tail]))
        return type(self)(
            np.concatenate([self.genuine, other.genuine]),
            self.counts + other.counts,
            tail[tail >= start],
            start,
        )


def slices(enrolled: Faces, probes: Faces | None) -> Iterator[Slice]:
    """Each comparison once; without `probes` all pairs within `enrolled` (upper triangle)."""
    asking = probes or enrolled
    for first in range(0, len(asking.vectors), SLICE_ROWS):
        column = 0 if probes else first
        rows = slice(first, first + SLICE_ROWS)
        scores = asking.vectors[rows] @ enrolled.vectors[column:].T
        same = asking.person[rows, None] == enrolled.person[None, column:]
        valid = np.ones_like(same) if probes else np.triu(np.ones_like(same), 1)
        yield Slice(first, column, scores, same, valid)


def compare(enrolled: Faces, probes: Faces | None = None, mated: Codes | None = None) -> Scores:
    """All scores; genuine ones only of the persons `mated`, when given.

    Zero rows (no face acquired) take no part: they are no comparison.
    """
    enrolled, probes = _acquired(enrolled), _acquired(probes) if probes else None
    counts, genuine = np.zeros(BINS, np.int64), [np.zeros(0, np.float32)]
    for part in slices(enrolled, probes):
        genuine.append(part.scores[part.same & part.valid & _wanted(part, probes, mated)])
        other = part.scores[~part.same & part.valid]
        counts += np.bincount(_bin(other), minlength=BINS)
    above = np.cumsum(counts[::-1])[::-1]
    wanted = max(TAIL_SHARE * counts.sum(), 1)
    start = float(_EDGES[int(np.flatnonzero(above >= wanted)[-1])]) if counts.any() else 1.0
    tail = [np.zeros(0, np.float32)]
    tail += [
        part.scores[~part.same & part.valid & (part.scores >= start)]
        for part in slices(enrolled, probes)
    ]
    return Scores(np.concatenate(genuine), counts, np.sort(np.concatenate(tail)), start)


def only(faces: Faces, persons: Codes) -> Faces:
    """The faces of these persons."""
    keep = np.isin(faces.person, persons)
    return Faces(faces.vectors[keep], faces.person[keep])


def _wanted(part: Slice, probes: Faces | None, mated: Codes | None) -> Mask:
    if probes is None or mated is None:
        return part.valid
    rows = slice(part.first, part.first + len(part.scores))
    return np.isin(probes.person[rows], mated)[:, None]


def _acquired(faces: Faces) -> Faces:
    keep = faces.vectors.any(axis=1)
    return Faces(faces.vectors[keep], faces.person[keep])


def _bin(scores: Floats) -> Codes:
    return np.asarray(np.clip((scores + 1.0) * (BINS / 2), 0, BINS - 1), np.int64)
