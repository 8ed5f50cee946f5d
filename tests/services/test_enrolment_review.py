"""Deciding about a face: two people, each look-alike, the cool-down, what the family is told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from biometrics.scopes import NATION
from biometrics.template import Template
from biometrics.thresholds import SFACE
from pos_engine.rules.enrolment import Decision, EnrolmentReason, Refusal, Status
from pos_engine.services.enrolment_force import activate_due
from pos_engine.services.enrolment_look import listed, show
from pos_engine.services.enrolment_review import Said, approve, refuse, withdraw
from pos_engine.services.notify import drain
from pos_engine.store import (
    enrolment_findings,
    enrolments,
    families,
    look_alikes,
    template_log,
    templates,
)
from pos_engine.store.schema import template
from tests.enrolling import Office
from tests.named_faces import shots, vector_of

DIFFERENT = Said(Decision.DIFFERENT_PERSON, "beda orang, tahi lalat")
TWIN = Said(Decision.TWIN, "kembar, keduanya hadir")
SAME = Said(Decision.SAME_PERSON, "orang yang sama")


@pytest.fixture
def office(engine, world):
    return Office(engine, world)


def reason(answer):
    assert isinstance(answer, Refusal), answer
    return answer.reason


def found(office, name):
    """Whom a search of the nation finds now."""
    probe = Template.of(vector_of(f"{name}/99".encode()), SFACE.model_id, 80)
    hits = office.engine.matcher.search(probe, NATION, 5).candidates
    return [hit.template_id for hit in hits if hit.score >= SFACE.identify_accept]


def stored(office, enrolment_id):
    with office.engine.database.read() as tx:
        return enrolments.find_enrolment(tx, enrolment_id)


def steps(office, enrolment_id):
    with office.engine.database.read() as tx:
        return [each.kind for each in enrolment_findings.events_of(tx, enrolment_id)]


@pytest.fixture
def proposed(office):
    return office.propose("siti").enrolment


@pytest.fixture
def reviewed(office, world):
    """KPM-2's proposal of a face that is in force for KPM-1."""
    office.enrol("siti")
    row = office.propose("siti", kpm_id=world.other_kpm_id).enrolment
    assert row.status is Status.REVIEW
    return row


def test_a_first_face_is_in_force_at_once(office, clock, proposed):
    clock.advance(minutes=5)
    assert found(office, "siti") == []
    done = approve(office.engine, office.dinsos, proposed.enrolment_id, {}).enrolment
    assert (done.status, done.effective_at) == (Status.IN_FORCE, office.engine.now())
    assert (done.sealed, done.decided_by) == (None, office.dinsos.staff_id)
    assert found(office, "siti") == [proposed.enrolment_id]
    assert steps(office, proposed.enrolment_id) == ["PROPOSED", "APPROVED"]


def test_another_pendamping_may_approve_what_is_plain(office, proposed):
    other = office.officer("PENDAMPING", "35.07.13")
    done = approve(office.engine, other, proposed.enrolment_id, {})
    assert done.enrolment.status is Status.IN_FORCE


def test_who_proposed_decides_nothing(office, proposed):
    for answer in (
        approve(office.engine, office.pendamping, proposed.enrolment_id, {}),
        refuse(office.engine, office.pendamping, proposed.enrolment_id, "x"),
    ):
        assert reason(answer) == "SECOND_PERSON_NEEDED"
    assert found(office, "siti") == []


@pytest.mark.parametrize("act", [approve, refuse, withdraw])
def test_the_unknown_and_another_region_are_not_found(office, proposed, act):
    far = office.officer("DINSOS", "35.08")
    said = {} if act is approve else "x"
    assert reason(act(office.engine, far, proposed.enrolment_id, said)) == "NOT_FOUND"
    assert reason(act(office.engine, office.dinsos, "nothing", said)) == "NOT_FOUND"
    assert stored(office, proposed.enrolment_id) == proposed


def test_approving_twice_is_the_same_answer(office, clock, proposed):
    clock.advance(minutes=5)
    first = approve(office.engine, office.dinsos, proposed.enrolment_id, {})
    again = approve(office.engine, office.dinsos, proposed.enrolment_id, {})
    assert again.enrolment == first.enrolment
    assert steps(office, proposed.enrolment_id) == ["PROPOSED", "APPROVED"]


def test_a_refused_face_is_gone_and_stays_refused(office, proposed):
    done = refuse(office.engine, office.dinsos, proposed.enrolment_id, "foto buram").enrolment
    assert (done.status, done.reason, done.sealed) == ("REFUSED", "BY_OFFICER", None)
    again = refuse(office.engine, office.dinsos, proposed.enrolment_id, "foto buram")
    assert again.enrolment == done
    late = approve(office.engine, office.dinsos, proposed.enrolment_id, {})
    assert reason(late) == "WRONG_STATUS"
    other = office.officer("DINSOS", "35.07")
    assert reason(refuse(office.engine, other, proposed.enrolment_id, "x")) == "WRONG_STATUS"


