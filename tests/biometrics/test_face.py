"""From pixels to template on a real portrait: what passes, what is sent back, and parity."""

import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from biometrics.align import PATTERN, align
from biometrics.child import WorkerConfig
from biometrics.decode import decode
from biometrics.detector import Detector, Face, OpenCvYuNet, OpenVinoYuNet, open_network
from biometrics.encoder import SFaceEncoder, open_sface, opencv_sface, openvino_sface
from biometrics.finder import FoundFace, choose, open_finder
from biometrics.measures import measure
from biometrics.models import SFACE, YUNET, model_path
from biometrics.pipeline import open_pipeline
from biometrics.quality import QualityLimits, judge
from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.reply import Embedded
from biometrics.template import Template, mean_template, similarity
from biometrics.thresholds import SFACE as SFACE_THRESHOLDS
from tests.biometrics import pictures


def scaled(picture, factor):
    return np.clip(picture * factor, 0, 255).astype(np.uint8)


def in_the_distance(picture, side=60):
    far = np.full_like(picture, 120)
    far[:side, :side] = cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA)
    return far


SAME_PERSON = {
    "mirrored": lambda p: p[:, ::-1],
    "brighter": lambda p: scaled(p, 1.3),
    "a sixth of the light": lambda p: scaled(p, 0.17),
    "cropped": lambda p: p[:400, 80:420],
    "enlarged": lambda p: cv2.resize(p, (1500, 1500)),
    "in a large picture": lambda p: np.pad(p, ((300, 400), (500, 300), (0, 0)), "edge"),
    "tilted": lambda p: cv2.warpAffine(p, cv2.getRotationMatrix2D((256, 180), 12, 1), (512, 512)),
    "coarse JPEG": lambda p: decode(pictures.encode(p, quality=25)),
    "grainy": lambda p: scaled(p + np.random.default_rng(1).normal(0, 12, p.shape), 1),
}


@pytest.mark.parametrize("change", SAME_PERSON.values(), ids=list(SAME_PERSON))
def test_the_same_person_scores_high(sface, portrait, change):
    one, other = sface.embed(portrait), sface.embed(np.ascontiguousarray(change(portrait)))
    assert isinstance(other, Template)
    assert similarity(one, other) > 0.75
    assert 0 < other.quality <= 100


def noise(picture):
    return np.random.default_rng(2).integers(0, 256, picture.shape, dtype=np.uint8)


def shaken(picture):
    return cv2.filter2D(picture, -1, np.ones((1, 31), np.float32) / 31)


REFUSED = {
    "noise": (noise, {FaceReason.NO_FACE}),
    "a wall": (lambda p: np.full_like(p, 150), {FaceReason.NO_FACE}),
    "black": (np.zeros_like, {FaceReason.NO_FACE}),
    "upside down": (lambda p: p[::-1, ::-1], {FaceReason.NOT_UPRIGHT}),
    "lying left": (lambda p: np.rot90(p, 1), {FaceReason.NOT_UPRIGHT}),
    "lying right": (lambda p: np.rot90(p, 3), {FaceReason.NOT_UPRIGHT}),
    "two people": (lambda p: np.hstack([p, p[:, ::-1]]), {FaceReason.TWO_FACES}),
    "far away": (in_the_distance, {FaceReason.TOO_FAR, FaceReason.NO_FACE}),
    "small": (lambda p: cv2.resize(p, (200, 200)), {FaceReason.TOO_FAR}),
    "half out": (lambda p: p[:, 225:], {FaceReason.CUT_OFF}),
    "forehead out": (lambda p: p[100:], {FaceReason.CUT_OFF, FaceReason.NO_FACE}),
    "dark": (lambda p: scaled(p, 0.06), {FaceReason.TOO_DARK}),
    "glaring": (lambda p: scaled(p, 2.2), {FaceReason.TOO_BRIGHT}),
    "out of focus": (lambda p: cv2.GaussianBlur(p, (0, 0), 6), {FaceReason.BLURRED}),
    "shaken": (shaken, {FaceReason.BLURRED}),
}


