"""The index says what the database says: after every commit, restart, restore and damage."""

from threading import Thread

import pytest
from sqlalchemy import delete, update

from biometrics.gallery import Scope
from biometrics.scopes import NATION, ScopeKind
from biometrics.template import ModelMismatch, Template
from pos_engine.keys import KeyFileError, TemplateKey
from pos_engine.matching.local import LocalMatcher
from pos_engine.matching.matcher import UNLIKE, Sealed
from pos_engine.matching.snapshot_file import SnapshotFile
from pos_engine.store import template_log, templates
from pos_engine.store.schema import family, template, template_head
from pos_engine.store.schema import template_log as log_table
from tests.matching.enrolled import MODEL, again, enrol, face, head_of, revoke, stored
from tests.world import NOW, TEMPLATE_KEY

VILLAGE = Scope(ScopeKind.VILLAGE, "35.07.13.2001")


@pytest.fixture
def one(engine, world):
    return head_of(engine, world, world.kpm_id)


@pytest.fixture
def other(engine, world):
    return head_of(engine, world, world.other_kpm_id)


def who(matcher, probe, scope=NATION):
    return [each.family_id for each in matcher.search(probe, scope, 3).candidates]


def restarted(engine, tmp_path, key=TEMPLATE_KEY, model=MODEL):
    return LocalMatcher(engine.database, key, model, SnapshotFile(tmp_path, model))


def test_enrolled_is_found_and_revoked_is_not_at_once(engine, world, one, other):
    template_id = enrol(engine, one, face(0))
    enrol(engine, other, face(1))
    assert who(engine.matcher, again(0))[0] == world.kpm_id
    assert who(engine.matcher, again(1), VILLAGE)[0] == world.other_kpm_id
    assert revoke(engine, one, template_id) == 3
    assert who(engine.matcher, again(0)) == [world.other_kpm_id]
    assert revoke(engine, one, template_id) is None


def test_another_process_hears_of_it_without_being_told(engine, world, one, tmp_path):
    elsewhere = restarted(engine, tmp_path)
    assert who(elsewhere, again(0)) == []
    enrol(engine, one, face(0))
    assert who(elsewhere, again(0)) == [world.kpm_id]


def test_a_template_is_searched_only_when_it_is_enlisted(engine, one):
    with engine.database.begin() as tx:
        template_id = stored(tx, engine, engine.matcher.seal, one, face(0))
    assert who(engine.matcher, again(0)) == []
    with engine.database.begin() as tx:
        template_log.enlist(tx, one.kpm_id, template_id, NOW)
    assert who(engine.matcher, again(0)) == [one.kpm_id]


def test_a_family_that_moved_is_found_where_she_lives_now(engine, one):
    template_id = enrol(engine, one, face(0))
    with engine.database.begin() as tx:
        tx.execute(
            update(family).where(family.c.kpm_id == one.kpm_id).values(region="35.07.13.2002")
        )
        template_log.enlist(tx, one.kpm_id, template_id, NOW)
    assert who(engine.matcher, again(0), VILLAGE) == []
    there = Scope(ScopeKind.VILLAGE, "35.07.13.2002")
    found = engine.matcher.search(again(0), there, 3)
    assert (found.templates, found.candidates[0].template_id) == (1, template_id)


def test_nothing_of_a_transaction_that_failed_is_found(engine, one):
    with pytest.raises(RuntimeError), engine.database.begin() as tx:
        template_id = stored(tx, engine, engine.matcher.seal, one, face(0))
        template_log.enlist(tx, one.kpm_id, template_id, NOW)
        raise RuntimeError
    assert who(engine.matcher, again(0)) == []
    enrol(engine, one, face(1))
    with engine.database.read() as tx:
        assert template_log.newest_number(tx) == 1


def test_restart_from_a_snapshot_and_replay_of_what_came_since(engine, one, other, tmp_path):
    first = restarted(engine, tmp_path)
    enrol(engine, one, face(0))
    assert who(first, again(0)) == [one.kpm_id]
    first.close()
    enrol(engine, other, face(1))
    second = restarted(engine, tmp_path)
    assert who(second, again(1))[0] == other.kpm_id
    assert who(second, again(0))[0] == one.kpm_id
    assert not second.follower.wants_saving()
    assert second.follower._saved == 1


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty", "other key"])
def test_a_snapshot_that_is_not_sound_is_refused_and_built_anew(
    engine, one, tmp_path, damage, capsys
):
    enrol(engine, one, face(0))
    first = restarted(engine, tmp_path)
    who(first, again(0))
    first.close()
    path = tmp_path / f"faces-{MODEL}.snapshot"
    data = bytearray(path.read_bytes())
    data[-40] ^= 1
    changed = {"cut": data[:-50], "flipped": data, "empty": b""}.get(damage)
    if changed is not None:
        path.write_bytes(changed)
    key = TEMPLATE_KEY if changed is not None else TemplateKey.of(bytes(32))
    again_later = restarted(engine, tmp_path, key=key)
    if changed is None:
        with pytest.raises(KeyFileError, match="another installation"):
            who(again_later, again(0))
    else:
        assert who(again_later, again(0)) == [one.kpm_id]
    assert "faces.snapshot_refused" in capsys.readouterr().out


