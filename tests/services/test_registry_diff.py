"""Two lists side by side: what only one has, what changed, why; masked, harmless, whole."""

import csv
import json

import pytest

from pos_engine.services.registry_diff import Compared, Refusal, Targets, diff

A = """ID_DTSEN;NIK;NAMA;TGL_LAHIR;KODE_DESA;STATUS;ALASAN;TANGGAL_SK;NO_SK
F1;3507135508800001;SITI WAHYUNI;15-08-1980;35.07.13.2001;AKTIF;;;
F2;3507135508800002;SRI RAHAYU;15-08-1980;35.07.13.2001;AKTIF;;;
F3;3507135508800003;=HYPERLINK;15-08-1980;35.07.13.2002;AKTIF;meninggal;2026-10-01;SK 7/2026
"""
B = """family_id,nik,name,birth_date,region,status,reason,date,decree
F1,3507135508800001,Siti  Wahyuni,1980-08-15,3507132001,ACTIVE,,,
F2,3507135508800002,Sri Rahayu,1980-08-15,35.07.13.2002,ACTIVE,pindah,2026-11-02,SK 9/2026
F4,3507135508800004,Ani <b>,1980-08-15,35.07.13.2001,ACTIVE,usulan baru,2026-11-03,SK 9/2026
"""


@pytest.fixture
def lists(tmp_path):
    for name, text in (("a.csv", A), ("b.csv", B)):
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_quarrel_of_two_lists_is_answered_on_one_page(lists):
    targets = Targets(lists / "d.html", lists / "d.csv", lists / "d.json")
    done = diff(lists / "a.csv", lists / "b.csv", targets)
    assert done == Compared(3, 3, 0, 0, only_a=1, only_b=1, changed=1)
    rows = {row["family_id"]: row for row in json.loads(targets.json.read_text())}
    assert rows["F2"]["changes"] == [
        {"field": "region", "a": "35.07.13.2001", "b": "35.07.13.2002"}
    ]
    assert (rows["F2"]["reason"], rows["F2"]["decree"]) == ("pindah", "SK 9/2026")
    assert (rows["F3"]["kind"], rows["F3"]["reason"]) == ("ONLY_A", "meninggal")
    page = targets.html.read_text()
    assert "Hanya di B: <b>1</b>" in page
    assert "ANI &lt;B&gt;" in page
    for text in (page, targets.csv.read_text(), targets.json.read_text()):
        assert "35071355" not in text  # a NIK is masked
    with targets.csv.open(newline="") as file:
        listed = list(csv.DictReader(file))
    assert [row["name"] for row in listed if row["family_id"] == "F3"] == ["'=HYPERLINK"]


def test_equal_lists_have_no_difference(lists):
    done = diff(lists / "a.csv", lists / "a.csv", Targets())
    assert (done.only_a, done.only_b, done.changed) == (0, 0, 0)


@pytest.mark.parametrize("spoilt", ["cut", "cells", "header"])
def test_a_broken_list_is_refused_and_nothing_is_written(lists, spoilt):
    text = {"cut": B[:-3], "cells": B + "F9,1\n", "header": "x,y\n1,2\n"}[spoilt]
    (lists / "b.csv").write_text(text)
    refused = diff(lists / "a.csv", lists / "b.csv", Targets(lists / "d.html"))
    assert isinstance(refused, Refusal)
    assert not (lists / "d.html").exists()


def test_a_person_who_is_twice_in_a_list_is_compared_once_and_told(lists):
    (lists / "a.csv").write_text(A + A.splitlines()[1] + "\n")
    done = diff(lists / "a.csv", lists / "b.csv", Targets(lists / "d.html"))
    assert (done.twice_a, done.only_a, done.changed) == (1, 1, 1)
    assert "lebih dari sekali: 1 baris di A" in (lists / "d.html").read_text()
