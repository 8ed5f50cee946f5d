"""A living head that does as asked passes; stills, photographs, splices and others do not."""

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biometrics.challenge import FRAMES_MAX, FRAMES_MIN, LIMITS, Action
from biometrics.face_motion import FaceGeometry, parallax
from biometrics.liveness import (
    LivenessReason,
    check_challenge,
    frontal_frames,
    usable_frames,
)
from biometrics.quality import Pose, QualityLimits
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.reply import Embedded, five_points, from_bytes, to_bytes
from tests.biometrics import pictures
from tests.biometrics.heads import (
    PHOTOGRAPH,
    View,
    frame,
    frames,
    head,
    project,
    turn,
)
from tests.biometrics.turned_portrait import turned

LEFT, RIGHT, CLOSER = Action.TURN_LEFT, Action.TURN_RIGHT, Action.CLOSER
NEARER = [View(distance_mm=mm) for mm in np.linspace(600, 380, 8)]
NOISE_SHARE = 0.03  # of the eye distance, in each coordinate, as unlucky as can be


def reason(sequence, action):
    result = check_challenge(sequence, action)
    assert result.passed == (result.reason is None)
    assert not result.certified
    return result.reason


class TestTrueMovement:
    @pytest.mark.parametrize("noise_px", [0, 1, 2])
    @pytest.mark.parametrize(("nose_mm", "from_deg"), [(18, 40), (22, 35), (28, 30), (35, 25)])
    def test_turns_of_flat_and_long_noses_pass(self, nose_mm, from_deg, noise_px):
        rng = np.random.default_rng(nose_mm)
        results = [
            check_challenge(frames(head(nose_mm), turn(side * deg), rng, noise_px), action)
            for deg in (from_deg, from_deg + 5, 45)
            for side, action in ((1, RIGHT), (-1, LEFT))
            for _ in range(10)
        ]
        passed = sum(result.passed for result in results)
        assert passed >= (1 if noise_px < 2 else 0.85) * len(results)

    @pytest.mark.parametrize("count", [FRAMES_MIN, 8, FRAMES_MAX])
    def test_any_number_of_frames_and_the_way_back(self, count):
        assert reason(frames(head(), turn(40, count)), RIGHT) is None
        back = frames(head(), [*turn(40, 8), View(25), View(12), View(0)])
        assert reason(back, RIGHT) is None

    def test_left_is_the_persons_own_and_a_mirror_turns_it_round(self):
        views = turn(-40)
        nose_x = [project(head(), view)[2, 0] for view in views]
        assert nose_x[-1] > nose_x[0]  # her left is the right of a picture that is not mirrored
        assert reason(frames(head(), views), LEFT) is None
        mirrored = [project(head(), view)[[1, 0, 2, 4, 3]] * [-1, 1] + [640, 0] for view in views]
        assert reason([frame(points) for points in mirrored], RIGHT) is None

    @pytest.mark.parametrize("noise_px", [0, 1, 2])
    def test_coming_closer_passes(self, noise_px):
        rng = np.random.default_rng(1)
        assert reason(frames(head(), NEARER, rng, noise_px), CLOSER) is None

    def test_measures_tell_the_auditor_what_was_seen(self):
        measures = check_challenge(frames(head(), turn(40)), RIGHT).measures
        assert measures["frames"] == 9
        assert measures["parallax"] > 0.2
        assert measures["yaw_change_max"] > 0.3
        assert all(np.isfinite(list(measures.values())))


