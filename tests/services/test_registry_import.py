"""Import of the registry on both databases: what is written, what waits, nothing twice."""

import csv
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from pos_engine.services import registry_import
from pos_engine.services.family_keys import open_sealed
from pos_engine.services.payer import NIK, PHONE
from pos_engine.services.phones import activate_due_phones
from pos_engine.services.registry_correction import write_corrections
from pos_engine.services.registry_file import LINE_BYTES_MAX, Looked, Unreadable, look_through
from pos_engine.services.registry_holds import Asked, list_holds, release
from pos_engine.services.registry_import import Imported, import_registry
from pos_engine.store import families, registry_holds
from pos_engine.store.schema import credential, family, person
from tests.registry_files import HEAD, LAST, VILLAGE, a_file, a_row
from tests.services.test_disburse_killed import DyingDatabase, KilledError
from tests.world import MSISDN
from tests.world import NIK as KNOWN_NIK


def imported(engine, *rows, head=HEAD, file=None):
    done = import_registry(engine, file or a_file(*rows, head=head), "ani")
    assert isinstance(done, Imported), done
    return done


def counts(done):
    run = done.run
    return run.accepted, run.corrected, run.held, run.unchanged


def rows_of(engine):
    with engine.database.read() as tx:
        tables = (family, person, credential)
        return [tx.execute(select(func.count()).select_from(each)).scalar() for each in tables]


def held(engine, kpm_id):
    with engine.database.read() as tx:
        return registry_holds.held_families(tx, [kpm_id]) == {kpm_id}


def codes(done):
    return {code for _, code in done.counts}


def test_families_and_members_are_written_and_found_by_their_numbers(engine, world):
    done = imported(
        engine,
        a_row("F-1", no_kk="3507131508800001", msisdn="0812 9999 0001", home_shop=world.shop_id),
        a_row("F-1", nik="", name="Budi", birth_date="02/03/2015", sex="L", role="ANAK"),
    )
    assert counts(done) == (2, 0, 0, 0)
    with engine.database.read() as tx:
        assert families.find_family(tx, "F-1").home_shop_id == world.shop_id
        people = sorted(families.persons_of(tx, "F-1"), key=lambda each: each.role, reverse=True)
        assert [(each.name, each.role) for each in people] == [
            ("Sri Rahayu", "PENGURUS"),
            ("Budi", "ANGGOTA"),
        ]
        lookup = engine.keys.lookup(PHONE, "+6281299990001")
        assert families.find_credential(tx, PHONE, lookup).kpm_id == "F-1"
        assert len(families.phones_of(tx, "F-1")) == 1
        row = tx.execute(select(person).where(person.c.person_id == people[0].person_id)).one()
        assert row.nik_status == "FORMAT_OK"
        nik = open_sealed(tx, engine, "F-1", row.nik_sealed, row.person_id)
    assert nik == a_row().split(",")[2]


def test_the_same_file_twice_and_the_same_rows_again_change_nothing(engine):
    rows = (a_row("F-1", msisdn="081299990001"), a_row("F-2", nik="", role="ANGGOTA", name="Ani"))
    first = imported(engine, *rows)
    before = rows_of(engine)
    again = imported(engine, *rows)
    assert again.again
    assert again.run == first.run
    other_file = imported(engine, *rows, "")
    assert counts(other_file) == (0, 0, 0, 2)
    assert rows_of(engine) == before


@pytest.mark.parametrize("inside", [True, False])
def test_killed_at_each_write_it_goes_on_and_writes_nothing_twice(engine, monkeypatch, inside):
    monkeypatch.setitem(registry_import.CHUNK_ROWS, engine.database.dialect, 2)
    rows = [a_row(f"F-{n}", nik="", role="ANGGOTA", name=f"Orang {LAST[n]}") for n in range(6)]
    rows.append(a_row("F-9", name="Orang Lain"))
    rows.append(a_row("F-10", nik="3507135508800099", name="Orang Lain"))
    before, deaths = rows_of(engine), 0
    for at in range(1, 30):
        dying = DyingDatabase(engine.database, at, inside=inside)
        try:
            import_registry(replace(engine, database=dying), a_file(*rows), "ani")
        except KilledError:
            deaths += 1
            continue
        break
    assert deaths >= (2 if inside else 4)
    done = imported(engine, *rows)
    assert counts(done) == (7, 0, 1, 0)
    assert [now - then for now, then in zip(rows_of(engine), before, strict=True)] == [8, 8, 2]
    assert [each.kpm_id for each in list_holds(engine)] == ["F-10"]