def test_a_withdrawn_proposal_is_gone_and_frees_the_person(office, proposed):
    done = withdraw(office.engine, office.pendamping, proposed.enrolment_id, "salah orang")
    assert (done.enrolment.status, done.enrolment.sealed) == (Status.WITHDRAWN, None)
    again = withdraw(office.engine, office.dinsos, proposed.enrolment_id, "x")
    assert again.enrolment == done.enrolment
    assert reason(approve(office.engine, office.dinsos, proposed.enrolment_id, {})) == (
        "WRONG_STATUS"
    )
    assert office.propose("siti").enrolment.status is Status.PROPOSED


def test_what_is_in_force_is_not_withdrawn_by_an_officer(office):
    row = office.enrol("siti")
    answer = withdraw(office.engine, office.dinsos, row.enrolment_id, "x")
    assert reason(answer) == "WRONG_STATUS"


class TestReview:
    def test_only_dinsos_reviews(self, office, reviewed):
        other = office.officer("PENDAMPING", "35.07")
        answer = approve(office.engine, other, reviewed.enrolment_id, {1: DIFFERENT})
        assert reason(answer) == "ROLE_NOT_ALLOWED"

    @pytest.mark.parametrize("said", [{}, {2: DIFFERENT}, {1: DIFFERENT, 2: DIFFERENT}])
    def test_each_look_alike_needs_its_decision(self, office, reviewed, said):
        answer = approve(office.engine, office.dinsos, reviewed.enrolment_id, said)
        assert (reason(answer), answer.field) == ("DECISIONS_MISSING", "decisions")
        assert stored(office, reviewed.enrolment_id).status is Status.REVIEW

    def test_a_different_person_comes_into_force(self, office, reviewed):
        done = approve(office.engine, office.dinsos, reviewed.enrolment_id, {1: DIFFERENT})
        assert done.enrolment.status is Status.IN_FORCE
        [finding] = done.findings
        assert (finding.decision, finding.note) == (DIFFERENT.decision, DIFFERENT.note)
        with office.engine.database.read() as tx:
            assert not look_alikes.flagged(tx, reviewed.person_id)

    def test_twins_are_flagged_for_good(self, office, reviewed):
        approve(office.engine, office.dinsos, reviewed.enrolment_id, {1: TWIN})
        with office.engine.database.read() as tx:
            assert look_alikes.flagged(tx, reviewed.person_id)
            assert look_alikes.flagged(tx, office.person_id())
        assert len(found(office, "siti")) == 2

    def test_the_same_person_holds_this_change_and_nothing_else(self, office, world, reviewed):
        done = approve(office.engine, office.dinsos, reviewed.enrolment_id, {1: SAME}).enrolment
        assert (done.status, done.reason) == (Status.REFUSED, EnrolmentReason.SAME_PERSON)
        assert done.sealed is None
        again = approve(office.engine, office.dinsos, reviewed.enrolment_id, {1: SAME})
        assert again.enrolment == done
        with office.engine.database.read() as tx:
            assert families.find_family(tx, world.other_kpm_id).status == families.ACTIVE
            assert templates.in_force(tx, world.other_kpm_id) == []
        assert len(found(office, "siti")) == 1

    def test_the_reviewer_sees_masked_names(self, office, reviewed):
        shown = show(office.engine, "35.07", reviewed.enrolment_id)
        assert [each.name for each in shown.others.values()] == ["S*** W******"]
        assert [each.kind for each in shown.events] == ["REVIEW"]
        assert reason(show(office.engine, "35.08", reviewed.enrolment_id)) == "NOT_FOUND"


