"""What hides mouth, nose or eyes is told apart from what people wear around a free face."""

import cv2
import numpy as np
import pytest

from biometrics.finder import FoundFace
from biometrics.occlusion import eye_occlusion, mouth_nose_occlusion
from biometrics.quality import Pose
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.synthetic_wear import COVERING, FREE, Wear, draw
from biometrics.template import similarity
from tests.biometrics import pictures

SEEDS = range(4)


def worn(finder, portrait, wear, seed=0):
    points = finder.find(portrait).face.points
    return draw(portrait, points, wear, np.random.default_rng([seed, 3]))


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("wear", FREE)
def test_a_scarf_a_cap_glasses_and_a_beard_leave_the_face_free(finder, portrait, wear, seed):
    assert isinstance(finder.find(worn(finder, portrait, wear, seed)), FoundFace)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("wear", COVERING)
def test_a_covered_face_is_told_so(finder, portrait, wear, seed):
    answer = finder.find(worn(finder, portrait, wear, seed))
    assert isinstance(answer, FaceRefusal)
    assert answer.reason is FaceReason.COVERED
    assert "occlusion" in answer.detail


LIGHT = {
    "as it is": lambda p: p,
    "a sixth of the light": lambda p: (p * 0.17).astype(np.uint8),
    "dark skin": lambda p: (255 * (p / 255) ** 2.2).astype(np.uint8),
    "cold lamp": lambda p: np.clip(p * [0.75, 0.95, 1.25], 0, 255).astype(np.uint8),
    "warm lamp": lambda p: np.clip(p * [1.15, 0.95, 0.65], 0, 255).astype(np.uint8),
    "light from one side": lambda p: (p * np.linspace(0.4, 1, p.shape[1])[:, None]).astype(
        np.uint8
    ),
    "without colour": lambda p: cv2.cvtColor(
        cv2.cvtColor(p, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB
    ),
}


@pytest.mark.parametrize("light", LIGHT.values(), ids=list(LIGHT))
def test_skin_and_light_are_taken_for_no_mask_and_hide_none(finder, portrait, light):
    assert isinstance(finder.find(light(portrait)), FoundFace)
    masked = light(worn(finder, portrait, Wear.MASK, 1))
    assert finder.find(masked).reason is FaceReason.COVERED


def test_a_turned_head_of_a_challenge_is_not_judged_by_a_pattern_it_does_not_fit(finder, portrait):
    masked = worn(finder, portrait, Wear.MASK, 2)
    assert finder.find(masked, Pose.FREE).reason is FaceReason.COVERED  # she looks ahead


def test_what_is_worn_around_the_face_costs_little_of_the_template(sface, finder, portrait):
    plain = sface.embed(portrait)
    for wear in (Wear.HIJAB, Wear.PECI):
        assert similarity(plain, sface.embed(worn(finder, portrait, wear))) > 0.6


def test_both_measures_are_shares(finder, portrait):
    crop = finder.find(portrait).crop
    for picture in (crop, np.zeros_like(crop), np.full_like(crop, 255), crop[::-1]):
        assert 0 <= mouth_nose_occlusion(np.ascontiguousarray(picture)) <= 1
        assert 0 <= eye_occlusion(np.ascontiguousarray(picture)) <= 1


def test_drawn_wear_repeats_by_its_seed_and_leaves_the_picture_alone(finder, portrait):
    for wear in Wear:
        one, again = (worn(finder, portrait, wear, 5) for _ in range(2))
        assert np.array_equal(one, again)
        assert one.shape == portrait.shape
        assert not np.array_equal(one, portrait)


def test_the_pool_names_the_cover(pool, finder, portrait):
    (answer,) = pool.embed_many([pictures.encode(worn(finder, portrait, Wear.NIQAB))])
    assert answer.reason is FaceReason.COVERED