class TestWrongAnswers:
    def test_too_few_and_too_many(self):
        assert reason([], LEFT) is LivenessReason.TOO_FEW_FRAMES
        four = frames(head(), turn(40))[:4]
        assert reason(four, RIGHT) is LivenessReason.TOO_FEW_FRAMES
        many = frames(head(), turn(40, FRAMES_MAX + 1))
        assert reason(many, RIGHT) is LivenessReason.TOO_MANY_FRAMES

    @pytest.mark.parametrize(
        ("views", "action"),
        [
            (turn(40), LEFT),
            (turn(-40), RIGHT),
            (turn(40), CLOSER),
            (NEARER, LEFT),
            (NEARER[::-1], CLOSER),
            ([*turn(-30, 7), View(-15), View(0), View(15), View(30), View(40)], RIGHT),
        ],
        ids=["right", "left", "turned", "closer", "away", "both sides"],
    )
    def test_another_action(self, views, action):
        assert reason(frames(head(), views), action) is LivenessReason.WRONG_ACTION

    @pytest.mark.parametrize("action", Action)
    def test_a_small_movement_is_none(self, action):
        views = [View(deg, distance_mm=500 - deg) for deg in range(9)]
        assert reason(frames(head(), views), action) is LivenessReason.NO_MOTION

    def test_a_head_turned_from_the_beginning(self):
        views = [View(deg) for deg in range(25, 60, 5)]
        assert reason(frames(head(), views), RIGHT) is LivenessReason.NOT_FRONTAL_FIRST

    def test_somebody_else_in_the_middle_or_at_the_end(self):
        sequence = frames(head(), turn(40))
        for place in (4, 8):
            other = frame(project(head(), turn(40)[place]), seed=1)
            spliced = [*sequence[:place], other, *sequence[place + 1 :]]
            assert reason(spliced, RIGHT) is LivenessReason.NOT_SAME_PERSON

    def test_a_slow_change_into_somebody_else(self):
        one, other = frame(project(head(), View())), frame(project(head(), View()), seed=1)
        mixed = [
            Embedded(
                type(one.template).of(
                    (1 - t) * one.template.vector + t * other.template.vector, "sface-2021dec", 80
                ),
                each.measures,
                each.points,
            )
            for t, each in zip(np.linspace(0, 1, 9), frames(head(), turn(40)), strict=True)
        ]
        result = check_challenge(mixed, RIGHT)
        assert result.reason is LivenessReason.NOT_SAME_PERSON
        assert result.measures["near_cosine"] > 0.6

    def test_two_recordings_of_one_person_spliced(self):
        views = [View(0), View(0.5), View(1), View(0), *[View(40), View(41), View(40)]]
        assert reason(frames(head(), views), RIGHT) is LivenessReason.JUMP
        apart = [
            np.add(project(head(), view), (140 * (i > 4), 0)) for i, view in enumerate(turn(40))
        ]
        assert reason([frame(each) for each in apart], RIGHT) is LivenessReason.JUMP
        sizes = [View(distance_mm=mm) for mm in (600, 595, 590, 400, 395, 390)]
        assert reason(frames(head(), sizes), CLOSER) is LivenessReason.JUMP

    def test_frames_without_points_are_a_fault_of_the_caller(self):
        bare = [Embedded(each.template, each.measures) for each in frames(head(), turn(40))]
        with pytest.raises(ValueError, match="points"):
            check_challenge(bare, RIGHT)

    def test_points_in_one_place_pass_nothing(self):
        sequence = [frame(np.full((5, 2), 100.0 + i)) for i in range(6)]
        assert all(reason(sequence, action) for action in Action)


coordinates = st.lists(
    st.lists(st.floats(-NOISE_SHARE, NOISE_SHARE), min_size=10, max_size=10),
    min_size=FRAMES_MIN,
    max_size=FRAMES_MAX,
)
angles = st.floats(-60, 60)
tilts = st.floats(-45, 45)


