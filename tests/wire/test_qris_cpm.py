"""Customers' codes: the published vector, planted faults, and no bytes that break the reader."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.wire.qris_cpm import parse_cpm

VECTOR = (
    "hQVDUFYwMWFFTwegAAAGAiAgUAdRUklTQ1BNWgqTYAkUMBAFMXIPXy0EaWRlbmMen3QbY2hlcXVlOjk1Njc3MjQ5NTA5MD"
    "UxODk4MDc0"
)
AID = "A0000006022020"


def tlv(tag: str, value: bytes) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2)
    return bytes.fromhex(tag) + length + value


def a_code(*parts: bytes, version: bytes = b"CPV01", aid: str = AID) -> str:
    inner = tlv("4F", bytes.fromhex(aid)) + b"".join(parts)
    return base64.b64encode(tlv("85", version) + tlv("61", inner)).decode()


def a_customer_code(pan: str, data: str) -> str:
    padded = pan + "F" * (len(pan) % 2)
    return a_code(tlv("5A", bytes.fromhex(padded)), tlv("63", tlv("9F74", data.encode())))


def issues(text: str) -> set[tuple[str, str]]:
    return {(each.code, each.tag) for each in parse_cpm(text).issues}


def test_the_published_vector():
    read = parse_cpm(VECTOR)
    assert read.valid
    assert (read.pan, read.nns) == ("9360091430100531720", "93600914")
    assert read.issuer_data == "cheque:95677249509051898074"


def test_long_values_and_track_two():
    read = parse_cpm(
        a_code(
            tlv("57", bytes.fromhex("9360091430100531720D3012F0")),
            tlv("63", tlv("9F74", b"x" * 300)),
        )
    )
    assert read.valid
    assert read.pan == "9360091430100531720"
    assert read.issuer_data == "x" * 300
    assert parse_cpm(a_customer_code("936000090000000001", "t")).pan == "936000090000000001"


def test_a_code_never_prints_whose_it_is():
    assert "9360" not in repr(parse_cpm(VECTOR))


CUT = base64.b64encode(b"\x85\x05CPV").decode()
CASES = {
    "not base64": ("hQVDUFY*", "NOT_BASE64", ""),
    "not ASCII": ("é", "NOT_BASE64", ""),
    "too long": ("A" * 1_028, "TOO_LONG", ""),
    "nothing": ("", "VERSION_NOT_FIRST", "85"),
    "another version": (a_code(version=b"CPV02"), "VERSION_NOT_FIRST", "85"),
    "another application": (a_code(aid="A0000000031010"), "APPLICATION_MISSING", "61"),
    "no number": (a_code(), "PAN_MISSING", "5A"),
    "a number that is none": (a_code(tlv("5A", b"\xab\xcd")), "PAN_MISSING", "5A"),
    "cut": (CUT, "TLV_CUT", "85"),
    "no length": (base64.b64encode(b"\x85").decode(), "TLV_CUT", "85"),
    "a long tag without end": (base64.b64encode(b"\x9f\xff").decode(), "TLV_CUT", "9FFF"),
    "an indefinite length": (base64.b64encode(b"\x61\x80").decode(), "TLV_CUT", "61"),
    "a length of three bytes": (base64.b64encode(b"\x85\x83\0\0\1A").decode(), "TLV_CUT", "85"),
    "too many": (base64.b64encode(b"\x85\x00" * 70).decode(), "TLV_TOO_MANY", "85"),
    "too deep": (
        base64.b64encode(
            tlv("61", tlv("61", tlv("61", tlv("61", tlv("61", tlv("61", b""))))))
        ).decode(),
        "TLV_TOO_MANY",
        "61",
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_each_fault_is_named(case):
    text, issue, tag = CASES[case]
    assert (issue, tag) in issues(text)
    assert not parse_cpm(text).valid


@given(st.binary(max_size=200).map(lambda raw: base64.b64encode(raw).decode()) | st.text())
def test_nothing_breaks_the_reader(text):
    read = parse_cpm(text)
    assert read.valid == (not read.issues)


@given(place=st.integers(0, 70), other=st.binary(min_size=1, max_size=1))
def test_a_byte_changed_never_breaks_the_reader(place, other):
    raw = bytearray(base64.b64decode(VECTOR))
    raw[place : place + 1] = other
    parse_cpm(base64.b64encode(raw).decode())
