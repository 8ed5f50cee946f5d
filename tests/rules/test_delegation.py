"""Who may buy for a family: few families, adults, strangers to the shop, and only for a time."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from pos_engine.rules.delegation import (
    FAMILIES_MAX,
    FAMILIES_WITH_DINSOS_MAX,
    LIFE_MAX,
    DelegationFacts,
    DelegationReason,
    DelegationState,
    in_force,
    may_approve,
    may_propose,
)

DAY = date(2026, 11, 21)
GOOD = DelegationFacts(
    officer_of_family=False,
    delegate_is_staff=False,
    already_member=False,
    birth_date=date(1990, 1, 2),
    expires_on=DAY + timedelta(days=90),
    day=DAY,
    already_open=False,
    families=0,
    by_dinsos=False,
)
BAD = [
    ({"officer_of_family": True}, "OWN_FAMILY"),
    ({"delegate_is_staff": True}, "DELEGATE_IS_STAFF"),
    ({"already_member": True}, "ALREADY_MEMBER"),
    ({"birth_date": None}, "BIRTH_DATE_UNKNOWN"),
    ({"birth_date": DAY.replace(year=2009, day=22)}, "MINOR"),
    ({"expires_on": DAY}, "EXPIRY_WRONG"),
    ({"expires_on": DAY + LIFE_MAX + timedelta(days=1)}, "EXPIRY_WRONG"),
    ({"already_open": True}, "ALREADY_OPEN"),
    ({"families": FAMILIES_WITH_DINSOS_MAX}, "TOO_MANY_FAMILIES"),
]


def approved(facts, state=DelegationState.PROPOSED, proposed_by="ani", officer="budi"):
    refusal = may_approve(facts, state, proposed_by, officer)
    return refusal and refusal.reason


def test_a_neighbour_may():
    assert may_propose(GOOD) is None
    assert approved(GOOD) is None


@pytest.mark.parametrize(("facts", "reason"), BAD, ids=str)
def test_what_stands_against_it_does_so_twice(facts, reason):
    assert may_propose(replace(GOOD, **facts)).reason == reason
    assert approved(replace(GOOD, **facts)) == reason


def test_who_is_seventeen_today_and_the_longest_span_are_fine():
    adult = replace(GOOD, birth_date=DAY.replace(year=2009), expires_on=DAY + LIFE_MAX)
    assert may_propose(adult) is None


def test_a_third_family_is_for_dinsos_and_a_sixth_for_nobody():
    third = replace(GOOD, families=FAMILIES_MAX)
    assert may_propose(third) is None
    assert approved(third) is DelegationReason.TOO_MANY_FAMILIES
    assert approved(replace(third, by_dinsos=True)) is None
    sixth = replace(GOOD, families=FAMILIES_WITH_DINSOS_MAX, by_dinsos=True)
    assert approved(sixth) is DelegationReason.TOO_MANY_FAMILIES


def test_it_takes_two_people_and_one_decision():
    assert approved(GOOD, officer="ani") is DelegationReason.SECOND_PERSON_NEEDED
    assert approved(GOOD, state=DelegationState.ENDED) is DelegationReason.WRONG_STATUS


@pytest.mark.parametrize(
    ("state", "last", "good"),
    [
        (DelegationState.APPROVED, DAY, True),
        (DelegationState.APPROVED, DAY - timedelta(days=1), False),
        (DelegationState.PROPOSED, DAY, False),
        (DelegationState.ENDED, DAY, False),
    ],
)
def test_the_last_day_is_a_good_day(state, last, good):
    assert in_force(state, last, DAY) is good
