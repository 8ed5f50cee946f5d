"""Every fault of a file is told with its file, row and column, and all of them at once."""

import pytest

from catalog.csv_table import FILE_BYTES_MAX, ROWS_MAX
from catalog.load import FILES, OPTIONAL_FILES, CatalogueError, Problem, load_folder

GOODS, CEILINGS, POLICY, BARCODES, ZONES, PROGRAMMES, LIMITS, *_ = FILES

ONE_CELL = [
    (GOODS, 5, "item_code", "BERAS-MEDIUM", "stands twice"),
    (GOODS, 5, "item_code", "beras khusus", "is no code"),
    (GOODS, 5, "name", "", "must not be empty"),
    (GOODS, 5, "name", "Beras\x1bkhusus", "unprintable"),
    (GOODS, 5, "group", "MEWAH", "none of KARBO"),
    (GOODS, 5, "category", "cooking oil", "is no category"),
    (GOODS, 5, "category", "TOBACO", "looks like the banned TOBACCO"),
    (GOODS, 5, "base_unit", "", "must not be empty"),
    (GOODS, 5, "units", "karung5=5", "is no unit"),
    (GOODS, 5, "units", "karung5=5/0", "is no unit"),
    (GOODS, 5, "units", "kg=2/1", "must be 1/1"),
    (GOODS, 5, "units", "ons=1/10; ons=1/10", "unit ons stands twice"),
    (GOODS, 5, "price_rule", "FREE", "none of HET"),
    (GOODS, 5, "picture", "", "must not be empty"),
    (GOODS, 5, "position", "first", "no whole number"),
    (GOODS, 5, "daily_max_milli", "0", "no whole number"),
    (CEILINGS, 3, "item_code", "EMAS", "is not in goods.csv"),
    (CEILINGS, 3, "kind", "HTE", "none of HET"),
    (CEILINGS, 3, "kind", "LOCAL", "does not fit"),
    (CEILINGS, 3, "scope", "VILLAGE", "none of REGENCY"),
    (CEILINGS, 3, "scope_code", "", "none of Z1"),
    (CEILINGS, 3, "scope_code", "Z9", "none of Z1"),
    (CEILINGS, 3, "unit", "", "must not be empty"),
    (CEILINGS, 3, "unit", "karung5", "must be kg"),
    (CEILINGS, 3, "unit", "gallon", "must be kg"),
    (CEILINGS, 3, "rp_high", "", "must not be empty"),
    (CEILINGS, 3, "rp_high", "13.500", "write 13500, not 13.500"),
    (CEILINGS, 3, "rp_high", "0", "no whole number above 0"),
    (CEILINGS, 3, "rp_high", "-5", "no whole number above 0"),
    (CEILINGS, 3, "rp_high", "1e4", "no whole number above 0"),
    (CEILINGS, 3, "rp_high", "13_500", "no whole number above 0"),
    (CEILINGS, 3, "rp_high", "9999999999", "no whole number above 0"),
    (CEILINGS, 3, "rp_low", "99999", "is above rp_high"),
    (CEILINGS, 3, "rp_low", "x", "no whole number above 0"),
    (CEILINGS, 3, "regulation", "", "must not be empty"),
    (CEILINGS, 3, "valid_from", "", "must not be empty"),
    (CEILINGS, 3, "valid_from", "22/08/2025", "is no date"),
    (CEILINGS, 3, "valid_from", "20170901", "is no date"),
    (CEILINGS, 3, "valid_from", "2017-02-30", "is no date"),
    (CEILINGS, 3, "valid_to", "2017-13-01", "is no date"),
    (CEILINGS, 3, "valid_to", "2017-08-31", "is before valid_from 2017-09-01"),
    (CEILINGS, 3, "source", "", "must not be empty"),
    (CEILINGS, 3, "checked_on", "kemarin", "is no date"),
    (CEILINGS, 3, "confidence", "X", "none of H, M, L"),
    (CEILINGS, 3, "action", "SHOUT", "none of DECLINE, FLAG"),
    (POLICY, 2, "policy_id", "", "must not be empty"),
    (POLICY, 3, "title", "Lain", "differs from"),
    (POLICY, 2, "target_kind", "NAME", "none of GTIN"),
    (POLICY, 2, "target", "", "must not be empty"),
    (POLICY, 2, "effect", "BLOCK", "none of ALLOW"),
    (POLICY, 2, "effect", "ALLOW", "cannot allow"),
    (POLICY, 2, "valid_to", "2016-12-31", "is before valid_from"),
    (POLICY, 2, "confidence", "?", "none of H, M, L"),
    (BARCODES, 2, "gtin", "2990000000011", "check digit"),
    (BARCODES, 2, "gtin", "", "must not be empty"),
    (BARCODES, 2, "item_code", "EMAS", "is not in goods.csv"),
    (BARCODES, 2, "name", "", "must not be empty"),
    (BARCODES, 2, "numerator", "0", "no whole number above 0"),
    (BARCODES, 2, "denominator", "", "must not be empty"),
    (ZONES, 2, "province", "99", "no province code"),
    (ZONES, 2, "zone", "Z4", "none of Z1"),
    (ZONES, 2, "time_zone", "Asia/Singapore", "none of Asia/Jakarta"),
    (ZONES, 2, "name", "", "must not be empty"),
    (ZONES, 2, "regencies_3tp", "35.07", "no regency of province 11"),
    (ZONES, 2, "regencies_3tp", "11.99", "no regency of province 11"),
    (ZONES, 2, "regencies_3tp", "11", "no regency of province 11"),
    (PROGRAMMES, 3, "programme", "BPNT", "stands twice"),
    (PROGRAMMES, 3, "programme", "program baru", "is no code"),
    (PROGRAMMES, 3, "programme", "PROGRAMME-TOO-LONG", "at most 16 signs"),
    (PROGRAMMES, 3, "title", "", "must not be empty"),
    (PROGRAMMES, 3, "policy_id", "SEMBAKO-2020", "is not in policy.csv"),
    (PROGRAMMES, 3, "custodian", "", "must not be empty"),
    (PROGRAMMES, 3, "custodian", "Bank BNI", "neither ENGINE nor the code of a bank"),
    (PROGRAMMES, 3, "custodian", "BANK-OF-A-LONG-NAME", "neither ENGINE nor the code of a bank"),
    (PROGRAMMES, 3, "source", "", "must not be empty"),
    (PROGRAMMES, 3, "confidence", "X", "none of H"),
    (PROGRAMMES, 2, "confidence", "M", "needs a verified source or two officers"),
    (LIMITS, 2, "kind", "FAMILY", "none of KPM_GOOD"),
    (LIMITS, 2, "item_code", "EMAS", "is not in goods.csv"),
    (LIMITS, 2, "item_code", "", "must not be empty"),
    (LIMITS, 2, "daily_max_milli", "2 L", "no whole number"),
    (LIMITS, 2, "daily_max_rupiah", "100000", "must be empty for KPM_GOOD"),
    (LIMITS, 2, "regulation", "", "must not be empty"),
    (LIMITS, 2, "valid_from", "1 Feb 2023", "is no date"),
    (LIMITS, 2, "valid_to", "2022-01-01", "is before valid_from"),
    (LIMITS, 2, "source", "", "must not be empty"),
    (LIMITS, 2, "confidence", "", "must not be empty"),
]


