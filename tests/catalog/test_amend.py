"""A row more or less in a file that officers may have written in any spreadsheet."""

import pytest

from catalog.amend import add_row, blank_row, first_cell, has_row
from catalog.load import load_files, shipped_files
from catalog.price_book import Action
from catalog.read_ceilings import CEILINGS_FILE

CAP = {
    "item_code": "BERAS-MEDIUM",
    "kind": "HET",
    "scope": "REGENCY",
    "scope_code": "35.07",
    "unit": "kg",
    "rp_high": "13500",
    "regulation": "SK 1",
    "valid_from": "2026-12-01",
    "source": "two officers",
    "checked_on": "2026-11-21",
    "confidence": "M",
    "action": "CAP",
    "signed_by": "ana+budi",
    "comment": "draft-1",
}


def test_a_signed_row_is_read_and_a_taken_back_one_leaves_another_file():
    files = shipped_files()
    before = load_files(files)
    files[CEILINGS_FILE] = add_row(files[CEILINGS_FILE], CAP)
    added = load_files(files)
    [row] = [each for each in added.price_book.rows if each.scope_code == "35.07"]
    assert (row.action, row.rupiah) == (Action.CAP, 13_500)
    assert has_row(files[CEILINGS_FILE], "comment", "draft-1")
    files[CEILINGS_FILE] = blank_row(files[CEILINGS_FILE], "comment", "draft-1")
    taken_back = load_files(files)
    assert taken_back.price_book.rows == before.price_book.rows
    assert len({before.version, added.version, taken_back.version}) == 3


def test_a_cap_that_nobody_verified_only_flags():
    files = shipped_files()
    files[CEILINGS_FILE] = add_row(files[CEILINGS_FILE], CAP | {"signed_by": "ana"})
    [row] = [each for each in load_files(files).price_book.rows if each.scope_code == "35.07"]
    assert row.action is Action.FLAG


@pytest.mark.parametrize("content", [b"a,b\n1,2\n\n", "\ufeffa;b\n1;2\n;\n".encode()])
def test_semicolons_and_empty_rows_of_a_spreadsheet_are_read(content):
    more = add_row(content, {"b": "3", "c": "x"})
    assert more.splitlines()[0] == b"a,b,c"
    assert more.splitlines()[1] == b"1,2,"
    assert more.splitlines()[-1] == b",3,x"
    assert first_cell(more, "b", "a", "1") == "2"
    assert first_cell(more, "b", "a", "9") == ""


def test_a_column_that_is_not_there_holds_nothing():
    assert not has_row(b"a,b\n1,2\n", "comment", "x")
    assert blank_row(b"a,b\n1,2\n", "comment", "x") == b"a,b\n1,2\n"
