"""Searches of a gallery of N persons: what `policy.identify` would have answered, by threshold."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from biometrics.detector import Floats
from biometrics.draws import Draw
from biometrics.labelled import Codes, Mask
from biometrics.pairs import SLICE_ROWS, Faces, only
from biometrics.statistics import Rate

_EPSILON: Final = 1e-6  # a threshold just above a score


@dataclass(frozen=True, slots=True, eq=False)
class Searches:
    """One row a search: best score, lead over the next family, whether she is in the gallery."""

    best: Floats = field(repr=False)
    margin: Floats = field(repr=False)
    right: Mask = field(repr=False)
    mated: Mask = field(repr=False)
    person: Codes = field(repr=False)

    def matched(self, accept: float, margin: float) -> Mask:
        """Where `policy.identify` answers Match."""
        return np.asarray((self.best >= accept) & (self.margin >= margin))

    def fnir(self, accept: float, margin: float) -> Rate:
        """Mated searches that did not match the right person (no face acquired included)."""
        missed = ~(self.matched(accept, margin) & self.right)
        return self._rate(missed, self.mated)

    def wrong(self, accept: float, margin: float) -> Rate:
        """Mated searches that matched another person: the wrong family would be debited."""
        return self._rate(self.matched(accept, margin) & ~self.right, self.mated)

    def fpir(self, accept: float, margin: float) -> Rate:
        """Non-mated searches that matched anybody."""
        return self._rate(self.matched(accept, margin), ~self.mated)

    def accept_for(self, fpir: float, margin: float) -> float:
        """The lowest threshold with a measured FPIR of at most `fpir` (0: no false hit)."""
        false = np.sort(self.best[~self.mated & (self.margin >= margin)])[::-1]
        allowed = int(fpir * int((~self.mated).sum()))
        return float(false[allowed]) + _EPSILON if allowed < false.size else -1.0

    def of_persons(self, persons: Codes) -> "Searches":
        """Only the searches of these persons."""
        return self._rows(np.isin(self.person, persons))

    def plus(self, other: "Searches") -> "Searches":
        """Both sets of searches."""
        names = ("best", "margin", "right", "mated", "person")
        return Searches(*(np.concatenate([getattr(self, n), getattr(other, n)]) for n in names))

    def _rows(self, rows: Mask) -> "Searches":
        return Searches(
            self.best[rows], self.margin[rows], self.right[rows], self.mated[rows],
            self.person[rows],
        )  # fmt: skip

    def _rate(self, events: Mask, among: Mask) -> Rate:
        people = np.unique(self.person[among]).size
        return Rate(int((events & among).sum()), int(among.sum()), people)


def search(gallery: Faces, probes: Faces, *, mated: bool) -> Searches:
    """Every probe against the gallery; not `mated`: against the gallery without herself."""
    best, lead, right = [], [], []
    for first in range(0, len(probes.vectors), SLICE_ROWS):
        rows = slice(first, first + SLICE_ROWS)
        scores = probes.vectors[rows] @ gallery.vectors.T
        own = probes.person[rows, None] == gallery.person[None, :]
        if not mated:
            scores[own] = -np.inf
        top = np.argmax(scores, axis=1)[:, None]
        best.append(np.take_along_axis(scores, top, 1)[:, 0])
        right.append(np.take_along_axis(own, top, 1)[:, 0] & mated)
        np.put_along_axis(scores, top, -np.inf, 1)
        with np.errstate(invalid="ignore"):  # a gallery of herself only, left out: nobody matches
            lead.append(best[-1] - scores.max(axis=1))  # without a rival infinite: `identify`
    flags = np.full(len(probes.vectors), mated)
    hers = _joined(right).astype(bool)
    return Searches(_joined(best), _joined(lead), hers, flags, probes.person)


def open_set(drawn: Draw, size: int | None, rng: np.random.Generator) -> Searches:
    """A gallery of `size` persons (`None`: all), searched by those in it and by strangers.

    Strangers are everybody with a probe; whoever is enrolled is left out for that search, so N is
    one less for her. First choice for the gallery are persons who can be searched too.
    """
    everyone = drawn.enrolled.person
    chosen = everyone if size is None else _choose(everyone, drawn.mated, size, rng)
    gallery = only(drawn.enrolled, chosen)
    inside = search(gallery, only(drawn.probes, np.intersect1d(drawn.mated, chosen)), mated=True)
    return inside.plus(search(gallery, drawn.probes, mated=False))


def _choose(everyone: Codes, mated: Codes, size: int, rng: np.random.Generator) -> Codes:
    if not 1 <= size <= len(everyone):
        raise ValueError(f"a gallery of {size} persons; {len(everyone)} can be enrolled")
    others = np.setdiff1d(everyone, mated)
    order = np.concatenate([rng.permutation(mated), rng.permutation(others)])
    return order[:size]


def _joined(parts: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(0, np.float32)
