"""What a tablet signs of a request within a session."""

from hashlib import sha256

import pytest

from pos_engine.wire.device_header import DeviceHeader, read_device_header, read_proof_header

TEXT = f"DEV-1.1763694000000.{'n' * 16}.{'s' * 86}"


def test_a_proof_is_read_like_the_header_of_a_device():
    found = read_proof_header(TEXT)
    assert found == DeviceHeader("DEV-1", "1763694000000", "n" * 16, "s" * 86)
    assert found == read_device_header(f"Device {TEXT}")


@pytest.mark.parametrize("text", ["", "nonsense", f"Device {TEXT}", TEXT + "x", "x" * 300])
def test_anything_else_is_none(text):
    assert read_proof_header(text) is None


def test_the_token_makes_it_another_text():
    header = read_proof_header(TEXT)
    bare = header.signed_text("GET", "/v1/purchases", b"")
    proof = header.proof_text("GET", "/v1/purchases", b"", "token")
    assert proof == bare + f"\n{sha256(b'token').hexdigest()}".encode()
    assert header.proof_text("GET", "/v1/purchases", b"", "") not in (bare, proof)
