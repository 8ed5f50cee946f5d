"""Routes of a shop's owner: what she was asked about her shop, and her answer."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from pydantic import Field, StrictStr

from pos_engine.lake.anomalies import load_rules
from pos_engine.rules.anomaly_case import NOTE_LENGTH_MAX, Act, ActReason
from pos_engine.services import anomaly_cases
from pos_engine.services.anomaly_words import REFUSED, STATUS
from pos_engine.services.sessions import Role, Session, shop_scope
from pos_engine.store.anomalies import Case, Step
from pos_engine.web.auth import EngineHere, only
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import Uuid7
from pos_engine.web.strict import Strict

router = APIRouter(prefix="/v1/anomalies", tags=["fraud cases"])
OwnerSession = Annotated[Session, Depends(only(Role.PEMILIK))]
CaseId = Annotated[str, Path(pattern=r"^[0-9a-f]{32}$")]
HTTP_OF = {ActReason.NOT_FOUND: HTTPStatus.NOT_FOUND}


class AnswerIn(Strict):
    """What the owner says; `answer_id` makes it once."""

    answer_id: Uuid7
    text: Annotated[StrictStr, Field(min_length=1, max_length=NOTE_LENGTH_MAX)]


@router.get("")
def list_asked(engine: EngineHere, session: OwnerSession) -> dict[str, Any]:
    """What officers asked about this shop, with what was answered; no score."""
    scope = shop_scope(session)
    found = anomaly_cases.asked_of_shop(engine, scope[0]) if scope else []
    _, rules = load_rules()
    titles = {name: each.title for name, each in rules.items()}
    return {"cases": [_said(case, steps, titles.get(case.rule, "")) for case, steps in found]}


@router.post(
    "/{case_id}/answers",
    responses={404: {"description": "NOT_FOUND"}, 409: {"description": "WRONG_STATUS, ..."}},
)
def answer(
    engine: EngineHere, session: OwnerSession, case_id: CaseId, body: AnswerIn
) -> dict[str, Any]:
    """The owner's answer to what she was asked. Sent twice it is kept once."""
    done = anomaly_cases.act(engine, session, case_id, body.answer_id, Act.ANSWER, body.text)
    if isinstance(done, ActReason):
        status = HTTP_OF.get(done, HTTPStatus.CONFLICT)
        raise ProblemError(status, done.value, REFUSED[done])
    return {"case_id": case_id, "status": done.status.value}


def _said(case: Case, steps: list[Step], title: str) -> dict[str, Any]:
    """For the shop: the question and the answers, nothing of peers or scores."""
    return {
        "case_id": case.case_id,
        "month": case.period,
        "title": title,
        "what": case.sentence,
        "status": case.status.value,
        "status_text": STATUS[case.status],
        "questions": [each.note for each in steps if each.kind == Act.ASK.value],
        "answers": [each.note for each in steps if each.kind == Act.ANSWER.value],
    }
