"""Spreadsheets hold what the rows hold: no formula, no lost sign, no row too many for a sheet."""

import zipfile
from datetime import UTC, datetime
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest

from pos_engine.services import report_files
from pos_engine.services.report_files import Facts, write_file
from pos_engine.services.report_sheets import Book

AT = datetime(2026, 11, 21, tzinfo=UTC)
MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
FACTS = Facts("purchases", ("name", "amount", "share", "offline"), {"region": "35"}, AT)
ROWS = [
    {"name": "Warung <Bu> & \"Sri\" 'x'", "amount": 2**53, "share": 0.5, "offline": True},
    {"name": '=HYPERLINK("http://x")', "amount": -5, "share": float("nan"), "offline": False},
    {"name": " blank ", "amount": None, "share": float("inf"), "offline": None},
    {"name": "a\x07b_x0041_", "amount": 0, "share": -0.25, "offline": True},
    {"name": "x" * 40_000, "amount": 1, "share": 1e-9, "offline": True},
]


def cells(path, sheet):
    """A sheet as a reader sees it: rows of texts, numbers and yes or no."""
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        root = ET.fromstring(package.read(f"xl/worksheets/sheet{sheet}.xml"))  # noqa: S314 - ours
    return [[_cell(each) for each in row] for row in root.iter(f"{MAIN}row")]


def _cell(cell):
    if cell.get("t") == "inlineStr":
        return cell.findtext(f"{MAIN}is/{MAIN}t")
    value = cell.findtext(f"{MAIN}v")
    if cell.get("t") == "b":
        return value == "1"
    return None if value is None else float(value)


def names(path):
    with zipfile.ZipFile(path) as package:
        root = ET.fromstring(package.read("xl/workbook.xml"))  # noqa: S314 - ours
        targets = package.read("xl/_rels/workbook.xml.rels").decode()
    sheets = [each.get("name") for each in root.iter(f"{MAIN}sheet")]
    assert all(f"worksheets/sheet{n + 1}.xml" in targets for n in range(len(sheets)))
    return sheets


def test_each_cell_is_what_it_was(tmp_path):
    path = tmp_path / "a.xlsx"
    made = write_file(path, "xlsx", FACTS, iter(ROWS))
    assert names(path) == ["Data", "Kamus"]
    head, *found = cells(path, 1)
    assert head == list(FACTS.columns)
    assert found[0] == ["Warung <Bu> & \"Sri\" 'x'", float(2**53), 0.5, True]
    assert found[1] == ['\'=HYPERLINK("http://x")', -5.0, None, False]
    assert found[2] == [" blank ", None, None, None]
    assert found[3] == ["a_x0007_b_x005F_x0041_", 0.0, -0.25, True]
    assert found[4][0] == "x" * 32_767
    assert ["sha256", made.sha256] in cells(path, 2)
    assert ["region", "35"] in cells(path, 2)


def test_what_is_too_much_for_a_sheet_stands_on_the_next(tmp_path, monkeypatch):
    monkeypatch.setattr(report_files, "XLSX_ROWS_MAX", 3)
    monkeypatch.setattr(report_files, "PAGE_ROWS", 5)
    path = tmp_path / "a.xlsx"
    rows = [{"name": "a", "amount": n, "share": None, "offline": None} for n in range(10)]
    write_file(path, "xlsx", FACTS, iter(rows))
    assert names(path) == ["Data", "Data 2", "Data 3", "Data 4", "Kamus"]
    sheets = [cells(path, n + 1) for n in range(4)]
    assert {tuple(each[0]) for each in sheets} == {FACTS.columns}
    amounts = [row[1] for sheet in sheets for row in sheet[1:]]
    assert amounts == [float(n) for n in range(10)]
    assert [len(each) - 1 for each in sheets] == [3, 3, 3, 1]
    assert all(later == one + 1 for one, later in pairwise(amounts))


def test_columns_beyond_z_and_the_same_bytes_again(tmp_path):
    first, second = tmp_path / "a.xlsx", tmp_path / "b.xlsx"
    for path in (first, second):
        with Book(path, AT) as book:
            book.begin_sheet('A & "B"')
            book.add([list(range(60))])
    assert first.read_bytes() == second.read_bytes()
    with zipfile.ZipFile(first) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert '<c r="Z1"><v>25</v></c><c r="AA1"><v>26</v></c>' in sheet
    assert names(first) == ['A & "B"']


def test_a_sheet_is_begun_before_its_rows(tmp_path):
    with pytest.raises(ValueError, match="begun"), Book(tmp_path / "a.xlsx", AT) as book:
        book.add([["a"]])
