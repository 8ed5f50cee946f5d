"""Whole rupiah, rounded once and down, and written so that a pen cannot change them."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.money import Rupiah, in_words, line_total, written
from pos_engine.rules.quantity import quantity_written, unit_name


@given(st.integers(0, 10**8), st.integers(0, 10**6))
def test_a_line_total_is_the_exact_product_rounded_down(unit_price, quantity_milli):
    total = line_total(Rupiah(unit_price), quantity_milli)
    assert isinstance(total, int)
    assert total == floor(Fraction(unit_price) * Fraction(quantity_milli, 1000))


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "Rp0"),
        (999, "Rp999"),
        (1_000, "Rp1.000"),
        (12_500, "Rp12.500"),
        (5_000_000_000, "Rp5.000.000.000"),
    ],
)
def test_money_is_written_as_in_a_shop(amount, text):
    assert written(amount) == text


@given(st.integers(0, 10**13))
def test_what_is_written_can_be_read_back(amount):
    assert int(written(amount).removeprefix("Rp").replace(".", "")) == amount


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "nol rupiah"),
        (1_000, "seribu rupiah"),
        (11_111, "sebelas ribu seratus sebelas rupiah"),
        (100_000, "seratus ribu rupiah"),
        (133_000, "seratus tiga puluh tiga ribu rupiah"),
        (1_000_000, "satu juta rupiah"),
    ],
)
def test_money_in_words(amount, text):
    assert in_words(amount) == text


UNITS = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan"]
SPECIAL = {"sepuluh": 10, "sebelas": 11, "seratus": 100, "seribu": 1000}


def read_words(words: list[str]) -> int:
    """A reader of Indonesian number words, written apart from the writer."""
    total = group = last = 0
    for word in words:
        if word in UNITS:
            last = UNITS.index(word)
            group += last
        elif word in {"belas", "puluh", "ratus"}:
            group += -last + {"belas": 10 + last, "puluh": 10 * last, "ratus": 100 * last}[word]
        elif word in {"ribu", "juta", "miliar"}:
            total += group * {"ribu": 10**3, "juta": 10**6, "miliar": 10**9}[word]
            group = 0
        elif word == "seribu":
            total += 1000
        else:
            group += SPECIAL[word]
    return total + group


@given(st.integers(0, 10_000_000))
def test_words_and_figures_never_disagree(amount):
    words = in_words(amount)
    assert words.endswith(" rupiah")
    assert read_words(words.removesuffix(" rupiah").split()) == amount


@pytest.mark.parametrize(
    ("quantity_milli", "text"),
    [
        (1000, "1 kg"),
        (1500, "1,5 kg"),
        (1250, "1,25 kg"),
        (1001, "1,001 kg"),
        (1, "0,001 kg"),
        (100, "0,1 kg"),
        (1_000_000, "1.000 kg"),
        (1_234_500, "1.234,5 kg"),
    ],
)
def test_a_quantity_is_written_with_a_decimal_comma(quantity_milli, text):
    assert quantity_written(quantity_milli, "kg") == text


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("kg", "kg"),
        ("butir", "butir"),
        ("karung5", "karung 5 kg"),
        ("botol900", "botol 900 ml"),
        ("pouch500", "kantong 500 ml"),
        ("pouch2", "kantong 2 liter"),
        ("bungkus250", "bungkus 250 g"),
        ("L", "liter"),
        ("pack", "kemasan"),
    ],
)
def test_a_unit_is_said_as_a_cashier_says_it(code, said):
    assert unit_name(code) == said