def test_an_index_ahead_of_a_restored_database_heals(engine, one, other, tmp_path):
    enrol(engine, one, face(0))
    gone = enrol(engine, other, face(1))
    running = restarted(engine, tmp_path)
    assert who(running, again(1))[0] == other.kpm_id
    running.close()
    with engine.database.begin() as tx:  # a backup of before the second enrolment is put back
        tx.execute(delete(template).where(template.c.template_id == gone))
        tx.execute(delete(log_table).where(log_table.c.number == 2))
        tx.execute(update(template_head).values(number=1))
    assert who(running, again(1)) == [one.kpm_id]
    assert who(restarted(engine, tmp_path), again(1)) == [one.kpm_id]
    newer = enrol(engine, other, face(2))  # number 2 again, in another history
    fresh = restarted(engine, tmp_path)
    assert fresh.search(again(2), NATION, 1).candidates[0].template_id == newer


def test_one_altered_row_costs_one_person_not_the_nation(engine, one, other, capsys):
    enrol(engine, one, face(0))
    bad = enrol(engine, other, face(1))
    with engine.database.begin() as tx:
        tx.execute(update(template).where(template.c.template_id == bad).values(sealed=b"x" * 99))
    assert who(engine.matcher, again(0)) == [one.kpm_id]
    assert who(engine.matcher, again(1)) == [one.kpm_id]
    assert other.person_id in capsys.readouterr().out
    with engine.database.read() as tx:
        rows = [*templates.in_force(tx, one.kpm_id), *templates.in_force(tx, other.kpm_id)]
    scores = engine.matcher.scores(again(0), [Sealed(row.sealed, row.bound_to) for row in rows])
    assert scores[0] > 0.5
    assert scores[1] == UNLIKE


def test_a_row_sealed_for_another_person_does_not_open(engine, one, other):
    """An insider copies a sealed template under another family: it is bound to its own person."""
    enrol(engine, one, face(0))
    with engine.database.begin() as tx:
        swapped = stored(tx, engine, lambda *_: b"", other, face(1))
        sealed = templates.in_force(tx, one.kpm_id)[0].sealed
        tx.execute(update(template).where(template.c.template_id == swapped).values(sealed=sealed))
        template_log.enlist(tx, other.kpm_id, swapped, NOW)
    assert who(engine.matcher, again(0)) == [one.kpm_id]


def test_templates_of_another_model_are_passed_over(engine, one):
    enrol(engine, one, Template.of(face(0).vector, "dlib-resnet-v1", 80))
    assert who(engine.matcher, again(0)) == []
    enrol(engine, one, face(0))
    assert who(engine.matcher, again(0)) == [one.kpm_id]
    other_probe = Template.of(face(0).vector, "dlib-resnet-v1", 80)
    for ask in (lambda: who(engine.matcher, other_probe),
                lambda: engine.matcher.scores(other_probe, [])):  # fmt: skip
        with pytest.raises(ModelMismatch):
            ask()


def test_scores_of_one_person(engine, one):
    enrol(engine, one, face(0))
    with engine.database.read() as tx:
        sealed = [Sealed(each.sealed, each.bound_to) for each in templates.in_force(tx, one.kpm_id)]
    mine, strange = again(0), again(1)
    [score] = engine.matcher.scores(mine, sealed)
    assert score == pytest.approx(float(mine.vector @ face(0).vector), abs=1e-6)
    assert engine.matcher.scores(strange, sealed)[0] < score
    assert engine.matcher.scores(mine, []) == []


def test_numbers_have_one_order_however_many_enrol_at_once(engine, one, other):
    """What an index follows must never show number 8 before number 7 is there to be seen."""
    seen, wrong, done = [], [], []

    def watch():
        while not done:
            with engine.database.read() as tx:
                numbers = [entry.number for entry in template_log.entries(tx, 0)]
            if numbers != list(range(1, len(numbers) + 1)):
                wrong.append(numbers)
            seen.append(len(numbers))

    def work(known, first):
        for number in range(first, first + 8):
            revoke(engine, known, enrol(engine, known, face(number)))

    watcher = Thread(target=watch)
    workers = [Thread(target=work, args=(known, n)) for known, n in ((one, 0), (other, 10))]
    for thread in (watcher, *workers):
        thread.start()
    for worker in workers:
        worker.join()
    done.append(True)
    watcher.join()
    assert not wrong
    with engine.database.read() as tx:
        assert template_log.newest_number(tx) == 32
    assert who(engine.matcher, again(0)) == []
