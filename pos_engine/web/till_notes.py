"""The routes by which a till tells whom it could not serve, and how cards came to it."""

from http import HTTPStatus

from fastapi import APIRouter, Response

from pos_engine.rules.ids import PurchaseId
from pos_engine.rules.turned_away import CardNote, WhyNot
from pos_engine.services.payer import Place
from pos_engine.services.sessions import Session, shop_scope
from pos_engine.services.till_notes import tell_card_note, tell_turned_away
from pos_engine.web.auth import EngineHere, TillSession
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import Moment, Uuid7
from pos_engine.web.strict import Strict

router = APIRouter(prefix="/v1", tags=["till notes"])


class TurnedAwayIn(Strict):
    """A family that could not be served; `occurred_at` by the tablet's clock."""

    note_id: Uuid7
    reason: WhyNot
    occurred_at: Moment


class CardNoteIn(Strict):
    """How a card came to the till: its number typed, or in whose hands it was."""

    note_id: Uuid7
    kind: CardNote
    occurred_at: Moment
    purchase_id: Uuid7 | None = None


@router.post("/turned-away", status_code=HTTPStatus.NO_CONTENT)
def post_turned_away(engine: EngineHere, session: TillSession, body: TurnedAwayIn) -> Response:
    """One tap of the cashier; it names nobody. Told again it is the same note."""
    place = _place(session)
    tell_turned_away(engine, session, place, body.note_id, body.reason, body.occurred_at)
    return Response(status_code=HTTPStatus.NO_CONTENT)


@router.post("/card-notes", status_code=HTTPStatus.NO_CONTENT)
def post_card_note(engine: EngineHere, session: TillSession, body: CardNoteIn) -> Response:
    """A card that was typed or held by somebody else; the sale goes on."""
    place, purchase_id = _place(session), body.purchase_id
    tell_card_note(
        engine,
        session,
        place,
        body.note_id,
        body.kind,
        body.occurred_at,
        PurchaseId(purchase_id) if purchase_id else None,
    )
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _place(session: Session) -> Place:
    scope = shop_scope(session)
    if scope is None:
        raise ProblemError(HTTPStatus.FORBIDDEN, "OTHER_TILL", "Sesi ini tidak punya kasir.")
    return Place(*scope)
