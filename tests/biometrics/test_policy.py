"""The decision never gets surer when the evidence gets weaker."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.gallery import Candidate
from biometrics.policy import (
    Accepted,
    Ambiguous,
    Match,
    NoMatch,
    Rejected,
    Review,
    false_match_rate,
    fpir_estimate,
    identify,
    verify,
)
from biometrics.template import ModelMismatch
from biometrics.thresholds import DLIB, SFACE, SHIPPED

SCORES = st.floats(-1, 1)
SIZES = st.integers(0, 30_000_000)


def a_candidate(score, family="f1", person="p1", model_id=SFACE.model_id):
    return Candidate("t-" + person, person, family, score, model_id)


@pytest.mark.parametrize(
    ("score", "answer"),
    [(0.42, Accepted), (0.9, Accepted), (0.4199, Review), (0.36, Review), (0.3599, Rejected),
     (float("nan"), Rejected)],
)  # fmt: skip
def test_verify(score, answer):
    assert isinstance(verify(score, SFACE), answer)


def test_a_clear_best_is_a_match():
    found = identify([a_candidate(0.7), a_candidate(0.3, "f2", "p2")], 188, SFACE)
    assert isinstance(found, Match)
    assert found.margin == pytest.approx(0.4)
    assert 0 < found.fpir < 1e-3


def test_a_close_second_family_is_ambiguous():
    found = identify([a_candidate(0.7), a_candidate(0.65, "f2", "p2")], 188, SFACE)
    assert isinstance(found, Ambiguous)
    assert found.rival.family_id == "f2"


def test_a_close_second_of_the_same_family_is_no_rival():
    found = identify([a_candidate(0.7), a_candidate(0.69, "f1", "p2")], 188, SFACE)
    assert isinstance(found, Match)


def test_below_the_threshold_is_no_match():
    assert identify([a_candidate(0.4499)], 188, SFACE) == NoMatch(0.4499)
    assert identify([], 0, SFACE) == NoMatch(None)


def test_the_order_of_candidates_does_not_matter():
    few = [a_candidate(0.5, "f2", "p2"), a_candidate(0.7)]
    assert identify(few, 10, SFACE) == identify(few[::-1], 10, SFACE)


def test_candidates_of_another_model_are_a_fault():
    with pytest.raises(ModelMismatch):
        identify([a_candidate(0.97, model_id=DLIB.model_id)], 10, SFACE)


@pytest.mark.parametrize("thresholds", SHIPPED.values(), ids=list(SHIPPED))
@given(one=SCORES, other=SCORES, size=SIZES)
def test_risk_falls_with_the_score(thresholds, one, other, size):
    low, high = sorted((one, other))
    assert fpir_estimate(high, size, thresholds) <= fpir_estimate(low, size, thresholds)


@given(score=SCORES, one=SIZES, other=SIZES)
def test_risk_rises_with_the_gallery(score, one, other):
    few, many = sorted((one, other))
    risk_few, risk_many = fpir_estimate(score, few, SFACE), fpir_estimate(score, many, SFACE)
    assert 0 <= risk_few <= risk_many <= 1


def test_risk_agrees_with_what_was_measured():
    # Averaged templates, eightfold for the population: 0.14 % at 1,000, 13 % at 100,000.
    assert fpir_estimate(0.65, 1_000, SFACE) == pytest.approx(0.0014, rel=0.05)
    assert fpir_estimate(0.65, 100_000, SFACE) == pytest.approx(0.134, rel=0.05)
    assert fpir_estimate(0.65, 18_800_000, SFACE) == pytest.approx(1.0)
    assert fpir_estimate(0.65, 0, SFACE) == 0
    assert fpir_estimate(0.65, 1, SFACE) == pytest.approx(8 * 1.8e-7)


def test_the_uncounted_tail_is_not_extrapolated():
    assert false_match_rate(0.99, SFACE) == false_match_rate(0.70, SFACE) > 0


def test_dlib_never_looks_safe_for_a_search():
    assert fpir_estimate(1.0, 188, DLIB) > 0.5


@given(best=SCORES, second=SCORES, loss=st.floats(0, 1))
def test_a_weaker_best_never_turns_into_a_match(best, second, loss):
    rival = a_candidate(second, "f2", "p2")
    strong = identify([a_candidate(best), rival], 188, SFACE)
    weak = identify([a_candidate(max(best - loss, -1)), rival], 188, SFACE)
    mine = isinstance(weak, Match) and weak.candidate.family_id == "f1"
    assert not mine or isinstance(strong, Match)


@pytest.mark.parametrize(
    "wrong",
    [
        {"verify_review": 0.5},
        {"margin": -0.1},
        {"fmr_points": ((0.1, 0.1), (0.2, 0.2))},
        {"fmr_points": ((0.2, 0.2), (0.1, 0.1))},
        {"fmr_points": ((0.1, 0.1), (0.2, 0.0))},
        {"population_factor": 0.5},
    ],
)
def test_thresholds_that_contradict_themselves_are_refused(wrong):
    with pytest.raises(ValueError, match="thresholds"):
        replace(SFACE, **wrong)


def test_a_negative_gallery_is_a_fault():
    with pytest.raises(ValueError, match="negative"):
        fpir_estimate(0.5, -1, SFACE)