@pytest.mark.parametrize(("file", "row", "column", "value", "message"), ONE_CELL)
def test_a_wrong_cell_is_named_by_file_row_and_column(files, file, row, column, value, message):
    found = files.set(file, row, column, value).problems()
    told = [problem for problem in found if (problem.file, problem.row) == (file, row)]
    assert any(message in problem.message and problem.column == column for problem in told), found


@pytest.mark.parametrize(
    ("scope", "code"),
    [
        ("PROVINCE", "99"),
        ("PROVINCE", "35.07"),
        ("REGENCY", "35"),
        ("REGENCY", "35.99"),
        ("3TP", "35"),
        ("NATIONAL", "35"),
    ],
)
def test_a_ceiling_needs_a_real_place(files, scope, code):
    row = files.add(CEILINGS, scope=scope, scope_code=code)
    assert files.places() == [(CEILINGS, row, "scope_code")]


@pytest.mark.parametrize(
    ("kind", "target"),
    [("GOOD", "EMAS"), ("GTIN", "4006381333932"), ("CATEGORY", "gold bars"), ("GROUP", "MEWAH")],
)
def test_a_rule_needs_a_real_target(files, kind, target):
    row = files.add(POLICY, target_kind=kind, target=target)
    assert files.places() == [(POLICY, row, "target")]


