"""Who puts a ceiling in force, when it is too late, and when refusals are too many."""

from datetime import date, timedelta

import pytest

from pos_engine.rules.ceilings import (
    Act,
    ActKind,
    ActRefusal,
    DraftState,
    days_fit,
    next_state,
    run_of,
    state_of,
    too_many,
)

SIGN, BACK = ActKind.SIGNED, ActKind.WITHDRAWAL
ANA, BUDI = "ana", "budi"
BOTH = (Act(SIGN, ANA), Act(SIGN, BUDI))
TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("acts", "new", "begun", "expected"),
    [
        ((), Act(SIGN, ANA), False, DraftState.SIGNED),
        (BOTH[:1], Act(SIGN, BUDI), False, DraftState.PUBLISHED),
        (BOTH[:1], Act(SIGN, ANA), False, ActRefusal.SAME_PERSON),
        (BOTH[:1], Act(SIGN, BUDI), True, ActRefusal.DAY_HAS_COME),
        (BOTH, Act(SIGN, "citra"), False, ActRefusal.DONE_ALREADY),
        ((), Act(BACK, ANA), True, DraftState.WITHDRAWN),
        (BOTH[:1], Act(BACK, ANA), False, DraftState.WITHDRAWN),
        (BOTH, Act(BACK, ANA), False, DraftState.WITHDRAWING),
        (BOTH, Act(BACK, ANA), True, ActRefusal.DAY_HAS_COME),
        ((*BOTH, Act(BACK, ANA)), Act(BACK, ANA), False, ActRefusal.SAME_PERSON),
        ((*BOTH, Act(BACK, ANA)), Act(BACK, BUDI), False, DraftState.WITHDRAWN),
        ((*BOTH, Act(BACK, ANA)), Act(BACK, BUDI), True, ActRefusal.DAY_HAS_COME),
        ((Act(BACK, ANA),), Act(SIGN, BUDI), False, ActRefusal.WITHDRAWN),
    ],
)
def test_two_people_and_the_night_before(acts, new, begun, expected):
    assert next_state(acts, new, begun=begun) is expected


def test_a_demo_has_one_person():
    assert next_state(BOTH[:1], BOTH[0], begun=False, one_is_enough=True) is DraftState.PUBLISHED


def test_the_state_is_the_sum_of_the_acts():
    assert state_of(()) is DraftState.DRAFT
    assert state_of((*BOTH, Act(BACK, ANA), Act(BACK, BUDI))) is DraftState.WITHDRAWN


@pytest.mark.parametrize(
    ("ahead", "lasts", "fits"),
    [(0, 5, False), (1, 0, True), (1, None, True), (366, 1, True), (367, 1, False), (2, -1, False)],
)
def test_tills_need_the_night_before(ahead, lasts, fits):
    first = TODAY + timedelta(days=ahead)
    last = None if lasts is None else first + timedelta(days=lasts)
    assert days_fit(first, last, TODAY) is fits


@pytest.mark.parametrize(
    ("attempts", "refused", "expected"),
    [(19, 19, False), (20, 4, False), (20, 5, True), (1000, 200, False), (1000, 201, True)],
)
def test_a_share_of_few_says_nothing(attempts, refused, expected):
    assert too_many(attempts, refused) is expected


def test_three_days_running_and_up_to_the_last():
    dear, fine = (100, 40), (100, 2)
    days = {TODAY - timedelta(days=n): dear for n in range(3)}
    assert run_of(days, TODAY) == tuple(sorted(days))
    assert run_of(days | {TODAY - timedelta(days=1): fine}, TODAY) == ()
    assert run_of(days | {TODAY: fine}, TODAY) == ()
    assert run_of(days, TODAY + timedelta(days=1)) == ()
