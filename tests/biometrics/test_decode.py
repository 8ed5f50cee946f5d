"""Strangers' bytes become upright RGB pixels or a refusal, cheaply and never an exception."""

import resource
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFile

from biometrics.decode import IMAGE_BYTES_MAX, PIXELS_MAX, DecodeRefusal, decode
from biometrics.refusal import FaceReason
from tests.biometrics import pictures

FLAT = np.full((80, 100, 3), (200, 30, 60), np.uint8)


def reason_of(data: bytes) -> FaceReason:
    answer = decode(data)
    assert isinstance(answer, DecodeRefusal)
    return answer.reason


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
def test_accepted_formats_become_8_bit_rgb(image_format):
    picture = decode(pictures.encode(FLAT, image_format))
    assert isinstance(picture, np.ndarray)
    assert picture.shape == FLAT.shape
    assert picture.dtype == np.uint8
    assert np.abs(picture.astype(int) - FLAT).max() <= 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation):
    upright = np.zeros((80, 100, 3), np.uint8)
    upright[:20, :30] = 255  # a white mark at the top left
    turns = {
        1: lambda p: p, 2: lambda p: p[:, ::-1], 3: lambda p: p[::-1, ::-1], 4: lambda p: p[::-1],
        5: lambda p: p.transpose(1, 0, 2), 6: lambda p: np.rot90(p, 1),
        7: lambda p: np.rot90(p, 2).transpose(1, 0, 2), 8: lambda p: np.rot90(p, -1),
    }  # fmt: skip
    stored = np.ascontiguousarray(turns[orientation](upright))
    picture = decode(pictures.encode(stored, exif=pictures.exif_orientation(orientation)))
    assert picture.shape == upright.shape
    assert picture[:15, :25].min() > 200
    assert picture[30:, 40:].max() < 50


@pytest.mark.parametrize(
    ("image", "image_format"),
    [
        (Image.fromarray(FLAT).convert("CMYK"), "JPEG"),
        (Image.fromarray(FLAT).convert("L"), "JPEG"),
        (Image.fromarray(FLAT).convert("P"), "PNG"),
        (Image.fromarray(FLAT).convert("1"), "PNG"),
        (Image.fromarray(FLAT).convert("LA"), "PNG"),
        (Image.fromarray(FLAT).convert("RGBA"), "WEBP"),
    ],
    ids=["cmyk", "grey", "palette", "one-bit", "grey-alpha", "alpha"],
)
def test_every_colour_model_becomes_rgb(image, image_format):
    picture = decode(pictures.encode_image(image, image_format))
    assert picture.shape == FLAT.shape
    assert picture.dtype == np.uint8


def test_sixteen_bit_grey_is_scaled_not_clipped():
    grey = np.full((70, 70), 32_768, np.uint16)
    picture = decode(pictures.encode_image(Image.fromarray(grey), "PNG"))
    assert np.all(picture == 128)


def test_transparent_parts_become_white():
    clear = np.zeros((70, 70, 4), np.uint8)
    assert np.all(decode(pictures.encode(clear, "PNG")) == 255)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", FaceReason.NOT_AN_IMAGE),
        (b"hello", FaceReason.NOT_AN_IMAGE),
        (b"%PDF-1.7\n", FaceReason.NOT_AN_IMAGE),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", FaceReason.UNSUPPORTED_FORMAT),
        (b"<?xml version='1.0'?><svg/>", FaceReason.UNSUPPORTED_FORMAT),
        (pictures.encode(FLAT, "GIF"), FaceReason.UNSUPPORTED_FORMAT),
        (pictures.encode(FLAT, "BMP"), FaceReason.UNSUPPORTED_FORMAT),
        (pictures.encode(FLAT, "TIFF"), FaceReason.UNSUPPORTED_FORMAT),
        (b"\x00\x00\x00\x18ftypheic" + bytes(40), FaceReason.UNSUPPORTED_FORMAT),
        (pictures.encode(FLAT[:1, :1], "PNG"), FaceReason.TOO_SMALL),
        (pictures.encode(np.zeros((63, 200, 3), np.uint8)), FaceReason.TOO_SMALL),
        (bytes(3 * 1024 * 1024), FaceReason.TOO_LARGE),
        (pictures.encode(FLAT) + bytes(IMAGE_BYTES_MAX), FaceReason.TOO_LARGE),
        (pictures.webp_bomb(), FaceReason.TOO_LARGE),
        (pictures.png(100, 100, b"not deflate"), FaceReason.DAMAGED),
        (pictures.animated_webp(FLAT), FaceReason.UNSUPPORTED_FORMAT),
        (pictures.animated_png(FLAT), FaceReason.UNSUPPORTED_FORMAT),
    ],
)
def test_refusals(data, reason):
    assert reason_of(data) is reason


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_a_truncated_picture_is_refused(portrait, image_format, share):
    data = pictures.encode(portrait, image_format)
    assert reason_of(data[: int(len(data) * share)]) is FaceReason.DAMAGED


def test_truncated_stays_refused_when_another_library_allowed_it(portrait, monkeypatch):
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", True)
    data = pictures.encode(portrait)
    assert reason_of(data[: len(data) // 2]) is FaceReason.DAMAGED


def test_a_bomb_is_refused_from_its_header():
    bomb = pictures.png_bomb()
    assert len(bomb) < 200_000
    before_kib, start_s = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    assert reason_of(bomb) is FaceReason.TOO_LARGE
    assert time.perf_counter() - start_s < 0.1
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib < 8 * 1024


def test_a_jpeg_that_claims_to_be_huge_is_refused():
    data = bytearray(pictures.encode(FLAT))
    start_of_frame = data.index(b"\xff\xc0")
    data[start_of_frame + 5 : start_of_frame + 9] = b"\xff\xdc" * 2  # height, width: 65,500
    assert reason_of(bytes(data)) is FaceReason.TOO_LARGE


def test_lossless_webp_is_read_and_measured_by_its_own_header():
    data = bytearray(pictures.encode(FLAT, "WEBP", lossless=True))
    assert np.array_equal(decode(bytes(data)), FLAT)
    data[21:25] = b"\xff\xff\xff\x0f"  # 16384 x 16384
    assert reason_of(bytes(data)) is FaceReason.TOO_LARGE


def test_the_pixel_limit_is_exact():
    wide = pictures.png(4000, PIXELS_MAX // 4000 + 1, b"")
    assert reason_of(wide) is FaceReason.TOO_LARGE
    assert reason_of(pictures.png(4000, PIXELS_MAX // 4000, b"")) is FaceReason.DAMAGED


@given(st.binary(max_size=300))
def test_no_bytes_raise(tail):
    for head in (b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x00\x00\x00\x00WEBPVP8X"):
        assert isinstance(decode(head + tail), DecodeRefusal)


@settings(max_examples=60, deadline=None)
@given(position=st.floats(0, 0.999), value=st.integers(0, 255), kind=st.integers(0, 2))
def test_a_flipped_byte_never_raises(position, value, kind):
    data = bytearray(pictures.encode(FLAT, ("JPEG", "PNG", "WEBP")[kind]))
    data[int(position * len(data))] = value
    answer = decode(bytes(data))
    assert isinstance(answer, DecodeRefusal) or answer.dtype == np.uint8


def test_refusals_do_not_quote_the_picture():
    assert "secret" not in repr(decode(b"secret face bytes"))
