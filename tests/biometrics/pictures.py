"""Picture files made at test time, sound and hostile."""

import io
import struct
import zlib

import numpy as np
from PIL import Image


def encode(picture: np.ndarray, image_format: str = "JPEG", **options: object) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, image_format, **({"quality": 90} | options))
    return file.getvalue()


def encode_image(image: Image.Image, image_format: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, image_format, **options)
    return file.getvalue()


def exif_orientation(value: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = value
    return exif.tobytes()


def png(width: int, height: int, body: bytes, *, depth: int = 8, colour: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
    )


def png_bomb(side: int = 30_000) -> bytes:
    """A one-bit picture of 900 million pixels in about 110 kB."""
    packer = zlib.compressobj(9)
    row = b"\x00" * (1 + side // 8)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    return png(side, side, body, depth=1, colour=0)


def webp_bomb() -> bytes:
    """A VP8X header that claims 16383 x 16383: opening it with libwebp would reserve 2 GB."""
    size = (16383 - 1).to_bytes(3, "little")
    chunk = b"VP8X" + struct.pack("<I", 10) + b"\x02\x00\x00\x00" + size + size
    anim = b"ANIM" + struct.pack("<I", 6) + b"\x00" * 6
    return b"RIFF" + struct.pack("<I", 4 + len(chunk) + len(anim)) + b"WEBP" + chunk + anim


def animated_webp(picture: np.ndarray) -> bytes:
    frames = [Image.fromarray(picture), Image.fromarray(255 - picture)]
    file = io.BytesIO()
    frames[0].save(file, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()


def animated_png(picture: np.ndarray) -> bytes:
    frames = [Image.fromarray(picture), Image.fromarray(255 - picture)]
    file = io.BytesIO()
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:], duration=100)
    return file.getvalue()