def test_a_double_nik_holds_only_the_newer_familys_credit(engine, world):
    done = imported(engine, a_row("F-9", nik=KNOWN_NIK, name="Orang Lain"))
    assert done.counts[("HELD", "SAME_NIK")] == 1
    assert held(engine, "F-9")
    assert not held(engine, world.kpm_id)
    with engine.database.read() as tx:
        found = families.find_credential(tx, NIK, engine.keys.lookup(NIK, KNOWN_NIK))
        assert found.kpm_id == world.kpm_id
        assert families.find_family(tx, world.kpm_id).status == "ACTIVE"


def test_a_family_that_was_paid_before_stays_payable_whatever_the_list_says(engine, world):
    done = imported(engine, a_row(world.other_kpm_id, nik=KNOWN_NIK, name="Siti Wahyuni"))
    assert counts(done)[2] == 1
    assert not held(engine, world.other_kpm_id)


def test_two_people_release_a_held_credit(engine):
    imported(engine, a_row("F-1", no_kk="3507131508800001"))
    done = imported(engine, a_row("F-2", no_kk="3507131508800001", nik="", role="PENGURUS"))
    assert codes(done) == {"NIK_MISSING"}
    head = f"{HEAD},NO_SURAT,SAKSI_1,SAKSI_2"
    row = a_row("F-2", no_kk="3507131508800001", nik="", name="Tutik") + ",12/DS/2026,Ali,Umar"
    assert codes(imported(engine, row, head=head)) == {"SAME_KK"}
    assert [each.kpm_id for each in list_holds(engine)] == ["F-2"]
    assert release(engine, "F-2", "ani") == Asked("ani")
    assert release(engine, "F-2", "ani") == Asked("ani")
    assert release(engine, "F-2", "budi") is None
    assert not held(engine, "F-2")
    assert release(engine, "F-2", "budi") is not None


def test_the_same_person_in_two_families_of_a_village_is_found(engine, world):
    done = imported(engine, a_row("F-7", nik="3507135508800099", name="Hj. St. Wahjuni"))
    assert ("HELD", "LOOKS_ALIKE") in done.counts
    assert held(engine, "F-7")
    listed = list_holds(engine)[0]
    assert listed.other_kpm_id in {world.kpm_id, world.other_kpm_id}


BROKEN = {
    "too few cells": ("F-1,x", "ROW_SHAPE"),
    "open quote": ('"F-1,' + a_row("F-1")[4:], "ROW_NOT_TEXT"),
    "no family": (a_row(""), "FAMILY_ID_BAD"),
    "name of digits": (a_row(name="123"), "NAME_BAD"),
    "formula as name": (a_row(name="=cmd|x!A1"), "NAME_BAD"),
    "no such day": (a_row(birth_date="31-02-1980"), "BIRTH_DATE_BAD"),
    "tomorrow": (a_row(birth_date="2027-01-01"), "BIRTH_DATE_BAD"),
    "minor": (a_row(birth_date="2012-08-15"), "MINOR"),
    "sex": (a_row(sex="X"), "SEX_UNKNOWN"),
    "role": (a_row(role="RATU"), "ROLE_UNKNOWN"),
    "place": (a_row(region="99.99.99.9999"), "REGION_UNKNOWN"),
    "nik": (a_row(nik="3507139908800001"), "NIK_INVALID"),
    "nik rounded": (a_row(nik="3.50714E+15"), "NIK_SPREADSHEET"),
    "no nik, no letter": (a_row(nik=""), "NIK_MISSING"),
    "dead": (a_row(status="MENINGGAL"), "DEAD"),
    "moved": (a_row(status="PINDAH"), "MOVED"),
    "suspended": (a_row(status="NONAKTIF"), "SUSPENDED"),
    "status": (a_row(status="?"), "STATUS_UNKNOWN"),
}


