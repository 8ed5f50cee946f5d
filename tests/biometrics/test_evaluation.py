"""An evaluation of people with known rates says those rates, and finds what was planted."""

from dataclasses import replace

import numpy as np
import pytest

from biometrics.agreement import verdict
from biometrics.det_picture import det_svg
from biometrics.draws import draw
from biometrics.evaluation import evaluate
from biometrics.fpir_interval import FpirInterval
from biometrics.gallery import GalleryEntry, Scope
from biometrics.labelled import LabelledTemplates
from biometrics.pairs import Faces, compare
from biometrics.policy import Match, identify
from biometrics.runs import Plan, measure, searches
from biometrics.searches import open_set
from biometrics.statistics import Rate
from biometrics.suspects import find_suspects, rows_out
from biometrics.tail import fit_tail, fit_weighted
from biometrics.template import Template
from biometrics.thresholds import SFACE
from tests.biometrics.exact_gallery import ExactGallery
from tests.biometrics.synthetic_people import labelled, people

PLAN = Plan(SFACE, enrol=2, probe=2, draws=2)


def test_every_comparison_is_counted_once_with_its_score():
    vectors, persons = people(300, 4)
    scores = compare(Faces(vectors, persons))
    every = (vectors @ vectors.T)[np.triu_indices(1200, 1)]
    same = (persons[:, None] == persons)[np.triu_indices(1200, 1)]
    assert scores.genuine.size == same.sum() == 300 * 6
    assert scores.impostors == (~same).sum()
    assert scores.genuine.mean() == pytest.approx(every[same].mean(), abs=1e-5)
    for fmr in (0.1, 1e-3, 1e-4):
        score = scores.score_at(fmr)
        assert np.mean(every[~same] >= score) == pytest.approx(fmr, rel=0.02)
        assert scores.impostors_from(score) == pytest.approx(
            (every[~same] >= score).sum(), rel=0.02
        )


def test_no_picture_both_enrols_and_probes_and_the_seed_decides():
    data = labelled(40, 5)
    first, again = (draw(data, 3, 2, np.random.default_rng(4)) for _ in range(2))
    assert np.array_equal(first.probes.vectors, again.probes.vectors)
    assert len(first.mated) == 40
    cosines = (first.enrolled.vectors * first.probes.vectors).sum(axis=1)
    whole = compare(first.enrolled, first.probes, first.mated)
    assert np.allclose(np.sort(whole.genuine), np.sort(cosines))
    assert not len(draw(data, 4, 2, np.random.default_rng(4)).mated)  # 5 pictures are not 6


def test_searches_decide_exactly_as_the_policy():
    drawn = draw(labelled(60, 4, noise=2.2), 2, 2, np.random.default_rng(1))
    found = open_set(drawn, 40, np.random.default_rng(2))
    thresholds = replace(SFACE, identify_accept=0.25, verify_review=-1.0)
    mated = found.mated.nonzero()[0]
    chosen = found.person[mated]
    scope, answers = Scope("SHOP", "1"), []
    entries = [
        GalleryEntry(f"t{p}", str(p), f"f{p}", vector)
        for p, vector in zip(drawn.enrolled.person, drawn.enrolled.vectors, strict=True)
        if p in chosen
    ]
    gallery = ExactGallery(SFACE.model_id, scope, entries)
    for person in chosen:
        probe = drawn.probes.vectors[drawn.probes.person == person][0]
        hits = gallery.search(Template(probe, SFACE.model_id, 50), scope, 2)
        answers.append(isinstance(identify(hits, 40, thresholds), Match))
    matched = found.matched(0.25, SFACE.margin)[mated]
    assert 0 < matched.sum() < len(chosen)
    assert matched.tolist() == answers


def test_a_rate_by_chance_is_what_chance_gives_and_rises_with_the_gallery():
    """Strangers in 128 dimensions: cosine normal with variance 1/128, so FMR(0.25) = 0.0023."""
    run = measure(labelled(600, 2, noise=5.0), replace(PLAN, enrol=1, probe=1))
    false = run.scores.impostors_from(0.25) / run.scores.impostors
    assert false == pytest.approx(0.0023, rel=0.15)
    rates = [searches(run, size, 1).fpir(0.25, 0.0).value for size in (10, 100, 300, None)]
    assert rates == sorted(rates)
    assert rates[1] == pytest.approx(1 - (1 - false) ** 100, rel=0.15)


def test_swapped_labels_are_listed_and_both_results_are_shown():
    vectors, persons = people(50, 5, noise=0.4)
    persons[[0, 10]] = persons[[10, 0]]
    report, _ = evaluate(LabelledTemplates.of(vectors, persons), PLAN)
    listed = {row for suspect in report["suspects"] for row in suspect["rows_out"]}
    assert listed == {0, 10}
    assert {suspect["kind"] for suspect in report["suspects"]} == {"TWO_NAMES", "TWO_FACES"}
    whole, clean = (
        [r["curve"][0]["fnmr"]["value"] for r in report["results"] if r["material"] == name]
        for name in ("all", "without suspects")
    )
    assert whole[0] > clean[0] == 0.0


