"""Routes that enrol a face: an officer proposes, another decides, both within their region."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from pos_engine.rules.enrolment import Status
from pos_engine.rules.ids import new_uuid7
from pos_engine.services import enrolment_look as look
from pos_engine.services import enrolment_review as review
from pos_engine.services.enrolment import propose
from pos_engine.services.enrolment_factor import send_code
from pos_engine.services.proposal import Answered
from pos_engine.services.sessions import Role, Session
from pos_engine.store.enrolments import ENROLMENTS_LISTED_MAX
from pos_engine.web.auth import EngineHere, only
from pos_engine.web.enrolment_answers import (
    answer_json,
    must,
    refusal_json,
    row_json,
    shown_json,
)
from pos_engine.web.enrolment_bodies import ApproveIn, CodeAskIn, EnrolmentIn, NoteIn

router = APIRouter(prefix="/v1/enrolments", tags=["enrolments"])
OFFICERS = (Role.PENDAMPING, Role.DINSOS)
READERS = (*OFFICERS, Role.KEMENSOS, Role.AUDITOR)
Officer = Annotated[Session, Depends(only(*OFFICERS))]
Reader = Annotated[Session, Depends(only(*READERS))]
CURSOR = r"^[0-9a-f-]{0,64}$"


@router.post("")
def post_enrolment(
    engine: EngineHere, session: Officer, body: EnrolmentIn, response: Response
) -> dict[str, Any]:
    """Propose a face; or keep that the KPM said no. 201 when it was written now."""
    proposal = body.to_proposal(new_uuid7(engine.now()))
    answer = propose(engine, session, proposal)
    if not isinstance(answer, Answered):
        return refusal_json(proposal.enrolment_id, answer)
    response.status_code = HTTPStatus.CREATED if answer.new else HTTPStatus.OK
    return answer_json(answer)


@router.post("/codes")
def post_code(engine: EngineHere, session: Officer, body: CodeAskIn) -> dict[str, Any]:
    """Send the KPM a code by which she agrees to this enrolment."""
    sent = must(send_code(engine, session, body.enrolment_id, body.kpm_id))
    message = "Kode sudah dikirim ke HP KPM." if sent else "Kode belum bisa dikirim."
    next_step = "Masukkan 6 angka dari SMS." if sent else "Tunggu 10 menit, atau pakai PIN belanja."
    return {"sent": sent, "message": message, "next_step": next_step}


@router.get("")
def get_enrolments(
    engine: EngineHere,
    session: Reader,
    status: Status | None = None,
    limit: Annotated[int, Query(ge=1, le=ENROLMENTS_LISTED_MAX)] = ENROLMENTS_LISTED_MAX,
    cursor: Annotated[str, Query(pattern=CURSOR)] = "",
) -> dict[str, Any]:
    """The enrolments of the caller's region, by id; `cursor` is the `next` of the page before."""
    rows = look.listed(engine, session.region, status, limit, cursor)
    return {
        "enrolments": [row_json(row) for row in rows],
        "next": rows[-1].enrolment_id if len(rows) == limit else None,
    }


@router.get("/{enrolment_id}")
def get_enrolment(engine: EngineHere, session: Reader, enrolment_id: str) -> dict[str, Any]:
    """One enrolment with its look-alikes and its log; who they are is shown to DINSOS only."""
    shown = must(look.show(engine, session.region, enrolment_id))
    return shown_json(shown, named=session.role is Role.DINSOS)


@router.post("/{enrolment_id}/approve")
def post_approval(
    engine: EngineHere, session: Officer, enrolment_id: str, body: ApproveIn | None = None
) -> dict[str, Any]:
    """Approve as a second person, with one decision for each look-alike."""
    said = body.said() if body else {}
    return answer_json(must(review.approve(engine, session, enrolment_id, said)))


@router.post("/{enrolment_id}/refuse")
def post_refusal(
    engine: EngineHere, session: Officer, enrolment_id: str, body: NoteIn
) -> dict[str, Any]:
    """Refuse as a second person; nothing but this change is held."""
    return answer_json(must(review.refuse(engine, session, enrolment_id, body.note)))


@router.post("/{enrolment_id}/withdraw")
def post_withdrawal(
    engine: EngineHere, session: Officer, enrolment_id: str, body: NoteIn
) -> dict[str, Any]:
    """Take a proposal back, in its cool-down too."""
    return answer_json(must(review.withdraw(engine, session, enrolment_id, body.note)))
