"""A NIK by its structure: each fault by its part, an unknown district no fault, no number shown."""

from datetime import date

import pytest

from pos_engine.rules.nik import nik_faults, nik_report

DAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("nik", "faults"),
    [
        ("3507135508800001", []),
        ("3507995508800001", []),
        ("350713550880000", ["LENGTH"]),
        ("35071355088000011", ["LENGTH"]),
        ("", ["LENGTH", "LETTERS"]),
        ("350713550880000x", ["LETTERS"]),
        ("35071355088000 1", ["LETTERS"]),
        ("३507135508800001", ["LETTERS"]),
        ("9907135508800001", ["PROVINCE"]),
        ("3500005508800001", ["PLACE"]),
        ("3507138108800001", ["BIRTH_DATE"]),
        ("3507134008800001", ["BIRTH_DATE"]),
        ("3507137102800001", ["BIRTH_DATE"]),
        ("3507135513800001", ["BIRTH_DATE"]),
        ("3507135508800000", ["SERIAL"]),
        ("9907138108800000", ["PROVINCE", "BIRTH_DATE", "SERIAL"]),
    ],
)
def test_each_fault_is_named_by_its_part(nik, faults):
    assert nik_faults(nik) == tuple(faults)
    said = nik_report(nik, DAY)
    assert (said.valid, said.faults) == (not faults, tuple(faults))
    assert nik not in repr(said) or not nik


def test_a_womans_day_is_forty_more():
    she, he = nik_report("3507135508800001", DAY), nik_report("3507131508800001", DAY)
    assert (she.sex, he.sex) == ("P", "L")
    assert she.birth_date == he.birth_date == date(1980, 8, 15)
    assert (she.province, she.regency, she.district) == (
        "Jawa Timur", "Kabupaten Malang", "Kepanjen",
    )  # fmt: skip


def test_a_district_of_before_a_split_is_a_warning():
    said = nik_report("3507995508800001", DAY)
    assert (said.valid, said.warnings, said.district) == (True, ("PLACE",), None)


def test_the_century_makes_nobody_be_born_tomorrow():
    assert nik_report("3507131508250001", DAY).birth_date == date(2025, 8, 15)
    assert nik_report("3507131508270001", DAY).birth_date == date(1927, 8, 15)
