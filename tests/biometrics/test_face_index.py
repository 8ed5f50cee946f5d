"""What changes the index is in force at once, once, in order, and never half."""

from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.block_cache import BlockCache
from biometrics.face_index import FaceIndex
from biometrics.face_rows import COLUMNS, FaceRows
from biometrics.gallery import Scope
from biometrics.place_list import PlaceList
from biometrics.replay import Outcome, SequenceGap
from biometrics.scopes import NATION, Places, ScopeKind
from biometrics.where import Owners
from tests.biometrics.galleries import (
    BORN,
    HOME,
    LIVE,
    MODEL,
    SHOP,
    VILLAGE,
    brute,
    enrolment,
    live,
    population,
    probe,
    scanned,
    together,
    uuid,
)

SMALL, SMALL_PROBES = population(60)
LARGE, LARGE_PROBES = population(8_000, seed=5)
MATRIX = np.array([one.entry.vector for one in LARGE])
SCANNED = scanned(LARGE)

every_live = pytest.mark.parametrize("kind", LIVE.values(), ids=LIVE)


def people(found):
    return [candidate.person_id for candidate in found]


@every_live
def test_enlist_and_revoke_are_in_force_at_once(kind):
    made, new = kind.make(SMALL), enrolment(90_000, SMALL_PROBES[0])
    before = made.gallery().search(probe(SMALL_PROBES[0]), kind.scope, 2)
    assert made.enlist(new) is Outcome.APPLIED
    found = made.gallery().search(probe(SMALL_PROBES[0]), kind.scope, 2)
    assert people(found)[0] == new.entry.person_id
    assert made.revoke(made.index.sequence) is Outcome.APPLIED
    assert made.gallery().search(probe(SMALL_PROBES[0]), kind.scope, 2) == before
    assert made.index.sizes(kind.scope).templates == len(SMALL)


def test_replay_repeats_nothing_and_skips_nothing():
    made, one, other = live(), SMALL[0], SMALL[1]
    assert made.enlist(one, 2) == SequenceGap(1, 2)
    assert made.revoke(1, 5) == SequenceGap(1, 5)
    assert made.index.skip(3) == SequenceGap(1, 3)
    assert made.enlist(one, 1) is Outcome.APPLIED
    assert made.enlist(other, 1) is Outcome.REPEATED
    assert made.revoke(1, 2) is Outcome.APPLIED
    assert made.enlist(one, 1) is Outcome.REPEATED
    assert made.revoke(1, 3) is Outcome.UNKNOWN
    assert made.index.skip(4) is Outcome.APPLIED
    assert (made.index.sequence, made.index.sizes(NATION).templates) == (4, 0)


def test_an_entry_that_is_refused_changes_nothing():
    made = live()
    with pytest.raises(ValueError, match="length 1"):
        made.enlist(enrolment(0, np.ones(128, np.float32)))
    assert (made.index.sequence, made.index.sizes(NATION).templates) == (0, 0)


def test_templates_may_be_loaded_in_any_order():
    made = live()
    numbers = [30, 10, 20]
    owners = together([LARGE[n].owner for n in numbers])
    made.index.load(MATRIX[numbers], numbers, owners)
    made.index.load_done(31)
    assert [made.index.rows.slot_of(number) for number in (10, 20, 30, 31)] == [0, 1, 2, None]
    for number in numbers:
        assert made.index.nearest(MATRIX[number], SHOP, 1)[0].number == number


changes = st.lists(st.tuples(st.booleans(), st.integers(1, 12), st.integers(0, 59)), max_size=25)


@every_live
@settings(max_examples=30, deadline=None)
@given(log=changes)
def test_any_log_leaves_what_a_dict_would_hold(kind, log):
    made = kind.make()
    for enlists, enlisted, face in log:
        if enlists:
            made.enlist(enrolment(made.index.sequence, SMALL[face].entry.vector))
        else:
            made.revoke(enlisted)
        found = made.gallery().search(probe(SMALL_PROBES[face]), kind.scope, 4)
        expected = brute(list(made.stored.values()), SMALL_PROBES[face], 4)
        assert [c.score for c in found] == pytest.approx([s for _, s in expected], abs=0.004)
    assert made.index.sequence == len(log)
    assert made.index.sizes(kind.scope).templates == len(made.stored)


def test_a_scope_holds_its_own_people():
    there = Places("s-2", "35.07.13.2002", BORN)
    far = Places("s-3", "94.01.01.1001", None)
    made = live([enrolment(i, SMALL[i].entry.vector) for i in range(3)])
    made.enlist(enrolment(9, SMALL[9].entry.vector, places=there))
    made.enlist(enrolment(10, SMALL[10].entry.vector, places=far))
    sizes = {
        (ScopeKind.SHOP, "s-1"): 3, (ScopeKind.SHOP, "s-2"): 1, (ScopeKind.SHOP, "s-9"): 0,
        (ScopeKind.VILLAGE, VILLAGE): 3, (ScopeKind.KECAMATAN, "35.07.13"): 4,
        (ScopeKind.KECAMATAN, "35.07.14"): 0, (ScopeKind.BIRTH_DATE, "1980-07-01"): 4,
        (ScopeKind.BIRTH_DATE, "1980-07-02"): 0, (NATION.kind, NATION.key): 5,
    }  # fmt: skip
    for (kind, key), size in sizes.items():
        scope = Scope(kind, key)
        assert made.index.sizes(scope).templates == size
        assert len(made.gallery().search(probe(SMALL_PROBES[0]), scope, 9)) == size
    with pytest.raises(ValueError, match="no list of people"):
        made.index.sizes(Scope("PROVINCE", "35"))