def test_faults_are_told_all_at_once_and_in_order(files):
    files.set(CEILINGS, 3, "rp_high", "x").set(CEILINGS, 3, "valid_to", "x")
    files.set(CEILINGS, 9, "source", "").set(GOODS, 2, "group", "x").set(ZONES, 4, "zone", "x")
    del files[BARCODES]
    assert files.places() == [
        (BARCODES, 0, ""),
        (CEILINGS, 3, "rp_high"),
        (CEILINGS, 3, "valid_to"),
        (CEILINGS, 9, "source"),
        (GOODS, 2, "group"),
        (ZONES, 4, "zone"),
    ]


def test_the_error_reads_as_a_list():
    faults = [
        Problem("b.csv", 0, "", "file is missing"),
        Problem("a.csv", 3, "unit", "must be kg"),
        Problem("a.csv", 0, "province", "gone"),
    ]
    assert str(CatalogueError(faults)).splitlines() == [
        "a.csv, province: gone",
        "a.csv row 3, unit: must be kg",
        "b.csv: file is missing",
    ]


@pytest.mark.parametrize("missing", [name for name in FILES if name not in OPTIONAL_FILES])
def test_a_missing_file_is_one_problem(files, missing):
    del files[missing]
    assert files.problems() == [Problem(missing, 0, "", "file is missing")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"\xff\xfe\x00", "is not UTF-8 text"),
        (b'item_code,"name\n', "is no CSV near line"),
        (b"x" * (FILE_BYTES_MAX + 1), "larger than"),
        (b"a,b\n" + b"1,2\n" * (ROWS_MAX + 1), "more than 20000 rows"),
    ],
)
@pytest.mark.parametrize("name", [GOODS, ZONES])
def test_an_unreadable_file_is_one_problem(files, name, content, message):
    files[name] = content
    [problem] = files.problems()
    assert (problem.file, problem.row, problem.column) == (name, 0, "")
    assert message in problem.message


def test_a_huge_file_in_a_folder_is_not_read_to_its_end(tmp_path, files):
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / GOODS).write_bytes(b"x" * (FILE_BYTES_MAX * 2))
    with pytest.raises(CatalogueError, match="larger than"):
        load_folder(tmp_path)


@pytest.mark.parametrize("name", [GOODS, CEILINGS, POLICY, ZONES])
def test_a_header_alone_is_no_catalogue(files, name):
    files.edit(name, lambda table: table.__delitem__(slice(1, None)))
    assert files.problems() == [Problem(name, 0, "", "has no rows")]


@pytest.mark.parametrize("name", FILES)
def test_unknown_missing_and_double_columns_are_named(files, name):
    column = files[name].decode().split(",")[0]
    files.edit(name, lambda table: table[0].__setitem__(0, "kode"))
    assert files.places() == sorted([(name, 1, column), (name, 1, "kode")])


def test_a_column_standing_twice_is_named(files):
    def twice(table):
        for cells in table:
            cells.append(cells[0])

    assert files.edit(BARCODES, twice).places() == [(BARCODES, 1, "gtin")]


