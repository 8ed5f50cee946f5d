"""What the KPM's page says of days and periods, and the code that it shows as QRIS."""

from datetime import date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pos_engine.wire.kpm_words import day_shown, moment_shown, period_shown
from pos_engine.wire.qris_cpm import parse_cpm
from pos_engine.wire.qris_cpm_build import build_cpm
from pos_engine.wire.sms import LENGTH_MAX, page_code_text

NNS = "93600999"


def test_days_and_moments_are_said_as_people_say_them():
    assert day_shown(date(2026, 5, 1)) == "1 Mei 2026"
    assert moment_shown(datetime(2026, 11, 21, 9, 4), "WIB") == "21 Nov 2026 09.04 WIB"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("2026-11", "Nov 2026"),
        ("2026-10..2026-12", "Okt 2026 - Des 2026"),
        ("percobaan", "percobaan"),
    ],
)
def test_periods_are_said_by_their_months(text, said):
    assert period_shown(text) == said


@example("x" * 150)  # a length of two bytes
@example("x" * 300)  # of three
@given(st.text(st.characters(codec="ascii"), max_size=400))
def test_a_customers_code_is_read_as_it_was_written(data):
    read = parse_cpm(build_cpm(NNS, data))
    assert read.valid
    assert (read.nns, read.issuer_data) == (NNS, data)


@pytest.mark.parametrize("nns", ["", "9360099", "9360099x"])
def test_a_code_needs_a_providers_number(nns):
    with pytest.raises(ValueError, match="8 digits"):
        build_cpm(nns, "x")


def test_texts_fit_one_message_and_say_what_the_code_is_for():
    assert len(page_code_text("123456", 10)) <= LENGTH_MAX
    assert "bukan belanja" in page_code_text("123456", 10)
