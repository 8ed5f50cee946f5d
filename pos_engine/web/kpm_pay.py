"""On the KPM's page: her own code, and a shop's code that she reads, sees and says yes to."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from pos_engine.engine import Engine
from pos_engine.rules.ids import parse_uuid7
from pos_engine.rules.qris import QrisRefusal
from pos_engine.services.answers import APPROVED
from pos_engine.services.baskets import look
from pos_engine.services.confirm_basket import confirm_herself, scan
from pos_engine.services.kpm_shown import licensed_nns, own_picture, qris_picture
from pos_engine.services.kpm_view import balance_of
from pos_engine.store.database import ConflictError, UnavailableError
from pos_engine.store.kpm_sessions import Visit
from pos_engine.web.auth import EngineHere
from pos_engine.web.kpm_visit import (
    HEADERS,
    HOME,
    FormKey,
    VisitHere,
    acting,
    gate_of,
    show,
    to_home,
)
from pos_engine.wire.qris import TEXT_LENGTH_MAX
from pos_engine.wire.qris_words import REFUSAL_WORDS

router = APIRouter(prefix=HOME, include_in_schema=False, default_response_class=HTMLResponse)
NOT_SURE = "Belum pasti sudah terbayar. Tekan sekali lagi: tidak akan terpotong dua kali."
PNG = "image/png"
Typed = Annotated[str, Form(alias="kode", max_length=TEXT_LENGTH_MAX * 2)]
PurchaseTyped = Annotated[str, Form(alias="belanja", max_length=36)]


@router.get("/qr")
def own_code(
    request: Request,
    engine: EngineHere,
    visit: VisitHere,
    kind: Annotated[str, Query(alias="jenis", max_length=8)] = "",
) -> Response:
    """Her code, a new one each minute; as a customer's QRIS where a provider is licensed."""
    if visit is None or not visit.full:
        return to_home()
    offered = licensed_nns(engine) is not None
    qris = offered and kind == "qris"
    return show(request, engine, "qr", visit, offered=offered, qris=qris)


@router.get("/qr.png")
def own_code_picture(request: Request, engine: EngineHere, visit: VisitHere) -> Response:
    """A fresh code for the e-warong's till."""
    return _picture(request, engine, visit, qris=False)


@router.get("/qris.png")
def qris_code_picture(request: Request, engine: EngineHere, visit: VisitHere) -> Response:
    """A fresh code for any shop that reads customers' QRIS."""
    return _picture(request, engine, visit, qris=True)


def _picture(request: Request, engine: Engine, visit: Visit | None, *, qris: bool) -> Response:
    if visit is None or not visit.full:
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers=HEADERS)
    if not gate_of(request).pictures.allow(visit.session_id):
        return Response(status_code=HTTPStatus.TOO_MANY_REQUESTS, headers=HEADERS)
    make = qris_picture if qris else own_picture
    picture = make(engine, visit.kpm_id, visit.person_id)
    if picture is None:
        return Response(status_code=HTTPStatus.NOT_FOUND, headers=HEADERS)
    return Response(picture, media_type=PNG, headers=HEADERS)


@router.get("/bayar")
def read_code(request: Request, engine: EngineHere, visit: VisitHere) -> Response:
    """Read the code on the till's screen: by the camera where the browser can, else as text."""
    if visit is None or not visit.full:
        return to_home()
    return show(request, engine, "scan", visit)


@router.post("/bayar")
def see_basket(
    request: Request, engine: EngineHere, visit: VisitHere, key: FormKey, payload: Typed
) -> Response:
    """Shop, goods and sum as they are registered; nothing moves yet."""
    who = acting(engine, visit, key)
    if who is None:
        return to_home()
    found = scan(engine, payload.strip())
    if isinstance(found, QrisRefusal):
        return _refused(request, engine, who, found)
    return _basket(request, engine, who, found.basket.purchase_id)


@router.post("/bayar/ya")
def say_yes(
    request: Request, engine: EngineHere, visit: VisitHere, key: FormKey, purchase: PurchaseTyped
) -> Response:
    """She saw the basket and pays it, once."""
    who, purchase_id = acting(engine, visit, key), parse_uuid7(purchase)
    if who is None or purchase_id is None:
        return to_home()
    try:
        done = confirm_herself(engine, purchase_id, who.kpm_id, who.person_id)
    except (UnavailableError, ConflictError):
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return show(request, engine, "again", who, status, purchase_id=purchase_id, error=NOT_SURE)
    if isinstance(done, QrisRefusal):
        return _refused(request, engine, who, done)
    answer = done.answer
    paid = answer["status"] == APPROVED
    return show(request, engine, "paid", who, answer=answer, paid=paid)


@router.get("/bayar/bukan")
def say_no(request: Request, engine: EngineHere, visit: VisitHere) -> Response:
    """It is not her basket: nothing moved."""
    if visit is None or not visit.full:
        return to_home()
    return show(request, engine, "not_mine", visit)


def _basket(request: Request, engine: Engine, visit: Visit, purchase_id: str) -> Response:
    held = look(engine, purchase_id)
    if held is None:
        return _refused(request, engine, visit, QrisRefusal.BASKET_UNKNOWN)
    return show(
        request,
        engine,
        "basket",
        visit,
        basket=held.basket,
        lines=held.judged,
        shop=held.shop_name,
        balance=balance_of(engine, visit.kpm_id).spendable,
    )


def _refused(request: Request, engine: Engine, visit: Visit, why: QrisRefusal) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    return show(request, engine, "scan", visit, status, error=REFUSAL_WORDS[why])
