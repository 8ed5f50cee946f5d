"""Who may buy for a family that cannot come: a few families each, never staff, for a time only."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from pos_engine.rules.enrolment import ADULT_YEARS, age_on

FAMILIES_MAX = 2  # of one delegate, by any two officers
FAMILIES_WITH_DINSOS_MAX = 5  # and not more by anybody: who buys for a hamlet keeps its cards
LIFE_MAX = timedelta(days=366)


class DelegationState(StrEnum):
    """Where a delegation stands; an expired one is APPROVED with its last day in the past."""

    PROPOSED = "PROPOSED"
    APPROVED = "APPROVED"
    REFUSED = "REFUSED"
    ENDED = "ENDED"


LIVING = frozenset({DelegationState.PROPOSED, DelegationState.APPROVED})


class DelegationReason(StrEnum):
    """Why not; the first that holds, in this order."""

    NOT_FOUND = "NOT_FOUND"
    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"
    OWN_FAMILY = "OWN_FAMILY"  # the officer belongs to the family
    DELEGATE_IS_STAFF = "DELEGATE_IS_STAFF"
    ALREADY_MEMBER = "ALREADY_MEMBER"
    BIRTH_DATE_UNKNOWN = "BIRTH_DATE_UNKNOWN"
    MINOR = "MINOR"
    EXPIRY_WRONG = "EXPIRY_WRONG"
    ALREADY_OPEN = "ALREADY_OPEN"
    TOO_MANY_FAMILIES = "TOO_MANY_FAMILIES"
    WRONG_STATUS = "WRONG_STATUS"
    SECOND_PERSON_NEEDED = "SECOND_PERSON_NEEDED"


@dataclass(frozen=True, slots=True)
class DelegationRefusal:
    """Why not, and which field of the request it is about."""

    reason: DelegationReason
    field: str = ""


@dataclass(frozen=True, slots=True)
class DelegationFacts:
    """What decides about a delegation. `families` are the other families of the delegate.

    `by_dinsos` says that the officer who acts now is of DINSOS; `day` is the family's own.
    """

    officer_of_family: bool
    delegate_is_staff: bool
    already_member: bool
    birth_date: date | None
    expires_on: date
    day: date
    already_open: bool
    families: int
    by_dinsos: bool


def may_propose(facts: DelegationFacts) -> DelegationRefusal | None:
    """The first reason against a proposal. A third family may be proposed: Dinsos decides."""
    refusal = _first(_standing(facts))
    if refusal is None and facts.families >= FAMILIES_WITH_DINSOS_MAX:
        return DelegationRefusal(DelegationReason.TOO_MANY_FAMILIES, "nik")
    return refusal


def may_approve(
    facts: DelegationFacts, state: DelegationState, proposed_by: str, officer: str
) -> DelegationRefusal | None:
    """The first reason against putting it in force."""
    if state is not DelegationState.PROPOSED:
        return DelegationRefusal(DelegationReason.WRONG_STATUS)
    if proposed_by == officer:
        return DelegationRefusal(DelegationReason.SECOND_PERSON_NEEDED)
    refusal = _first(_standing(facts))
    most = FAMILIES_WITH_DINSOS_MAX if facts.by_dinsos else FAMILIES_MAX
    if refusal is None and facts.families >= most:
        return DelegationRefusal(DelegationReason.TOO_MANY_FAMILIES, "nik")
    return refusal


def _standing(facts: DelegationFacts) -> Collection[tuple[bool, DelegationReason, str]]:
    born, last = facts.birth_date, facts.expires_on
    minor = born is not None and age_on(facts.day, born) < ADULT_YEARS
    wrong_end = not facts.day < last <= facts.day + LIFE_MAX
    return (
        (facts.officer_of_family, DelegationReason.OWN_FAMILY, "kpm_id"),
        (facts.delegate_is_staff, DelegationReason.DELEGATE_IS_STAFF, "nik"),
        (facts.already_member, DelegationReason.ALREADY_MEMBER, "nik"),
        (born is None, DelegationReason.BIRTH_DATE_UNKNOWN, "birth_date"),
        (minor, DelegationReason.MINOR, "birth_date"),
        (wrong_end, DelegationReason.EXPIRY_WRONG, "expires_on"),
        (facts.already_open, DelegationReason.ALREADY_OPEN, "nik"),
    )


def _first(
    checks: Collection[tuple[bool, DelegationReason, str]],
) -> DelegationRefusal | None:
    return next(
        (DelegationRefusal(reason, field) for holds, reason, field in checks if holds), None
    )


def in_force(state: DelegationState, expires_on: date, day: date) -> bool:
    """May the delegate buy on this day; the last day is a good day."""
    return state is DelegationState.APPROVED and day <= expires_on
