"""How people who stand in for others are told: as JSON, with masked names and never a number."""

from http import HTTPStatus
from typing import Any, TypeVar

from pos_engine.rules.delegation import DelegationReason, DelegationRefusal
from pos_engine.rules.identity import masked_name
from pos_engine.rules.supervision import CaseReason, SupervisionReason, SupervisionRefusal
from pos_engine.services.supervise_look import Seen
from pos_engine.store.aid_cases import AidCase
from pos_engine.store.delegations import Delegation
from pos_engine.store.supervisions import Supervision
from pos_engine.web.problem import ProblemError
from pos_engine.wire.people import CASE_WORDS, DELEGATION_WORDS, SUPERVISION_WORDS

Good = TypeVar("Good")
Refusal = DelegationRefusal | SupervisionRefusal
# Faults of the caller are problems; the rest is an answer, so that the person can be told.
PROBLEMS = {
    "NOT_FOUND": HTTPStatus.NOT_FOUND,
    "DUPLICATE_DIFFERENT": HTTPStatus.CONFLICT,
    "WRONG_STATUS": HTTPStatus.CONFLICT,
    "SECOND_PERSON_NEEDED": HTTPStatus.FORBIDDEN,
    "OWN_FAMILY": HTTPStatus.FORBIDDEN,
    "STAFF_PIN_WRONG": HTTPStatus.FORBIDDEN,
    "STAFF_PIN_BLOCKED": HTTPStatus.FORBIDDEN,
}


def must(answer: Good | Refusal) -> Good:
    """The answer, or its refusal as a problem; what is no fault of the caller's is 409 too."""
    if isinstance(answer, DelegationRefusal | SupervisionRefusal):
        status = PROBLEMS.get(answer.reason.value, HTTPStatus.CONFLICT)
        sentence, next_step = _words(answer.reason)
        detail = f"{sentence} {next_step}"
        raise ProblemError(status, answer.reason.value, detail, answer.field or None)
    return answer


def refused_json(refusal: DelegationRefusal) -> dict[str, Any]:
    """A delegation that is not to be: why, and what to do."""
    if refusal.reason.value in PROBLEMS:
        must(refusal)
    sentence, next_step = _words(refusal.reason)
    return {
        "status": "REFUSED_NOW",
        "reason": refusal.reason.value,
        "field": refusal.field or None,
        "message": sentence,
        "next_step": next_step,
    }


def _words(reason: DelegationReason | SupervisionReason) -> tuple[str, str]:
    if isinstance(reason, DelegationReason):
        return DELEGATION_WORDS[reason]
    return SUPERVISION_WORDS[reason]


def delegation_json(row: Delegation) -> dict[str, Any]:
    """A delegation as officers see it. `person_id` is where her face is enrolled."""
    return {
        "delegation_id": row.delegation_id,
        "kpm_id": row.kpm_id,
        "person_id": row.delegate_person_id,
        "person_kpm_id": row.delegate_kpm_id,
        "name": masked_name(row.name),
        "status": row.status.value,
        "expires_on": row.expires_on.isoformat(),
        "proposed_by": row.proposed_by,
        "decided_by": row.decided_by,
        "ended_by": row.ended_by,
    }


def supervision_json(row: Supervision) -> dict[str, Any]:
    """A supervision without the family: what the till sees while it waits."""
    return {
        "supervision_id": row.supervision_id,
        "status": row.status.value,
        "amount": row.amount,
        "no_other_way": row.no_other_way,
        "asked_at": row.asked_at.isoformat(timespec="seconds"),
        "expires_at": row.expires_at.isoformat(timespec="seconds"),
    }


def waiting_json(row: Supervision) -> dict[str, Any]:
    """The same for the officer who is to say whether she knows the family."""
    return supervision_json(row) | {
        "kpm_id": row.kpm_id,
        "region": row.region,
        "shop_id": row.shop_id,
        "asked_by": row.asked_by,
    }


def seen_json(seen: Seen, token: str | None) -> dict[str, Any]:
    """The same with the payer token, once two people vouched."""
    expires = seen.token.expires_at.isoformat(timespec="seconds") if seen.token else None
    return supervision_json(seen.supervision) | {
        "payer_token": token,
        "token_expires_at": expires,
        "name": seen.name,
    }


def case_json(case: AidCase) -> dict[str, Any]:
    """A case with its reasons as codes and as words."""
    reasons = [CaseReason(each) for each in case.reasons.split()]
    return {
        "case_id": case.case_id,
        "status": case.status,
        "reasons": [each.value for each in reasons],
        "message": "; ".join(CASE_WORDS[each] for each in reasons),
        "region": case.region,
        "shop_id": case.shop_id,
        "kpm_id": case.kpm_id,
        "supervision_id": case.supervision_id,
        "opened_at": case.opened_at.isoformat(timespec="seconds"),
        "closed_by": case.closed_by,
        "note": case.note,
    }
