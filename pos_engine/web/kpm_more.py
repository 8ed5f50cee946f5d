"""On the KPM's page: what she bought, her cards, shops and prices near her."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.rules.card import CardState
from pos_engine.services.kpm_lookups import seen_lookups
from pos_engine.services.kpm_view import PAGES_MAX, cards_of, history_of, stop_card
from pos_engine.services.near_shops import near
from pos_engine.store.kpm_sessions import Visit
from pos_engine.web.auth import EngineHere
from pos_engine.web.kpm_visit import HOME, FormKey, VisitHere, acting, show, to_home

router = APIRouter(prefix=HOME, include_in_schema=False, default_response_class=HTMLResponse)
CARD_WORDS = {
    CardState.ISSUED: "belum diserahkan",
    CardState.UNDISTRIBUTED: "belum diserahkan",
    CardState.DISTRIBUTED: "menunggu PIN belanja",
    CardState.ACTIVE: "bisa dipakai",
    CardState.BLOCKED_PIN: "berhenti karena PIN salah 3 kali",
    CardState.BLOCKED: "diblokir",
}
STOPS = {"hilang": CardState.LOST, "tertelan": CardState.SWALLOWED}


@router.get("/riwayat")
def history(
    request: Request,
    engine: EngineHere,
    visit: VisitHere,
    page: Annotated[int, Query(alias="hal", ge=1, le=PAGES_MAX)] = 1,
) -> Response:
    """What she bought, good by good."""
    if visit is None or not visit.full:
        return to_home()
    shown, more = history_of(engine, visit.kpm_id, page)
    return show(request, engine, "history", visit, purchases=shown, more=more, page=page)


@router.get("/pencarian")
def lookups(request: Request, engine: EngineHere, visit: VisitHere) -> Response:
    """Who looked for her at a till, whether she bought or not."""
    if visit is None or not visit.full:
        return to_home()
    found = seen_lookups(engine, visit.kpm_id)
    return show(request, engine, "lookups", visit, found=found)


@router.get("/warung")
def shops_near(request: Request, engine: EngineHere, visit: VisitHere) -> Response:
    """Shops near her, and the highest prices that hold there."""
    if visit is None:
        return to_home()
    return show(request, engine, "shops", visit, near=near(engine, visit.kpm_id))


@router.get("/kartu")
def cards(request: Request, engine: EngineHere, visit: VisitHere) -> Response:
    """Her cards, each with a way to stop it."""
    if visit is None or not visit.full:
        return to_home()
    return _cards(request, engine, visit)


@router.post("/kartu")
def stop(
    request: Request,
    engine: EngineHere,
    visit: VisitHere,
    key: FormKey,
    card_id: Annotated[str, Form(alias="kartu", max_length=64)],
    what: Annotated[str, Form(alias="sebab", max_length=16)],
) -> Response:
    """Stop a lost or swallowed card at once; the money stays."""
    who, state = acting(engine, visit, key), STOPS.get(what)
    if who is None or state is None:
        return to_home()
    stopped = stop_card(engine, who.kpm_id, card_id, state)
    return _cards(request, engine, who, stopped=stopped)


def _cards(
    request: Request, engine: EngineHere, visit: Visit, *, stopped: bool = False
) -> Response:
    found = cards_of(engine, visit.kpm_id)
    shown = [(each, CARD_WORDS[CardState(each.status)]) for each in found]
    return show(request, engine, "cards", visit, cards=shown, stopped=stopped)
