"""Routes by which a KPM locks and unlocks her own face at a till."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends

from pos_engine.rules.reasons import Reason
from pos_engine.services.face_lock import Locked, lock_face, unlock_face
from pos_engine.services.sessions import Role, Session
from pos_engine.store.face_locks import Kind
from pos_engine.web.auth import EngineHere, only, place_of
from pos_engine.web.enrolment_bodies import FaceLockIn, FaceUnlockIn
from pos_engine.wire.enrolment import LOCK_WORDS
from pos_engine.wire.response import WORDINGS

router = APIRouter(prefix="/v1/faces", tags=["faces"])
AtTill = Annotated[Session, Depends(only(Role.KASIR, Role.PEMILIK))]
STATES = {Kind.LOCK: "LOCKED", Kind.UNLOCK: "OPEN", Kind.WITHDRAW: "WITHDRAWN"}


@router.post("/lock")
def post_lock(engine: EngineHere, session: AtTill, body: FaceLockIn) -> dict[str, Any]:
    """Her face stops working at once, and every proposal for it; other ways go on."""
    place = place_of(session, body.till_id)
    withdraw = body.reason == "WITHDRAW"
    return _json(lock_face(engine, session, place, body.payer.token, withdraw=withdraw))


@router.post("/unlock")
def post_unlock(engine: EngineHere, session: AtTill, body: FaceUnlockIn) -> dict[str, Any]:
    """Her locked face works again, proven by card and PIN or by a code."""
    place = place_of(session, body.till_id)
    return _json(unlock_face(engine, session, place, body.payer.token))


def _json(answer: Locked | Reason) -> dict[str, Any]:
    if isinstance(answer, Reason):
        wording = WORDINGS[answer]
        return {
            "status": "REFUSED",
            "reason": answer.value,
            "message": wording.sentence,
            "next_step": wording.next_step,
        }
    state = STATES[answer.kind]
    message, next_step = LOCK_WORDS[state]
    return {
        "status": state,
        "reason": None,
        "message": message,
        "next_step": next_step,
        "templates": answer.templates,
        "cancelled": answer.cancelled,
    }
