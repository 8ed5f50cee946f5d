"""Bytes from a stranger become upright 8-bit RGB pixels, or a refusal: never an exception."""

import io
import struct
from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps

from biometrics.refusal import FaceReason, FaceRefusal

Pixels: TypeAlias = NDArray[np.uint8]
"""Height x width x 3, RGB, 0-255, upright."""

IMAGE_BYTES_MAX: Final = 2 * 1024 * 1024
PIXELS_MAX: Final = 12_000_000
SIDE_PX_MIN: Final = 64  # a face fit for matching needs more than half of this between the eyes

_JPEG_START: Final = b"\xff\xd8\xff"
_PNG_START: Final = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class DecodeRefusal(FaceRefusal):
    """The bytes are no picture we open: reason as in `FaceReason`, detail without content."""


def decode(data: bytes) -> Pixels | DecodeRefusal:
    """Pixels of a JPEG, PNG or WebP, turned upright as its EXIF orientation says.

    Everything is judged from the header before a pixel is unpacked: size in bytes
    (`IMAGE_BYTES_MAX`), format by its first bytes, width x height (`PIXELS_MAX`), animation.
    """
    if len(data) > IMAGE_BYTES_MAX:
        return _refuse(FaceReason.TOO_LARGE, f"{len(data)} bytes, at most {IMAGE_BYTES_MAX}")
    image_format = sniff(data)
    if image_format is None:
        return _refuse(*_unknown_format(data))
    declared = _declared_size(data, image_format)
    if declared is not None and (refusal := _judge_size(*declared)):
        return refusal
    # A library of the same process may have switched this on; half a face is not a face.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    try:
        with Image.open(io.BytesIO(data), formats=(image_format,)) as image:
            return _judge_header(image) or _unpack(image)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        return _refuse(FaceReason.TOO_LARGE, f"more than {PIXELS_MAX} pixels")
    except Exception as fault:  # noqa: BLE001 - Pillow raises anything on hostile bytes
        return _refuse(FaceReason.DAMAGED, f"{image_format}: {type(fault).__name__}")


def sniff(data: bytes) -> str | None:
    """Pillow's name of the format by its first bytes, `None` for any we do not accept."""
    if data.startswith(_JPEG_START):
        return "JPEG"
    if data.startswith(_PNG_START):
        return "PNG"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    return None


def _unknown_format(data: bytes) -> tuple[FaceReason, str]:
    """Tell a picture of another kind from bytes that are no picture at all."""
    head = data[:256].lstrip().lower()
    known = (b"gif8", b"bm", b"ii*\x00", b"mm\x00*", b"\x00\x00\x01\x00", b"<svg", b"<?xml")
    if head.startswith(known) or data[4:8] == b"ftyp" or b"<svg" in head:
        return FaceReason.UNSUPPORTED_FORMAT, "only JPEG, PNG and WebP"
    return FaceReason.NOT_AN_IMAGE, "not the beginning of a JPEG, PNG or WebP"


def _declared_size(data: bytes, image_format: str) -> tuple[int, int] | None:
    """Width and height by hand where opening alone could already reserve memory.

    WebP's decoder reserves the canvas when it is opened. JPEG is left to Pillow, whose open()
    reads markers only. `None` when the header is too short to tell.
    """
    if image_format == "PNG" and len(data) >= 24:  # noqa: PLR2004 - end of IHDR's two sizes
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if image_format == "WEBP" and len(data) >= 30:  # noqa: PLR2004 - longest of the three headers
        return _webp_size(data)
    return None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    """Canvas of VP8X (24-bit sizes), VP8L or VP8 (14-bit sizes): RFC 9649 §2.5-2.7."""
    kind = data[12:16]
    if kind == b"VP8X":
        wide, high = data[24:27], data[27:30]
        return int.from_bytes(wide, "little") + 1, int.from_bytes(high, "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", data[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _judge_size(width: int, height: int) -> DecodeRefusal | None:
    if width * height > PIXELS_MAX:
        return _refuse(FaceReason.TOO_LARGE, f"{width}x{height}, at most {PIXELS_MAX} pixels")
    if min(width, height) < SIDE_PX_MIN:
        return _refuse(FaceReason.TOO_SMALL, f"{width}x{height}, at least {SIDE_PX_MIN} a side")
    return None


def _judge_header(image: Image.Image) -> DecodeRefusal | None:
    """Size and animation as Pillow read them; a phone's two-picture JPEG (MPO) is a still."""
    if image.format in {"PNG", "WEBP"} and getattr(image, "is_animated", False):
        return _refuse(FaceReason.UNSUPPORTED_FORMAT, "animated")
    return _judge_size(*image.size)


def _unpack(image: Image.Image) -> Pixels:
    """Decode, turn upright, bring any colour model to 8-bit RGB."""
    image.load()
    return np.asarray(_to_rgb(ImageOps.exif_transpose(image)))


def _to_rgb(image: Image.Image) -> Image.Image:
    """8-bit RGB: 16-bit grey is scaled (convert() would clip it), alpha is laid on white."""
    if image.mode == "RGB":
        return image
    if image.mode.startswith("I"):
        scaled = np.asarray(image).astype(np.int64) >> 8
        return Image.fromarray(scaled.clip(0, 255).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        page = Image.new("RGBA", layer.size, "white")
        return Image.alpha_composite(page, layer).convert("RGB")
    return image.convert("RGB")


def _refuse(reason: FaceReason, detail: str) -> DecodeRefusal:
    return DecodeRefusal(reason, detail)
