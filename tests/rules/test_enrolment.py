"""Who may be enrolled, who decides, and when a face is in force."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pos_engine.rules.enrolment import (
    ADULT_YEARS,
    CAPTURE_TIME_MAX,
    COOL_DOWN,
    PICTURES_MAX,
    ApprovalFacts,
    Decision,
    EnrolmentReason,
    ProposalFacts,
    Refusal,
    Status,
    age_on,
    effective_at,
    first_status,
    in_scope,
    is_duplicate,
    may_approve,
    may_decide,
    may_propose,
    staff_stops,
)
from pos_engine.wire.enrolment import REASON_WORDS, STATUS_WORDS

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
FACTS = ProposalFacts(
    faces_on=True,
    birth_date=date(1980, 8, 15),
    day=date(2026, 11, 21),
    place_in_scope=True,
    pictures=5,
    started_at=NOW - timedelta(minutes=4),
    finished_at=NOW - timedelta(minutes=1),
    now=NOW,
    already_open=False,
)
DECIDABLE = (Status.PROPOSED, Status.REVIEW)
WAITING = ApprovalFacts(Status.PROPOSED, "ani", "budi", may_review=False, findings=())


def test_an_honest_capture_of_an_adult_may_be_proposed():
    assert may_propose(FACTS) is None


@pytest.mark.parametrize(
    ("change", "reason", "field"),
    [
        ({"faces_on": False}, "FACES_OFF", ""),
        ({"birth_date": None}, "BIRTH_DATE_UNKNOWN", "person_id"),
        ({"birth_date": date(2009, 11, 22)}, "MINOR", "person_id"),
        ({"place_in_scope": False}, "PLACE_OUTSIDE", "place.region"),
        ({"finished_at": NOW + timedelta(minutes=3)}, "TIMES_WRONG", "finished_at"),
        ({"finished_at": NOW - timedelta(days=1, seconds=1)}, "TIMES_WRONG", "finished_at"),
        ({"started_at": NOW}, "TIMES_WRONG", "started_at"),
        ({"started_at": NOW - timedelta(minutes=62)}, "TIMES_WRONG", "started_at"),
        ({"pictures": 2}, "TOO_FEW_PICTURES", "images"),
        ({"already_open": True}, "ALREADY_OPEN", "person_id"),
    ],
)
def test_each_reason_names_its_field(change, reason, field):
    assert may_propose(replace(FACTS, **change)) == Refusal(EnrolmentReason(reason), field)


def test_seventeen_today_is_grown_up_and_tomorrow_is_not():
    assert may_propose(replace(FACTS, birth_date=date(2009, 11, 21))) is None
    assert age_on(date(2026, 11, 21), date(2009, 11, 22)) == ADULT_YEARS - 1


def test_born_on_a_leap_day():
    assert age_on(date(2025, 2, 28), date(2008, 2, 29)) == 16
    assert age_on(date(2025, 3, 1), date(2008, 2, 29)) == 17


@given(st.dates(date(1900, 1, 1), date(2026, 11, 21)))
def test_only_adults_are_ever_proposed(born):
    refused = may_propose(replace(FACTS, birth_date=born))
    assert (refused is None) == (born <= date(2009, 11, 21))


@given(
    st.timedeltas(timedelta(days=-3), timedelta(days=3)),
    st.timedeltas(timedelta(days=-3), timedelta(days=3)),
    st.integers(0, PICTURES_MAX),
)
def test_whatever_is_proposed_was_a_capture_of_this_day(before, length, pictures):
    finished = NOW + before
    facts = replace(FACTS, finished_at=finished, started_at=finished - length, pictures=pictures)
    if may_propose(facts) is None:
        assert timedelta(0) <= length <= CAPTURE_TIME_MAX
        assert abs(before) <= timedelta(days=1)
        assert pictures >= 3


@pytest.mark.parametrize(
    ("own", "region", "inside"),
    [
        (None, "94.01", True),
        ("35.07", "35.07", True),
        ("35.07", "35.07.13.2001", True),
        ("35.07", "35.08.01.2001", False),
        ("35.0", "35.07", False),
        ("35.07.13", "35.07", False),
    ],
)
def test_an_officer_works_inside_her_region(own, region, inside):
    assert in_scope(own, region) is inside


@pytest.mark.parametrize(
    ("score", "false_stops", "stops"),
    [(0.9, 0.0001, True), (0.42, 0.01, True), (0.41, 0.0, False), (0.5, 0.5, False)],
)
def test_only_a_sure_staff_face_stops(score, false_stops, stops):
    assert staff_stops(score, 0.42, false_stops) is stops


@pytest.mark.parametrize(
    ("findings", "old", "status"),
    [
        (0, None, "PROPOSED"),
        (0, 0.8, "PROPOSED"),
        (1, None, "REVIEW"),
        (1, 0.9, "REVIEW"),
        (0, 0.2, "REVIEW"),
    ],
)
def test_look_alikes_and_an_unlike_replacement_need_a_look(findings, old, status):
    assert first_status(findings, old, 0.42) == status


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"decided_by": "ani"}, "SECOND_PERSON_NEEDED"),
        ({"status": Status.REVIEW}, "ROLE_NOT_ALLOWED"),
        *(({"status": each}, "WRONG_STATUS") for each in Status if each not in DECIDABLE),
    ],
)
def test_who_may_not_decide(change, reason):
    assert may_decide(replace(WAITING, **change)) == Refusal(EnrolmentReason(reason))


def test_dinsos_may_decide_a_review():
    assert may_decide(replace(WAITING, status=Status.REVIEW, may_review=True)) is None


@given(st.sets(st.integers(1, 10)), st.dictionaries(st.integers(1, 10), st.sampled_from(Decision)))
def test_an_approval_has_one_decision_for_each_finding(findings, decisions):
    facts = replace(WAITING, findings=findings)
    assert (may_approve(facts, decisions) is None) == (findings == set(decisions))
    own = replace(facts, decided_by=facts.proposed_by)
    assert may_approve(own, decisions).reason is EnrolmentReason.SECOND_PERSON_NEEDED


@given(st.dictionaries(st.integers(1, 10), st.sampled_from(Decision)))
def test_one_same_person_holds_the_change(decisions):
    assert is_duplicate(decisions) == any(each == "SAME_PERSON" for each in decisions.values())


def test_a_replacement_cools_down():
    assert effective_at(NOW, replaces=False) == NOW
    assert effective_at(NOW, replaces=True) == NOW + COOL_DOWN == NOW + timedelta(hours=72)


@pytest.mark.parametrize("word", [*Status, *EnrolmentReason, *Decision])
def test_every_word_is_in_the_readme(word):
    assert f"`{word}`" in (Path(__file__).parents[2] / "README.md").read_text()


def test_every_status_and_reason_has_a_sentence_and_a_next_step():
    assert set(REASON_WORDS) == set(EnrolmentReason)
    assert set(STATUS_WORDS) == set(Status)
    for sentence, next_step in (*REASON_WORDS.values(), *STATUS_WORDS.values()):
        assert sentence.endswith(".")
        assert next_step.endswith(".")