def test_broken_rows_wait_with_row_and_column_and_the_good_ones_go_on(engine, tmp_path):
    rows = [row for row, _ in BROKEN.values()]
    file = a_file(*rows, a_row("F-GOOD"))
    done = imported(engine, file=file)
    assert counts(done) == (1, 0, len(rows), 0)
    target = tmp_path / "x.csv"
    assert write_corrections(engine, file, target) == len(rows)
    with target.open(newline="") as text:
        listed = list(csv.DictReader(text))
    for (_, code), row, number in zip(BROKEN.values(), listed, range(2, 99), strict=False):
        assert code in row["code"].split(), row
        assert int(row["row"]) == number
        assert row["disposition"] == "HELD"
        assert not row["name"] or not row["name"].startswith("=")


def test_the_correction_file_is_corrected_and_imported_again(engine, tmp_path):
    file = a_file(a_row("F-1", nik="3507139908800001", msisdn="+6281299990001"))
    imported(engine, file=file)
    target = tmp_path / "x.csv"
    write_corrections(engine, file, target)
    assert "'+6281299990001" in target.read_text()
    right = target.read_text().replace(
        "3507139908800001", "3507135508800001".replace("0001", "0009")
    )
    done = imported(engine, file=right.encode())
    assert counts(done) == (1, 0, 0, 0)
    with engine.database.read() as tx:
        assert len(families.phones_of(tx, "F-1")) == 1


def test_old_codes_are_mapped_and_headers_have_many_names(engine):
    head = "ID DTSEN;NIK;Nama Penerima;Tgl. Lahir;JK;Kode Desa;Keterangan lain"
    row = "F-3;9101015508800001;YOSINA;15-08-1980;2;9101012008;x"
    done = import_registry(engine, f"{head}\n{row}\n".encode(), "ani")
    assert done.not_used == ("Keterangan lain",)
    assert ("CORRECTED", "REGION_MAPPED") in done.counts or (
        "HELD",
        "REGION_UNKNOWN",
    ) in done.counts
    assert ("REMARK", "NIK_PLACE_UNKNOWN") in done.counts


def test_a_new_number_replaces_the_old_one_after_72_hours(engine, clock, world):
    row = a_row(world.kpm_id, nik=KNOWN_NIK, name="Siti Wahyuni", msisdn="081299990001")
    done = imported(engine, row)
    assert ("REMARK", "PHONE_WAITS") in done.counts
    new = engine.keys.lookup(PHONE, "+6281299990001")
    old = engine.keys.lookup(PHONE, MSISDN)

    def owners():
        with engine.database.read() as tx:
            found = [families.find_credential(tx, PHONE, each) for each in (old, new)]
            return [each and each.kpm_id for each in found]

    activate_due_phones(engine)
    assert owners() == [world.kpm_id, None]
    clock.at += timedelta(hours=73)
    assert activate_due_phones(engine) == 1
    assert owners() == [None, world.kpm_id]
    with engine.database.read() as tx:
        assert len(families.phones_of(tx, world.kpm_id)) == 1


FAULTS = {
    "empty": (b"", "BAD_HEADER", 1),
    "no header": (a_row().encode() + b"\n", "BAD_HEADER", 1),
    "column twice": (f"{HEAD},NAMA\n".encode(), "BAD_HEADER", 1),
    "not utf-8": (a_file(a_row()) + b"F-2,\xff\xfe\n", "NOT_UTF8", 3),
    "utf-16": (a_file(a_row()).decode().encode("utf-16"), "NOT_UTF8", 1),
    "nul": (a_file(a_row("F\0")), "NOT_UTF8", 2),
    "cut": (a_file(a_row())[:-20], "FILE_CUT", 2),
    "10 MB line": (a_file(a_row(name="x" * 10_000_000)), "ROW_TOO_LONG", 2),
    "header too long": (b"x" * (LINE_BYTES_MAX + 9) + b"\n", "BAD_HEADER", 1),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_file_is_refused_whole(engine, fault):
    file, code, row = FAULTS[fault]
    before = rows_of(engine)
    refused = import_registry(
        engine, a_file(a_row()) if not file and fault != "empty" else file, "x"
    )
    assert isinstance(refused, Unreadable)
    assert (refused.code, refused.row) == (code, row)
    assert rows_of(engine) == before


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(junk):
    for file in (junk, f"{HEAD}\n".encode() + junk):
        assert isinstance(look_through(file), (Looked, Unreadable))


def test_village_of_the_rows(engine):
    imported(engine, a_row("F-1"))
    with engine.database.read() as tx:
        assert families.find_family(tx, "F-1").region == VILLAGE
