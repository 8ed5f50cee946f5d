"""A body packed with Content-Encoding: gzip, opened up to a limit (RFC 9110, RFC 1952)."""

import enum
import zlib

GZIP = "gzip"
_GZIP_WINDOW = 16 + zlib.MAX_WBITS


class NotOpened(enum.Enum):
    """Why a packed body was not read."""

    UNKNOWN_ENCODING = enum.auto()
    DAMAGED = enum.auto()
    TOO_LARGE = enum.auto()


def opened(raw: bytes, encoding: str, bytes_max: int) -> bytes | NotOpened:
    """The body as it was before it was packed; never more than `bytes_max` bytes are unpacked."""
    if encoding in ("", "identity"):
        return raw
    if encoding != GZIP:
        return NotOpened.UNKNOWN_ENCODING
    unpacking = zlib.decompressobj(_GZIP_WINDOW)
    try:
        body = unpacking.decompress(raw, bytes_max)
    except zlib.error:
        return NotOpened.DAMAGED
    if unpacking.unconsumed_tail:
        return NotOpened.TOO_LARGE
    whole = unpacking.eof and not unpacking.unused_data  # one member, nothing behind it
    return body if whole else NotOpened.DAMAGED