class TestPhotographs:
    @pytest.mark.parametrize("action", Action)
    def test_one_still_again_and_again(self, action):
        assert reason(frames(head(), [View()] * 8), action) is LivenessReason.REPEATED_FRAMES

    @given(coordinates, st.sampled_from(Action), st.floats(200, 900), st.floats(15, 40))
    def test_no_still_ever_passes_whatever_the_errors(self, errors, action, distance_mm, nose_mm):
        still = project(head(nose_mm), View(distance_mm=distance_mm))
        across = FaceGeometry.of(five_points(still)).across
        shaken = [frame(still + across * np.reshape(error, (5, 2))) for error in errors]
        assert reason(shaken, action) is not None

    @given(angles, tilts, st.floats(-20, 20), st.floats(-0.6, 0.6), st.sampled_from([LEFT, RIGHT]))
    def test_no_flat_picture_however_held_is_a_turn(self, yaw, pitch, roll, shear, action):
        views = [
            View(t * yaw, t * pitch, t * roll, shear=t * shear)
            for t in (0, 0, 0.2, 0.4, 0.6, 0.8, 1, 1)
        ]
        assert reason(frames(PHOTOGRAPH, views, pivot_mm=0), action) is not None

    @pytest.mark.parametrize(("noise_px", "parallax_max"), [(1, 0.08), (2, 0.16)])
    def test_flat_and_real_stand_apart_under_noise(self, noise_px, parallax_max):
        rng = np.random.default_rng(noise_px)
        limit, passed, seen = LIMITS["sface-2021dec"].parallax_min, 0, []
        for _ in range(400):
            yaw, pitch, roll = rng.uniform(-1, 1, 3) * (60, 50, 20)
            shear = rng.uniform(-0.6, 0.6)
            steps = (0, 0, 0.2, 0.4, 0.6, 0.8, 1, 1)
            views = [View(t * yaw, t * pitch, t * roll, shear=t * shear) for t in steps]
            sequence = frames(PHOTOGRAPH, views, rng, noise_px, pivot_mm=0)
            results = [check_challenge(sequence, action) for action in (LEFT, RIGHT)]
            passed += sum(result.passed for result in results)
            seen += [r.measures["parallax"] for r in results if "parallax" in r.measures]
        assert max(seen) < parallax_max
        assert np.quantile(seen, 0.98) < limit
        assert passed <= (0 if noise_px == 1 else 4)

    def test_a_sheared_photograph_is_called_flat(self):
        views = [View(pitch_deg=35 * t, shear=0.5 * t) for t in (0, 0, 0.2, 0.4, 0.6, 0.8, 1, 1)]
        sequence = frames(PHOTOGRAPH, views, pivot_mm=0)
        assert LivenessReason.FLAT in {reason(sequence, action) for action in (LEFT, RIGHT)}

    def test_parallax_of_a_plane_is_nought_and_of_nothing_is_not_a_number(self):
        one, other = (
            FaceGeometry.of(five_points(project(PHOTOGRAPH, view, 0)))
            for view in (View(), View(40, 20, 10, shear=0.3))
        )
        assert parallax([one], [other]) == pytest.approx(0, abs=1e-4)
        assert np.isnan(parallax([], [one]))
        assert np.isnan(parallax([one], []))


