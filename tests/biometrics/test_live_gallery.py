"""What changes a gallery is in force at once, once, in order, and never half."""

from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from biometrics.gallery import Scope
from biometrics.replay import Outcome, SequenceGap
from biometrics.scopes import NATION, Places, ScopeKind
from tests.biometrics.galleries import (
    BORN,
    LIVE,
    brute,
    enrolment,
    float32,
    int8,
    population,
    probe,
    uuid,
)

SMALL, SMALL_PROBES = population(60)
LARGE, LARGE_PROBES = population(2_500)

every_live = pytest.mark.parametrize("kind", LIVE.values(), ids=LIVE)
every_block = pytest.mark.parametrize("make", [float32, int8])


def people(found):
    return [candidate.person_id for candidate in found]


@every_live
def test_enrol_and_revoke_are_in_force_at_once(kind):
    gallery, new = kind.make(LARGE), enrolment(90_000, LARGE_PROBES[0])
    before = gallery.search(probe(LARGE_PROBES[0]), NATION, 2)
    assert gallery.enrol(new.entry, new.places, 1) is Outcome.APPLIED
    assert people(gallery.search(probe(LARGE_PROBES[0]), NATION, 2))[0] == new.entry.person_id
    assert gallery.revoke(new.entry.template_id, 2) is Outcome.APPLIED
    assert gallery.search(probe(LARGE_PROBES[0]), NATION, 2) == before
    assert gallery.size_templates(NATION) == len(LARGE)


@every_live
def test_replay_repeats_nothing_skips_nothing_and_raises_no_dead(kind):
    gallery, one = kind.make(), SMALL[0]
    name = one.entry.template_id
    assert gallery.enrol(one.entry, one.places, 2) == SequenceGap(1, 2)
    assert gallery.revoke(name, 5) == SequenceGap(1, 5)
    assert gallery.enrol(one.entry, one.places, 1) is Outcome.APPLIED
    assert gallery.enrol(SMALL[1].entry, one.places, 1) is Outcome.REPEATED
    assert gallery.revoke(name, 2) is Outcome.APPLIED
    assert gallery.enrol(one.entry, one.places, 1) is Outcome.REPEATED
    assert gallery.enrol(one.entry, one.places, 3) is Outcome.TOMBSTONED
    assert gallery.revoke(SMALL[1].entry.template_id, 4) is Outcome.UNKNOWN
    assert gallery.enrol(SMALL[1].entry, one.places, 5) is Outcome.TOMBSTONED
    assert (gallery.sequence, gallery.size_templates(NATION)) == (5, 0)


@every_live
def test_an_enrolment_that_is_refused_changes_nothing(kind):
    gallery = kind.make()
    with pytest.raises(ValueError, match="length 1"):
        gallery.enrol(enrolment(0, np.ones(128, np.float32)).entry, Places(), 1)
    assert (gallery.sequence, gallery.size_templates(NATION)) == (0, 0)


changes = st.lists(
    st.tuples(st.booleans(), st.integers(0, 7), st.integers(0, 59), st.integers(-2, 2)),
    max_size=25,
)


@every_live
@settings(max_examples=40, deadline=None)
@given(log=changes)
def test_any_log_leaves_what_a_dict_would_hold(kind, log):
    gallery, held, dead, sequence = kind.make(), {}, set(), 0
    for enrols, number, face, ahead in log:
        new, given_number = enrolment(number, SMALL[face].entry.vector), sequence + 1 + ahead
        name = new.entry.template_id
        what = (gallery.enrol, new.entry, new.places) if enrols else (gallery.revoke, name)
        done = what[0](*what[1:], given_number)
        assert (isinstance(done, SequenceGap), done is Outcome.REPEATED) == (ahead > 0, ahead < 0)
        if ahead == 0:
            sequence += 1
            if not enrols:
                dead.add(name)
                held.pop(name, None)
            elif name not in dead:
                held[name] = new
        found = gallery.search(probe(SMALL_PROBES[face]), NATION, 4)
        expected = brute(list(held.values()), SMALL_PROBES[face], 4)
        assert [c.score for c in found] == pytest.approx([s for _, s in expected], abs=kind.off)
    assert (gallery.sequence, gallery.size_templates(NATION)) == (sequence, len(held))


@every_block
def test_a_scope_holds_its_own_people_and_a_move_takes_effect(make):
    here = Places("s-1", "v-1", "k-1", BORN)
    there = Places("s-2", "v-1", "k-1", BORN)
    gallery = make([enrolment(i, SMALL[i].entry.vector, places=here) for i in range(3)])
    gallery.enrol(enrolment(9, SMALL[9].entry.vector, places=there).entry, there, 1)
    sizes = {ScopeKind.SHOP: ("s-1", 3), ScopeKind.VILLAGE: ("v-1", 4),
             ScopeKind.KECAMATAN: ("k-1", 4), ScopeKind.BIRTH_DATE: ("1980-07-01", 4)}  # fmt: skip
    for kind, (key, size) in sizes.items():
        assert gallery.size_templates(Scope(kind, key)) == size
        assert len(gallery.search(probe(SMALL_PROBES[0]), Scope(kind, key), 9)) == size
    assert gallery.search(probe(SMALL_PROBES[0]), Scope(ScopeKind.SHOP, "s-3"), 5) == []
    gallery.enrol(enrolment(0, SMALL[0].entry.vector, places=there).entry, there, 2)
    found = gallery.search(probe(SMALL_PROBES[0]), Scope(ScopeKind.SHOP, "s-2"), 5)
    assert people(found)[0] == uuid(2, 0)
    assert gallery.size_templates(Scope(ScopeKind.SHOP, "s-1")) == 2


@every_block
def test_another_dimension_is_refused(make):
    gallery = make(SMALL)
    with pytest.raises(ValueError, match="64 numbers"):
        gallery.enrol(enrolment(99, np.eye(64, dtype=np.float32)[0]).entry, Places(), 1)
    assert gallery.size_templates(NATION) == len(SMALL)


@every_live
def test_readers_see_before_or_after_never_between(kind):
    """Revoked and enrolled in turn, a person is found whole or not at all; the rest always is."""
    gallery, wrong, done = kind.make(SMALL), [], []

    def read():
        while not done:
            found = gallery.search(probe(SMALL[0].entry.vector), NATION, 3)
            if len(found) != 3 or people(found)[0] != uuid(2, 0):
                wrong.append(people(found))

    readers = [Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for number in range(100):
        new = enrolment(1_000 + number, SMALL[1 + number % 50].entry.vector)
        gallery.enrol(new.entry, new.places, 2 * number + 1)
        gallery.revoke(new.entry.template_id, 2 * number + 2)
    done.append(True)
    for reader in readers:
        reader.join()
    assert not wrong
    assert gallery.size_templates(NATION) == len(SMALL)
