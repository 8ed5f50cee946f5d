"""What a person texts is understood in any case, with blanks, signs and a slip of the finger."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pos_engine.wire.sms_words import ALIASES, TEXT_READ_MAX, Word, read

SAID = {
    "saldo": (Word.SALDO, ""),
    "  SaLdO. ": (Word.SALDO, ""),
    "Cek saldo": (Word.SALDO, ""),
    "s a l d o": (Word.SALDO, ""),
    "saldoo": (Word.SALDO, ""),
    "sald": (Word.SALDO, ""),
    "slado": (Word.SALDO, ""),
    "zaldo": (Word.SALDO, ""),
    "SALDO 123456": (Word.SALDO, "123456"),
    "kode!": (Word.KODE, ""),
    "minta kode": (Word.KODE, ""),
    "LAPOR, bukan saya yang belanja": (Word.LAPOR, "bukan saya yang belanja"),
    "lapro": (Word.LAPOR, ""),
    "Bukan saya": (Word.LAPOR, ""),
    "harga beras-medium": (Word.HARGA, "beras medium"),
    "hrga telur": (Word.HARGA, "telur"),
    "STOP": (Word.STOP, ""),
    "mulai": (Word.MULAI, ""),
    "info": (Word.BANTUAN, ""),
}
NOT_UNDERSTOOD = ["", "   ", "???", "\n\t", "xyz", "halo ibu", "stok beras", "sa", "1", "😀", "ko"]


@pytest.mark.parametrize("text", SAID)
def test_a_word_is_found_as_people_write_it(text):
    asked = read(text)
    assert (asked.word, asked.rest) == SAID[text]
    assert asked.understood


@pytest.mark.parametrize("text", NOT_UNDERSTOOD)
def test_what_is_not_understood_gets_the_help(text):
    asked = read(text)
    assert (asked.word, asked.understood) == (Word.BANTUAN, False)


def test_a_slip_never_silences_a_family():
    """`stok` and `stopp` are near to STOP: only the whole word stops the notices."""
    for text in ("stok", "stopp", "stp", "top"):
        assert read(text).word is not Word.STOP


@given(st.sampled_from(sorted(ALIASES)), st.sampled_from([str.upper, str.title, str.lower]))
def test_every_word_is_understood_in_any_case(alias, case):
    assert read(f" {case(alias)}! ").word is ALIASES[alias]


@given(st.text(max_size=1_000))
@example("\ud800")
@example("a" * 100_000)
@example("S" * TEXT_READ_MAX)
def test_no_text_is_an_error(text):
    asked = read(text)
    assert asked.word in Word
    assert len(asked.rest) <= TEXT_READ_MAX
    assert asked.rest.isascii()
