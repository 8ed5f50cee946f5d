"""How an enrolment is told: as JSON, with other families' names for the reviewer only."""

from datetime import datetime
from http import HTTPStatus
from typing import Any, TypeVar

from pos_engine.rules.enrolment import RETAKE, EnrolmentReason, Refusal
from pos_engine.services.enrolment_look import Shown
from pos_engine.services.proposal import Answered
from pos_engine.store.enrolment_findings import Event, Finding
from pos_engine.store.enrolments import Enrolment
from pos_engine.web.problem import ProblemError
from pos_engine.wire.enrolment import REASON_WORDS, STATUS_WORDS

Good = TypeVar("Good")
# Faults of the caller are problems; what is refused for a reason of the KPM's is an answer.
PROBLEMS = {
    EnrolmentReason.NOT_FOUND: HTTPStatus.NOT_FOUND,
    EnrolmentReason.DUPLICATE_DIFFERENT: HTTPStatus.CONFLICT,
    EnrolmentReason.WRONG_STATUS: HTTPStatus.CONFLICT,
    EnrolmentReason.SECOND_PERSON_NEEDED: HTTPStatus.FORBIDDEN,
    EnrolmentReason.ROLE_NOT_ALLOWED: HTTPStatus.FORBIDDEN,
    EnrolmentReason.DECISIONS_MISSING: HTTPStatus.UNPROCESSABLE_ENTITY,
}
SCORE_DIGITS = 2  # a finer score would help somebody to tune a picture


def must(answer: Good | Refusal) -> Good:
    """The answer, or its refusal as a problem."""
    if isinstance(answer, Refusal):
        raise problem_of(answer)
    return answer


def problem_of(refusal: Refusal) -> ProblemError:
    """A fault of the caller."""
    sentence, next_step = REASON_WORDS[refusal.reason]
    status = PROBLEMS[refusal.reason]
    return ProblemError(
        status, refusal.reason.value, f"{sentence} {next_step}", refusal.field or None
    )


def refusal_json(enrolment_id: str, refusal: Refusal) -> dict[str, Any]:
    """A proposal that was not written: the same id may be sent again."""
    if refusal.reason in PROBLEMS:
        raise problem_of(refusal)
    sentence, next_step = REASON_WORDS[refusal.reason]
    return {
        "enrolment_id": enrolment_id,
        "status": "RETAKE" if refusal.reason in RETAKE else "REFUSED",
        "reason": refusal.reason.value,
        "field": refusal.field or None,
        "message": f"{sentence} {refusal.hint}".strip(),
        "next_step": next_step,
        "quality": None,
        "pictures": None,
        "findings": [],
        "effective_at": None,
    }


def answer_json(answer: Answered) -> dict[str, Any]:
    """An enrolment as the officer who acted sees it."""
    row = answer.enrolment
    reason = EnrolmentReason(row.reason) if row.reason else None
    sentence, next_step = REASON_WORDS[reason] if reason else STATUS_WORDS[row.status]
    return {
        "enrolment_id": row.enrolment_id,
        "status": row.status.value,
        "reason": row.reason,
        "message": sentence,
        "next_step": next_step,
        "quality": row.quality,
        "pictures": row.pictures,
        "findings": [_finding_json(each) for each in answer.findings],
        "effective_at": _moment(row.effective_at),
    }


def row_json(row: Enrolment) -> dict[str, Any]:
    """An enrolment in a list."""
    return {
        "enrolment_id": row.enrolment_id,
        "kpm_id": row.kpm_id,
        "person_id": row.person_id,
        "region": row.region,
        "status": row.status.value,
        "reason": row.reason,
        "quality": row.quality,
        "pictures": row.pictures,
        "proposed_by": row.proposed_by,
        "proposed_at": _moment(row.proposed_at),
        "decided_by": row.decided_by,
        "decided_at": _moment(row.decided_at),
        "effective_at": _moment(row.effective_at),
    }


def shown_json(shown: Shown, *, named: bool) -> dict[str, Any]:
    """One enrolment with everything that proves its honesty."""
    row = shown.enrolment
    return row_json(row) | {
        "consent": {
            "text_version": row.consent_text,
            "language": row.consent_language,
            "witness": row.consent_witness,
        },
        "place": {"region": row.place_region, "shop_id": row.place_shop_id},
        "factor": row.factor,
        "started_at": _moment(row.started_at),
        "finished_at": _moment(row.finished_at),
        "likeness_to_old": _score(row.likeness_to_old),
        "searched": {"families": row.searched_families, "templates": row.searched_templates},
        "findings": [_named_json(shown, each, named=named) for each in shown.findings],
        "events": [_event_json(each) for each in shown.events],
    }


def _finding_json(finding: Finding) -> dict[str, Any]:
    return {
        "finding": finding.number,
        "source": finding.source,
        "score": _score(finding.score),
        "fpir_estimate": finding.fpir_estimate,
        "decision": finding.decision,
    }


def _named_json(shown: Shown, finding: Finding, *, named: bool) -> dict[str, Any]:
    if not named:
        return _finding_json(finding)
    other = shown.others.get(finding.person_id)
    return _finding_json(finding) | {
        "note": finding.note,
        "template_id": finding.template_id,
        "kpm_id": finding.kpm_id,
        "person_id": finding.person_id,
        "name": other.name if other else None,
        "region": other.region if other else None,
    }


def _event_json(event: Event) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "reason": event.reason,
        "staff_id": event.staff_id,
        "role": event.role,
        "device_id": event.device_id,
        "note": event.note,
        "at": _moment(event.at),
    }


def _moment(value: datetime | None) -> str | None:
    return value.isoformat(timespec="seconds") if value else None


def _score(value: float | None) -> float | None:
    return round(value, SCORE_DIGITS) if value is not None else None
