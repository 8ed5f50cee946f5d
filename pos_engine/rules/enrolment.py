"""May a face be enrolled, who must look at it, who may decide, and from when is it in force."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

PICTURES_MIN = 3
PICTURES_ADVISED = 5
PICTURES_MAX = 10
# Law 23/2006 Art. 63 (as changed by Law 24/2013): an electronic KTP is for citizens of 17 and more.
ADULT_YEARS = 17
COOL_DOWN = timedelta(hours=72)
CAPTURE_TIME_MAX = timedelta(hours=1)
CAPTURE_AGE_MAX = timedelta(days=1)
CLOCK_SKEW_MAX = timedelta(minutes=2)
# A staff face stops an enrolment when a stranger would be hit less often than this in all staff
# together; what is less sure goes to a person, or ten thousand staff would stop everybody.
STAFF_FALSE_STOP_MAX = 0.01


class Status(StrEnum):
    """Where an enrolment stands. APPROVED waits for its cool-down, IN_FORCE is searched."""

    PROPOSED = "PROPOSED"
    REVIEW = "REVIEW"
    APPROVED = "APPROVED"
    IN_FORCE = "IN_FORCE"
    REPLACED = "REPLACED"
    DECLINED_BY_KPM = "DECLINED_BY_KPM"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"
    CANCELLED = "CANCELLED"


OPEN = frozenset({Status.PROPOSED, Status.REVIEW, Status.APPROVED})


class EnrolmentReason(StrEnum):
    """Why an enrolment is refused; for a proposal the first that holds, in this order."""

    NOT_FOUND = "NOT_FOUND"
    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"
    FACES_OFF = "FACES_OFF"
    BIRTH_DATE_UNKNOWN = "BIRTH_DATE_UNKNOWN"
    MINOR = "MINOR"
    PLACE_OUTSIDE = "PLACE_OUTSIDE"
    TIMES_WRONG = "TIMES_WRONG"
    TOO_FEW_PICTURES = "TOO_FEW_PICTURES"
    ALREADY_OPEN = "ALREADY_OPEN"
    FACTOR_MISSING = "FACTOR_MISSING"
    PIN_WRONG = "PIN_WRONG"
    PIN_BLOCKED = "PIN_BLOCKED"
    CODE_WRONG = "CODE_WRONG"
    CODE_EXPIRED = "CODE_EXPIRED"
    TWO_PEOPLE = "TWO_PEOPLE"
    PICTURES_UNUSABLE = "PICTURES_UNUSABLE"
    STAFF_FACE = "STAFF_FACE"
    WRONG_STATUS = "WRONG_STATUS"
    SECOND_PERSON_NEEDED = "SECOND_PERSON_NEEDED"
    ROLE_NOT_ALLOWED = "ROLE_NOT_ALLOWED"
    DECISIONS_MISSING = "DECISIONS_MISSING"
    SAME_PERSON = "SAME_PERSON"
    BY_OFFICER = "BY_OFFICER"


# Other pictures, taken now, may do: the only refusals that ask for another capture.
RETAKE = frozenset(
    {
        EnrolmentReason.TOO_FEW_PICTURES,
        EnrolmentReason.TWO_PEOPLE,
        EnrolmentReason.PICTURES_UNUSABLE,
    }
)


class Decision(StrEnum):
    """What a person says of one look-alike. SAME_PERSON holds this change and nothing else."""

    DIFFERENT_PERSON = "DIFFERENT_PERSON"
    TWIN = "TWIN"
    SAME_PERSON = "SAME_PERSON"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why not, and which part of the request it is about."""

    reason: EnrolmentReason
    field: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ProposalFacts:
    """What decides whether a proposal may go on to the pictures. `day` is the place's own."""

    faces_on: bool
    birth_date: date | None
    day: date
    place_in_scope: bool
    pictures: int
    started_at: datetime
    finished_at: datetime
    now: datetime
    already_open: bool


