"""Check digits: real numbers pass, every single-digit slip fails."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.barcode import gtin_14, gtin_check_digit_ok


@pytest.mark.parametrize("gtin", ["96385074", "036000291452", "4006381333931", "10614141000415"])
def test_known_numbers_of_every_length_hold(gtin):
    assert gtin_check_digit_ok(gtin)


@pytest.mark.parametrize(
    "gtin",
    [
        "",
        "4",
        "4006381333932",
        "400638133393",
        "40063813339x1",
        "٤006381333931",
        "²006381333931",
        " 006381333931",
        "4006381333931\n",
    ],
)
def test_anything_else_does_not(gtin):
    assert not gtin_check_digit_ok(gtin)


@given(st.integers(0, 10**12 - 1), st.integers(0, 12), st.integers(1, 9))
def test_one_wrong_digit_is_always_found(number, place, shift):
    body = f"{number:012d}"
    gtin = next(body + str(last) for last in range(10) if gtin_check_digit_ok(body + str(last)))
    wrong = str((int(gtin[place]) + shift) % 10)
    assert not gtin_check_digit_ok(gtin[:place] + wrong + gtin[place + 1 :])


def test_padding_keeps_the_check_digit():
    assert gtin_14("036000291452") == gtin_14("0036000291452") == "00036000291452"
    assert gtin_check_digit_ok(gtin_14("036000291452"))