def test_sound_labels_are_not_suspected():
    assert rows_out(find_suspects(labelled(80, 4))) == []


def test_a_failure_to_acquire_counts_as_a_miss_and_not_as_a_comparison():
    vectors, persons = people(30, 2, noise=0.3)
    vectors[1::10] = 0.0  # one picture of each fifth person has no face
    data = LabelledTemplates.of(vectors, persons, failures={"NO_FACE": 6})
    report, _ = evaluate(data, replace(PLAN, enrol=1, probe=1))
    (result,) = report["results"]
    point = result["galleries"][-1]["points"][0]
    assert report["material"]["failure_to_acquire"]["events"] == 6
    assert point["fnir"]["value"] == pytest.approx(6 / 30)
    assert result["curve"][0]["fnmr"]["value"] == 0.0
    assert compare(Faces(data.vectors, data.person)).genuine.size == 24


def test_a_group_that_fares_worse_is_seen():
    vectors, persons = people(80, 4, noise=0.4)
    hard = np.isin(persons, np.arange(40))
    vectors[hard] += vectors[0]  # they look alike: a shared direction
    groups = np.where(hard, "alike", "other")
    report, _ = evaluate(LabelledTemplates.of(vectors, persons, groups), PLAN)
    alike, other = report["results"][1]["groups"]  # with the suspects, who are not wrong here
    assert (alike["group"], alike["persons"]) == ("alike", 40)
    assert alike["fmr"]["value"] > 100 * max(other["fmr"]["value"], 1e-4)


def test_the_report_repeats_and_the_picture_says_its_sentence():
    data = labelled(60, 4, noise=1.0)
    (one, runs), (two, _) = evaluate(data, PLAN), evaluate(data, PLAN)
    assert one == two
    picture = det_svg({"1 + 1": runs["all", 1, 1].scores, "2 < 2": runs["all", 2, 2].scores})
    assert picture.count("<polyline") == 2
    assert "2 &lt; 2" in picture
    assert "right comparisons are missed." in picture.split("<desc>")[1].split("</desc>")[0]


def test_people_with_too_few_pictures_give_an_empty_result_and_no_crash():
    vectors, persons = people(3, 2)
    report, runs = evaluate(LabelledTemplates.of(vectors[::2], persons[::2]), PLAN)
    assert [result["persons_mated"] for result in report["results"]] == [0, 0]
    assert "nothing to compare" in det_svg({"k": runs["all", 2, 2].scores})
    vectors, persons = people(2, 2)
    report, _ = evaluate(LabelledTemplates.of(vectors[:3], persons[:3]), PLAN)
    assert report["results"][-1]["persons_enrolled"] == 1
    vectors, _ = people(1, 4, noise=0.1)  # one face under two names: nothing is left
    report, _ = evaluate(LabelledTemplates.of(vectors, [1, 1, 2, 2]), PLAN)
    assert [result["persons_enrolled"] for result in report["results"]] == [2, 2, 0, 0]


def test_estimates_of_one_half_agree_with_the_counts_of_the_other():
    report, _ = evaluate(labelled(900, 2, noise=1.0), replace(PLAN, enrol=1, probe=1))
    rows = report["results"][0]["agreement"]
    assert {row["size"] for row in rows} >= {100, 450}
    assert {row["verdict"] for row in rows} == {"agrees"}
    for row in rows:
        assert row["estimated_low"] < row["estimated"] < row["estimated_high"]


def test_the_interval_repeats_by_its_seed_and_narrows_with_more_people():
    plan = replace(PLAN, enrol=1, probe=1)
    few, many = (measure(labelled(n, 2, noise=1.0), plan) for n in (250, 900))
    accept = max(few.scores.score_at(1e-3), many.scores.score_at(1e-3))
    one, again, wide = (
        FpirInterval.of(run, seed).at(accept, 100) for run, seed in ((many, 3), (many, 3), (few, 3))
    )
    assert one == again
    assert wide[1] - wide[0] > one[1] - one[0] > 0


def test_a_weighted_fit_of_equal_weights_is_the_fit():
    scores = np.random.default_rng(4).exponential(0.03, 4000) + 0.4
    fit, same = fit_tail(scores, 0.4, 10**6), fit_weighted(scores, np.ones(4000), 0.4, 10**6)
    assert same.rate(0.5) == pytest.approx(fit.rate(0.5), rel=0.01)
    assert fit_weighted(scores, np.zeros(4000), 0.4, 10**6) is None


def test_an_estimate_that_misses_is_named():
    assert verdict((0.2, 0.3), Rate(5, 1000, 1000)) == "too high"
    assert verdict((0.0, 0.001), Rate(50, 1000, 1000)) == "too low"
    assert verdict((0.0, 0.004), Rate(5, 1000, 1000)) == "agrees"
