"""Routes of the cards: look a family's up, stop one at once."""

from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query

from pos_engine.rules.card import CardState
from pos_engine.services import cards
from pos_engine.services.install import Refused
from pos_engine.services.sessions import Role, Session
from pos_engine.web.auth import EngineHere, only
from pos_engine.web.problem import ProblemError
from pos_engine.web.strict import Strict

router = APIRouter(prefix="/v1/cards", tags=["cards"])
KPM_ID = r"^[\x21-\x7e]{1,64}$"
Officer = Annotated[Session, Depends(only(Role.PENDAMPING, Role.DINSOS))]


class BlockIn(Strict):
    """What happened to the card."""

    kind: Literal["LOST", "SWALLOWED", "BLOCKED"]


@router.get("")
def get_cards(
    engine: EngineHere, session: Officer, kpm_id: Annotated[str, Query(pattern=KPM_ID)]
) -> dict[str, Any]:
    """A family's cards within the caller's region; four digits, never a number."""
    rows = cards.list_cards(engine, kpm_id=kpm_id, region=session.region)
    return {
        "cards": [
            {
                "card_id": each.card_id,
                "kpm_id": each.kpm_id,
                "last4": each.last4,
                "state": each.status,
                "reason": each.reason,
            }
            for each in rows
        ]
    }


@router.post("/{card_id}/block")
def post_block(engine: EngineHere, session: Officer, card_id: str, body: BlockIn) -> dict[str, Any]:
    """Stop a card at once. The same again is the same answer; the money stays."""
    state = CardState(body.kind)
    done = cards.block(engine, card_id, state, session.staff_id, session.region)
    if isinstance(done, Refused):
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Kartu ini tidak ada.")
    return {
        "card_id": card_id,
        "state": done.value,
        "message": "Kartu sudah berhenti. Bantuan tetap utuh.",
        "next_step": "Belanja tetap bisa dengan HP, wajah, atau KTP. Kartu baru lewat pendamping.",
    }
