"""The alphabet of every phone: 128 letters and what takes two places."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pos_engine.wire import gsm7

LETTERS = [gsm7.decode(bytes((code,))) for code in range(128) if code != 0x1B]


def test_ascii_that_differs_is_translated():
    assert gsm7.encode("@_$") == b"\x00\x11\x02"
    assert gsm7.encode("A1 z") == b"A1 z"
    assert gsm7.decode(b"\x00\x11\x02") == "@_$"


def test_a_letter_of_two_places_counts_twice():
    assert gsm7.septets("a€") == 3
    assert gsm7.encode("[€]") == b"\x1b\x3c\x1b\x65\x1b\x3e"


@pytest.mark.parametrize("text", ["漢", "`", "\x1b", "😀", "\ud800"])
def test_what_no_phone_shows_is_said_so(text):
    assert gsm7.septets(text) is None
    assert gsm7.encode(text) == b"?"


@given(st.text(st.sampled_from([*LETTERS, *"^{}\\[~]|€\f"])))
def test_whatever_is_in_the_alphabet_comes_back(text):
    assert gsm7.decode(gsm7.encode(text)) == text
    assert gsm7.septets(text) == len(gsm7.encode(text))


@given(st.binary())
@example(b"\x1b")
@example(b"\x1b\x1b\xff")
def test_no_octets_are_an_error(octets):
    assert gsm7.septets(gsm7.decode(octets)) is not None
