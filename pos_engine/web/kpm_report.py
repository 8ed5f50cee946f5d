"""On the KPM's page: a report of a problem, with a photo of bad goods, and its state."""

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, File, Form, Query, Request, Response, UploadFile
from fastapi.responses import HTMLResponse

from biometrics.decode import IMAGE_BYTES_MAX
from pos_engine.engine import Engine
from pos_engine.rules.complaints import Kind, State, Swap
from pos_engine.rules.ids import new_uuid7, parse_uuid7
from pos_engine.services.complaint_words import within_words
from pos_engine.services.complaints import usable_photo
from pos_engine.services.kpm_complaints import (
    WORDS_LENGTH_MAX,
    Report,
    complain,
    lines_of,
    not_settled,
    own_reports,
    swapped,
)
from pos_engine.store.kpm_sessions import Visit
from pos_engine.web.auth import EngineHere
from pos_engine.web.complaint_words import KINDS, PROBLEMS, STATES, SWAPS
from pos_engine.web.kpm_visit import HOME, FormKey, VisitHere, acting, show, to_home

router = APIRouter(prefix=HOME, include_in_schema=False, default_response_class=HTMLResponse)
TOO_MANY = "Laporan sebelumnya masih diperiksa petugas. Tunggu kabarnya dahulu."
PHOTO_LEFT_OUT = (
    "Fotonya tidak bisa disimpan (JPEG, PNG, atau WebP, paling besar 2 MB). Laporannya sudah masuk."
)
LINES_MAX = 50
Words = Annotated[str, Form(alias="cerita", max_length=WORDS_LENGTH_MAX)]
Line = Annotated[str, Form(alias="barang", pattern=r"^[0-9]{0,2}$")]
Reference = Annotated[str, Form(alias="laporan", max_length=12)]
Act = Annotated[str, Form(alias="act", max_length=36)]


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
    return _form(request, engine, visit, parse_uuid7(purchase_id) or "")


def _form(request: Request, engine: Engine, visit: Visit, purchase_id: str) -> Response:
    return show(
        request,
        engine,
        "report",
        visit,
        problems=PROBLEMS,
        report_id=new_uuid7(engine.now()),
        act=new_uuid7(engine.now()),
        purchase_id=purchase_id,
        goods=lines_of(engine, visit.kpm_id, purchase_id or None),
        reports=own_reports(engine, visit.kpm_id),
        kinds=KINDS,
        states=STATES,
        swaps=SWAPS,
        answered=State.ANSWERED,
        living_swaps=(Swap.WAITING, Swap.BY_SHOP),
    )


@router.post("/lapor")
def report(
    request: Request,
    engine: EngineHere,
    visit: VisitHere,
    key: FormKey,
    *,
    kind: Annotated[Kind, Form(alias="masalah")],
    report_id: Annotated[str, Form(alias="nomor", max_length=36)],
    words: Words = "",
    purchase_id: Annotated[str, Form(alias="belanja", max_length=36)] = "",
    line: Line = "",
    photo: Annotated[UploadFile | None, File(alias="foto")] = None,
) -> Response:
    """Keep it and say its number; sent twice it is one report."""
    who, known_as = acting(engine, visit, key), parse_uuid7(report_id)
    if who is None or known_as is None:
        return to_home()
    picture = photo_bytes(photo)
    place = int(line) if line else None
    sent = Report(known_as, kind, words, parse_uuid7(purchase_id), place, picture)
    number = complain(engine, who.kpm_id, who.phone_id, sent)
    status = HTTPStatus.OK if number else HTTPStatus.TOO_MANY_REQUESTS
    left_out = bool(number and picture) and not usable_photo(picture or b"")
    error = PHOTO_LEFT_OUT if left_out else "" if number else TOO_MANY
    within = within_words(kind)
    return show(request, engine, "reported", who, status, number=number, error=error, within=within)


def photo_bytes(photo: UploadFile | None) -> bytes | None:
    """The picture of a form; None without one. No more is read than may be kept, and one byte."""
    read = photo.file.read(IMAGE_BYTES_MAX + 1) if photo is not None else b""
    return read or None


@router.post("/lapor/belum")
def reopen(
    request: Request,
    engine: EngineHere,
    visit: VisitHere,
    key: FormKey,
    reference: Reference,
    act: Act,
) -> Response:
    """The answer did not settle it."""
    who, act_id = acting(engine, visit, key), parse_uuid7(act)
    if who is None or act_id is None:
        return to_home()
    not_settled(engine, who.kpm_id, act_id, reference)
    return _form(request, engine, who, "")


@router.post("/lapor/ditukar")
def swap(
    request: Request,
    engine: EngineHere,
    visit: VisitHere,
    key: FormKey,
    reference: Reference,
    act: Act,
) -> Response:
    """She has the good one."""
    who, act_id = acting(engine, visit, key), parse_uuid7(act)
    if who is None or act_id is None:
        return to_home()
    swapped(engine, who.kpm_id, act_id, reference)
    return _form(request, engine, who, "")
