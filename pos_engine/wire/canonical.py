"""Canonical JSON and base64url: the bytes that a signature of the offline protocol covers."""

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import sha256

INTEGER_MAX = 2**53 - 1  # what a browser's number holds exactly
DEPTH_MAX = 8  # arrays and objects inside each other


class CanonicalError(ValueError):
    """A value that has no canonical form here. The message names no content."""


def canonical(value: object) -> bytes:
    """The one way to write a value: RFC 8785, restricted to what needs no float.

    Objects with ASCII keys (sorted), arrays, strings, integers of at most 53 bits, booleans and
    null; no spaces, UTF-8 unescaped. `CanonicalError` for anything else: a float, a lone surrogate,
    more than DEPTH_MAX levels. The tablet writes the same bytes with sorted keys and
    `JSON.stringify`.
    """
    _checked(value, DEPTH_MAX)
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise CanonicalError("A string is no text.") from None


def _checked(value: object, levels: int) -> None:
    match value:
        case None | bool() | str():
            return
        case int():
            if abs(value) > INTEGER_MAX:
                raise CanonicalError("An integer is too large.")
        case Mapping() if levels:
            if not all(isinstance(key, str) and key.isascii() for key in value):
                raise CanonicalError("A key is not ASCII.")
            for each in value.values():
                _checked(each, levels - 1)
        case list() | tuple() if levels:
            for each in value:
                _checked(each, levels - 1)
        case _:
            raise CanonicalError("A value is of no allowed kind, or too deep.")


def to_base64url(raw: bytes) -> str:
    """Binary as text: base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def from_base64url(text: str, length: int | None = None) -> bytes | None:
    """The bytes of a base64url text without padding; None when it is none.

    `length` in bytes when it is known. Only the one canonical spelling is read: two texts are never
    the same bytes.
    """
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    if to_base64url(raw) != text or length not in (None, len(raw)):
        return None
    return raw


def envelope_hash(body: object, signature: str) -> str:
    """What the next envelope names as `prev`: base64url SHA-256 of body, a dot and its signature.

    `CanonicalError` for a body that has no canonical form, or a signature that is not ASCII.
    """
    if not signature.isascii():
        raise CanonicalError("A signature is not ASCII.")
    return to_base64url(sha256(canonical(body) + b"." + signature.encode()).digest())
