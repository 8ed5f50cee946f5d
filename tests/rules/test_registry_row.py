"""One row of a registry: NIK, dates, words and places; any text ends in an entry or findings."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lokal.nik import parse_nik

from pos_engine.rules import registry_row
from pos_engine.rules.nik import nik_facts
from pos_engine.rules.registry import MEANINGS, Code, Disposition, Finding, heaviest
from pos_engine.rules.registry_row import FIELDS, Words, check_row, read_date
from pos_engine.services.registry_words import words

TODAY = date(2026, 11, 21)
GOOD = {
    "family_id": "F-1",
    "nik": "3507135508800001",
    "name": "Siti Wahyuni",
    "birth_date": "1980-08-15",
    "sex": "P",
    "role": "PENGURUS",
    "region": "35.07.13.2001",
}


def checked(**changes):
    row = GOOD | changes
    return check_row(2, tuple(row.get(name, "") for name in FIELDS), words(), TODAY)


def codes(**changes):
    return {each.code for each in checked(**changes)[1]}


def test_a_good_row_has_no_finding_and_hides_its_content():
    entry, found = checked()
    assert found == []
    assert entry.nik_status == "FORMAT_OK"
    assert repr(entry) == "Entry(number=2)"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"name": "Siti   Wahyuni"}, {Code.NAME_TIDIED}),
        ({"name": "x" * 121}, {Code.NAME_BAD}),
        ({"nik": "3507-1355-0880-0001"}, {Code.NIK_TIDIED}),
        ({"nik": "3507139908800001"}, {Code.NIK_INVALID}),
        ({"nik": "12"}, {Code.NIK_INVALID}),
        ({"nik": "3.50713E+15"}, {Code.NIK_SPREADSHEET}),
        ({"nik": "3507995508800001"}, {Code.NIK_PLACE_UNKNOWN}),
        ({"nik": "3507131508800001"}, {Code.NIK_DATE_DIFFERS}),
        ({"birth_date": "1981-08-15"}, {Code.NIK_DATE_DIFFERS}),
        ({"birth_date": ""}, {Code.BIRTH_DATE_MISSING}),
        ({"birth_date": "1800-08-15"}, {Code.BIRTH_DATE_BAD}),
        ({"birth_date": "2010-08-15", "nik": "3507135508100001"}, {Code.MINOR}),
        ({"birth_date": "2010-08-15", "nik": "3507135508100001", "role": "anak"}, set()),
        ({"nik": "", "letter": "1/DS", "witness_1": "Ali", "witness_2": "Umar"}, set()),
        ({"nik": "", "letter": "1/DS", "witness_1": "Ali"}, {Code.NIK_MISSING}),
        ({"nik": "", "role": "ISTRI"}, set()),
        ({"no_kk": "123"}, {Code.KK_LEFT_OUT}),
        ({"no_kk": "3507131508800001"}, set()),
        ({"msisdn": "0812 3456 7890"}, set()),
        ({"msisdn": "12"}, {Code.PHONE_LEFT_OUT}),
        ({"region": "3507132001"}, set()),
        ({"region": "35.07"}, {Code.REGION_UNKNOWN}),
        ({"programme": "=1+1"}, {Code.PROGRAMME_BAD}),
        ({"programme": "x" * 17}, {Code.PROGRAMME_BAD}),
        ({"family_id": "=cmd"}, {Code.FAMILY_ID_BAD}),
        ({"status": "MENINGGAL"}, {Code.DEAD}),
        ({"status": "?"}, {Code.STATUS_UNKNOWN}),
        ({"role": "?"}, {Code.ROLE_UNKNOWN}),
        ({"sex": "?"}, {Code.SEX_UNKNOWN, Code.NIK_DATE_DIFFERS}),
        ({"sex": ""}, set()),
        ({"consent": "ya"}, set()),
        ({"consent": "?"}, {Code.CONSENT_UNKNOWN}),
        ({"letter": "a\nb"}, set()),
        ({"name": "'=Siti"}, {Code.NAME_BAD}),
        ({"family_id": "'0123", "name": "O'Neil"}, set()),
    ],
)  # fmt: skip
def test_what_is_said_of_a_row(changes, expected):
    assert codes(**changes) == expected


def test_every_code_is_explained():
    assert set(MEANINGS) == set(Code)
    assert heaviest([]) is None
    said = [Finding("x", Code.DEAD, each) for each in Disposition]
    assert heaviest(said) is Disposition.HELD


def test_codes_of_older_years_have_a_living_successor(monkeypatch):
    from catalog.zones import region_exists, region_name  # noqa: PLC0415
    from pos_engine.services.registry_words import _rows  # noqa: PLC0415

    for row in _rows("regions.csv"):
        assert region_name(row["new"]) == row["name"]
        assert not region_exists(row["old"])
    known = Words(words().values, words().regions)
    assert known.village("91.01.01.1002") == known.village("93.01.01.1002") != ""
    monkeypatch.setattr(registry_row, "REGIONS_REMEMBERED", 1)
    assert known.village("91.01.99.9999") == ""
    assert checked(region="91.01.01.1002")[1] == [
        Finding("region", Code.REGION_MAPPED, Disposition.CORRECTED)
    ]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1980-08-15", date(1980, 8, 15)),
        ("15/8/1980", date(1980, 8, 15)),
        ("15.08.1980 00:00:00", date(1980, 8, 15)),
        ("31-02-1980", None),
        ("x", None),
    ],
)
def test_days_are_read_both_ways(text, day):
    assert read_date(text) == day


@given(st.from_regex(r"[0-9]{16}", fullmatch=True) | st.text(max_size=20))
def test_the_fast_way_agrees_with_lokal(text):
    facts = nik_facts(text)
    if len(text) == 16 and text.isascii() and text.isdigit():
        assert facts.valid == parse_nik(text).valid
    else:
        assert not facts.valid


ROWS = st.tuples(*[
    st.text(max_size=30) | st.sampled_from([GOOD.get(name, ""), "", "'", "=1", "\0", "٣"])
    for name in FIELDS
])  # fmt: skip


@given(ROWS)
def test_any_row_ends_in_an_entry_or_in_findings_that_name_a_field(cells):
    entry, found = check_row(9, cells, words(), TODAY)
    assert entry is not None or found
    assert all(each.field in FIELDS for each in found)
    held = any(each.disposition is Disposition.HELD for each in found)
    assert held == (entry is None)