@dataclass(frozen=True, slots=True)
class ApprovalFacts:
    """What decides who may approve or refuse. `findings` are the numbers of the look-alikes."""

    status: Status
    proposed_by: str
    decided_by: str
    may_review: bool
    findings: Collection[int]


def age_on(day: date, birth_date: date) -> int:
    """Full years; who is born on 29 February is a year older on 1 March."""
    before_birthday = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before_birthday


def may_propose(facts: ProposalFacts) -> Refusal | None:
    """The first reason against a proposal, or None."""
    born, wrong_time = facts.birth_date, _wrong_time(facts)
    checks = (
        (not facts.faces_on, EnrolmentReason.FACES_OFF, ""),
        (born is None, EnrolmentReason.BIRTH_DATE_UNKNOWN, "person_id"),
        (
            born is not None and age_on(facts.day, born) < ADULT_YEARS,
            EnrolmentReason.MINOR,
            "person_id",
        ),
        (not facts.place_in_scope, EnrolmentReason.PLACE_OUTSIDE, "place.region"),
        (wrong_time is not None, EnrolmentReason.TIMES_WRONG, wrong_time or ""),
        (facts.pictures < PICTURES_MIN, EnrolmentReason.TOO_FEW_PICTURES, "images"),
        (facts.already_open, EnrolmentReason.ALREADY_OPEN, "person_id"),
    )
    return next((Refusal(reason, field) for holds, reason, field in checks if holds), None)


def _wrong_time(facts: ProposalFacts) -> str | None:
    """The field that no honest capture would carry."""
    if facts.finished_at > facts.now + CLOCK_SKEW_MAX:
        return "finished_at"
    if facts.finished_at < facts.now - CAPTURE_AGE_MAX:
        return "finished_at"
    length = facts.finished_at - facts.started_at
    return None if timedelta(0) <= length <= CAPTURE_TIME_MAX else "started_at"


def in_scope(own: str | None, region: str) -> bool:
    """Is a region inside an officer's own; without one she works for the nation."""
    return own is None or region == own or region.startswith(f"{own}.")


def staff_stops(score: float, accept: float, false_stops: float) -> bool:
    """Is a staff member's face so sure that nobody needs to look. `false_stops`: of strangers."""
    return score >= accept and false_stops <= STAFF_FALSE_STOP_MAX


def first_status(findings: int, likeness_to_old: float | None, accept: float) -> Status:
    """A proposal that nobody else looks like, and that looks like her own old face, is plain."""
    unlike_herself = likeness_to_old is not None and likeness_to_old < accept
    return Status.REVIEW if findings or unlike_herself else Status.PROPOSED


def may_decide(facts: ApprovalFacts) -> Refusal | None:
    """The first reason against this officer's decision, whatever it is."""
    if facts.status not in (Status.PROPOSED, Status.REVIEW):
        return Refusal(EnrolmentReason.WRONG_STATUS)
    if facts.decided_by == facts.proposed_by:
        return Refusal(EnrolmentReason.SECOND_PERSON_NEEDED)
    if facts.status is Status.REVIEW and not facts.may_review:
        return Refusal(EnrolmentReason.ROLE_NOT_ALLOWED)
    return None


def may_approve(facts: ApprovalFacts, decisions: Mapping[int, Decision]) -> Refusal | None:
    """The first reason against an approval: each look-alike needs its own decision."""
    refusal = may_decide(facts)
    if refusal is None and set(decisions) != set(facts.findings):
        return Refusal(EnrolmentReason.DECISIONS_MISSING, "decisions")
    return refusal


def is_duplicate(decisions: Mapping[int, Decision]) -> bool:
    """Does a person say that she is enrolled in another family: the change is held."""
    return Decision.SAME_PERSON in decisions.values()


def effective_at(now: datetime, *, replaces: bool) -> datetime:
    """A first face at once; a replacement after the cool-down, in which she can object."""
    return now + COOL_DOWN if replaces else now
