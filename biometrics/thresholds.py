"""The numbers behind every decision: data bound to a model, with version and source, no code."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Thresholds:
    """One model's operating points (cosine) and its tail of false matches.

    `margin` is the least lead over the best person of another family. `same_person_min` is the
    least cosine between pictures that may be averaged. `fmr_points` are (score, false match rate
    of one comparison), score rising; `population_factor` multiplies the rate for the people
    served, until it has been measured on them.
    """

    model_id: str
    version: str
    verify_accept: float
    verify_review: float
    identify_accept: float
    margin: float
    same_person_min: float
    fmr_points: tuple[tuple[float, float], ...]
    population_factor: float
    source: str

    def __post_init__(self) -> None:
        """Refuse thresholds that contradict themselves: a calibration file is outside data."""
        if not -1 <= self.verify_review <= self.verify_accept <= 1 or self.margin < 0:
            raise ValueError(f"thresholds {self.version}: review above accept, or no cosine")
        scores, rates = zip(*self.fmr_points, strict=True)
        if list(scores) != sorted(set(scores)) or list(rates) != sorted(rates, reverse=True):
            raise ValueError(f"thresholds {self.version}: the rate must fall as the score rises")
        if not (min(rates) > 0 and max(rates) <= 1 and self.population_factor >= 1):
            raise ValueError(
                f"thresholds {self.version}: rates are above 0, the factor is 1 or more"
            )


# Averaged templates see more false matches at one score than single pictures do (0.45: 3e-4 against
# 2e-5), because averaging pulls every face towards the common mean. The curve is the averaged one,
# the upper bound of both, so that no caller can pick the flattering curve by mistake.
SFACE: Final = Thresholds(
    model_id="sface-2021dec",
    version="sface-lfw-2026-11",
    verify_accept=0.42,
    verify_review=0.36,
    identify_accept=0.45,
    margin=0.06,
    same_person_min=0.36,
    fmr_points=(
        (-1.0, 1.0), (0.123, 0.5), (0.235, 1e-1), (0.329, 1e-2), (0.408, 1e-3), (0.492, 1e-4),
        (0.65, 1.8e-7), (0.70, 3.7e-8),
    ),
    population_factor=8.0,  # Asian against Asian faces of LFW: 3-6 times; rounded up for few data
    source="LFW, 5 enrolment x 3 probe images; counted to 1e-4, above that a fitted Pareto tail",
)  # fmt: skip

# dlib as a cosine: distance d of face_recognition is cosine 1 - d^2 / 4.09 (mean raw norm 1.43).
# Beyond distance 0.45 nothing was counted, so the rate stays there: no 1:N risk ever looks small.
DLIB: Final = Thresholds(
    model_id="dlib-resnet-v1",
    version="dlib-lfw-2026-11",
    verify_accept=0.961,  # distance 0.40
    verify_review=0.951,  # distance 0.45
    identify_accept=0.970,  # distance 0.35
    margin=0.024,
    same_person_min=0.912,  # distance 0.60, the library's own tolerance
    fmr_points=((-1.0, 1.0), (0.834, 0.5), (0.912, 2e-2), (0.923, 1e-2), (0.945, 1e-3),
                (0.951, 3.6e-4)),
    population_factor=20.0,  # Asian against Asian faces of LFW: 16-19 times the overall rate
    source="LFW, single images, 1.44 million impostor pairs",
)  # fmt: skip

SHIPPED: Final = {thresholds.model_id: thresholds for thresholds in (SFACE, DLIB)}
