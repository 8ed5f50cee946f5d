"""Scores of known people in, the numbers of the risk policy out; a file that says whence."""

import json
from dataclasses import asdict, dataclass
from math import exp, log
from typing import Any, Final, Self

import numpy as np

from biometrics.pairs import Scores
from biometrics.tail import Tail, fit_tail
from biometrics.thresholds import Thresholds

FORMAT: Final = 1
COUNTED_MIN: Final = 30  # rule of 30 (Doddington): within 30 %; fewer are left to the fitted tail
DECADES_BEYOND: Final = 1.0  # how far below 1 / comparisons the tail is believed
_RATES: Final = (0.5, 1e-1, 1e-2, 1e-3)
_POINTS_PER_DECADE: Final = 2


class CalibrationFault(ValueError):  # noqa: N818 - the name says what is wrong
    """A calibration file that must not be used, or a target it cannot reach."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """What was measured, on whom, when; `fmr_points` are (cosine, FMR), score rising.

    `single_score_1e3` is the score of FMR 1e-3 between two single pictures: frames of a probe are
    compared one by one before they are averaged. `persons` are those who were compared;
    `source_sha256` is of the material.
    """

    model_id: str
    population: str
    date: str  # ISO 8601, passed in
    persons: int
    enrol: int
    probe: int
    draws: int  # of which pictures enrol and which probe; `impostors` counts all of them
    genuine: int
    impostors: int
    genuine_mean: float
    genuine_std: float
    genuine_p1: float
    fmr_points: tuple[tuple[float, float], ...]
    population_factor: float
    single_score_1e3: float
    tail: Tail
    suspects_left_out: int
    seed: int
    source_sha256: str

    def to_json(self) -> str:
        """The calibration file."""
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1) + "\n"

    @classmethod
    def of_scores(cls, scores: Scores, single: Scores, draws: int = 1, **facts: Any) -> Self:
        """Fit. `facts` are the fields that name the material. Raises `TailFault`."""
        tail = fit_tail(scores.tail, scores.tail_from, scores.impostors)
        genuine = scores.genuine if scores.genuine.size else np.zeros(1, np.float32)
        return cls(
            genuine=scores.genuine.size,
            impostors=scores.impostors,
            genuine_mean=round(float(genuine.mean()), 4),
            genuine_std=round(float(genuine.std()), 4),
            genuine_p1=round(float(np.percentile(genuine, 1)), 4),
            draws=draws,
            fmr_points=fmr_points(scores, tail, draws),
            single_score_1e3=round(single.score_at(1e-3), 4),
            tail=tail,
            **facts,
        )


def fmr_points(scores: Scores, tail: Tail, draws: int = 1) -> tuple[tuple[float, float], ...]:
    """Counted where 30 false matches were seen, fitted above, one decade beyond the count.

    A rate no test could have shown is left out: `policy.false_match_rate` then stays at the last.
    """
    points = [(-1.0, 1.0)]
    comparisons = scores.impostors / draws  # a further draw of the same people is no new evidence
    deepest = exp(-DECADES_BEYOND * log(10)) / comparisons
    steps = int((log(1e-3) - log(deepest)) / log(10) * _POINTS_PER_DECADE)
    fitted = (10 ** (-3 - step / _POINTS_PER_DECADE) for step in range(1, steps + 1))
    for rate in (*_RATES, *fitted):
        counted = rate * comparisons >= COUNTED_MIN or rate > tail.share
        score = round(scores.score_at(rate) if counted else tail.score_at(rate), 4)
        if points[-1][0] < score < 1.0:
            points.append((score, float(f"{rate:.3g}")))
    return tuple(points)


def thresholds_from(
    calibration: Calibration,
    *,
    verify_fmr: float = 1e-3,
    review_fmr: float = 1e-2,
    identify_fmr: float = 1e-4,
    margin: float = 0.06,
) -> Thresholds:
    """Operating points at which one comparison falsely matches this often.

    The population factor is included. Raises `CalibrationFault` for a rate beyond the points.
    """
    return Thresholds(
        model_id=calibration.model_id,
        version=f"{calibration.model_id}-{calibration.population}-{calibration.date}",
        verify_accept=score_at(calibration, verify_fmr),
        verify_review=score_at(calibration, review_fmr),
        identify_accept=score_at(calibration, identify_fmr),
        margin=margin,
        same_person_min=calibration.single_score_1e3,
        fmr_points=calibration.fmr_points,
        population_factor=calibration.population_factor,
        source=(
            f"{calibration.population}, {calibration.date}: {calibration.persons} persons, "
            f"{calibration.enrol} x {calibration.probe} pictures, "
            f"{calibration.impostors} impostor comparisons"
        ),
    )


def score_at(calibration: Calibration, fmr: float) -> float:
    """The cosine at which strangers of this population match falsely at the rate `fmr`."""
    scores, rates = zip(*calibration.fmr_points, strict=True)
    wanted = fmr / calibration.population_factor
    if not min(rates) <= wanted <= 1:
        raise CalibrationFault(
            f"FMR {fmr:g} with factor {calibration.population_factor:g} lies beyond the "
            f"calibration (down to {min(rates) * calibration.population_factor:.1e}): "
            "measure more persons or ask for less"
        )
    falling = [-log(rate) for rate in rates]
    return round(float(np.interp(-log(wanted), falling, scores)), 4)
