"""The nation's index: shortlist by compressed scan, names by UUID, the dead never listed."""

import numpy as np
import pytest

from biometrics.block import Key
from biometrics.gallery import Scope
from biometrics.nation_index import NationIndex
from biometrics.nation_rows import NationRows, to_codes, to_ids
from biometrics.scopes import NATION, Places
from tests.biometrics.galleries import (
    MODEL,
    enrolment,
    nation_plain,
    nation_scanned,
    population,
    probe,
    uuid,
)

PEOPLE, PROBES = population(8_000, seed=5)
MATRIX = np.array([one.entry.vector for one in PEOPLE])
SCANNED = nation_scanned(PEOPLE)


def test_the_shortlist_holds_the_exact_best():
    probes = PROBES[::4]
    best = (probes @ MATRIX.T).argmax(axis=1)
    found = SCANNED.search_many([probe(one) for one in probes], 1)
    same = sum(
        one[0].template_id == PEOPLE[row].entry.template_id
        for one, row in zip(found, best, strict=True)
    )
    assert SCANNED.scan.ready
    assert same >= 0.999 * len(probes)


def test_many_probes_are_answered_as_one_by_one():
    probes = [probe(one) for one in PROBES[:70]]  # more than two groups
    assert SCANNED.search_many(probes, 5) == [SCANNED.search(one, NATION, 5) for one in probes]
    assert SCANNED.search_many([], 5) == []


def test_scan_and_plain_agree():
    plain = nation_plain(PEOPLE[:5_000])
    scanned = nation_scanned(PEOPLE[:5_000])
    for vector in PROBES[:40]:
        assert plain.search(probe(vector), NATION, 1) == scanned.search(probe(vector), NATION, 1)


def test_it_learns_when_there_are_enough_and_goes_on():
    index = nation_scanned(PEOPLE[:990])
    for number in range(30):
        one = PEOPLE[1_000 + number]
        assert index.scan.ready == (number > 9)
        index.enrol(one.entry, Places(), number + 1)
        found = index.search(probe(one.entry.vector), NATION, 1)
        assert found[0].template_id == one.entry.template_id


def test_a_revoked_row_is_wiped():
    index = nation_plain(PEOPLE[:10])
    index.revoke(uuid(1, 3), 1)
    assert not index.rows.codes[3].any()
    assert index.rows.slot_of(uuid(1, 3)) is None
    assert index.rows.slot_of(uuid(1, 4)) == 4


def test_only_the_nation_is_searched_here():
    for ask in (SCANNED.size_families, SCANNED.size_templates):
        with pytest.raises(ValueError, match="holds the nation"):
            ask(Scope("SHOP", "s-1"))
    with pytest.raises(ValueError, match="holds the nation"):
        SCANNED.search(probe(PROBES[0]), Scope("SHOP", "s-1"), 1)


def test_a_name_that_is_no_uuid_is_refused_and_changes_nothing():
    index = NationIndex(MODEL, capacity=4)
    one = enrolment(0, PEOPLE[0].entry.vector).entry
    bad = type(one)("t-1", one.person_id, one.family_id, one.vector)
    with pytest.raises(ValueError, match="UUID"):
        index.enrol(bad, Places(), 1)
    assert (index.sequence, index.size_templates(NATION)) == (0, 0)


def test_rows_grow_past_their_capacity_and_keep_their_slots():
    rows = NationRows(128, 2)
    for number in range(9):
        key = Key(uuid(1, number), uuid(2, number), uuid(3, number))
        rows.append(to_codes(MATRIX[number : number + 1]), to_ids([key]))
    assert [rows.key(slot).template_id for slot in range(9)] == [uuid(1, n) for n in range(9)]
    assert np.array_equal(rows.codes[:9], to_codes(MATRIX[:9]))


def test_bytes_a_template():
    rows = NationRows(128, 1_000)
    columns = rows.codes.nbytes + rows.ids.nbytes + rows.dead.nbytes
    assert columns / 1_000 + 32 <= 210  # 160 of them are the vector
