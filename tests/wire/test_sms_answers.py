"""Answers fit one message, in letters that every phone shows, with nothing to tap on."""

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pos_engine.wire import sms_answers
from pos_engine.wire.gsm7 import SEPTETS_MAX, septets
from pos_engine.wire.sms_answers import Price

AT = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
FIXED = [
    value for name, value in vars(sms_answers).items() if name.isupper() and isinstance(value, str)
]
names = st.one_of(st.text(max_size=80), st.sampled_from(["www.evil.example", "http://e", "{0}"]))


def fits(text):
    size = septets(text)
    return size is not None and size <= SEPTETS_MAX and not re.search(r"https?:|www\.", text)


@pytest.mark.parametrize("text", FIXED, ids=range(len(FIXED)))
def test_each_fixed_answer_fits_and_asks_for_no_code(text):
    assert fits(text)
    assert not re.search(r"(kirim|balas|sebutkan) kode", text, re.IGNORECASE)


def test_the_balance_says_until_when():
    text = sms_answers.balance_text(133_000, date(2026, 12, 31), AT)
    assert text == (
        "BPNT 21/11 10.00: saldo bantuan Rp133.000, belanjakan paling lambat 31/12/2026."
    )
    assert "belanjakan" not in sms_answers.balance_text(0, None, AT)


@given(st.integers(0, 10**10), names, st.sampled_from(["", "*123#", "*123*4567890123456789#"]))
@example(10**10, "W" * 200, "*123#")
def test_a_request_fits_whatever_the_shop_is_called(amount, shop, ussd_number):
    text = sms_answers.confirm_text(amount, shop, ussd_number)
    assert fits(text)
    assert text.endswith("Bukan Anda? Balas LAPOR")


def test_a_name_that_no_phone_shows_is_left_out():
    prices = [Price("漢", 1, "kg"), Price("Telur", 30_000, "kg")]
    assert sms_answers.prices_text(prices) == "BPNT, harga tertinggi: Telur Rp30.000/kg"


def test_a_complaint_has_its_number():
    text = sms_answers.complaint_text("L7K3M9QA")
    assert "L7K3M9QA" in text
    assert fits(text)


@given(
    st.lists(
        st.builds(
            Price, st.text(max_size=80), st.integers(1, 10**9), st.sampled_from(["kg", "butir"])
        )
    )
)
def test_prices_are_never_cut_in_the_middle(prices):
    text = sms_answers.prices_text(prices)
    assert septets(text) <= SEPTETS_MAX
    shown = text.removeprefix("BPNT, harga tertinggi: ")
    assert not shown or any(shown.startswith(sms_answers.price_line(each)) for each in prices)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("Beras diganti warung besok pagi.", "Beras diganti warung besok pagi."),
        ("panjang " * 60, "panjang"),
        ("sudah 好", "lihat di halaman Anda."),  # not in the phone's alphabet
    ],
)
def test_an_officers_answer_fits_one_text_and_says_how_to_object(answer, told):
    text = sms_answers.complaint_answered_text("K12345", answer)
    assert text.startswith(f"BPNT: laporan K12345 dijawab: {told}")
    assert text.endswith("Belum selesai? Balas LAPOR")
    assert septets(text) <= 160
