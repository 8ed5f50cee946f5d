"""A text as a QR code picture: SVG for print, PNG for screens."""

import io

import qrcode
from qrcode.constants import ERROR_CORRECT_M
from qrcode.image.pil import PilImage
from qrcode.image.svg import SvgPathImage

BORDER = 4  # modules: what a reader needs around the code


def svg_of(text: str) -> bytes:
    """A scalable picture."""
    return _saved(text, SvgPathImage)


def png_of(text: str) -> bytes:
    """Black on white, ten pixels a module."""
    return _saved(text, PilImage)


def _saved(text: str, kind: type[SvgPathImage] | type[PilImage]) -> bytes:
    code = qrcode.QRCode(border=BORDER, error_correction=ERROR_CORRECT_M, image_factory=kind)
    code.add_data(text)
    buffer = io.BytesIO()
    code.make_image().save(buffer)
    return buffer.getvalue()