def warped(portrait, matrix, seed):
    middle = np.array([[1, 0, 222], [0, 1, 122], [0, 0, 1]], float)
    whole = middle @ matrix @ np.linalg.inv(middle)
    moved = cv2.warpPerspective(portrait, whole, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    grain = np.random.default_rng(seed).normal(0, 2, moved.shape)
    return pictures.encode(np.clip(moved + grain, 0, 255).astype(np.uint8))


def answers(pool, portrait, matrices):
    images = [warped(portrait, np.array(m, float), seed) for seed, m in enumerate(matrices)]
    found = usable_frames(pool.embed_many(images, Pose.FREE))
    assert not isinstance(found, FaceRefusal)
    return found


class TestRealPixels:
    def test_a_portrait_that_comes_nearer_passes_closer_only(self, pool, portrait):
        sequence = answers(pool, portrait, [np.diag([z, z, 1]) for z in np.linspace(1, 1.5, 8)])
        assert reason(sequence, CLOSER) is None
        assert reason(sequence, LEFT) is LivenessReason.WRONG_ACTION

    @pytest.mark.parametrize(("side", "action", "other"), [(1, RIGHT, LEFT), (-1, LEFT, RIGHT)])
    def test_a_portrait_with_depth_that_turns_passes_its_side_only(
        self, pool, portrait, finder, side, action, other
    ):
        points = finder.find(portrait).face.points
        degrees = (0, 8, 16, 24, 32, 40, 44, 46, 48)
        images = [turned(portrait, points, side * deg) for deg in degrees]
        sequence = usable_frames(pool.embed_many(images, Pose.FREE))
        assert reason(sequence, action) is None
        assert reason(sequence, other) in {LivenessReason.NO_MOTION, LivenessReason.WRONG_ACTION}

    def test_a_still_fails_exact_or_with_grain(self, pool, portrait):
        jpeg = pictures.encode(portrait)
        exact = usable_frames(pool.embed_many([jpeg] * 6, Pose.FREE))
        grainy = answers(pool, portrait, [np.eye(3)] * 6)
        for action in Action:
            assert reason(exact, action) is LivenessReason.REPEATED_FRAMES
            assert reason(grainy, action) is LivenessReason.NO_MOTION

    @pytest.mark.parametrize("shear", [0.5, -0.5])
    def test_a_sheared_still_is_no_turn(self, pool, portrait, shear):
        sheared = [[[1, t * shear, 0], [0, 1, 0], [0, 0, 1]] for t in np.linspace(0, 1, 7)]
        sequence = answers(pool, portrait, sheared)
        assert all(reason(sequence, action) for action in (LEFT, RIGHT))

    @pytest.mark.parametrize("side", [1, -1])
    def test_a_still_swung_like_a_door_is_no_turn(self, pool, portrait, side):
        swung = [
            [[np.cos(a), 0, 0], [0, 1, 0], [side * np.sin(a) / 900, 0, 1]]
            for a in np.linspace(0, 0.9, 7)
        ]
        sequence = answers(pool, portrait, swung)
        assert all(reason(sequence, action) for action in (LEFT, RIGHT))


class TestWay:
    def test_a_slip_may_be_missing_a_hidden_face_may_not(self):
        good = frames(head(), turn(40))
        slips = [FaceRefusal(FaceReason.BLURRED), FaceRefusal(FaceReason.NOT_FRONTAL)]
        assert usable_frames([good[0], *slips, good[1]]) == good[:2]
        gone = FaceRefusal(FaceReason.NO_FACE)
        assert usable_frames([good[0], slips[0], gone, good[1]]) is gone

    def test_only_frontal_frames_are_matched(self):
        sequence = frames(head(), turn(40))
        chosen = frontal_frames(sequence, QualityLimits())
        assert chosen[:2] == sequence[:2]
        assert sequence[-1] not in chosen
        assert frontal_frames([], QualityLimits()) == []

    def test_a_free_pose_lets_a_turned_head_through_and_nothing_else(self):
        usual = QualityLimits()
        assert usual.for_pose(Pose.FRONTAL) is usual
        free = usual.for_pose(Pose.FREE)
        assert free.yaw_ratio_max > usual.yaw_ratio_max
        assert free.sharpness_min == usual.sharpness_min
        assert free.roll_deg_max == usual.roll_deg_max

    def test_points_survive_the_way_and_bad_ones_do_not(self):
        (sent,) = frames(head(), [View()])
        assert from_bytes(to_bytes(sent)).points == sent.points
        for bad in (sent.points[:4], (*sent.points[:4], (float("nan"), 0.0))):
            with pytest.raises(ValueError, match="five points"):
                from_bytes(to_bytes(Embedded(sent.template, sent.measures, bad)))

    def test_the_pool_tells_the_points(self, pool, portrait):
        (answer,) = pool.embed_many([pictures.encode(portrait)])
        geometry = FaceGeometry.of(answer.points)
        assert geometry.yaw == pytest.approx(answer.measures.yaw_ratio, abs=1e-4)
