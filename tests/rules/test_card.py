"""The life of a card, what a suspension says, and the questions of the status page."""

import pytest

from pos_engine.rules.card import REPORTED, WORKING, CardState, may_become
from pos_engine.rules.question import DAYS, make_question, plain_answer
from pos_engine.rules.suspension import SENTENCES, SuspensionReason, next_step


def test_a_stopped_card_never_works_again_but_through_a_new_one():
    for state in (CardState.LOST, CardState.SWALLOWED, CardState.EXPIRED, CardState.REPLACED):
        reached, todo = set(), {state}
        while todo:
            now = todo.pop()
            reached.add(now)
            todo |= {then for then in CardState if may_become(now, then)} - reached
        assert CardState.ACTIVE not in reached


@pytest.mark.parametrize("state", sorted(WORKING))
def test_a_working_card_can_always_be_reported_lost(state):
    assert may_become(state, CardState.LOST)
    assert set(CardState) >= REPORTED


@pytest.mark.parametrize("reason", SuspensionReason)
def test_a_suspension_names_who_why_and_what_helps_without_blame(reason):
    told = next_step(reason, "Dinsos Kab. Malang", "21-11-2026", objected=False)
    assert "Dinsos Kab. Malang" in told
    assert SENTENCES[reason] in told
    assert "keberatan" in told
    assert "sudah dicatat" in next_step(reason, "Dinsos", "21-11-2026", objected=True)
    for word in ("miskin", "bohong", "curang", "palsu"):
        assert word not in told.lower()


@pytest.mark.parametrize(
    ("draws", "part", "answer"),
    [
        ((0, 2, 3, 0), "tiga butir telur, lalu empat butir", "7"),
        ((1, 6, 0, 0), f"sesudah {DAYS[6]}", "selasa"),
        ((2, 0, 9, 1), "wortel, sandal, beras, telur", "sandal"),
    ],
)
def test_questions_have_one_plain_answer(draws, part, answer):
    question = make_question(draws)
    assert part in question.text
    assert question.answer == answer


def test_answers_are_read_as_people_type_them():
    assert plain_answer(" Tujuh. ") == "7"
    assert plain_answer("SELASA!") == "selasa"
