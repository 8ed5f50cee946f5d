"""Labels that the faces contradict: listed, so that a rate can be shown with and without them."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from biometrics.detector import Floats
from biometrics.labelled import LabelledTemplates
from biometrics.pairs import Faces, slices

CROSS_FROM: Final = 0.65  # LFW, single pictures: beyond it the false match rate is about 1e-9
SAME_BELOW: Final = 0.10  # the impostors' mean is 0.09: as unlike as two strangers


@dataclass(frozen=True, slots=True)
class Suspect:
    """Two rows whose cosine contradicts their labels; `rows_out` are left out of the clean run."""

    kind: str  # TWO_NAMES (one face under two persons) or TWO_FACES (two under one)
    row: int
    other: int
    person: str
    other_person: str
    score: float
    rows_out: tuple[int, ...]


def find_suspects(
    data: LabelledTemplates, cross_from: float = CROSS_FROM, same_below: float = SAME_BELOW
) -> list[Suspect]:
    """All suspect pairs, the most contradictory of each kind first."""
    found, usable = [], data.usable
    likeness = _likeness_to_own(data)
    for part in slices(Faces(data.vectors, data.person), None):
        strange = np.where(part.same, part.scores < same_below, part.scores >= cross_from)
        for i, j in np.argwhere(strange & part.valid):
            row, other = int(i) + part.first, int(j) + part.column
            if usable[row] and usable[other]:
                found.append(_suspect(data, row, other, float(part.scores[i, j]), likeness))
    return sorted(found, key=lambda s: (s.kind, s.score if s.kind == "TWO_FACES" else -s.score))


def rows_out(suspects: list[Suspect]) -> list[int]:
    """Rows the clean run leaves out."""
    return sorted({row for suspect in suspects for row in suspect.rows_out})


def _suspect(
    data: LabelledTemplates, row: int, other: int, score: float, likeness: Floats
) -> Suspect:
    one, two = data.names[data.person[row]], data.names[data.person[other]]
    kind = "TWO_FACES" if one == two else "TWO_NAMES"
    return Suspect(kind, row, other, one, two, score, _odd(row, other, likeness))


def _odd(row: int, other: int, likeness: Floats) -> tuple[int, ...]:
    """The row less like the rest of its person; both when neither stands out."""
    one, two = float(likeness[row]), float(likeness[other])
    if np.isnan(one) or np.isnan(two) or abs(one - two) < SAME_BELOW:
        return (row, other)
    return (row,) if one < two else (other,)


def _likeness_to_own(data: LabelledTemplates) -> Floats:
    """(n,): cosine to the mean of the person's other pictures; NaN with fewer than two others."""
    likeness = np.full(len(data.vectors), np.nan, np.float32)
    for person in np.unique(data.person):
        rows = np.flatnonzero((data.person == person) & data.usable)
        if len(rows) > 2:  # noqa: PLR2004 - of two pictures nobody can say which is the wrong one
            others = data.vectors[rows].sum(axis=0) - data.vectors[rows]
            norms = np.linalg.norm(others, axis=1)
            likeness[rows] = (others * data.vectors[rows]).sum(axis=1) / norms
    return likeness
