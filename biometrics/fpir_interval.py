"""How sure is an estimated FPIR: people drawn anew with replacement, the tail fitted again."""

from dataclasses import dataclass, field
from math import inf
from typing import Final

import numpy as np
from numpy.typing import NDArray

from biometrics.calibration import COUNTED_MIN
from biometrics.draws import Draw
from biometrics.labelled import Codes
from biometrics.pairs import slices
from biometrics.runs import Run
from biometrics.tail import fit_weighted

Weights = NDArray[np.float64]

REPLICATES: Final = 200
SIDES: Final = (2.5, 97.5)  # percent: a 95 % interval


@dataclass(frozen=True, slots=True, eq=False)
class NearStrangers:
    """Impostor comparisons from `start` on, one by one, with both persons' codes.

    `probe` numbers the probes of all draws, of which there are `probes`.
    """

    score: NDArray[np.float64] = field(repr=False)
    enrolled_person: Codes = field(repr=False)
    probe_person: Codes = field(repr=False)
    probe: Codes = field(repr=False)
    start: float
    probes: int

    @classmethod
    def of(cls, run: Run) -> "NearStrangers":
        """The tail of a run again, this time with who it was."""
        start, parts, before = run.scores.tail_from, [], 0
        for drawn in run.draws:
            parts.append(_pairs(drawn, start, before))
            before += len(drawn.probes.person)
        score, enrolled, asking, probe = (np.concatenate(each) for each in zip(*parts, strict=True))
        return cls(
            score.astype(np.float64), enrolled.astype(np.int64), asking.astype(np.int64),
            probe.astype(np.int64), start, before,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class FpirInterval:
    """Rates of false matches as other samples of as many people might have shown them.

    Three things make an estimate unsure. The sample: whole persons are drawn anew, because each
    stands in thousands of comparisons. And 1 - (1 - FMR)^N takes people as equally often
    mistaken, while few of them cause most false matches: those hit several times in one search
    and count once. With the spread that the probes show (gamma, shape k) the same FMR gives
    1 - (1 + N FMR / k)^-k, which is never more. And the estimate takes the tail for no lighter
    than exponential. So the interval reaches from the low side of people who differ and of a tail
    as light as the scores say to the high side of the policy's own estimate.
    """

    run: Run
    near: NearStrangers
    weights: Weights = field(repr=False)
    comparisons: Weights = field(repr=False)

    @classmethod
    def of(cls, run: Run, seed: int, replicates: int = REPLICATES) -> "FpirInterval":
        """`seed` decides who is drawn. `replicates` x persons of weights are kept."""
        people = 1 + max(
            int(each.person.max(initial=0)) for d in run.draws for each in (d.enrolled, d.probes)
        )
        present = np.unique(np.concatenate([d.probes.person for d in run.draws]))
        present = np.union1d(present, run.draws[0].enrolled.person)
        rng = np.random.default_rng(seed)
        weights = np.zeros((replicates, people))
        shares = np.full(present.size, 1 / present.size)
        weights[:, present] = rng.multinomial(present.size, shares, replicates)
        comparisons = np.sum([_comparisons(d, weights) for d in run.draws], axis=0)
        return cls(run, NearStrangers.of(run), weights, comparisons)

    def at(self, accept: float, size: int) -> tuple[float, float]:
        """Low and high FPIR at a score from `near.start` on in a gallery of `size` persons."""
        low = _unequal(self._rates(accept, light=True), size, self._evenness(accept))
        high = _unequal(self._rates(accept, light=False), size, inf)
        return float(np.percentile(low, SIDES[0])), float(np.percentile(high, SIDES[1]))

    def _rates(self, accept: float, *, light: bool) -> Weights:
        """FMR at `accept` of each replicate: counted as far as the calibration counts."""
        near, reached = self.near, self.near.score >= accept
        pairs = self.weights[:, near.enrolled_person] * self.weights[:, near.probe_person]
        if reached.sum() / len(self.run.draws) >= COUNTED_MIN:
            return np.asarray(pairs[:, reached].sum(axis=1) / self.comparisons)
        fits = (
            fit_weighted(near.score, each, near.start, total, light=light)
            for each, total in zip(pairs, self.comparisons, strict=True)
        )
        return np.array([fit.rate(accept) if fit else 0.0 for fit in fits])

    def _evenness(self, accept: float) -> float:
        """Shape k of the gamma spread of the probes' own rates; infinite: all alike.

        Method of moments on hits a probe, at `accept` or at the highest score with enough hits.
        """
        ranked = np.sort(self.near.score)[::-1]
        enough = ranked[min(COUNTED_MIN * len(self.run.draws), ranked.size) - 1]
        reached = self.near.score >= min(accept, float(enough))
        hits = np.bincount(self.near.probe[reached], minlength=self.near.probes)
        mean, extra = hits.mean(), hits.var() - hits.mean()
        return float(mean**2 / extra) if extra > 0 else inf


def _pairs(
    drawn: Draw, start: float, before: int
) -> tuple[NDArray[np.float32], Codes, Codes, Codes]:
    """Scores from `start` on of one draw, enrolled person, probe person, number of the probe."""
    found: list[tuple[NDArray[np.float32], Codes, Codes, Codes]] = []
    for part in slices(drawn.enrolled, drawn.probes):
        row, column = np.nonzero(~part.same & part.valid & (part.scores >= start))
        rows = row + part.first
        found.append(
            (
                part.scores[row, column], drawn.enrolled.person[column + part.column],
                drawn.probes.person[rows], rows + before,
            )
        )  # fmt: skip
    score, enrolled, asking, probe = (np.concatenate(each) for each in zip(*found, strict=True))
    return score, enrolled, asking, probe


def _comparisons(drawn: Draw, weights: Weights) -> Weights:
    """Impostor comparisons of each replicate: all, less those of a person with herself."""
    enrolled, probes = weights[:, drawn.enrolled.person], weights[:, drawn.probes.person]
    both = np.intersect1d(drawn.enrolled.person, drawn.probes.person)
    own = (weights[:, both] ** 2).sum(axis=1)
    return np.asarray(enrolled.sum(axis=1) * probes.sum(axis=1) - own)


def _unequal(rates: Weights, size: int, evenness: float) -> Weights:
    """FPIR of persons whose own rates are spread by a gamma of shape `evenness`."""
    if evenness == inf:
        return np.asarray(-np.expm1(size * np.log1p(-rates)))
    return np.asarray(-np.expm1(-evenness * np.log1p(size * rates / evenness)))
