"""bank_methods.csv: nothing is agreed until a row says so, verified or signed by two."""

from datetime import date

import pytest

from catalog.bank_methods import BankMethod
from catalog.load import load_files

METHODS = "bank_methods.csv"
DAY = date(2026, 11, 21)
ROW = {
    "bank": "BRI", "method": "FACE", "de22": "812", "valid_from": "2026-01-01", "valid_to": "",
    "source": "letter 1/2026", "confidence": "H", "signed_by": "", "comment": "",
}  # fmt: skip


def with_rows(files, *rows):
    text = "bank,method,de22,valid_from,valid_to,source,confidence,signed_by,comment\n"
    names = text.strip().split(",")
    files[METHODS] = (
        text + "".join(",".join((ROW | row)[name] for name in names) + "\n" for row in rows)
    ).encode()
    return files


def test_without_agreement_a_bank_takes_its_own_card_alone(shipped):
    assert shipped.bank_methods.rows == ()
    assert shipped.bank_methods.taken_by("BRI", DAY) == (BankMethod.KKS,)
    assert shipped.bank_methods.find("BRI", BankMethod.FACE, DAY) is None


def test_an_agreement_holds_from_its_day_to_its_last_and_the_newest_first(files):
    rows = ({"valid_to": "2026-11-21"}, {"valid_from": "2026-06-01", "de22": "813"})
    methods = load_files(with_rows(files, *rows)).bank_methods
    found = {day: methods.find("BRI", BankMethod.FACE, day) for day in (date(2025, 12, 31), DAY)}
    assert found[date(2025, 12, 31)] is None
    assert found[DAY].entry == "813"
    assert methods.find("BRI", BankMethod.FACE, date(2026, 2, 1)).entry == "812"
    assert methods.taken_by("BNI", DAY) == (BankMethod.KKS,)


@pytest.mark.parametrize(("signed_by", "taken"), [("", False), ("ana+budi", True)])
def test_what_is_not_verified_counts_when_two_officers_signed(files, signed_by, taken):
    methods = load_files(with_rows(files, {"confidence": "L", "signed_by": signed_by})).bank_methods
    assert (BankMethod.FACE in methods.taken_by("BRI", DAY)) is taken


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("bank", "", "must not be empty"),
        ("bank", "bank rakyat", "is no code of a bank"),
        ("bank", "A" * 17, "is no code of a bank"),
        ("method", "IRIS", "none of KKS"),
        ("de22", "81", "not three digits"),
        ("valid_from", "yesterday", "is no date"),
        ("source", "", "must not be empty"),
        ("confidence", "X", "none of H"),
    ],
)
def test_a_wrong_cell_is_named(files, column, value, message):
    [found] = with_rows(files, {column: value}).problems()
    assert (found.row, found.column) == (2, column)
    assert message in found.message


def test_the_same_agreement_twice_is_named(files):
    [found] = with_rows(files, {}, {}).problems()
    assert (found.row, found.column) == (3, "valid_from")


def test_a_catalogue_without_the_file_still_loads(files, shipped):
    del files[METHODS]
    assert load_files(files).bank_methods.rows == ()
    assert load_files(files).version != shipped.version
