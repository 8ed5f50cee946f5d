"""Every refusal says why, what is lawful and where to go next, to people and to machines."""

import re
from string import Formatter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason
from pos_engine.wire.response import WORDINGS, explain, line_message
from tests.make import a_judged_line, a_market

PLACEHOLDERS = {"item", "price", "ceiling", "unit", "amount", "balance", "missing"}
# The reasons that a line can have; the others are of the whole purchase.
LINE_REASONS = [
    Reason.ITEM_UNKNOWN,
    Reason.QUANTITY_INVALID,
    Reason.ITEM_BANNED,
    Reason.ITEM_NOT_IN_PROGRAMME,
    Reason.UNIT_MISMATCH,
    Reason.CEILING_MISSING,
    Reason.PRICE_ABOVE_CEILING,
    Reason.QUANTITY_LIMIT,
]


def refused(reason: Reason):
    return replace(a_judged_line(unit_price=15_000), reason=reason)


def test_every_reason_is_worded_and_nothing_else_is():
    assert list(WORDINGS) == list(Reason)


@pytest.mark.parametrize("reason", Reason)
def test_a_wording_is_whole_sentences_and_machine_codes(reason):
    wording = WORDINGS[reason]
    for text in (wording.sentence, wording.next_step):
        assert text == text.strip()
        assert text.endswith(".")
        assert text[0].isupper() or text.startswith("{item}")
        assert {name for _, name, _, _ in Formatter().parse(text) if name} <= PLACEHOLDERS
    assert re.fullmatch(r"[0-9A-Z]{2}", wording.iso8583)
    assert re.fullmatch(r"[0-9]{3}-[0-9]{2}", wording.snap)


@pytest.mark.parametrize("reason", Reason)
def test_no_refusal_tells_a_machine_that_all_is_well(reason):
    assert WORDINGS[reason].iso8583 not in {"00", "08", "10", "11", "16"}  # ISO 8583 approvals
    assert not WORDINGS[reason].snap.startswith("2")


@pytest.mark.parametrize("reason", Reason)
def test_no_wording_shames_or_blames(reason):
    told = f"{WORDINGS[reason].sentence} {WORDINGS[reason].next_step}".lower()
    for word in ("miskin", "curang", "penipu", "ditolak", "salah anda"):
        assert word not in told


@pytest.mark.parametrize("reason", Reason)
@pytest.mark.parametrize("lines", ["none", "refused", "another"])
def test_every_placeholder_is_filled(reason, lines):
    judged = {"none": (), "refused": (refused(reason),), "another": (a_judged_line(),)}[lines]
    for text in explain(reason, judged, amount=67_000, balance=50_000):
        assert text
        assert not set("{}") & set(text)


@pytest.mark.parametrize("reason", LINE_REASONS)
def test_every_refused_line_says_why(reason):
    text = line_message(refused(reason))
    assert text
    assert not set("{}") & set(text)
    if "{item}" in WORDINGS[reason].sentence:
        assert "Beras medium" in text


def test_a_lawful_line_has_nothing_to_say():
    assert line_message(a_judged_line()) == ""


def test_a_price_too_high_is_told_with_the_lawful_one():
    line = a_judged_line(unit_price=15_000)
    sentence = "Harga Beras medium Rp15.000 per kg terlalu tinggi. Paling tinggi Rp13.500."
    assert line_message(line) == sentence
    assert explain(Reason.PRICE_ABOVE_CEILING, (line,), amount=75_000, balance=0) == (
        sentence,
        "Turunkan harga menjadi Rp13.500 atau keluarkan barang.",
    )


def test_the_lawful_price_is_told_in_the_unit_that_was_asked():
    line = a_judged_line("BERAS-MEDIUM", 1000, 70_000, unit="karung5")
    assert line_message(line) == (
        "Harga Beras medium Rp70.000 per karung 5 kg terlalu tinggi. Paling tinggi Rp67.500."
    )


def test_the_line_that_is_explained_is_the_refused_one():
    # lawful; refused, but for a reason that comes later; and the one that is told
    lines = (a_judged_line("JAGUNG"), a_judged_line("SABUN", 1000), a_judged_line("MIRAS", 1000))
    sentence, _ = explain(Reason.ITEM_BANNED, lines, amount=1, balance=0)
    assert sentence == "Minuman keras tidak boleh dibeli dengan bantuan."


def test_missing_money_is_told_to_the_rupiah():
    assert explain(Reason.INSUFFICIENT_BALANCE, (), amount=67_000, balance=66_999) == (
        "Saldo Rp66.999, belanja Rp67.000.",
        "Kurangi barang atau bayar sisanya Rp1 tunai.",
    )


def test_what_is_missing_is_never_negative():
    _, step = explain(Reason.INSUFFICIENT_BALANCE, (), amount=1, balance=2)
    assert "Rp0" in step


@pytest.mark.parametrize("reason", [each for each in Reason if each.name != "INSUFFICIENT_BALANCE"])
def test_only_a_refusal_about_money_tells_a_balance(reason):
    one = explain(reason, (), amount=67_000, balance=1)
    other = explain(reason, (), amount=67_000, balance=200_000)
    assert one == other


def test_a_missing_ceiling_is_told_without_a_price():
    line = a_judged_line("MINYAKITA", 1000, 1, market=a_market(policy="PANGAN-2022"))
    text = line_message(replace(line, reason=Reason.CEILING_MISSING, ceiling=None))
    assert text == "Harga tertinggi MinyaKita untuk daerah ini belum ada."


@given(
    st.text(max_size=40),
    st.sampled_from(LINE_REASONS),
    st.integers(0, 10**8),
    st.none() | st.integers(0, 10**8),
)
def test_a_name_is_told_as_it_is_whatever_it_holds(name, reason, price, ceiling):
    ceiling = None if ceiling is None else Rupiah(ceiling)
    line = replace(refused(reason), name=name, unit_price=Rupiah(price), ceiling=ceiling)
    assert line_message(line).startswith(WORDINGS[reason].sentence.split("{")[0])
    if "{item}" in WORDINGS[reason].sentence:
        assert name in line_message(line)