def test_an_unknown_file_is_named(files):
    files["prices.csv"] = b""
    assert files.problems() == [Problem("prices.csv", 0, "", "unknown file")]


@pytest.mark.parametrize("change", [lambda cells: cells.append("x"), lambda cells: cells.pop()])
def test_a_row_with_too_many_or_too_few_cells_is_named(files, change):
    files.edit(BARCODES, lambda table: change(table[3]))
    assert files.places() == [(BARCODES, 4, "")]


def test_rows_are_counted_as_a_spreadsheet_counts_them(files):
    files.set(BARCODES, 2, "comment", "two\nlines")
    files.edit(BARCODES, lambda table: table.insert(2, [""] * 6))
    files.set(BARCODES, 5, "name", "")
    assert files.places() == [(BARCODES, 5, "name")]


def test_doubles_are_named_with_the_row_they_repeat(files):
    ceiling = files.add(CEILINGS)
    rule = files.add(POLICY)
    pack = files.add(BARCODES)
    province = files.add(ZONES)
    found = files.problems()
    assert [(problem.file, problem.row) for problem in found] == [
        (BARCODES, pack),
        (CEILINGS, ceiling),
        (POLICY, rule),
        (ZONES, province),
    ]
    assert "row 2" in found[1].message


def test_a_pack_under_a_padded_number_is_a_double(files):
    gtin = "0" + files[BARCODES].decode().split("\n")[1].split(",")[0]
    row = files.add(BARCODES, gtin=gtin)
    assert files.places() == [(BARCODES, row, "gtin")]


def test_a_province_without_a_row_is_named(files):
    [problem] = files.drop(ZONES, province="95").problems()
    assert problem == Problem(ZONES, 0, "province", "province 95 has no row")


@pytest.mark.parametrize("category", ["TOBACCO", "ALCOHOL"])
def test_a_banned_category_needs_a_lasting_deny(files, category):
    message = f"no lasting DENY bans the category {category}"
    expected = [Problem(POLICY, 0, "target", message)]
    row = files.row_of(POLICY, target=category)
    assert files.set(POLICY, row, "valid_to", "2030-01-01").problems() == expected
    assert files.set(POLICY, row, "effect", "FLAG").problems() == expected
    assert files.drop(POLICY, target=category).problems() == expected


def test_an_unverified_ban_is_no_ban(files):
    row = files.row_of(POLICY, target="TOBACCO")
    assert files.set(POLICY, row, "confidence", "M").places() == [(POLICY, 0, "target")]


def test_the_default_policy_must_be_there(files):
    [problem] = files.drop(POLICY, policy_id="SEMBAKO-2021").problems()
    assert problem.message == "the default policy SEMBAKO-2021 is missing"


def test_a_het_good_needs_a_ceiling_in_every_zone(files):
    [problem] = files.drop(CEILINGS, item_code="BERAS-SPHP", scope_code="Z3").problems()
    assert problem.message == "HET good BERAS-SPHP has no ceiling in zone Z3"


def test_a_local_ceiling_must_say_what_it_does(files):
    row = files.add(CEILINGS, item_code="TEMPE", kind="LOCAL", scope="NATIONAL", scope_code="")
    assert files.places() == [(CEILINGS, row, "action")]


@pytest.mark.parametrize(
    ("sku", "kind"),
    [("MINYAKITA", "LOCAL"), ("GULA-PASIR", "HET"), ("BERAS-KHUSUS", "HET"), ("TEMPE", "HAP")],
)
def test_a_ceiling_must_be_of_the_kind_of_its_good(files, sku, kind):
    files.set(CEILINGS, 2, "action", "FLAG")
    unit = "L" if sku == "MINYAKITA" else "kg"
    row = files.add(
        CEILINGS, item_code=sku, kind=kind, unit=unit, valid_from="2026-11-01", valid_to=""
    )
    assert files.places() == [(CEILINGS, row, "kind")]
