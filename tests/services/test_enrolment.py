"""Proposing a face: who may, what stops it, what is kept, and who else looks like it."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text, update

from biometrics.refusal import FaceReason, FaceRefusal
from pos_engine.rules.enrolment import EnrolmentReason, Refusal, Status
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.enrolment import propose
from pos_engine.services.enrolment_factor import Factor, send_code
from pos_engine.services.proposal import Answered, Consent
from pos_engine.services.staff_face import StaffEnrolled, enrol_staff_face
from pos_engine.store import enrolment_findings, enrolments, look_alikes, templates
from pos_engine.store.database import UnavailableError
from pos_engine.store.schema import person, template
from pos_engine.store.schema_enrolment import enrolment, enrolment_event
from tests.enrolling import Office
from tests.named_faces import NamedFaces, shots
from tests.world import PIN

NO = Consent(given=False, text_version="wajah-1", language="jv")


@pytest.fixture
def office(engine, world):
    return Office(engine, world)


def reason(answer):
    assert isinstance(answer, Refusal), answer
    return answer.reason


def rows(office, table=enrolment):
    with office.engine.database.read() as tx:
        return tx.execute(table.select()).mappings().all()


def test_a_proposal_keeps_its_honesty_and_is_not_in_force(office):
    answer = office.propose()
    assert isinstance(answer, Answered)
    row = answer.enrolment
    assert (answer.new, row.status, row.quality, row.pictures) == (True, "PROPOSED", 80, 5)
    assert row.finished_at - row.started_at == timedelta(minutes=3)
    assert (row.factor, row.place_region, row.consent_witness) == ("PIN", "35.07.13.2001", "Bu RT")
    assert (row.searched_families, row.searched_templates) == (0, 0)
    with office.engine.database.read() as tx:
        assert templates.in_force(tx, row.kpm_id) == []
        assert enrolments.find_enrolment(tx, row.enrolment_id) == row
        [event] = enrolment_findings.events_of(tx, row.enrolment_id)
    assert (event.kind, event.staff_id) == ("PROPOSED", office.pendamping.staff_id)
    assert event.device_id == office.pendamping.device_id


def test_nothing_of_the_pictures_and_no_pin_is_kept(office):
    office.propose()
    kept = repr([*rows(office), *rows(office, enrolment_event)])
    assert "siti/1" not in kept
    assert PIN not in kept


def test_no_is_kept_as_no_and_costs_nothing(office):
    first = office.propose(consent=NO, images=[], factor=None)
    assert (first.enrolment.status, first.new) == (Status.DECLINED_BY_KPM, True)
    [row] = rows(office)
    kept = {name for name, value in row.items() if value is not None}
    assert kept == {
        "shard", "enrolment_id", "kpm_id", "person_id", "region", "status", "content",
        "consent_text", "consent_language", "place_region", "proposed_by", "proposed_at",
    }  # fmt: skip
    assert isinstance(office.propose(), Answered)  # she may say yes another day


def test_who_says_no_is_not_asked_for_anything_even_as_a_minor(office):
    office.engine = replace(office.engine, faces=None)
    answer = office.propose(consent=NO, factor=Factor("PIN", "000000"), images=[b"x"])
    assert answer.enrolment.status is Status.DECLINED_BY_KPM


@pytest.mark.parametrize(
    ("change", "expected", "field"),
    [
        ({"kpm_id": "nobody"}, "NOT_FOUND", "kpm_id"),
        ({"person_id": "nobody"}, "NOT_FOUND", "person_id"),
        ({"shop_id": "nobody"}, "NOT_FOUND", "place.shop_id"),
        ({"region": "94.01.01.1001"}, "PLACE_OUTSIDE", "place.region"),
        ({"images": shots("siti", 2)}, "TOO_FEW_PICTURES", "images"),
        ({"images": [*shots("siti", 3), *shots("ani", 1)]}, "TWO_PEOPLE", "images"),
        ({"images": [*shots("siti", 3), b"nobody"]}, "PICTURES_UNUSABLE", "images"),
        ({"factor": None}, "FACTOR_MISSING", "factor"),
        ({"factor": Factor("PIN", "000000")}, "PIN_WRONG", "factor.value"),
        ({"factor": Factor("CODE", "000000")}, "CODE_WRONG", "factor.value"),
    ],
)
def test_each_refusal_is_named_logged_and_stores_no_face(office, change, expected, field):
    answer = office.propose(**change)
    assert (reason(answer), answer.field) == (expected, field)
    assert rows(office) == []
    [event] = rows(office, enrolment_event)
    assert (event["kind"], event["reason"]) == ("STOPPED", expected)


def test_a_person_of_another_family_is_not_found(office, world):
    other = office.person_id(world.other_kpm_id)
    assert reason(office.propose(person_id=other)) == "NOT_FOUND"


def test_an_officer_of_another_region_sees_no_such_family(office):
    far = office.officer("DINSOS", "94.01")
    answer = office.propose(by=far, region="94.01.01.1001")
    assert (reason(answer), answer.field) == ("NOT_FOUND", "kpm_id")


@pytest.mark.parametrize(
    ("born", "expected"),
    [(None, "BIRTH_DATE_UNKNOWN"), (date(2009, 11, 22), "MINOR"), (date(2009, 11, 21), None)],
)
def test_minors_use_other_methods(office, born, expected):
    with office.engine.database.begin() as tx:
        tx.execute(update(person).values(birth_date=born))
    answer = office.propose()
    assert (answer.reason if isinstance(answer, Refusal) else None) == expected


def test_faces_that_are_off_say_so(office):
    office.engine = replace(office.engine, matcher=None)
    assert reason(office.propose()) == "FACES_OFF"


def test_a_second_open_proposal_waits_for_the_first(office):
    office.propose()
    assert reason(office.propose()) == "ALREADY_OPEN"


def test_twice_is_once_even_after_the_pin_was_changed_on_the_way(office):
    proposal = office.proposal()
    first = propose(office.engine, office.pendamping, proposal)
    wrong = replace(proposal, factor=Factor("PIN", "000000"))
    again = propose(office.engine, office.pendamping, wrong)
    assert (again.enrolment, again.new) == (first.enrolment, False)
    assert len(rows(office)) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"images": shots("siti", 5, first=2)},
        {"consent": NO},
        {"region": "35.07.13"},
        {"started_at": None},
    ],
)
def test_the_same_id_with_other_content_is_refused(office, change):
    proposal = office.proposal()
    propose(office.engine, office.pendamping, proposal)
    if "started_at" in change:
        change = {"started_at": proposal.started_at + timedelta(seconds=1)}
    other = propose(office.engine, office.pendamping, replace(proposal, **change))
    assert reason(other) == "DUPLICATE_DIFFERENT"


def test_a_refusal_leaves_the_id_free(office):
    proposal = office.proposal(factor=Factor("PIN", "000000"))
    assert reason(propose(office.engine, office.pendamping, proposal)) == "PIN_WRONG"
    right = replace(proposal, factor=Factor("PIN", PIN))
    assert isinstance(propose(office.engine, office.pendamping, right), Answered)


def test_three_wrong_pins_block_the_pin_and_nothing_else(office):
    wrong = Factor("PIN", "000000")
    answers = [reason(office.propose(factor=wrong)) for _ in range(4)]
    assert answers == ["PIN_WRONG"] * 3 + ["PIN_BLOCKED"]
    assert reason(office.propose()) == "PIN_BLOCKED"


def test_a_rival_with_the_same_id_or_person_is_seen_in_the_last_moment(office, monkeypatch):
    """Both looked before either wrote."""
    proposal = office.proposal()
    original = NamedFaces.embed_many
    inner = []

    def slow(pool, images, pose):
        if not inner:
            inner.append(None)
            inner.append(propose(office.engine, office.pendamping, office.proposal()))
        return original(pool, images, pose)

    monkeypatch.setattr(NamedFaces, "embed_many", slow)
    assert reason(propose(office.engine, office.pendamping, proposal)) == "ALREADY_OPEN"
    assert isinstance(inner[1], Answered)


def code_of(office):
    return office.engine.sms.messages()[0].text.split("kode ")[1][:6]


class TestCode:
    def test_a_code_agrees_to_one_enrolment(self, office):
        proposal = office.proposal()
        ids = (proposal.enrolment_id, proposal.kpm_id)
        assert send_code(office.engine, office.pendamping, *ids) is True
        message = office.engine.sms.messages()[0].text
        assert "MENDAFTARKAN WAJAH" in message
        code = Factor("CODE", code_of(office))
        other = replace(proposal, enrolment_id=new_uuid7(office.engine.now()), factor=code)
        assert reason(propose(office.engine, office.pendamping, other)) == "CODE_WRONG"
        answer = propose(office.engine, office.pendamping, replace(proposal, factor=code))
        assert answer.enrolment.factor == "CODE"

    def test_a_code_survives_bad_pictures_and_dies_with_the_proposal(self, office):
        proposal = office.proposal()
        send_code(office.engine, office.pendamping, proposal.enrolment_id, proposal.kpm_id)
        proposal = replace(proposal, factor=Factor("CODE", code_of(office)))
        bad = replace(proposal, images=[*shots("siti", 3), b"nobody"])
        assert reason(propose(office.engine, office.pendamping, bad)) == "PICTURES_UNUSABLE"
        assert isinstance(propose(office.engine, office.pendamping, proposal), Answered)
        with office.engine.database.read() as tx:
            used = tx.execute(text("SELECT used_at FROM one_time_code")).scalar_one()
        assert used is not None

    def test_a_late_code_is_late(self, office, clock):
        proposal = office.proposal()
        send_code(office.engine, office.pendamping, proposal.enrolment_id, proposal.kpm_id)
        clock.advance(minutes=4)
        late = replace(proposal, factor=Factor("CODE", code_of(office)))
        assert reason(propose(office.engine, office.pendamping, late)) == "CODE_EXPIRED"

    def test_no_phone_no_code_and_not_for_a_stranger(self, office, world):
        now = office.engine.now()
        ids = (new_uuid7(now), world.other_kpm_id)
        assert send_code(office.engine, office.pendamping, *ids) is False
        far = office.officer("PENDAMPING", "94.01")
        answer = send_code(office.engine, far, new_uuid7(now), world.kpm_id)
        assert reason(answer) == "NOT_FOUND"

    def test_codes_are_not_sent_without_end(self, office, world):
        ids = (new_uuid7(office.engine.now()), world.kpm_id)
        sent = [send_code(office.engine, office.pendamping, *ids) for _ in range(6)]
        assert sent == [True] * 5 + [False]


class TestLookAlikes:
    def test_her_own_family_and_strangers_are_no_finding(self, office, world):
        office.enrol("siti")
        answer = office.propose("dewi", kpm_id=world.other_kpm_id)
        assert (answer.enrolment.status, answer.findings) == ("PROPOSED", [])
        assert answer.enrolment.searched_templates == 1

    def test_a_face_of_another_family_goes_to_review(self, office, world):
        mine = office.enrol("siti")
        answer = office.propose("siti", kpm_id=world.other_kpm_id)
        assert answer.enrolment.status is Status.REVIEW
        [found] = answer.findings
        assert (found.number, found.source, found.kpm_id) == (1, "ENROLLED", mine.kpm_id)
        assert found.template_id == mine.enrolment_id
        assert found.score > 0.9
        assert 0 < found.fpir_estimate < 1e-3

    def test_two_families_that_propose_one_face_meet_before_any_approval(self, office, world):
        first = office.propose("siti").enrolment
        answer = office.propose("siti", kpm_id=world.other_kpm_id)
        [found] = answer.findings
        assert (found.source, found.template_id) == ("PROPOSED", first.enrolment_id)
        assert answer.enrolment.status is Status.REVIEW

    def test_a_replacement_unlike_her_old_face_goes_to_review(self, office):
        office.enrol("siti")
        like = office.propose("siti", images=shots("siti", 5, first=20))
        assert like.enrolment.status is Status.PROPOSED
        assert like.enrolment.likeness_to_old > 0.9

    def test_a_swapped_face_goes_to_review(self, office):
        office.enrol("siti")
        swapped = office.propose("ani")
        assert swapped.enrolment.status is Status.REVIEW
        assert swapped.enrolment.likeness_to_old < 0.42
        assert swapped.findings == []


class TestStaffFaces:
    @pytest.fixture
    def cashier(self, office, world):
        staff_id = world.staff["KASIR"]["staff_id"]
        assert isinstance(enrol_staff_face(office.engine, staff_id, shots("budi")), StaffEnrolled)
        return staff_id

    def test_a_staff_face_stops_the_enrolment_and_leaves_no_template(self, office, cashier):
        answer = office.propose("budi")
        row = answer.enrolment
        assert (row.status, row.reason) == (Status.REFUSED, EnrolmentReason.STAFF_FACE)
        assert (row.sealed, row.quality) == (None, None)
        with office.engine.database.read() as tx:
            [event] = enrolment_findings.events_of(tx, row.enrolment_id)
        assert (event.reason, event.note) == ("STAFF_FACE", f"staff {cashier}")

    def test_others_are_not_stopped(self, office, cashier):
        assert office.propose("siti").enrolment.status is Status.PROPOSED

    def test_staff_who_are_that_kpm_may_be_enrolled(self, office, world, cashier):
        same_as = (world.kpm_id, office.person_id())
        done = enrol_staff_face(office.engine, cashier, shots("budi"), same_as)
        assert (done.version, done.person_id) == (2, office.person_id())
        assert office.propose("budi").enrolment.status is Status.PROPOSED
        other = office.propose("budi", kpm_id=world.other_kpm_id)
        assert other.enrolment.reason == EnrolmentReason.STAFF_FACE

    def test_a_face_that_is_only_like_a_staff_members_goes_to_a_person(
        self, office, cashier, monkeypatch
    ):
        monkeypatch.setattr("pos_engine.rules.enrolment.STAFF_FALSE_STOP_MAX", 0.0)
        answer = office.propose("budi")
        [found] = answer.findings
        assert (found.source, found.person_id, found.kpm_id) == ("STAFF", cashier, None)
        assert answer.enrolment.status is Status.REVIEW

    def test_many_staff_are_compared_page_by_page(self, office, world, cashier, monkeypatch):
        owner = world.staff["PEMILIK"]["staff_id"]
        enrol_staff_face(office.engine, owner, shots("wati"))
        monkeypatch.setattr("pos_engine.services.enrolment_search.COMPARED_AT_ONCE_MAX", 1)
        for name in ("budi", "wati"):
            row = office.propose(name).enrolment
            assert row.reason == EnrolmentReason.STAFF_FACE

    def test_what_cannot_be_a_staff_face_is_said(self, office, world):
        staff_id = world.staff["KASIR"]["staff_id"]
        engine = office.engine
        assert enrol_staff_face(engine, "nobody", shots("budi")).field == "staff"
        assert enrol_staff_face(engine, staff_id, []).field == "images"
        stranger = (world.kpm_id, office.person_id(world.other_kpm_id))
        assert enrol_staff_face(engine, staff_id, shots("budi"), stranger).field == "person"
        assert enrol_staff_face(engine, staff_id, [b"nobody"]).detail.startswith("NO_FACE")
        off = replace(engine, matcher=None)
        assert enrol_staff_face(off, staff_id, shots("budi")).field == "faces"


def test_a_full_queue_is_no_refusal(office, monkeypatch):
    busy = FaceRefusal(FaceReason.BUSY)
    monkeypatch.setattr(NamedFaces, "embed_many", lambda _pool, images, _pose: [busy] * len(images))
    with pytest.raises(UnavailableError):
        office.propose()
    assert rows(office) == []


def test_look_alikes_are_flagged_both_ways_once(office):
    now = office.engine.now()
    for _ in range(2):
        with office.engine.database.begin() as tx:
            look_alikes.flag(tx, "ani", "siti", "enrolment-1", "officer-1", now)
    with office.engine.database.read() as tx:
        assert look_alikes.flagged(tx, "ani")
        assert look_alikes.flagged(tx, "siti")
        assert not look_alikes.flagged(tx, "dewi")


def test_a_refused_face_is_in_no_table(office):
    office.propose(images=[*shots("siti", 3), *shots("ani", 1)])
    assert rows(office, template) == []
