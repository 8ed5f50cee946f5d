"""Does the estimated FPIR hold: fitted on one half of the people, counted on the other."""

from dataclasses import replace
from typing import Any

import numpy as np

from biometrics.calibration import CalibrationFault, score_at
from biometrics.fpir_interval import FpirInterval
from biometrics.labelled import LabelledTemplates
from biometrics.policy import fpir_estimate
from biometrics.rates import AGREEMENT_FMR, Facts, searches_by_size
from biometrics.runs import Plan, calibrate, measure
from biometrics.statistics import Rate
from biometrics.tail import TailFault
from biometrics.thresholds import Thresholds


def agreement(data: LabelledTemplates, plan: Plan) -> list[Facts]:
    """1 - (1 - FMR)^N with the interval of its fit against the FPIR that was counted.

    Which half is whose is drawn by the plan's seed. Without the population factor and the margin:
    the estimate knows neither for these people. Empty when half of them are too few.
    """
    fitted_on, counted_on = _halves(data, plan.seed)
    run = measure(fitted_on, plan)
    try:
        own = calibrate(
            run, model_id=plan.thresholds.model_id, population="own", date="", seed=0,
            population_factor=1.0, suspects_left_out=0, source_sha256="",
        )  # fmt: skip
    except TailFault:
        return []
    judged = _only_points(plan.thresholds, own.fmr_points)
    interval = FpirInterval.of(run, plan.seed)
    found = searches_by_size(measure(counted_on, plan), plan.seed)
    rows = []
    for fmr in AGREEMENT_FMR:
        try:
            accept = score_at(own, fmr)
        except CalibrationFault:  # rarer than half of these people can show
            continue
        for size, searches in found.items():
            estimated = fpir_estimate(accept, size, judged)
            sides = interval.at(accept, size)
            counted = searches.fpir(accept, 0.0)
            rows.append(
                {
                    "size": size, "fmr": fmr, "accept": accept, "estimated": estimated,
                    "estimated_low": min(sides[0], estimated),
                    "estimated_high": max(sides[1], estimated),
                    "fpir": counted.to_json(), "verdict": verdict(sides, counted),
                }
            )  # fmt: skip
    return rows


def verdict(sides: tuple[float, float], counted: Rate) -> str:
    """Whether the two intervals meet; "too high" errs on the safe side: a step-up too many."""
    low, high = counted.interval
    if sides[0] > high:
        return "too high"
    return "too low" if sides[1] < low else "agrees"


def _halves(data: LabelledTemplates, seed: int) -> tuple[LabelledTemplates, LabelledTemplates]:
    people = np.random.default_rng(seed).permutation(np.unique(data.person))
    first = np.isin(data.person, people[: len(people) // 2])
    one, other = np.flatnonzero(first), np.flatnonzero(~first)
    return data.without(other.tolist()), data.without(one.tolist())


def _only_points(base: Thresholds, points: tuple[tuple[float, float], ...]) -> Thresholds:
    changed: dict[str, Any] = {"fmr_points": points, "population_factor": 1.0}
    return replace(base, **changed)
