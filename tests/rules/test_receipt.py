"""The receipt: what the family takes home on 58 mm paper."""

import dataclasses
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from pos_engine.rules.identity import Method
from pos_engine.rules.money import Rupiah, in_words, written
from pos_engine.rules.purse import ProgrammeBalance
from pos_engine.rules.quantity import unit_name
from pos_engine.rules.receipt import COLUMNS, receipt_number, receipt_text
from tests.make import a_judged_line, a_receipt

names = st.text(st.characters(codec="latin-1", exclude_categories=["C", "Z"]), max_size=60)
shop_names = st.lists(names, max_size=5).map(" ".join)
rupiah = st.integers(0, 100_000_000)
sold = st.one_of(
    st.builds(a_judged_line, st.just("JAGUNG"), st.integers(1, 10**6), rupiah),
    st.builds(
        a_judged_line,
        st.just("BERAS-MEDIUM"),
        st.integers(1, 1000).map(lambda sacks: sacks * 1000),
        st.integers(1, 337_500),
        unit=st.just("karung25"),
    ),
    st.builds(
        a_judged_line,
        st.just("TELUR-AYAM"),
        st.integers(1, 1000).map(lambda eggs: eggs * 1000),
        rupiah,
        unit=st.just("butir"),
    ),
)


def rows_of(text: str) -> list[str]:
    assert text.endswith("\n")
    return text[:-1].split("\n")


def test_a_receipt_as_it_is_printed():
    eggs = a_judged_line("TELUR-AYAM", 10_000, 1_800, unit="butir")
    text = receipt_text(a_receipt(a_judged_line(), eggs, amount=85_000, balance_after=115_000))
    assert rows_of(text) == [
        "         WARUNG BU SRI",
        "  Kabupaten Malang, Jawa Timur",
        "--------------------------------",
        "No 3507-261121-1A2B3C4D",
        "21 Nov 2026 09.14 WIB",
        "Bukti: KKS",
        "--------------------------------",
        "Beras medium",
        " 5 kg x Rp13.400        Rp67.000",
        "Telur ayam ras",
        " 10 butir x Rp1.800     Rp18.000",
        "--------------------------------",
        "JUMLAH                  Rp85.000",
        "(delapan puluh lima ribu rupiah)",
        "Saldo sebelum          Rp200.000",
        "Sisa saldo             Rp115.000",
        "--------------------------------",
        "Ibu/Bapak bebas memilih barang.",
        "       Simpan struk ini.",
    ]


@given(
    shop_name=shop_names,
    place=shop_names,
    method=st.sampled_from(Method),
    lines=st.lists(sold, min_size=1, max_size=4),
    money=st.tuples(st.integers(0, 5 * 10**9), st.integers(0, 10**12), st.integers(0, 10**12)),
)
def test_no_row_is_wider_than_the_paper_and_no_sum_is_lost(shop_name, place, method, lines, money):
    amount, before, after = money
    receipt = a_receipt(
        *lines,
        shop_name=shop_name,
        place=place,
        method=method.value,
        amount=amount,
        balance_before=before,
        balance_after=after,
    )
    rows = rows_of(receipt_text(receipt))
    assert max(len(row) for row in rows) <= COLUMNS == 32
    assert f"({in_words(amount)})" in " ".join(rows)
    assert any(row.startswith("JUMLAH ") and row.endswith(f" {written(amount)}") for row in rows)
    assert any(row.startswith("Sisa saldo ") and row.endswith(f" {written(after)}") for row in rows)
    paper = " ".join(rows)
    for line in lines:
        assert line.name in paper
        assert f"x {written(line.unit_price)}" in paper
        assert written(line.total) in paper
        assert unit_name(line.unit) in paper


def test_a_row_too_long_for_one_line_is_told_on_two():
    line = a_judged_line("JAGUNG", 1_234, 1_234_567)
    rows = rows_of(receipt_text(a_receipt(line)))
    place = rows.index(" 1,234 kg x Rp1.234.567")
    assert rows[place + 1] == "Rp1.523.455".rjust(COLUMNS)


def test_even_a_strange_unit_keeps_to_the_paper():
    line = replace(a_judged_line(), unit="karung_besar_berisi_lima_puluh_kilogram")
    rows = rows_of(receipt_text(a_receipt(line)))
    assert max(len(row) for row in rows) <= COLUMNS
    assert "Rp67.000".rjust(COLUMNS) in rows


def test_a_long_name_is_wrapped_and_not_cut():
    name = "Koperasi Serba Usaha Perempuan Mandiri Sejahtera Kecamatan Singosari"
    rows = rows_of(receipt_text(a_receipt(shop_name=name)))
    assert name.upper() in " ".join(row.strip() for row in rows)


def test_a_receipt_number_can_be_read_aloud_and_ends_in_the_purchases_own_randomness():
    at = datetime(2026, 11, 21, 9, 14, tzinfo=UTC)
    purchase_id = "019aa5f4-7c10-7abc-8def-0123456789ab"
    for region in ("35.07", "35.07.01", "35.07.01.2001"):
        assert receipt_number(region, at, purchase_id) == "3507-261121-456789AB"


def test_what_is_left_of_each_programme_and_the_seal_are_printed():
    both = (
        ProgrammeBalance("BPNT", "Bantuan pangan", Rupiah(133_000)),
        ProgrammeBalance("PKH", "Uang PKH", Rupiah(50_000)),
    )
    text = receipt_text(dataclasses.replace(a_receipt(), balances=both), leaf="ab" * 32)
    rows = rows_of(text)
    assert " untuk BPNT            Rp133.000" in rows
    assert " untuk PKH              Rp50.000" in rows
    assert rows[rows.index("Segel catatan") + 1 :][:2] == ["ab" * 16, "ab" * 16]
