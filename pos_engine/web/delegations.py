"""Routes of delegates and access classes: officers of the family's region, two for a delegate."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query

from pos_engine.rules.delegation import DelegationRefusal
from pos_engine.services import delegates
from pos_engine.services.access import set_access
from pos_engine.services.sessions import Role, Session
from pos_engine.store.delegations import Delegation
from pos_engine.web.auth import EngineHere, only
from pos_engine.web.people_answers import delegation_json, refused_json
from pos_engine.web.people_bodies import AccessIn, DelegationIn
from pos_engine.web.problem import ProblemError

router = APIRouter(prefix="/v1", tags=["people"])
KPM_ID = r"^[\x21-\x7e]{1,64}$"
Officer = Annotated[Session, Depends(only(Role.PENDAMPING, Role.DINSOS))]


@router.post("/delegations")
def post_delegation(engine: EngineHere, session: Officer, body: DelegationIn) -> dict[str, Any]:
    """Propose somebody who buys for a family; the family is told."""
    return _json(delegates.propose_delegate(engine, session, body.to_order()))


@router.get("/delegations")
def get_delegations(
    engine: EngineHere,
    session: Officer,
    kpm_id: Annotated[str | None, Query(pattern=KPM_ID)] = None,
) -> dict[str, Any]:
    """The delegates of the caller's region, or of one family within it, the newest first."""
    rows = delegates.list_delegates(engine, session.region, kpm_id)
    return {"delegations": [delegation_json(each) for each in rows]}


@router.post("/delegations/{delegation_id}/approve")
def post_approval(engine: EngineHere, session: Officer, delegation_id: str) -> dict[str, Any]:
    """Approve as a second person; a third family of one delegate by DINSOS only."""
    return _json(delegates.approve_delegate(engine, session, delegation_id))


@router.post("/delegations/{delegation_id}/end")
def post_end(engine: EngineHere, session: Officer, delegation_id: str) -> dict[str, Any]:
    """Refuse a proposal, or end a delegation at once; one officer is enough."""
    return _json(delegates.end_delegate(engine, session, delegation_id))


def _json(answer: Delegation | DelegationRefusal) -> dict[str, Any]:
    if isinstance(answer, DelegationRefusal):
        return refused_json(answer)
    return delegation_json(answer)


@router.put("/access")
def put_access(engine: EngineHere, session: Officer, body: AccessIn) -> dict[str, Any]:
    """What a person told (no face, no phone, blind, deaf, bedridden): her way is opened first."""
    kept = set_access(engine, session, body.kpm_id, body.person_id, body.classes)
    if kept is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Orang ini tidak ada di sini.")
    return {"kpm_id": body.kpm_id, "person_id": body.person_id, "classes": list(kept)}
