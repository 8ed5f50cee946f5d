"""Intervals are exact and cover the truth; material that cannot be counted is named."""

from math import comb

import numpy as np
import pytest

from biometrics.labelled import DataFault, LabelledTemplates
from biometrics.statistics import Rate, clopper_pearson, rule_of_three
from tests.biometrics.synthetic_people import labelled, people


def binomial_tail(events, trials, rate):
    return sum(comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(events + 1))


@pytest.mark.parametrize(("events", "trials"), [(1, 10), (5, 440), (37, 100), (99, 100)])
def test_the_limits_leave_2_5_percent_on_each_side(events, trials):
    low, high = clopper_pearson(events, trials)
    assert binomial_tail(events, trials, high) == pytest.approx(0.025, rel=1e-6)
    assert 1 - binomial_tail(events - 1, trials, low) == pytest.approx(0.025, rel=1e-6)


def test_intervals_cover_the_true_rate():
    events = np.random.default_rng(3).binomial(200, 0.03, 1000)
    covered = np.mean([Rate(int(k), 200, 200).covers(0.03) for k in events])
    assert covered >= 0.94


def test_nothing_seen_is_the_rule_of_three_and_nothing_tried_is_everything():
    assert rule_of_three(440) == pytest.approx(3 / 440, rel=0.01)
    assert clopper_pearson(0, 440) == (0.0, rule_of_three(440))
    assert clopper_pearson(440, 440) == (1 - rule_of_three(440), 1.0)
    assert Rate(0, 0, 0).interval == (0.0, 1.0)


def test_repeated_searches_of_the_same_people_do_not_narrow_the_interval():
    assert Rate(50, 1000, 100).interval == Rate(5, 100, 100).interval


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda v, p: (v[0], p), r"embedding has the shape \(128,\)"),
        (lambda v, p: (v.astype(str), p), "not numbers"),
        (lambda v, p: (np.where(np.arange(128) == 5, np.nan, v), p), "row 0 has NaN"),
        (lambda v, p: (v * (p != 1)[:, None], p), "rows of zeros"),
        (lambda v, p: (v, p[:-1]), r"person has the shape \(11,\)"),
        (lambda v, p: (v, p * 0), "1 person"),
        (lambda v, p: (v, p / 2), "whole numbers or texts"),
        (lambda v, p: (v, p, p[:3]), "group is"),
    ],
)
def test_bad_material_is_named(change, said):
    with pytest.raises(DataFault, match=said):
        LabelledTemplates.of(*change(*people(3, 4)))


def test_vectors_that_are_not_of_length_one_are_normalised_with_a_warning():
    vectors, persons = people(3, 4)
    assert labelled(3, 4).warnings == ()
    data = LabelledTemplates.of(vectors * 3, persons)
    assert "12 embeddings" in data.warnings[0]
    assert np.allclose(data.vectors, vectors, atol=1e-6)
