"""The impostor tail beyond what could be counted: generalised Pareto, and never a light one."""

from dataclasses import dataclass
from math import exp, log
from typing import Final

import numpy as np
from numpy.typing import NDArray

EXCEEDANCES_MIN: Final = 30  # below that a fit says more about chance than about faces
_EXPONENTIAL: Final = 1e-6


class TailFault(ValueError):  # noqa: N818 - the name says what is wrong
    """There are too few impostor scores to fit a tail."""


@dataclass(frozen=True, slots=True)
class Tail:
    """FMR(score) = share * (1 + shape * (score - start) / scale) ^ (-1 / shape).

    `start` and `scale` are cosines, `share` is the FMR at `start`. `fitted_shape` is what the
    data said; a negative one would mean a score that no stranger can ever reach, which no finite
    test shows, so an estimate's `shape` is never below 0 (exponential): the risk is rather stated
    too high.
    """

    start: float
    share: float
    scale: float
    shape: float
    fitted_shape: float
    exceedances: int

    def rate(self, score: float) -> float:
        """FMR at a score from `start` on."""
        lead = max(score - self.start, 0.0) / self.scale
        if abs(self.shape) < _EXPONENTIAL:
            return self.share * exp(-lead)
        left = 1 + self.shape * lead  # a light tail has an end, where nothing is left
        return self.share * float(left ** (-1 / self.shape)) if left > 0 else 0.0

    def score_at(self, rate: float) -> float:
        """The score of an FMR below `share`; may lie above 1, where no cosine is."""
        ratio = self.share / rate
        if self.shape < _EXPONENTIAL:
            return self.start + self.scale * log(ratio)
        return self.start + self.scale * (float(ratio**self.shape) - 1) / self.shape


def fit_tail(scores: NDArray[np.floating], start: float, comparisons: int) -> Tail:
    """Probability-weighted moments (Hosking and Wallis 1987).

    `scores` are the impostor scores from `start` on, of `comparisons` in all. Raises `TailFault`.
    """
    over = np.sort(np.asarray(scores, np.float64)) - start
    if over.size < EXCEEDANCES_MIN or over[-1] <= 0:
        raise TailFault(
            f"{over.size} impostor scores from {start:.3f} on, {EXCEEDANCES_MIN} are needed: "
            "evaluate more persons"
        )
    return _fitted(*_moments(over), start, over.size / comparisons, over.size)


def fit_weighted(
    scores: NDArray[np.float64],
    weights: NDArray[np.float64],
    start: float,
    comparisons: float,
    *,
    light: bool = False,
) -> Tail | None:
    """The same for scores that count `weights` times (0 and up) each; `None` when none is left.

    `light` keeps a negative shape: the low side of an interval, never an estimate.
    """
    order = np.argsort(scores)
    over, weight = scores[order] - start, weights[order]
    total = float(weight.sum())
    if total <= 0 or not float(weight @ over):
        return None
    above = (total - np.cumsum(weight) + weight / 2) / total
    mean, weighted = float(weight @ over) / total, float(weight @ (above * over)) / total
    return _fitted(mean, weighted, start, total / comparisons, round(total), light=light)


def _fitted(
    mean: float, weighted: float, start: float, share: float, count: int, *, light: bool = False
) -> Tail:
    spread = mean - 2 * weighted
    fitted = 2 - mean / spread
    if fitted < 0 and not light:  # the exponential in place of a lighter tail: same mean excess
        return Tail(start, share, mean, 0.0, fitted, count)
    return Tail(start, share, 2 * mean * weighted / spread, fitted, fitted, count)


def _moments(over: NDArray[np.float64]) -> tuple[float, float]:
    """Mean, and mean weighted by the share of the sample that lies above."""
    above = np.arange(over.size - 1, -1, -1) / (over.size - 1)
    return float(over.mean()), float((above * over).mean())
