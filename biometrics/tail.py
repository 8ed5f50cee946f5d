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
    test shows, so `shape` is never below 0 (exponential): the risk is rather stated too high.
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
        if self.shape < _EXPONENTIAL:
            return self.share * exp(-lead)
        return self.share * float((1 + self.shape * lead) ** (-1 / self.shape))

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
    count = over.size
    if count < EXCEEDANCES_MIN or over[-1] <= 0:
        raise TailFault(
            f"{count} impostor scores from {start:.3f} on, {EXCEEDANCES_MIN} are needed: "
            "evaluate more persons"
        )
    mean, weighted = _moments(over)
    fitted = 2 - mean / (mean - 2 * weighted)
    # The exponential in place of a lighter tail has the same mean excess.
    scale = mean if fitted < 0 else 2 * mean * weighted / (mean - 2 * weighted)
    return Tail(start, count / comparisons, scale, max(fitted, 0.0), fitted, count)


def _moments(over: NDArray[np.float64]) -> tuple[float, float]:
    """Mean, and mean weighted by the share of the sample that lies above."""
    above = np.arange(over.size - 1, -1, -1) / (over.size - 1)
    return float(over.mean()), float((above * over).mean())
