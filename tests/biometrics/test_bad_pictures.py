"""Whatever is sent for a face: a named refusal or a right template; the same worker lives on."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from biometrics.refusal import FaceReason, FaceRefusal
from biometrics.reply import Embedded
from biometrics.synthetic_wear import Wear, draw
from biometrics.template import similarity
from tests.biometrics import pictures


def saved(image, image_format, **options):
    return pictures.encode_image(image, image_format, **options)


def small_png_bomb():
    """About 48 kB that unpack to 400 million pixels."""
    return pictures.png_bomb(20_000)


def sixteen_bit(picture):
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.uint16) * 257
    return saved(Image.fromarray(grey), "PNG")


def framed(picture):
    """A picture of a picture on a wall: nobody lives in it."""
    wall = np.full((900, 900, 3), 170, np.uint8)
    wall[190:702, 190:702] = picture
    return wall


def grey_stone(picture):
    """A bust: one colour of stone, the relief of a face."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return (grey[..., None] * np.array([0.95, 0.93, 0.88])).astype(np.uint8)


def masked(picture):
    points = np.array([[202, 107], [245, 105], [225, 132], [207, 152], [243, 150]], np.float32)
    return draw(picture, points, Wear.MASK, np.random.default_rng(1))


jpeg = pictures.encode
REFUSED = {
    "truncated JPEG": (lambda p: jpeg(p)[:20_000], FaceReason.DAMAGED),
    "PNG bomb": (lambda _: small_png_bomb(), FaceReason.TOO_LARGE),
    "GIF": (lambda p: jpeg(p, "GIF"), FaceReason.UNSUPPORTED_FORMAT),
    "SVG": (lambda _: b"<svg xmlns='http://www.w3.org/2000/svg'/>", FaceReason.UNSUPPORTED_FORMAT),
    "HEIC": (lambda _: b"\0\0\0\x18ftypheic" + bytes(99), FaceReason.UNSUPPORTED_FORMAT),
    "animated PNG": (pictures.animated_png, FaceReason.UNSUPPORTED_FORMAT),
    "animated WebP": (pictures.animated_webp, FaceReason.UNSUPPORTED_FORMAT),
    "one pixel": (lambda p: jpeg(p[:1, :1]), FaceReason.TOO_SMALL),
    "upside down": (lambda p: jpeg(np.rot90(p, 2)), FaceReason.NOT_UPRIGHT),
    "lying": (lambda p: jpeg(np.rot90(p)), FaceReason.NOT_UPRIGHT),
    "at the edge": (lambda p: jpeg(p[:, 225:]), FaceReason.CUT_OFF),
    "two faces": (lambda p: jpeg(np.hstack([p, p[:, ::-1]])), FaceReason.TWO_FACES),
    "masked": (lambda p: jpeg(masked(p)), FaceReason.COVERED),
}
# A photograph of a photograph and a bust pass here: whether somebody lives before the camera is
# asked by the challenge, which a face alone must answer before anything is debited.
ACCEPTED = {
    "CMYK JPEG": lambda p: saved(Image.fromarray(p).convert("CMYK"), "JPEG", quality=90),
    "16-bit PNG": sixteen_bit,
    "mirrored": lambda p: jpeg(p[:, ::-1]),
    "photograph on a wall": lambda p: jpeg(framed(p)),
    "statue": lambda p: jpeg(grey_stone(p)),
}


@pytest.mark.parametrize(("made", "reason"), REFUSED.values(), ids=list(REFUSED))
def test_refused_by_name(pool, portrait, made, reason):
    pool.warm_up()
    worker = pool.worker_pids()
    (answer,) = pool.embed_many([made(portrait)])
    assert isinstance(answer, FaceRefusal)
    assert answer.reason is reason
    assert pool.worker_pids() == worker


@pytest.mark.parametrize("made", ACCEPTED.values(), ids=list(ACCEPTED))
def test_accepted_as_the_same_face(pool, portrait, made):
    plain, answer = pool.embed_many([jpeg(portrait), made(portrait)])
    assert isinstance(answer, Embedded), answer
    assert similarity(plain.template, answer.template) > 0.7


def test_the_bomb_is_as_small_as_a_picture():
    assert len(small_png_bomb()) < 60_000
    assert io.BytesIO(small_png_bomb()).read(8) == b"\x89PNG\r\n\x1a\n"
