"""A KPM's own hand on her face: lock, unlock, take the consent back."""

import pytest

from pos_engine.rules.enrolment import Status
from pos_engine.rules.identity import Method
from pos_engine.rules.reasons import Reason
from pos_engine.services.enrolment_force import activate_due
from pos_engine.services.enrolment_review import approve
from pos_engine.services.face_lock import Locked, lock_face, unlock_face
from pos_engine.services.notify import drain
from pos_engine.services.payer import Place
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store import enrolments, proofs, templates
from pos_engine.store.face_locks import Kind
from pos_engine.store.schema import template
from pos_engine.store.schema_enrolment import face_lock
from tests.enrolling import Office
from tests.named_faces import shots


@pytest.fixture
def office(engine, world):
    return Office(engine, world)


@pytest.fixture
def place(world):
    return Place(world.shop_id, world.till_id)


@pytest.fixture
def token(office, world):
    """A payer token of KPM-1; by card and proven unless told otherwise."""

    def make(method=Method.KKS, *, proven=True, bounds=None):
        where = (world.shop_id, world.till_id)
        person_id, now = office.person_id(), office.engine.now()
        new = new_payer_token(
            world.kpm_id, person_id, where, method, now, proven=proven, bounds=bounds
        )
        return sign_payer_token(office.engine.keys, new)

    return make


def in_force(office):
    with office.engine.database.read() as tx:
        return [each.template_id for each in templates.in_force(tx, office.world.kpm_id)]


def status_of(office, row):
    with office.engine.database.read() as tx:
        return enrolments.find_enrolment(tx, row.enrolment_id).status


def test_a_locked_face_is_out_of_force_at_once_and_comes_back(office, place, token):
    row = office.enrol("siti")
    locked = lock_face(office.engine, office.pendamping, place, token())
    assert locked == Locked(Kind.LOCK, 1, 0)
    assert in_force(office) == []
    assert status_of(office, row) is Status.IN_FORCE
    opened = unlock_face(office.engine, office.pendamping, place, token(Method.PHONE))
    assert opened == Locked(Kind.UNLOCK, 1, 0)
    assert in_force(office) == [row.enrolment_id]


def test_locking_twice_is_locking_once(office, place, token):
    office.enrol("siti")
    for _ in range(2):
        assert lock_face(office.engine, office.pendamping, place, token()).templates == 1
    with office.engine.database.read() as tx:
        assert len(tx.execute(face_lock.select()).all()) == 1
    unlock_face(office.engine, office.pendamping, place, token())
    assert len(in_force(office)) == 1
    again = unlock_face(office.engine, office.pendamping, place, token())
    assert again.kind is Kind.UNLOCK


def test_a_lock_in_the_cool_down_cancels_the_replacement(office, clock, place, token):
    old = office.enrol("siti")
    new = office.enrol("siti", images=shots("siti", 5, first=50))
    assert new.status is Status.APPROVED
    assert lock_face(office.engine, office.pendamping, place, token()) == Locked(Kind.LOCK, 1, 1)
    assert status_of(office, new) is Status.CANCELLED
    clock.advance(hours=100)
    assert activate_due(office.engine) == 0
    unlock_face(office.engine, office.pendamping, place, token())
    assert in_force(office) == [old.enrolment_id]


def test_a_second_lock_keeps_what_the_first_took_out(office, place, token):
    """A proposal came between the two: the unlock must still know the old face."""
    old = office.enrol("siti")
    lock_face(office.engine, office.pendamping, place, token())
    office.propose("siti", images=shots("siti", 5, first=50))
    assert lock_face(office.engine, office.pendamping, place, token()).cancelled == 1
    unlock_face(office.engine, office.pendamping, place, token())
    assert in_force(office) == [old.enrolment_id]


def test_an_unlock_after_a_new_enrolment_brings_no_old_face_back(office, clock, place, token):
    office.enrol("siti")
    lock_face(office.engine, office.pendamping, place, token())
    new = office.propose("siti", images=shots("siti", 5, first=50)).enrolment
    approve(office.engine, office.dinsos, new.enrolment_id, {})
    clock.advance(hours=73)
    assert activate_due(office.engine) == 1
    assert unlock_face(office.engine, office.pendamping, place, token()).templates == 0
    assert in_force(office) == [new.enrolment_id]


