"""SMS on any phone: one message, plain letters, and nothing to tap on."""

import re
from datetime import UTC, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pos_engine.rules.qris import QrisRefusal
from pos_engine.wire.qris_words import REFUSAL_WORDS
from pos_engine.wire.sms import (
    LENGTH_MAX,
    code_text,
    pin_code_text,
    purchase_text,
    qris_refund_text,
)

AT = datetime(2026, 11, 21, 9, 14, tzinfo=UTC)
# GSM 03.38: the ASCII part of the default alphabet, and what costs two places of 160.
GSM_TWICE = set("^{}\\[~]|")
GSM_ONCE = {chr(code) for code in range(0x20, 0x7F)} - GSM_TWICE - {"`"}
LINKS = [
    "http://evil.example",
    "Warung HTTPS://evil.example/x",
    "hthttptp://evil.example",
    "www.evil.example",
    "Klik WWW.evil.example",
    "bit.ly/x",
]

shop_names = st.one_of(
    st.text(max_size=200),
    st.text(st.characters(codec="ascii"), max_size=200),
    st.sampled_from(LINKS),
)


def texts(shop_name: str, amount: int = 67_000, balance: int = 133_000) -> tuple[str, str]:
    return (
        code_text("123456", shop_name, amount, 5),
        purchase_text(amount, shop_name, AT, balance),
    )


def test_a_code_says_what_it_is_good_for():
    assert code_text("042917", "Warung Bu Sri", 67_000, 5) == (
        "BPNT: kode belanja 042917 di Warung Bu Sri, paling banyak Rp67.000. Berlaku 5 menit."
    )


def test_a_purchase_is_told_with_the_rest_and_a_way_to_object():
    assert purchase_text(67_000, "Warung Bu Sri", AT, 133_000) == (
        "BPNT: belanja Rp67.000 di Warung Bu Sri 21/11 09.14. Sisa Rp133.000. "
        "Bukan Anda? Balas LAPOR"
    )


@given(shop_names, st.integers(0, 10**10), st.integers(0, 10**10))
@example("W" * 500, 10**10, 10**10)
def test_a_text_is_one_message_and_its_facts_are_never_cut(shop_name, amount, balance):
    code, purchase = texts(shop_name, amount, balance)
    assert len(code) <= LENGTH_MAX == 160
    assert len(purchase) <= LENGTH_MAX
    assert code.startswith("BPNT: kode belanja 123456 di ")
    assert code.endswith(" Berlaku 5 menit.")
    assert purchase.endswith(" Bukan Anda? Balas LAPOR")


@given(shop_names)
@example("`")
@example("a\nb\x00\x1b\x7f")
def test_a_text_holds_only_letters_that_every_phone_can_show(shop_name):
    for text in texts(shop_name):
        assert text.isascii()
        assert set(text) <= GSM_ONCE | GSM_TWICE


@given(shop_names)
@example("{" * 200)
def test_a_text_fits_one_message_in_the_places_that_gsm_counts(shop_name):
    for text in texts(shop_name):
        assert len(text) + sum(letter in GSM_TWICE for letter in text) <= LENGTH_MAX


@pytest.mark.parametrize("shop_name", LINKS)
def test_a_shop_cannot_send_a_link_in_our_name(shop_name):
    for text in texts(shop_name):
        for link in ("http", "://", "www."):
            assert link not in text.lower()
        assert not re.search(r"[a-z0-9]\.[a-z]{2}", text.lower())  # a phone underlines bit.ly too


def test_a_code_is_never_asked_for():
    for text in texts("Warung Bu Sri"):
        for word in ("kirim", "berikan", "balas kode", "masukkan"):
            assert word not in text.lower()


def test_a_code_for_a_new_pin_says_so_and_fits():
    text = pin_code_text("042917", 3)
    assert "042917" in text
    assert "PIN BELANJA BARU" in text
    assert len(text) <= LENGTH_MAX
    assert set(text) <= GSM_ONCE


def test_a_payment_by_code_that_goes_back_is_told_without_a_loss():
    text = qris_refund_text(67_000, "Warung Bu Sri yang sangat panjang namanya di pasar")
    assert text.startswith("BPNT: bayar QR Rp67.000 di Warung Bu Sri")
    assert "batal. Saldo bantuan tidak berkurang." in text
    assert len(text) <= LENGTH_MAX


def test_every_refusal_of_a_shown_code_has_its_sentence():
    assert set(REFUSAL_WORDS) == set(QrisRefusal)
    assert all(each.endswith(".") for each in REFUSAL_WORDS.values())