@pytest.mark.parametrize(("change", "reasons"), REFUSED.values(), ids=list(REFUSED))
def test_what_cannot_be_matched_is_sent_back_with_its_reason(sface, portrait, change, reasons):
    answer = sface.embed(np.ascontiguousarray(change(portrait)))
    assert isinstance(answer, FaceRefusal)
    assert answer.reason in reasons
    assert answer.detail


SEEN_BADLY = {
    "as it is": lambda p: p,
    "a sixth of the light": lambda p: scaled(p, 0.17),
    "a little blurred": lambda p: cv2.GaussianBlur(p, (0, 0), 2),
    "mirrored": lambda p: np.ascontiguousarray(p[:, ::-1]),
    "wide": lambda p: cv2.copyMakeBorder(p, 0, 0, 120, 120, cv2.BORDER_REPLICATE),
    "large": lambda p: cv2.resize(p, (1200, 1200)),
}


@pytest.mark.parametrize("change", SEEN_BADLY.values(), ids=list(SEEN_BADLY))
def test_the_right_way_up_passes_and_no_other(finder, portrait, change):
    picture = change(portrait)
    assert isinstance(finder.find(picture), FoundFace)
    for quarter in (1, 2, 3):
        answer = finder.find(np.ascontiguousarray(np.rot90(picture, quarter)))
        assert answer.reason in {FaceReason.NOT_UPRIGHT, FaceReason.NO_FACE}


@pytest.mark.parametrize("shape", [(480, 640), (640, 480), (360, 640), (640, 640)])
def test_every_shape_of_picture_gives_the_same_points(finder, portrait, shape):
    height, width = shape
    picture = np.full((height, width, 3), 120, np.uint8)
    picture[:360, :480] = portrait[:360, :480]
    found = finder.find(picture).face.points
    assert found == pytest.approx(finder.find(portrait).face.points, abs=2.5)


def test_a_small_face_behind_is_no_second_face(sface, portrait):
    picture = np.pad(portrait, ((0, 0), (0, 300), (0, 0)), "edge")
    picture[:200, 600:800] = cv2.resize(portrait, (200, 200), interpolation=cv2.INTER_AREA)
    assert isinstance(sface.embed(picture), Template)


def test_a_turned_phone_is_put_right_by_exif(sface, portrait):
    stored = np.ascontiguousarray(np.rot90(portrait, 1))
    picture = decode(pictures.encode(stored, exif=pictures.exif_orientation(6)))
    assert similarity(sface.embed(picture), sface.embed(portrait)) > 0.95


def test_averaged_pictures_stay_the_same_person(sface, portrait):
    several = [sface.embed(np.ascontiguousarray(c(portrait))) for c in SAME_PERSON.values()]
    mean = mean_template(several, same_person_min=SFACE_THRESHOLDS.same_person_min)
    assert isinstance(mean, Template)
    assert similarity(mean, sface.embed(portrait)) > 0.9


def test_measures_are_those_of_the_portrait(finder, portrait):
    found = finder.find(portrait)
    assert isinstance(found, FoundFace)
    assert 35 < found.measures.inter_eye_distance_px < 50
    assert abs(found.measures.roll_deg) < 5
    assert abs(found.measures.yaw_ratio) < 0.2
    assert found.measures.sharpness > 1


def test_limits_are_the_callers(portrait):
    strict = open_finder(limits=QualityLimits(inter_eye_distance_px_min=90))
    assert strict.find(portrait).reason is FaceReason.TOO_FAR


