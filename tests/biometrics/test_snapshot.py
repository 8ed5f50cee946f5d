"""A snapshot comes back whole, or is refused by name and the caller builds from the store."""

import io
import os
from datetime import date

import numpy as np
import pytest

from biometrics.block_gallery import BlockGallery
from biometrics.block_snapshot import load_gallery, save_gallery
from biometrics.gallery import Scope
from biometrics.nation_snapshot import load_nation, save_nation
from biometrics.replay import Outcome
from biometrics.scopes import NATION, Places
from biometrics.snapshot import write_snapshot
from biometrics.snapshot_header import SnapshotHeader, SnapshotReason
from tests.biometrics.galleries import MODEL, enrolment, nation_scanned, population, probe
from tests.biometrics.snapshots import KEY, loaded, reason, saved

AREA = Places("s-1", "v-1", "k-1", date(1980, 7, 1))
PEOPLE, PROBES = population(2_000)


def block_gallery():
    placed = [enrolment(i, one.entry.vector, places=AREA) for i, one in enumerate(PEOPLE[:40])]
    return BlockGallery(MODEL, placed + PEOPLE[40:], sequence=7)


def nation():
    index = nation_scanned(PEOPLE)
    index.sequence = 7
    return index


KINDS = {"blocks": (block_gallery, save_gallery, load_gallery),
         "nation": (nation, save_nation, load_nation)}  # fmt: skip
both = pytest.mark.parametrize(("make", "save", "load"), KINDS.values(), ids=KINDS)


@both
def test_the_same_answers_after_a_restart(make, save, load):
    gallery = make()
    again = loaded(saved(gallery, save), load)
    assert (again.sequence, again.model_id) == (7, MODEL)
    for vector in PROBES[::100]:
        assert again.search(probe(vector), NATION, 5) == gallery.search(probe(vector), NATION, 5)
    assert again.size_templates(NATION) == gallery.size_templates(NATION)
    new = enrolment(90_000, PROBES[0])
    assert again.enrol(new.entry, AREA, 8) is Outcome.APPLIED
    assert again.search(probe(PROBES[0]), NATION, 1)[0].person_id == new.entry.person_id


def test_places_come_back():
    again = loaded(saved(block_gallery(), save_gallery), load_gallery)
    for scope in AREA.scopes()[:-1]:
        assert again.size_templates(scope) == 40
    assert again.size_templates(Scope("SHOP", "s-2")) == 0


@both
def test_the_revoked_are_not_in_it(make, save, load):
    gallery, gone = make(), PEOPLE[50]
    gallery.revoke(gone.entry.template_id, 8)
    again = loaded(saved(gallery, save), load, newest=8)
    found = again.search(probe(gone.entry.vector), NATION, 1)
    assert found[0].template_id != gone.entry.template_id
    assert again.size_templates(NATION) == len(PEOPLE) - 1


@both
def test_an_empty_index_too(make, save, load):
    empty = BlockGallery(MODEL) if save is save_gallery else nation_scanned()
    again = loaded(saved(empty, save), load)
    assert (again.sequence, again.size_templates(NATION)) == (0, 0)


@both
def test_wrong_key_wrong_model_and_ahead_of_the_store(make, save, load):
    data = saved(make(), save)
    assert reason(data, load, key=bytes(32)) is SnapshotReason.WRONG_KEY
    assert reason(data, load, model_id="dlib-resnet-v1") is SnapshotReason.WRONG_MODEL
    assert reason(data, load, newest=6) is SnapshotReason.AHEAD
    other = load_nation if load is load_gallery else load_gallery
    assert reason(data, other) is SnapshotReason.WRONG_INDEX
    assert reason(b"{}" + data, load) is SnapshotReason.NOT_A_SNAPSHOT


@both
def test_cut_anywhere_it_is_truncated(make, save, load):
    data = saved(make(), save)
    for end in (9, 40, len(data) // 2, len(data) - 40, len(data) - 1):
        assert reason(data[:end], load) is SnapshotReason.TRUNCATED


@pytest.mark.parametrize("content", [os.urandom(60), b"\x02\0\0\0[]" + bytes(512), bytes(4)])
@pytest.mark.parametrize("load", [load_gallery, load_nation])
def test_sealed_nonsense_is_refused_too(content, load):
    index = "blocks" if load is load_gallery else "nation"
    file = io.BytesIO()
    write_snapshot(file, KEY, SnapshotHeader(index, MODEL, 7, 66, 128), [content])
    assert reason(file.getvalue(), load) is SnapshotReason.CORRUPT


@both
def test_no_vector_lies_in_clear(make, save, load):
    data = saved(make(), save)
    assert PEOPLE[0].entry.vector.tobytes()[:16] not in data
    assert PEOPLE[0].entry.template_id.encode() not in data


def test_a_snapshot_is_that_of_its_moment_whatever_changes_meanwhile():
    gallery = BlockGallery(MODEL, PEOPLE[:20], sequence=7)
    sequence, count, enrolments = gallery.snapshot()
    gallery.revoke(PEOPLE[0].entry.template_id, 8)
    gallery.enrol(PEOPLE[30].entry, AREA, 9)
    names = [one.entry.template_id for one in enrolments]
    assert (sequence, count, names) == (7, 20, [one.entry.template_id for one in PEOPLE[:20]])
    assert np.array_equal(PEOPLE[0].entry.vector, next(gallery.snapshot()[2]).entry.vector) is False
