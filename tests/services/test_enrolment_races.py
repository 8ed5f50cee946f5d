"""Officers, the KPM and the worker at one moment: one of them is first, nothing is half done."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from pos_engine import worker
from pos_engine.rules.enrolment import Status
from pos_engine.rules.identity import Method
from pos_engine.services.enrolment import propose
from pos_engine.services.enrolment_force import activate_due
from pos_engine.services.enrolment_review import approve, withdraw
from pos_engine.services.face_lock import lock_face
from pos_engine.services.payer import Place
from pos_engine.services.proposal import Answered
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store import enrolments, templates
from pos_engine.store.schema import template, template_log
from tests.enrolling import Office
from tests.named_faces import shots

WAIT_S_MAX = 20


@pytest.fixture
def office(engine, world):
    return Office(engine, world)


@pytest.fixture
def waiting(office, clock):
    """A replacement whose cool-down is over."""
    office.enrol("siti")
    row = office.enrol("siti", images=shots("siti", 5, first=50))
    clock.advance(hours=73)
    return row


def at_once(*acts):
    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result() for done in [pool.submit(act) for act in acts]]


def rows(office, table):
    with office.engine.database.read() as tx:
        return tx.execute(table.select()).all()


def status_of(office, row):
    with office.engine.database.read() as tx:
        return enrolments.find_enrolment(tx, row.enrolment_id).status


def test_one_proposal_sent_five_times_is_one(office):
    proposal = office.proposal()
    sent = at_once(*[lambda: propose(office.engine, office.pendamping, proposal)] * 5)
    assert sum(answer.new for answer in sent if isinstance(answer, Answered)) == 1
    assert {answer.enrolment.enrolment_id for answer in sent} == {proposal.enrolment_id}


def test_two_officers_who_approve_put_one_template_in_force(office):
    row = office.propose("siti").enrolment
    officers = [office.dinsos, office.officer("DINSOS", "35.07")]
    at_once(
        *[lambda one=one: approve(office.engine, one, row.enrolment_id, {}) for one in officers]
    )
    assert (len(rows(office, template)), len(rows(office, template_log))) == (1, 1)


def test_approve_against_withdraw_has_one_winner(office):
    row = office.propose("siti").enrolment
    at_once(
        lambda: approve(office.engine, office.dinsos, row.enrolment_id, {}),
        lambda: withdraw(office.engine, office.pendamping, row.enrolment_id, "x"),
    )
    in_force = status_of(office, row) is Status.IN_FORCE
    assert in_force or status_of(office, row) is Status.WITHDRAWN
    assert len(rows(office, template)) == in_force


def test_three_workers_activate_once(office, waiting):
    assert sum(at_once(*[lambda: activate_due(office.engine)] * 3)) == 1
    with office.engine.database.read() as tx:
        [mine] = templates.in_force(tx, waiting.kpm_id)
    assert mine.template_id == waiting.enrolment_id


def test_her_lock_against_the_worker_leaves_no_face_in_force(office, world, waiting):
    where, now = (world.shop_id, world.till_id), office.engine.now()
    token = new_payer_token(world.kpm_id, waiting.person_id, where, Method.KKS, now, proven=True)
    text = sign_payer_token(office.engine.keys, token)
    at_once(
        lambda: lock_face(office.engine, office.pendamping, Place(*where), text),
        lambda: activate_due(office.engine),
    )
    assert activate_due(office.engine) == 0
    with office.engine.database.read() as tx:
        assert templates.in_force(tx, world.kpm_id) == []


def test_the_background_worker_activates_by_itself(office, waiting):
    end = worker.start(office.engine)
    until = time.monotonic() + WAIT_S_MAX
    while status_of(office, waiting) is not Status.IN_FORCE and time.monotonic() < until:
        time.sleep(0.05)
    end()
    assert status_of(office, waiting) is Status.IN_FORCE
