"""The signature of an aggregator's call: what is signed, and whether it holds."""

import hashlib
import hmac
import re
from datetime import UTC, datetime, timedelta

WINDOW = timedelta(minutes=5)  # how far a call's time may be from ours
SECRET_LENGTH_MIN = 32
_SECONDS = re.compile(r"[0-9]{10}")
_SIGNATURE = re.compile(r"[0-9a-f]{64}")


def signed_text(timestamp: str, method: str, path: str, body: bytes) -> bytes:
    """Four lines: seconds since 1970, method, path, SHA-256 of the body in hex."""
    return "\n".join((timestamp, method, path, hashlib.sha256(body).hexdigest())).encode()


def sign(secret: str, timestamp: str, method: str, path: str, body: bytes) -> str:
    """HMAC-SHA-256 in hex, for the header X-Signature."""
    return hmac.new(
        secret.encode(), signed_text(timestamp, method, path, body), "sha256"
    ).hexdigest()


def holds(secret: str, signature: str, timestamp: str, method: str, path: str, body: bytes) -> bool:
    """Did somebody with the secret sign exactly this."""
    if not _SIGNATURE.fullmatch(signature) or not _SECONDS.fullmatch(timestamp):
        return False
    return hmac.compare_digest(sign(secret, timestamp, method, path, body), signature)


def in_window(timestamp: str, now: datetime) -> bool:
    """Is the call's time near enough to ours."""
    if not _SECONDS.fullmatch(timestamp):
        return False
    return abs(now - datetime.fromtimestamp(int(timestamp), UTC)) <= WINDOW
