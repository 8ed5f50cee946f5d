"""From files to a catalogue: versions, spellings a spreadsheet produces, and what loads quietly."""

from datetime import date

import pytest

from catalog.load import (
    FILES,
    OPTIONAL_FILES,
    CatalogueError,
    load_files,
    load_folder,
    load_shipped,
    shipped_files,
)
from catalog.price_book import Action


def write(folder, files):
    for name, content in files.items():
        (folder / name).write_bytes(content)


def test_the_shipped_catalogue_is_read_once():
    assert load_shipped() is load_shipped()
    assert tuple(shipped_files()) == FILES


def test_memory_and_folder_give_the_same_catalogue(tmp_path, files, shipped):
    write(tmp_path, files)
    (tmp_path / "README.txt").write_text("not ours")
    assert load_folder(tmp_path) == load_folder(str(tmp_path)) == load_files(files) == shipped


def test_the_version_is_16_hex_digits_of_the_content(files, shipped):
    assert len(shipped.version) == 16
    assert int(shipped.version, 16)
    row = files.row_of("goods.csv", item_code="APEL")
    changed = load_files(files.set("goods.csv", row, "name", "Apel malang"))
    assert changed.version != shipped.version


def test_a_spreadsheets_habits_are_understood(files, shipped):
    policy = files["policy.csv"].decode()
    files["policy.csv"] = b"\xef\xbb\xbf" + policy.replace("\n", "\r\n").encode()
    zones = files["zones.csv"].decode()
    files["zones.csv"] = zones.replace(",", ";").replace("\n", "\n;;;;\n").encode()
    files["goods.csv"] = files["goods.csv"].replace(b"KARBO", b" karbo ")
    loaded = load_files(files)
    assert loaded.goods == shipped.goods
    assert loaded.policies == shipped.policies
    assert loaded.zones == shipped.zones


def test_scopes_may_be_written_small(files, shipped):
    files["ceilings.csv"] = files["ceilings.csv"].replace(b",NATIONAL,", b",national,")
    assert load_files(files).price_book == shipped.price_book


def test_a_catalogue_without_barcodes_loads(files):
    files.edit("barcodes.csv", lambda table: table.__delitem__(slice(1, None)))
    assert load_files(files).packs == {}


def test_3tp_regencies_are_data(files):
    row = files.row_of("zones.csv", province="53")
    loaded = load_files(files.set("zones.csv", row, "regencies_3tp", "53.01 53.02"))
    assert loaded.zones.is_3tp("53.01.05")
    assert loaded.zones.regencies_3tp == {"53.01", "53.02"}
    sugar = loaded.price_book.ceiling("GULA-PASIR", "53.02", loaded.price_book.rows[0].checked_on)
    assert sugar.scope == "3TP"
    assert sugar.rupiah == 18500


def action_of(files, sku):
    rows = [row for row in load_files(files).price_book.rows if row.sku == sku]
    return rows[-1].action


@pytest.mark.parametrize(
    ("sku", "confidence", "action", "signed_by", "loaded"),
    [
        ("MINYAKITA", "H", "", "", Action.DECLINE),
        ("MINYAKITA", "H", "FLAG", "", Action.FLAG),
        ("MINYAKITA", "M", "", "", Action.FLAG),
        ("MINYAKITA", "L", "DECLINE", "ana", Action.FLAG),
        ("MINYAKITA", "M", "", "ana+budi", Action.DECLINE),
        ("TELUR-AYAM", "H", "", "", Action.FLAG),
        ("TELUR-AYAM", "H", "decline", "", Action.DECLINE),
        ("TELUR-AYAM", "M", "DECLINE", "", Action.FLAG),
        ("TELUR-AYAM", "L", "DECLINE", "ana+budi", Action.DECLINE),
    ],
)
def test_only_verified_or_signed_ceilings_decline(
    files, sku, confidence, action, signed_by, loaded
):
    files.set("ceilings.csv", 2, "action", "").set("ceilings.csv", 2, "signed_by", "")
    row = files.add(
        "ceilings.csv", item_code=sku, kind="HET" if sku == "MINYAKITA" else "HAP",
        scope="NATIONAL", scope_code="", unit="L" if sku == "MINYAKITA" else "kg",
        valid_from="2026-11-01", valid_to="", confidence=confidence, action=action,
        signed_by=signed_by,
    )  # fmt: skip
    assert row > 2
    assert action_of(files, sku) is loaded


@pytest.mark.parametrize("action", ["DECLINE", "FLAG"])
def test_a_regency_may_set_a_local_price(files, action):
    files.set("ceilings.csv", 2, "action", "")
    files.add(
        "ceilings.csv", item_code="TEMPE", kind="LOCAL", scope="REGENCY", scope_code="35.07",
        valid_from="2026-11-01", valid_to="", rp_high="14000", action=action,
    )  # fmt: skip
    book = load_files(files).price_book
    found = book.ceiling("TEMPE", "35.07.01", book.rows[-1].valid_from)
    assert (found.rupiah, found.action) == (14000, Action(action))
    assert book.ceiling("TEMPE", "35.73", book.rows[-1].valid_from) is None


def test_a_het_good_may_be_covered_province_by_province(files, shipped):
    files.drop("ceilings.csv", item_code="MINYAKITA")
    for province in shipped.zones.zone_of_province:
        files.add(
            "ceilings.csv", item_code="MINYAKITA", scope="PROVINCE", scope_code=province, unit="L"
        )
    assert load_files(files).goods


def test_an_empty_folder_is_told_file_by_file(tmp_path):
    with pytest.raises(CatalogueError, match=r"goods\.csv: file is missing") as caught:
        load_folder(tmp_path)
    assert [problem.file for problem in caught.value.problems] == sorted(
        set(FILES) - OPTIONAL_FILES
    )


def test_a_catalogue_without_bank_days_still_loads_under_its_old_version(files, shipped):
    del files["bank_days.csv"]
    old = load_files(files)
    assert old.bank_holidays == {}
    assert old.version != shipped.version


def test_faults_of_bank_days_are_told_by_row(files):
    files.set("bank_days.csv", 2, "day", "1 Januari").set("bank_days.csv", 3, "kind", "FEAST")
    number = files.add("bank_days.csv", day="2026-01-01")
    assert [(each.row, each.column) for each in files.problems()] == [
        (2, "day"), (3, "kind"), (number, "day"),
    ]  # fmt: skip


def test_two_officers_verify_a_bank_holiday(files, shipped):
    row = files.row_of("bank_days.csv", day="2027-03-10")
    assert not shipped.bank_holidays[date(2027, 3, 10)].verified
    signed = load_files(files.set("bank_days.csv", row, "signed_by", "ana+budi"))
    assert signed.bank_holidays[date(2027, 3, 10)].verified
