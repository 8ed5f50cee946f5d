"""What may be done with a case of what looks wrong: ask, answer, decide, close by a second."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

NOTE_LENGTH_MAX = 600
ANSWERS_MAX = 5  # of a shop to one case
SIGN_OF_AN_ID = 32  # hex digits of a case's name


class CaseStatus(StrEnum):
    """Where a case stands."""

    OPEN = "OPEN"
    ASKED = "ASKED"  # the shop was asked what there was
    EXPLAINED = "EXPLAINED"  # one officer holds that there was a good reason
    CONFIRMED = "CONFIRMED"  # one officer holds that it was wrong
    CLOSED = "CLOSED"  # a second officer holds the same


class Act(StrEnum):
    """What somebody does."""

    ASK = "ASK"
    ANSWER = "ANSWER"
    EXPLAIN = "EXPLAIN"
    CONFIRM = "CONFIRM"
    CLOSE = "CLOSE"
    REOPEN = "REOPEN"  # the second officer does not hold the same


class ActReason(StrEnum):
    """Why not; the first that holds, in this order."""

    NOT_FOUND = "NOT_FOUND"
    ROLE_NOT_ALLOWED = "ROLE_NOT_ALLOWED"
    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"
    WRONG_STATUS = "WRONG_STATUS"
    NOTE_MISSING = "NOTE_MISSING"
    SECOND_PERSON_NEEDED = "SECOND_PERSON_NEEDED"
    OWN_CASE = "OWN_CASE"  # it is about the officer herself
    TOO_MANY_ANSWERS = "TOO_MANY_ANSWERS"


FROM = {
    Act.ASK: {CaseStatus.OPEN: CaseStatus.ASKED},
    Act.ANSWER: {CaseStatus.ASKED: CaseStatus.ASKED},
    Act.EXPLAIN: dict.fromkeys((CaseStatus.OPEN, CaseStatus.ASKED), CaseStatus.EXPLAINED),
    Act.CONFIRM: {CaseStatus.ASKED: CaseStatus.CONFIRMED},  # nobody is condemned unasked
    Act.CLOSE: dict.fromkeys((CaseStatus.EXPLAINED, CaseStatus.CONFIRMED), CaseStatus.CLOSED),
    Act.REOPEN: dict.fromkeys((CaseStatus.EXPLAINED, CaseStatus.CONFIRMED), CaseStatus.ASKED),
}
BY_ANOTHER = frozenset({Act.CLOSE, Act.REOPEN})


@dataclass(frozen=True, slots=True)
class ActFacts:
    """What decides about an act. `decided_by` is the officer who explained or confirmed it.

    `one_is_enough`: a demo, which has one person.
    """

    status: CaseStatus
    made_by: str
    note: str
    about: str  # an officer's id, when the case is about one
    decided_by: str | None
    answers: int
    one_is_enough: bool = False


def case_name(rule: str, kind: str, subject_id: str, period: str) -> str:
    """The id of the one case of a rule, subject and month."""
    text = f"{rule}\x1f{kind}\x1f{subject_id}\x1f{period}"
    return hashlib.sha256(text.encode()).hexdigest()[:SIGN_OF_AN_ID]


def after(act: Act, facts: ActFacts) -> CaseStatus | ActReason:
    """Where the case stands after an act, or the first reason against it."""
    following = FROM[act].get(facts.status)
    if following is None:
        return ActReason.WRONG_STATUS
    note = facts.note.strip()
    if not 1 <= len(note) <= NOTE_LENGTH_MAX:
        return ActReason.NOTE_MISSING
    if act is Act.ANSWER:
        return ActReason.TOO_MANY_ANSWERS if facts.answers >= ANSWERS_MAX else following
    if facts.about == facts.made_by:
        return ActReason.OWN_CASE
    if act in BY_ANOTHER and facts.made_by == facts.decided_by and not facts.one_is_enough:
        return ActReason.SECOND_PERSON_NEEDED
    return following


def acts_for(status: CaseStatus, *, answers_of_shop: bool) -> Collection[Act]:
    """What may come next, for buttons: a shop's owner answers, officers do the rest."""
    return [act for act in Act if status in FROM[act] and (act is Act.ANSWER) is answers_of_shop]