@pytest.mark.parametrize(
    ("nose", "reason"),
    [
        ((56, 72), None),
        ((36, 72), FaceReason.NOT_FRONTAL),  # turned to the picture's left
        ((76, 72), FaceReason.NOT_FRONTAL),
        ((56, 55), FaceReason.NOT_FRONTAL),  # looking up
        ((56, 90), FaceReason.NOT_FRONTAL),
    ],
)
def test_pose_is_read_from_the_nose(portrait, nose, reason):
    points = PATTERN.copy()
    points[2] = nose
    face = Face((20, 20, 70, 90), points + 150, 0.9)
    measures = measure(portrait, face, align(portrait, face.points))
    refusal = judge(measures, QualityLimits(dynamic_range_min=0, sharpness_min=0))
    assert (refusal.reason if refusal else None) is reason
    assert (measures.yaw_ratio > 0.3) is (nose == (36, 72))


@pytest.mark.parametrize("side_px", [128, 320])
def test_openvino_and_opencv_detect_the_same(portrait, side_px):
    model = model_path(YUNET)
    canvas = cv2.resize(portrait, (side_px, side_px), interpolation=cv2.INTER_AREA)
    ours, theirs = (
        OpenVinoYuNet(model, side_px).rows(canvas),
        OpenCvYuNet(model, side_px).rows(canvas),
    )
    assert len(ours) == len(theirs) == 1
    assert ours == pytest.approx(theirs, abs=0.05)


def test_alignment_equals_opencv(finder, portrait):
    face = finder.find(portrait).face
    row = np.concatenate([face.box, face.points.reshape(-1), [face.score]]).astype(np.float32)
    network = cv2.FaceRecognizerSF.create(str(model_path(SFACE)), "")
    theirs = network.alignCrop(np.ascontiguousarray(portrait[..., ::-1]), row)[..., ::-1]
    ours = align(portrait, face.points)
    assert np.abs(ours.astype(int) - theirs).max() <= 2
    assert np.abs(ours.astype(int) - theirs).mean() < 0.05


def test_openvino_and_opencv_embed_the_same(finder, portrait):
    crop = align(portrait, finder.find(portrait).face.points)
    model = model_path(SFACE)
    theirs = Template.of(opencv_sface(model)(crop), "m", 1)
    assert similarity(theirs, Template.of(openvino_sface(model)(crop), "m", 1)) >= 0.999
    assert similarity(theirs, Template.of(openvino_sface(model, "bf16")(crop), "m", 1)) >= 0.99


def test_without_openvino_opencv_takes_over(monkeypatch, portrait, finder):
    monkeypatch.setitem(sys.modules, "biometrics.inference", None)
    assert isinstance(open_network(128), OpenCvYuNet)
    crop = align(portrait, finder.find(portrait).face.points)
    assert open_sface(model_path(SFACE))(crop).shape == (128,)


def test_no_face_on_a_strip(finder):
    assert finder.find(np.zeros((64, 4000, 3), np.uint8)).reason is FaceReason.NO_FACE


def test_choose_takes_the_largest(portrait):
    faces = Detector(open_network(320)).detect(portrait)
    assert choose(faces) is faces[0]


def test_encoder_states_its_model(sface: SFaceEncoder, portrait):
    made = sface.embed(portrait)
    assert made.model_id == sface.model_id == SFACE_THRESHOLDS.model_id
    assert made.vector.shape == (sface.dimension,)


def test_the_whole_chain_in_one_process(portrait):
    chain = open_pipeline()
    assert isinstance(chain.run(pictures.encode(portrait)), Embedded)
    assert chain.run(b"junk").reason is FaceReason.NOT_AN_IMAGE
    assert chain.run(pictures.encode(noise(portrait))).reason is FaceReason.NO_FACE


def test_an_unknown_engine_is_a_fault():
    with pytest.raises(ValueError, match="sface"):
        open_pipeline("facenet")
    with pytest.raises(ValueError, match="sface"):
        WorkerConfig(engine="facenet")


def test_the_shipped_portrait_can_be_enrolled(finder):
    shipped = Path(__file__).parents[2] / "pos_engine" / "demo_data" / "portrait.jpg"
    data = shipped.read_bytes()
    assert len(data) <= 90_000
    assert isinstance(finder.find(decode(data)), FoundFace)