class TestReplacement:
    @pytest.fixture
    def old(self, office):
        return office.enrol("siti")

    @pytest.fixture
    def waiting(self, office, old):
        """Siti looks older now, and Bu Ani of Dinsos agrees."""
        row = office.propose("siti", images=shots("siti", 5, first=50)).enrolment
        done = approve(office.engine, office.dinsos, row.enrolment_id, {}).enrolment
        assert done.status is Status.APPROVED
        return done

    def test_the_old_face_works_for_72_hours_more(self, office, clock, old, waiting):
        assert waiting.effective_at == office.engine.now() + timedelta(hours=72)
        assert found(office, "siti") == [old.enrolment_id]
        clock.advance(hours=71, minutes=59)
        assert activate_due(office.engine) == 0
        assert found(office, "siti") == [old.enrolment_id]

    def test_then_the_new_one_takes_its_place_once(self, office, clock, old, waiting):
        clock.advance(hours=72)
        assert activate_due(office.engine) == 1
        assert activate_due(office.engine) == 0
        assert found(office, "siti") == [waiting.enrolment_id]
        assert stored(office, old.enrolment_id).status is Status.REPLACED
        now = stored(office, waiting.enrolment_id)
        assert (now.status, now.sealed) == (Status.IN_FORCE, None)
        assert steps(office, waiting.enrolment_id)[-1] == "IN_FORCE"

    def test_a_rival_worker_finds_nothing_to_do(self, office, clock, waiting, monkeypatch):
        clock.advance(hours=73)
        ids = [(waiting.enrolment_id, waiting.kpm_id)] * 3
        monkeypatch.setattr(enrolments, "due", lambda _tx, _now: ids)
        assert activate_due(office.engine) == 1

    def test_an_activation_that_fails_leaves_the_old_face(
        self, office, clock, old, waiting, monkeypatch
    ):
        clock.advance(hours=73)

        def fails(*_arguments):
            raise RuntimeError

        with monkeypatch.context() as broken:
            broken.setattr(template_log, "enlist", fails)
            with pytest.raises(RuntimeError):
                activate_due(office.engine)
        assert found(office, "siti") == [old.enrolment_id]
        assert activate_due(office.engine) == 1

    def test_an_officer_stops_it_in_time(self, office, clock, old, waiting):
        withdraw(office.engine, office.dinsos, waiting.enrolment_id, "keluarga keberatan")
        clock.advance(hours=100)
        assert activate_due(office.engine) == 0
        assert found(office, "siti") == [old.enrolment_id]

    def test_approving_twice_does_not_start_the_clock_again(self, office, clock, waiting):
        clock.advance(hours=5)
        again = approve(office.engine, office.dinsos, waiting.enrolment_id, {})
        assert again.enrolment == waiting

    def test_the_family_is_told_before_and_after(self, office, clock, waiting):
        drain(office.engine)
        texts = [each.text for each in office.engine.sms.messages()]
        [told] = [each for each in texts if "pengganti" in each]
        assert told.startswith("BPNT: wajah pengganti keluarga Anda akan berlaku 24/11 10.00.")
        assert "Bukan Anda? Balas LAPOR" in told
        clock.advance(hours=72)
        activate_due(office.engine)
        drain(office.engine)
        newest = office.engine.sms.messages()[0].text
        assert newest == (
            "BPNT: wajah untuk belanja keluarga Anda berlaku 24/11 10.00. Bukan Anda? Balas LAPOR"
        )
        assert all(len(each.text) <= 160 for each in office.engine.sms.messages())


def test_a_family_without_phone_is_no_fault(office, world):
    office.enrol("dewi", kpm_id=world.other_kpm_id)
    assert drain(office.engine).waiting == 0
    assert office.engine.sms.messages() == []


def test_a_gateway_that_is_gone_is_tried_again(office, monkeypatch):
    office.enrol("siti")

    def gone(_message):
        raise OSError

    with monkeypatch.context() as broken:
        broken.setattr(office.engine.sms, "send", gone)
        assert drain(office.engine).waiting == 1
    assert drain(office.engine).done == 1


def test_a_list_is_by_region_status_and_page(office, world):
    first = office.enrol("siti")
    second = office.propose("dewi", kpm_id=world.other_kpm_id).enrolment
    engine = office.engine
    assert [each.enrolment_id for each in listed(engine, "35.07", None, 10)] == sorted(
        [first.enrolment_id, second.enrolment_id]
    )
    assert listed(engine, "35.0", None, 10) == listed(engine, "94", None, 10) == []
    [only] = listed(engine, None, Status.PROPOSED, 10)
    assert only.enrolment_id == second.enrolment_id
    [page] = listed(engine, None, None, 1)
    rest = listed(engine, None, None, 10, after=page.enrolment_id)
    assert {page.enrolment_id, *(each.enrolment_id for each in rest)} == {
        first.enrolment_id,
        second.enrolment_id,
    }


def test_the_template_is_bound_to_her_and_append_only(office):
    row = office.enrol("siti")
    with office.engine.database.read() as tx:
        [kept] = templates.in_force(tx, row.kpm_id)
        [raw] = tx.execute(template.select()).mappings().all()
    assert (kept.template_id, kept.bound_to) == (
        row.enrolment_id, f"{row.person_id}|sface-2021dec|1",
    )  # fmt: skip
    assert raw["source"] == "ENROLMENT"
    assert replace(kept, sealed=b"").version == 1
