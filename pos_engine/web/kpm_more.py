"""On the KPM's page: what she bought, her cards, shops and prices near her, a report."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.rules.card import CardState
from pos_engine.rules.ids import new_uuid7, parse_uuid7
from pos_engine.services.kpm_complaints import (
    WORDS_LENGTH_MAX,
    Problem,
    Report,
    complain,
    open_numbers,
)
from pos_engine.services.kpm_view import PAGES_MAX, cards_of, history_of, stop_card
from pos_engine.services.near_shops import near
from pos_engine.store.kpm_sessions import Visit
from pos_engine.web.auth import EngineHere
from pos_engine.web.kpm_visit import HOME, FormKey, VisitHere, acting, show, to_home

router = APIRouter(prefix=HOME, include_in_schema=False, default_response_class=HTMLResponse)
PROBLEMS = {
    Problem.BALANCE: "Saldo kosong atau kurang",
    Problem.PRICE: "Harga terlalu mahal atau barang kurang baik",
    Problem.FORCED: "Dipaksa membeli paket atau diminta biaya",
    Problem.NOT_ME: "Ada belanja yang bukan saya",
    Problem.CARD: "Kartu, PIN, atau nomor HP",
    Problem.OTHER: "Lainnya",
}
CARD_WORDS = {
    CardState.ISSUED: "belum diserahkan",
    CardState.UNDISTRIBUTED: "belum diserahkan",
    CardState.DISTRIBUTED: "menunggu PIN belanja",
    CardState.ACTIVE: "bisa dipakai",
    CardState.BLOCKED_PIN: "berhenti karena PIN salah 3 kali",
    CardState.BLOCKED: "diblokir",
}
STOPS = {"hilang": CardState.LOST, "tertelan": CardState.SWALLOWED}
TOO_MANY = "Laporan sebelumnya masih diperiksa petugas. Tunggu kabarnya dahulu."
Words = Annotated[str, Form(alias="cerita", max_length=WORDS_LENGTH_MAX)]


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


@router.get("/lapor")
def problem(
    request: Request,
    engine: EngineHere,
    visit: VisitHere,
    purchase_id: Annotated[str, Query(alias="belanja", max_length=36)] = "",
) -> Response:
    """What is wrong; about one purchase when she comes from there."""
    if visit is None or not visit.full:
        return to_home()
    return show(
        request,
        engine,
        "report",
        visit,
        problems=PROBLEMS,
        report_id=new_uuid7(engine.now()),
        purchase_id=parse_uuid7(purchase_id) or "",
        open=open_numbers(engine, visit.kpm_id),
    )


@router.post("/lapor")
def report(
    request: Request,
    engine: EngineHere,
    visit: VisitHere,
    key: FormKey,
    kind: Annotated[Problem, Form(alias="masalah")],
    report_id: Annotated[str, Form(alias="nomor", max_length=36)],
    words: Words = "",
    purchase_id: Annotated[str, Form(alias="belanja", max_length=36)] = "",
) -> Response:
    """Keep it and say its number; sent twice it is one report."""
    who, known_as = acting(engine, visit, key), parse_uuid7(report_id)
    if who is None or known_as is None:
        return to_home()
    sent = Report(known_as, kind, words, parse_uuid7(purchase_id))
    number = complain(engine, who.kpm_id, who.phone_id, sent)
    status = HTTPStatus.OK if number else HTTPStatus.TOO_MANY_REQUESTS
    error = "" if number else TOO_MANY
    return show(request, engine, "reported", who, status, number=number, error=error)
