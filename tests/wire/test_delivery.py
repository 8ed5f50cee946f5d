"""What comes from an operator: reports by text or TLV, texts in any coding, parts of long ones."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pos_engine.wire.delivery import (
    ASCII,
    LATIN_1,
    UCS2,
    Delivery,
    Report,
    is_report,
    read_report,
    read_text,
)

APPENDIX_B = (
    b"id:7f03 sub:001 dlvrd:001 submit date:2611211000 done date:2611211001 stat:%s err:000 text:B"
)


@pytest.mark.parametrize(
    ("word", "delivery"),
    [
        (b"DELIVRD", Delivery.DELIVERED),
        (b"UNDELIV", Delivery.FAILED),
        (b"EXPIRED", Delivery.FAILED),
        (b"REJECTD", Delivery.FAILED),
        (b"DELETED", Delivery.FAILED),
        (b"ENROUTE", Delivery.ON_ITS_WAY),
        (b"ACCEPTD", Delivery.ON_ITS_WAY),
    ],
)
def test_a_report_of_appendix_b(word, delivery):
    assert read_report(APPENDIX_B % word, None, None) == Report("7f03", delivery, word.decode())


def test_tlvs_win_over_the_text():
    told = read_report(APPENDIX_B % b"ENROUTE", b"a1\0", 2)
    assert told == Report("a1", Delivery.DELIVERED, "DELIVRD")
    assert read_report(b"", b"a1", 99) == Report("a1", Delivery.ON_ITS_WAY, "")


@pytest.mark.parametrize("text", [b"", b"stat:DELIVRD", b"id: stat:DELIVRD"])
def test_a_report_of_no_text_is_none(text):
    assert read_report(text, None, None) is None
    assert read_report(text, b"\0", 2) is None
    assert read_report(text, b"x" * 65, 2) is None


def test_a_report_is_known_by_its_class():
    assert is_report(0x04)
    assert not is_report(0x00)
    assert not is_report(0x40)


def test_texts_of_all_codings():
    assert read_text(b"\x00saldo", 0, 0) == "@saldo"
    assert read_text(b"saldo_", ASCII, 0) == "saldo_"
    assert read_text(b"sald\xf3", LATIN_1, 0) == "saldó"
    assert read_text("saldo".encode("utf-16-be"), UCS2, 0) == "saldo"


HEADERS = {
    "first of two": (b"\x05\x00\x03\x07\x02\x01", "x"),
    "second of two": (b"\x05\x00\x03\x07\x02\x02", None),
    "second, long number": (b"\x06\x08\x04\x00\x07\x02\x02", None),
    "a port": (b"\x06\x05\x04\x0b\x84\x23\xf0", "x"),
    "cut": (b"\x05\x00", ""),
    "empty": (b"\x00", "x"),
}


@pytest.mark.parametrize("case", HEADERS)
def test_only_the_first_part_of_a_long_text_is_read(case):
    header, text = HEADERS[case]
    body = header if case == "cut" else header + b"x"
    assert read_text(body, 0, 0x40) == text


@given(st.binary(max_size=2_000), st.integers(0, 255), st.integers(0, 255))
@example(b"", 0, 0x40)
def test_no_octets_are_an_error(octets, coding, esm_class):
    text = read_text(octets, coding, esm_class)
    assert text is None or isinstance(text, str)


@given(st.binary(max_size=300), st.none() | st.binary(max_size=80), st.none() | st.integers(0, 255))
def test_no_report_is_an_error(text, told_id, state):
    found = read_report(text, told_id, state)
    assert found is None or 1 <= len(found.gateway_id) <= 64
