"""Two people close a case, and nobody is condemned unasked."""

import pytest

from pos_engine.rules.anomaly_case import (
    ANSWERS_MAX,
    NOTE_LENGTH_MAX,
    Act,
    ActFacts,
    ActReason,
    CaseStatus,
    acts_for,
    after,
    case_name,
)


def facts(status, **changes):
    given = {"made_by": "a", "note": "baik", "about": "", "decided_by": None, "answers": 0}
    return ActFacts(status, **(given | changes))


@pytest.mark.parametrize(
    ("act", "status", "following"),
    [
        (Act.ASK, CaseStatus.OPEN, CaseStatus.ASKED),
        (Act.ANSWER, CaseStatus.ASKED, CaseStatus.ASKED),
        (Act.EXPLAIN, CaseStatus.OPEN, CaseStatus.EXPLAINED),
        (Act.EXPLAIN, CaseStatus.ASKED, CaseStatus.EXPLAINED),
        (Act.CONFIRM, CaseStatus.ASKED, CaseStatus.CONFIRMED),
        (Act.CLOSE, CaseStatus.EXPLAINED, CaseStatus.CLOSED),
        (Act.CLOSE, CaseStatus.CONFIRMED, CaseStatus.CLOSED),
        (Act.REOPEN, CaseStatus.CONFIRMED, CaseStatus.ASKED),
    ],
)
def test_the_way_of_a_case(act, status, following):
    assert after(act, facts(status, decided_by="b")) is following


@pytest.mark.parametrize("act", Act)
def test_a_closed_case_stays_closed(act):
    assert after(act, facts(CaseStatus.CLOSED)) is ActReason.WRONG_STATUS


def test_nobody_is_condemned_unasked():
    assert after(Act.CONFIRM, facts(CaseStatus.OPEN)) is ActReason.WRONG_STATUS


@pytest.mark.parametrize("act", [Act.CLOSE, Act.REOPEN])
def test_another_officer_closes(act):
    alone = facts(CaseStatus.CONFIRMED, decided_by="a")
    assert after(act, alone) is ActReason.SECOND_PERSON_NEEDED
    demo = facts(CaseStatus.CONFIRMED, decided_by="a", one_is_enough=True)
    assert isinstance(after(act, demo), CaseStatus)


def test_an_officer_decides_nothing_about_herself():
    assert after(Act.EXPLAIN, facts(CaseStatus.OPEN, about="a")) is ActReason.OWN_CASE


@pytest.mark.parametrize("note", ["", "  ", "x" * (NOTE_LENGTH_MAX + 1)])
def test_each_act_says_why(note):
    assert after(Act.ASK, facts(CaseStatus.OPEN, note=note)) is ActReason.NOTE_MISSING


def test_answers_are_bounded():
    full = facts(CaseStatus.ASKED, answers=ANSWERS_MAX)
    assert after(Act.ANSWER, full) is ActReason.TOO_MANY_ANSWERS


def test_buttons():
    assert acts_for(CaseStatus.OPEN, answers_of_shop=False) == [Act.ASK, Act.EXPLAIN]
    assert acts_for(CaseStatus.ASKED, answers_of_shop=True) == [Act.ANSWER]
    assert acts_for(CaseStatus.CLOSED, answers_of_shop=False) == []


def test_one_case_of_a_rule_subject_and_month():
    name = case_name("R1", "SHOP", "s", "2026-11")
    assert name == case_name("R1", "SHOP", "s", "2026-11")
    others = {case_name("R2", "SHOP", "s", "2026-11"), case_name("R1", "SHOP", "s", "2026-12")}
    assert name not in others
    assert len(name) == 32
