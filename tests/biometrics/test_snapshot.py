"""A snapshot comes back whole, or is refused by name and the caller builds from the store."""

import io

import numpy as np
import pytest

from biometrics.gallery import Scope
from biometrics.replay import Outcome
from biometrics.scopes import NATION, ScopeKind
from biometrics.snapshot import write_snapshot
from biometrics.snapshot_header import SnapshotHeader, SnapshotReason
from tests.biometrics.galleries import (
    HOME,
    MODEL,
    enrolment,
    live,
    population,
    scanned,
)
from tests.biometrics.snapshots import KEY, loaded, reason, saved

PEOPLE, PROBES = population(2_000)
COUNT = len(PEOPLE)
KINDS = {"small": live, "scanned": scanned}
both = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS)
SCOPES = HOME.scopes()


@both
def test_the_same_answers_after_a_restart(make):
    index = make(PEOPLE).index
    again = loaded(saved(index), newest=COUNT)
    assert (again.index.sequence, again.index.model_id) == (COUNT, MODEL)
    assert again.mark == f"entry {COUNT}"
    assert again.index.scan.ready == index.scan.ready
    for scope in SCOPES:
        for vector in PROBES[::200]:
            assert again.index.nearest(vector, scope, 5) == index.nearest(vector, scope, 5)
        assert again.index.sizes(scope) == index.sizes(scope)
    new = enrolment(90_000, PROBES[0])
    assert again.index.enlist(COUNT + 1, new.entry.vector, new.owner) is Outcome.APPLIED
    assert again.index.nearest(PROBES[0], NATION, 1)[0].number == COUNT + 1
    assert again.index.sizes(Scope(ScopeKind.SHOP, "s-9")).templates == 0


@both
def test_the_revoked_are_not_in_it(make):
    made = make(PEOPLE)
    made.revoke(51)
    again = loaded(saved(made.index), newest=COUNT + 1).index
    assert again.nearest(PEOPLE[50].entry.vector, NATION, 1)[0].number != 51
    assert again.sizes(NATION).templates == COUNT - 1


@both
def test_an_empty_index_too(make):
    again = loaded(saved(make().index)).index
    assert (again.sequence, again.sizes(NATION).templates) == (0, 0)


def test_wrong_key_wrong_model_and_ahead_of_the_store():
    data = saved(live(PEOPLE[:7]).index)
    assert reason(data, key=bytes(32)) is SnapshotReason.WRONG_KEY
    assert reason(data, model_id="dlib-resnet-v1") is SnapshotReason.WRONG_MODEL
    assert reason(data, newest=6) is SnapshotReason.AHEAD
    assert reason(b"{}" + data) is SnapshotReason.NOT_A_SNAPSHOT
    file = io.BytesIO()
    write_snapshot(file, KEY, SnapshotHeader("other", MODEL, 7, 7, 128), [b"x"])
    assert reason(file.getvalue()) is SnapshotReason.WRONG_INDEX


@both
def test_cut_anywhere_it_is_truncated(make):
    data = saved(make(PEOPLE).index)
    for end in (9, 40, len(data) // 2, len(data) - 40, len(data) - 1):
        assert reason(data[:end], newest=COUNT) is SnapshotReason.TRUNCATED


@pytest.mark.parametrize("content", [bytes(range(7, 67)), b"\x02\0\0\0", b"\x01\0\0\0", bytes(4)])
def test_sealed_nonsense_is_refused_too(content):
    for more in (
        [],
        [b"{}"],
        [b'{"mark":"","shops":[],"regions":[]}', *[bytes(4)] * 4, bytes(300)],
    ):
        file = io.BytesIO()
        write_snapshot(file, KEY, SnapshotHeader("faces", MODEL, 7, 66, 128), [content, *more])
        assert reason(file.getvalue()) is SnapshotReason.CORRUPT


def test_no_vector_and_no_name_lies_in_clear():
    index = live(PEOPLE[:7]).index
    data = saved(index)
    assert index.rows.codes[0].tobytes()[:16] not in data
    assert b"s-1" not in data
    assert b"35.07.13" not in data


def test_a_snapshot_is_that_of_its_moment_whatever_changes_meanwhile():
    made = live(PEOPLE[:20])
    now = made.index.snapshot()
    made.revoke(1)
    made.enlist(PEOPLE[30])
    assert (now.sequence, now.rows.used) == (20, 20)
    assert made.index.rows.used == 21


def test_lists_that_were_not_yet_sorted_come_back_too():
    made = live(PEOPLE[:20])
    for one in PEOPLE[20:30]:
        made.enlist(one)
    again = loaded(saved(made.index), newest=30).index
    assert [again.sizes(scope) for scope in SCOPES] == [made.index.sizes(s) for s in SCOPES]


def test_an_order_that_does_not_fit_is_refused():
    made = live(PEOPLE[:20])
    made.index.where._lists["shop"]._order = np.array([25] * 20, np.uint32)
    assert reason(saved(made.index), newest=20) is SnapshotReason.CORRUPT
