"""Routes of purchases that two people vouch for, and of the cases that DINSOS looks at."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from pos_engine.services import supervise_confirm
from pos_engine.services.cases import close_case, list_cases
from pos_engine.services.payer import Place
from pos_engine.services.sessions import Role, Session, shop_scope
from pos_engine.services.supervise import ask_supervision
from pos_engine.services.supervise_look import list_waiting, look
from pos_engine.services.tokens import sign_payer_token
from pos_engine.store.aid_cases import CASES_LISTED_MAX
from pos_engine.web.auth import EngineHere, TillSession, only, place_of
from pos_engine.web.people_answers import (
    case_json,
    must,
    seen_json,
    supervision_json,
    waiting_json,
)
from pos_engine.web.people_bodies import CaseIn, CaseStatus, OfficerPinIn, SupervisionIn
from pos_engine.web.problem import ProblemError

router = APIRouter(prefix="/v1", tags=["people"])
Officer = Annotated[Session, Depends(only(Role.PENDAMPING, Role.DINSOS))]
Dinsos = Annotated[Session, Depends(only(Role.DINSOS))]
Reader = Annotated[Session, Depends(only(Role.DINSOS, Role.KEMENSOS, Role.AUDITOR))]
CURSOR = r"^[0-9a-z:-]{0,64}$"


@router.post("/supervisions")
def post_supervision(
    engine: EngineHere, session: TillSession, body: SupervisionIn
) -> dict[str, Any]:
    """Ask an officer to vouch for a family together with the shop; nothing is bought yet."""
    place = place_of(session, body.till_id)
    return supervision_json(must(ask_supervision(engine, session, place, body.to_order())))


@router.get("/supervisions")
def get_supervisions(engine: EngineHere, session: Officer) -> dict[str, Any]:
    """What waits for an officer of the caller's region, the most urgent first."""
    rows = list_waiting(engine, session.region)
    return {"supervisions": [waiting_json(each) for each in rows]}


@router.get("/supervisions/{supervision_id}")
def get_supervision(
    engine: EngineHere, session: TillSession, supervision_id: str
) -> dict[str, Any]:
    """How far it is, for the till that asked; with a payer token once two people vouched."""
    scope = shop_scope(session)
    if scope is None:
        raise ProblemError(HTTPStatus.FORBIDDEN, "OTHER_TILL", "Sesi ini tidak punya kasir.")
    seen = must(look(engine, Place(*scope), supervision_id))
    return seen_json(seen, sign_payer_token(engine.keys, seen.token) if seen.token else None)


@router.post("/supervisions/{supervision_id}/confirm")
def post_confirmation(
    engine: EngineHere, session: Officer, supervision_id: str, body: OfficerPinIn
) -> dict[str, Any]:
    """Vouch as the second person, with the own PIN; above a quota DINSOS has a case."""
    pin = body.pin.get_secret_value()
    row = supervise_confirm.confirm_supervision(engine, session, supervision_id, pin)
    return waiting_json(must(row))


@router.post("/supervisions/{supervision_id}/refuse")
def post_refusal(engine: EngineHere, session: Officer, supervision_id: str) -> dict[str, Any]:
    """The officer does not know her: the till asks somebody else."""
    row = supervise_confirm.refuse_supervision(engine, session, supervision_id)
    return waiting_json(must(row))


@router.get("/cases")
def get_cases(
    engine: EngineHere,
    session: Reader,
    status: CaseStatus = "OPEN",
    cursor: Annotated[str, Query(pattern=CURSOR)] = "",
) -> dict[str, Any]:
    """Cases of the caller's region, by id; `cursor` is the `next` of the page before."""
    rows = list_cases(engine, session.region, status, cursor)
    return {
        "cases": [case_json(each) for each in rows],
        "next": rows[-1].case_id if len(rows) == CASES_LISTED_MAX else None,
    }


@router.post("/cases/{case_id}/close")
def post_close(engine: EngineHere, session: Dinsos, case_id: str, body: CaseIn) -> dict[str, Any]:
    """Say what there was; not by somebody who vouched in it."""
    case = close_case(engine, session, case_id, body.note)
    if case is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Kasus ini tidak ada untuk Anda.")
    return case_json(case)
