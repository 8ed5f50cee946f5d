"""A calibration predicts the false hits that are counted, and a bad file is refused by name."""

import json
from dataclasses import replace

import numpy as np
import pytest

from biometrics.agreement import agreement
from biometrics.calibration import CalibrationFault, score_at, thresholds_from
from biometrics.calibration_file import load_calibration
from biometrics.policy import false_match_rate, fpir_estimate
from biometrics.runs import Plan, calibrate, measure, searches
from biometrics.tail import TailFault, fit_tail
from biometrics.thresholds import SFACE
from tests.biometrics.synthetic_people import labelled

PLAN = Plan(SFACE, enrol=1, probe=1, draws=2)
FACTS = {
    "model_id": SFACE.model_id,
    "population": "synthetic",
    "date": "2026-11-22",
    "population_factor": 1.0,
    "suspects_left_out": 0,
    "seed": 1,
    "source_sha256": "0" * 64,
}


@pytest.fixture(scope="module")
def run():
    return measure(labelled(2400, 2, noise=0.5), PLAN)


@pytest.fixture(scope="module")
def made(run):
    return calibrate(run, **FACTS)


def test_an_exponential_tail_is_found_again():
    scores = 0.4 + np.random.default_rng(5).exponential(0.03, 20_000)
    tail = fit_tail(scores, 0.4, 20_000_000)
    assert tail.fitted_shape == pytest.approx(0.0, abs=0.03)
    assert tail.scale == pytest.approx(0.03, rel=0.05)
    assert tail.rate(0.4) == pytest.approx(1e-3)
    assert tail.rate(tail.score_at(1e-6)) == pytest.approx(1e-6)


def test_a_heavy_tail_keeps_its_shape_and_a_light_one_is_made_exponential():
    chance = np.random.default_rng(6).random(50_000)
    heavy = fit_tail(0.4 + 0.03 * (chance**-0.2 - 1) / 0.2, 0.4, 50_000_000)
    light = fit_tail(0.4 + 0.03 * (chance**0.3 - 1) / -0.3, 0.4, 50_000_000)
    assert heavy.shape == pytest.approx(0.2, abs=0.04)
    assert heavy.rate(heavy.score_at(1e-7)) == pytest.approx(1e-7)
    assert light.fitted_shape == pytest.approx(-0.3, abs=0.03)
    assert light.shape == 0.0
    assert light.rate(0.4 + 0.1) > 0.0  # a light tail would say: nobody, ever


def test_too_few_strangers_are_no_tail():
    with pytest.raises(TailFault, match="30 are needed"):
        fit_tail(np.array([0.5, 0.6]), 0.4, 1000)


def test_the_rate_falls_and_the_tail_ends_a_decade_beyond_the_count(run, made):
    scores, rates = zip(*made.fmr_points, strict=True)
    assert list(scores) == sorted(scores)
    assert list(rates) == sorted(rates, reverse=True)
    assert rates[-1] >= 0.1 / (run.scores.impostors / PLAN.draws)
    chosen = thresholds_from(made)
    for rate in (1e-2, 1e-3, 1e-4):
        assert false_match_rate(run.scores.score_at(rate), chosen) == pytest.approx(rate, rel=0.05)


def test_the_estimate_agrees_with_the_count_on_other_people(made):
    """Fitted on one set of people, counted on another, at three gallery sizes."""
    others = measure(labelled(1100, 2, noise=0.5, seed=99), PLAN)
    chosen = thresholds_from(made)
    for size in (100, 1000, None):
        counted = searches(others, size, 1).fpir(score_at(made, 1e-4), 0.0)
        assert counted.covers(fpir_estimate(score_at(made, 1e-4), size or 1100, chosen)), size


def test_the_report_compares_estimate_and_count():
    rows = agreement(labelled(2400, 2, noise=0.5), PLAN)
    assert [row["size"] for row in rows] == [100, 1000, 1200] * 3
    assert {row["verdict"] for row in rows} == {"agrees"}


def test_the_population_factor_moves_the_thresholds_up(made):
    eight = replace(made, population_factor=8.0)
    one, eightfold = thresholds_from(made), thresholds_from(eight)
    assert eightfold.identify_accept > one.identify_accept
    assert false_match_rate(eightfold.identify_accept, eightfold) == pytest.approx(1e-4, rel=0.01)


def test_a_target_beyond_the_material_is_refused(made):
    with pytest.raises(CalibrationFault, match="measure more persons or ask for less"):
        thresholds_from(made, identify_fmr=1e-12)


def test_a_calibration_survives_its_file(made):
    assert load_calibration(made.to_json(), SFACE.model_id) == made


def changed(made, **fields):
    return json.dumps({**json.loads(made.to_json()), **fields})


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"model_id": "dlib-resnet-v1"}, "of model dlib-resnet-v1, in use is sface-2021dec"),
        ({"format": 2}, "format 1"),
        ({"seed": "one"}, "seed is 'one', not int"),
        ({"seed": True}, "seed is True"),
        ({"genuine_mean": float("nan")}, "genuine_mean is nan"),
        ({"extra": 1}, "missing or unknown in the calibration: extra"),
        ({"tail": {"start": 0.4}}, "tail.exceedances"),
        ({"tail": None}, "tail.start"),
        ({"population_factor": 0.5}, "population_factor is 0.5, at least 1"),
        ({"persons": 0}, "of nobody"),
        ({"fmr_points": None}, "not pairs"),
        ({"fmr_points": [[0.1, 0.5], ["a", 0.1]]}, "not pairs"),
        ({"fmr_points": [[0.1, 0.1], [0.2, 0.5]]}, "at score 0.2 the rate must have fallen"),
        ({"fmr_points": [[0.2, 0.5], [0.1, 0.1]]}, "at score 0.1"),
        ({"fmr_points": [[0.1, 0.5], [0.2, 0.0]]}, "rates are above 0"),
        ({"fmr_points": [[0.1, 0.5], [1.2, 0.1]]}, "scores are cosines"),
    ],
)
def test_a_bad_file_is_named(made, fields, said):
    with pytest.raises(CalibrationFault, match=said):
        load_calibration(changed(made, **fields), SFACE.model_id)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "{}", "\x00"])
def test_what_is_no_calibration_is_said_so(text):
    with pytest.raises(CalibrationFault, match="no calibration file"):
        load_calibration(text, SFACE.model_id)
