"""Exact search: the best per person, sorted, only over the scope and model it was built for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.gallery import GalleryEntry, Scope
from biometrics.template import ModelMismatch, Template
from tests.biometrics.exact_gallery import ExactGallery

MODEL = "sface-2021dec"
SHOP = Scope("SHOP", "s-1")


def unit(rng, count):
    vectors = rng.normal(size=(count, 128)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def entries_of(vectors, per_person=2, per_family=4):
    return [
        GalleryEntry(f"t{i:05}", f"p{i // per_person}", f"f{i // per_family}", vector)
        for i, vector in enumerate(vectors)
    ]


def probe_of(vector, model_id=MODEL):
    return Template.of(vector, model_id, 80)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), count=st.integers(1, 60), k=st.integers(1, 50))
def test_search_equals_brute_force(seed, count, k):
    rng = np.random.default_rng(seed)
    vectors, probe = unit(rng, count), probe_of(unit(rng, 1)[0])
    found = ExactGallery(MODEL, SHOP, entries_of(vectors)).search(probe, SHOP, k)
    best = {}
    for i, vector in enumerate(vectors):
        best[f"p{i // 2}"] = max(best.get(f"p{i // 2}", -2.0), float(vector @ probe.vector))
    expected = sorted(best.values(), reverse=True)[:k]
    assert [c.score for c in found] == pytest.approx(expected, abs=1e-5)
    assert len({c.person_id for c in found}) == len(found)
    assert all(best[c.person_id] == pytest.approx(c.score, abs=1e-5) for c in found)


def test_a_noisy_capture_finds_its_own_person():
    rng = np.random.default_rng(3)
    vectors = unit(rng, 500)
    gallery = ExactGallery(MODEL, SHOP, entries_of(vectors, 1, 2))
    for i in range(0, 500, 50):
        found = gallery.search(probe_of(vectors[i] + 0.05 * unit(rng, 1)[0]), SHOP, 3)
        assert found[0].person_id == f"p{i}"
        assert found[0].model_id == MODEL


def test_order_of_entries_does_not_matter():
    rng = np.random.default_rng(5)
    entries = entries_of(np.repeat(unit(rng, 5), 4, axis=0), 1, 1)  # ties on purpose
    probe = probe_of(unit(rng, 1)[0])
    forward = ExactGallery(MODEL, SHOP, entries).search(probe, SHOP, 20)
    assert forward == ExactGallery(MODEL, SHOP, entries[::-1]).search(probe, SHOP, 20)


def test_sizes_count_families_and_comparisons():
    gallery = ExactGallery(MODEL, SHOP, entries_of(unit(np.random.default_rng(1), 10)))
    assert gallery.size_families(SHOP) == 3
    assert gallery.size_templates(SHOP) == 10


def test_an_empty_gallery_finds_nobody():
    gallery = ExactGallery(MODEL, SHOP, [])
    assert gallery.search(probe_of(np.ones(128)), SHOP, 5) == []
    assert gallery.size_families(SHOP) == 0


def test_another_model_another_scope_and_another_k_are_faults():
    gallery = ExactGallery(MODEL, SHOP, entries_of(unit(np.random.default_rng(1), 4)))
    with pytest.raises(ModelMismatch):
        gallery.search(probe_of(np.ones(128), "dlib-resnet-v1"), SHOP, 5)
    with pytest.raises(ValueError, match="SHOP"):
        gallery.search(probe_of(np.ones(128)), Scope("VILLAGE", "v"), 5)
    with pytest.raises(ValueError, match="k is"):
        gallery.search(probe_of(np.ones(128)), SHOP, 0)


@pytest.mark.parametrize("bad", [np.zeros(128), np.full(128, np.nan), np.ones(128)])
def test_vectors_not_of_length_one_are_refused(bad):
    with pytest.raises(ValueError, match="length 1"):
        ExactGallery(MODEL, SHOP, [GalleryEntry("t", "p", "f", bad)])


def test_repr_hides_the_vector():
    assert "vector" not in repr(GalleryEntry("t", "p", "f", np.ones(128)))
