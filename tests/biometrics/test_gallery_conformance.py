"""Whatever holds the templates, the answer is that of a plain float64 scan, at every moment."""

import numpy as np
import pytest

from biometrics.gallery import CANDIDATES_MAX
from biometrics.scopes import NATION
from biometrics.template import ModelMismatch
from tests.biometrics.galleries import (
    KINDS,
    brute,
    enrolment,
    population,
    probe,
    uuid,
)

SMALL, SMALL_PROBES = population(60)
LARGE, LARGE_PROBES = population(2_500)

every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def people(found):
    return [candidate.person_id for candidate in found]


@every_kind
def test_the_answer_is_that_of_a_float64_scan(kind):
    gallery = kind.make(LARGE)
    for vector in LARGE_PROBES[::30]:
        expected = brute(LARGE, vector, 5)
        found = gallery.search(probe(vector), kind.scope, 5)
        assert people(found)[:2] == [person for person, _ in expected][:2]
        assert [c.score for c in found] == pytest.approx([s for _, s in expected], abs=0.004)
        mine = dict(brute(LARGE, vector, len(LARGE)))
        for each in found:  # no score is better than the best of hers, or off by the cache's error
            assert mine[each.person_id] - 0.006 < each.score <= mine[each.person_id] + 1e-6


@every_kind
@pytest.mark.parametrize("k", [1, 2, CANDIDATES_MAX])
def test_a_person_with_two_templates_is_listed_once_with_the_better(kind, k):
    found = kind.make(SMALL).search(probe(SMALL[10].entry.vector), kind.scope, k)
    expected = brute(SMALL, SMALL[10].entry.vector, k)
    assert len(set(people(found))) == len(found) == k
    assert found[0].template_id == uuid(1, 10)
    assert [c.score for c in found] == pytest.approx([s for _, s in expected], abs=0.006)


@every_kind
def test_equal_scores_are_ordered_by_template_id(kind):
    twins = [enrolment(i, SMALL[0].entry.vector) for i in range(5)]
    others = [enrolment(20 + i, one.entry.vector) for i, one in enumerate(SMALL[1:40])]
    found = kind.make(twins + others).search(probe(SMALL_PROBES[0]), kind.scope, 5)
    assert [c.template_id for c in found] == [uuid(1, i) for i in range(5)]
    assert len({c.score for c in found}) == 1


@every_kind
@pytest.mark.parametrize("apart", [1e-2, 3e-2])
def test_faces_closer_than_a_byte_can_tell_are_still_told_apart(kind, apart):
    """What a scan in bytes alone would get wrong, so that leaving the exact scoring out shows."""
    rng = np.random.default_rng(2)
    alike = SMALL[0].entry.vector + apart * rng.normal(size=(4, 128)) / np.sqrt(128)
    alike /= np.linalg.norm(alike, axis=1, keepdims=True)
    close = [enrolment(i, vector.astype(np.float32)) for i, vector in enumerate(alike)]
    everyone = close + [enrolment(1_000 + i, e.entry.vector) for i, e in enumerate(SMALL[1:])]
    gallery = kind.make(everyone)
    for vector in [SMALL[0].entry.vector, SMALL_PROBES[0]]:
        expected = brute(everyone, vector, 4)
        assert people(gallery.search(probe(vector), kind.scope, 4)) == [who for who, _ in expected]


@every_kind
def test_sizes(kind):
    gallery = kind.make(SMALL)
    assert gallery.size_templates(kind.scope) == 66
    if kind.scope != NATION:
        assert gallery.size_families(kind.scope) == 30


@every_kind
def test_nobody_is_found_among_nobody(kind):
    gallery = kind.make([])
    assert gallery.search(probe(SMALL_PROBES[0]), kind.scope, 5) == []
    assert gallery.size_templates(kind.scope) == gallery.size_families(kind.scope) == 0


@every_kind
def test_another_model_and_another_k_are_faults(kind):
    gallery = kind.make(SMALL)
    with pytest.raises(ModelMismatch):
        gallery.search(probe(SMALL_PROBES[0], "dlib-resnet-v1"), kind.scope, 5)
    for k in (0, CANDIDATES_MAX + 1):
        with pytest.raises(ValueError, match="k is"):
            gallery.search(probe(SMALL_PROBES[0]), kind.scope, k)


@every_kind
@pytest.mark.parametrize("bad", [np.zeros(128), np.full(128, np.nan), np.ones(128)])
def test_a_vector_that_is_not_of_length_one_is_refused(kind, bad):
    with pytest.raises(ValueError, match="length 1"):
        kind.make([enrolment(0, bad.astype(np.float32))])