def test_a_withdrawal_is_final_and_destroys_the_face(office, clock, place, token):
    row = office.enrol("siti")
    gone = lock_face(office.engine, office.pendamping, place, token(), withdraw=True)
    assert gone == Locked(Kind.WITHDRAW, 1, 0)
    assert status_of(office, row) is Status.WITHDRAWN
    with office.engine.database.read() as tx:
        [kept] = tx.execute(template.select()).mappings().all()
    assert (kept["sealed"], kept["number"]) == (b"", None)
    for again in (
        unlock_face(office.engine, office.pendamping, place, token()),
        lock_face(office.engine, office.pendamping, place, token()),
        lock_face(office.engine, office.pendamping, place, token(), withdraw=True),
    ):
        assert again.kind is Kind.WITHDRAW
    assert in_force(office) == []
    new = office.enrol("siti")  # she changed her mind: with the cool-down of a replacement
    assert new.status is Status.APPROVED
    clock.advance(hours=73)
    activate_due(office.engine)
    assert in_force(office) == [new.enrolment_id]


def test_a_locked_face_can_be_withdrawn(office, place, token):
    office.enrol("siti")
    lock_face(office.engine, office.pendamping, place, token())
    gone = lock_face(office.engine, office.pendamping, place, token(), withdraw=True)
    assert gone.kind is Kind.WITHDRAW
    assert unlock_face(office.engine, office.pendamping, place, token()).kind is Kind.WITHDRAW


def test_who_locks_before_anybody_enrols_her_is_told_in_time(office, place, token):
    assert lock_face(office.engine, office.pendamping, place, token()) == Locked(Kind.LOCK, 0, 0)
    assert office.enrol("siti").status is Status.APPROVED
    assert in_force(office) == []


@pytest.mark.parametrize("act", [lock_face, unlock_face])
class TestProof:
    def test_a_strangers_text_locks_nothing(self, office, place, act):
        answer = act(office.engine, office.pendamping, place, "no token")
        assert answer is Reason.PAYER_UNKNOWN

    def test_another_tills_token_locks_nothing(self, office, world, token, act):
        elsewhere = Place(world.other_shop_id, world.other_till_id)
        answer = act(office.engine, office.pendamping, elsewhere, token())
        assert answer is Reason.PAYER_UNKNOWN

    def test_a_claim_is_no_proof(self, office, place, token, act):
        answer = act(office.engine, office.pendamping, place, token(proven=False))
        assert answer is Reason.STEP_UP_REQUIRED

    def test_an_old_token_is_old(self, office, clock, place, token, act):
        made = token()
        clock.advance(minutes=11)
        assert act(office.engine, office.pendamping, place, made) is Reason.PAYER_TOKEN_EXPIRED

    def test_a_token_that_bought_is_used(self, office, place, token, act):
        made = token()
        claims = office.engine.keys.read(made, "payer")
        with office.engine.database.begin() as tx:
            use = proofs.TokenUse("KPM-1", claims["token_id"], "p")
            proofs.use_tokens(tx, [use], office.engine.now())
        assert act(office.engine, office.pendamping, place, made) is Reason.PAYER_TOKEN_USED

    def test_a_token_for_one_purchase_is_proof_too_and_is_not_used_up(
        self, office, place, token, act
    ):
        made = token(Method.PHONE, bounds=("purchase-1", 50_000))
        for _ in range(2):
            assert isinstance(act(office.engine, office.pendamping, place, made), Locked)


def test_a_face_never_unlocks_a_face(office, place, token):
    office.enrol("siti")
    face = token(Method.FACE)
    assert isinstance(lock_face(office.engine, office.pendamping, place, face), Locked)
    answer = unlock_face(office.engine, office.pendamping, place, face)
    assert answer is Reason.STEP_UP_REQUIRED
    assert in_force(office) == []


def test_the_family_is_told_of_each_act(office, clock, place, token):
    office.enrol("siti")
    lock_face(office.engine, office.pendamping, place, token())
    clock.advance(minutes=1)
    unlock_face(office.engine, office.pendamping, place, token())
    clock.advance(minutes=1)
    lock_face(office.engine, office.pendamping, place, token(), withdraw=True)
    assert drain(office.engine).waiting == 0
    texts = " ".join(each.text for each in office.engine.sms.messages())
    for words in ("dikunci 21/11 10.00", "dipakai lagi sejak 21/11 10.01", "dihapus 21/11 10.02"):
        assert words in texts