def test_the_unknown_narrows_nothing_and_is_nowhere():
    made = live([enrolment(0, SMALL[0].entry.vector, places=Places())])
    assert Places().scopes() == (NATION,)
    assert Places(region="35.07").scopes() == (NATION,)
    assert made.index.sizes(NATION).templates == 1
    assert made.index.sizes(Scope(ScopeKind.BIRTH_DATE, "1899-12-31")).templates == 0


def test_the_shortlist_of_a_scan_holds_the_exact_best():
    probes = LARGE_PROBES[::4]
    best = (probes @ MATRIX.T).argmax(axis=1)
    found = SCANNED.index.nearest_many(probes, 2)
    same = sum(
        row + 1 in [one.number for one in near] for near, row in zip(found, best, strict=True)
    )
    assert SCANNED.index.scan.ready
    assert same >= 0.999 * len(probes)


def test_many_probes_are_answered_as_one_by_one():
    index, probes = SCANNED.index, LARGE_PROBES[:70]  # more than two groups
    one_by_one = [index.nearest(one, NATION, 5) for one in probes]
    assert index.nearest_many(probes, 5) == one_by_one
    assert index.nearest_many(probes[:0], 5) == []


def test_it_learns_when_there_are_enough_and_goes_on():
    made = scanned(LARGE[:990])
    for number in range(30):
        one = LARGE[1_000 + number]
        assert made.index.scan.ready == (number > 9)
        made.enlist(one)
        found = made.gallery().search(probe(one.entry.vector), NATION, 1)
        assert found[0].template_id == one.entry.template_id


def test_a_revoked_row_is_wiped_and_an_old_index_still_finds_nobody_revoked():
    made = live(SMALL[:10])
    made.stored.pop(5)  # the store says so, the index has not heard of it yet
    found = made.gallery().search(probe(SMALL[4].entry.vector), SHOP, 3)
    assert SMALL[4].entry.person_id not in people(found)
    made.revoke(5)
    assert not made.index.rows.codes[4].any()
    assert made.index.rows.slot_of(5) is None
    assert made.index.rows.slot_of(6) == 5


def test_a_damaged_index_makes_nobody_look_alike():
    made = live(SMALL[:10])
    made.index.rows.codes[3] = made.index.rows.codes[0]  # number 4 now looks like number 1
    found = made.gallery().search(probe(SMALL[0].entry.vector), SHOP, 10)
    scores = {each.person_id: each.score for each in found}
    assert scores[uuid(2, 3)] == pytest.approx(
        float(SMALL[3].entry.vector @ SMALL[0].entry.vector), abs=1e-5
    )


def test_rows_grow_past_their_capacity_and_keep_their_slots():
    made = live()
    for one in LARGE[:200]:
        made.enlist(one)
    assert [made.index.rows.slot_of(number) for number in (1, 65, 200)] == [0, 64, 199]
    found = made.gallery().search(probe(LARGE[150].entry.vector), SHOP, 1)
    assert found[0].template_id == LARGE[150].entry.template_id


def test_bytes_a_template():
    rows = FaceRows(128, 1_000)
    columns = sum(column.nbytes for column in rows.columns.values())
    scan, lists = 32, 3 * 4
    total = (rows.codes.nbytes + columns + rows.dead.nbytes) / 1_000 + scan + lists
    assert total == 195
    assert set(rows.columns) == set(COLUMNS)


def test_the_tail_of_a_list_is_sorted_in_when_it_is_long(monkeypatch):
    monkeypatch.setattr("biometrics.place_list._TAIL_MAX", 5)
    made = live(SMALL[:3])
    for one in SMALL[3:20]:
        made.enlist(one)
    assert made.index.sizes(SHOP).templates == 20
    assert len(PlaceList().slots(3)) == 0


def test_the_cache_drops_what_was_not_asked_for_longest():
    index = FaceIndex(MODEL, blocks=BlockCache(rows_max=25))
    owners = [Owners.one(f"p{i}", f"f{i}", Places(shop_id=f"s-{i // 10}")) for i in range(40)]
    index.load(MATRIX[:40], range(1, 41), together(owners))
    index.load_done(40)
    scopes = [Scope(ScopeKind.SHOP, f"s-{i}") for i in range(4)]
    blocks = [index.block(scope) for scope in scopes]
    assert index.block(scopes[3]) is blocks[3]
    assert index.block(scopes[0]) is not blocks[0]


@every_live
def test_readers_see_before_or_after_never_between(kind):
    """Enrolled and revoked in turn, a person is found whole or not at all; the rest always is."""
    made, wrong, done = kind.make(SMALL), [], []
    gallery = made.gallery()

    def read():
        while not done:
            found = gallery.search(probe(SMALL[0].entry.vector), kind.scope, 3)
            if len(found) != 3 or people(found)[0] != uuid(2, 0):
                wrong.append(people(found))

    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(100):
        made.enlist(enrolment(1_000 + number, SMALL[1 + number % 50].entry.vector))
        made.revoke(made.index.sequence)
    done.append(True)
    for reader in readers:
        reader.join()
    assert not wrong
    assert made.index.sizes(kind.scope).templates == len(SMALL)


def test_home_is_in_every_kind_of_scope():
    assert {scope.kind for scope in HOME.scopes()} == set(ScopeKind)
