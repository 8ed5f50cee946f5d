"""An aggregator's call: one bit off, another path, another minute, another body: refused."""

from datetime import UTC, datetime, timedelta

import pytest

from pos_engine.wire.gateway import holds, in_window, sign

SECRET = "a-secret-of-thirty-two-characters"
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
STAMP = str(int(NOW.timestamp()))
CALL = {"timestamp": STAMP, "method": "POST", "path": "/gateway/sms", "body": b"{}"}


def test_what_was_signed_holds():
    assert holds(SECRET, sign(SECRET, **CALL), **CALL)


@pytest.mark.parametrize(
    "changed",
    [
        {"timestamp": str(int(STAMP) + 1)},
        {"method": "PUT"},
        {"path": "/gateway/ussd"},
        {"body": b"{ }"},
    ],
    ids=str,
)
def test_anything_else_does_not(changed):
    assert not holds(SECRET, sign(SECRET, **CALL), **(CALL | changed))
    assert not holds("another-secret-of-thirty-two-char", sign(SECRET, **CALL), **CALL)


def test_one_bit_off_or_no_signature_at_all():
    signature = sign(SECRET, **CALL)
    for bit in range(4):
        other = f"{int(signature[0], 16) ^ (1 << bit):x}{signature[1:]}"
        assert not holds(SECRET, other, **CALL)
    for text in ("", signature.upper(), signature[:-1], "ä" * 64, f"{signature}\n"):
        assert not holds(SECRET, text, **CALL)
    assert not holds(SECRET, signature, **(CALL | {"timestamp": "soon"}))


def test_a_call_of_long_ago_is_outside():
    assert in_window(STAMP, NOW + timedelta(minutes=5))
    assert not in_window(STAMP, NOW + timedelta(minutes=5, seconds=1))
    assert not in_window(STAMP, NOW - timedelta(minutes=10))
    assert not in_window("12", NOW)
    assert not in_window("99999999999999999999", NOW)
