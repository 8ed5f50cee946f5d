"""The public page of a family's status: village, name, one question. Works without a script."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from catalog.zones import region_exists, region_path, villages_named
from pos_engine.services.status import answered, ask, look_up
from pos_engine.web.auth import EngineHere
from pos_engine.web.office import pages
from pos_engine.web.rates import Rate, UsedOnce

router = APIRouter(prefix="/cek", include_in_schema=False)
NAME_LENGTH_MAX = 120
VILLAGES_SHOWN_MAX = 60
PAGES_OF_AN_ADDRESS_MAX = 60
PAGES_WINDOW_S = 60.0
LOOKUPS_OF_AN_ADDRESS_MAX = 10
LOOKUPS_OF_ALL_MAX = 100
LOOKUPS_WINDOW_S = 600.0
ALL_WINDOW_S = 5.0
VILLAGE_LENGTH = 13
REGION = r"^[0-9.]{0,13}$"
TOO_OFTEN = "Terlalu sering bertanya. Tunggu 10 menit, atau tanyakan ke pendamping."


class Gate:
    """The limits of one server process."""

    def __init__(self) -> None:
        self.pages = Rate(PAGES_OF_AN_ADDRESS_MAX, PAGES_WINDOW_S)
        self.lookups = Rate(LOOKUPS_OF_AN_ADDRESS_MAX, LOOKUPS_WINDOW_S)
        self.all_lookups = Rate(LOOKUPS_OF_ALL_MAX, ALL_WINDOW_S)
        self.questions = UsedOnce()


def _gate(request: Request) -> Gate:
    state = request.app.state
    if not hasattr(state, "status_gate"):
        state.status_gate = Gate()
    gate: Gate = state.status_gate
    return gate


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


@router.get("", response_class=HTMLResponse)
def page(
    request: Request,
    engine: EngineHere,
    village: Annotated[str, Query(alias="desa", max_length=NAME_LENGTH_MAX)] = "",
    region: Annotated[str, Query(alias="wilayah", pattern=REGION)] = "",
) -> Response:
    """First the village by its name, then the person's name with a question."""
    if not _gate(request).pages.allow(_address(request)):
        return _shown(request, HTTPStatus.TOO_MANY_REQUESTS, error=TOO_OFTEN)
    if len(region) == VILLAGE_LENGTH and region_exists(region):
        return _form(request, engine, region)
    codes = villages_named(village)
    error = "Desa itu belum ditemukan. Periksa ejaannya." if village and not codes else ""
    shown = [(code, region_path(code)) for code in codes[:VILLAGES_SHOWN_MAX]]
    return _shown(request, HTTPStatus.OK, village=village, villages=shown, error=error)


@router.post("", response_class=HTMLResponse)
def look(
    request: Request,
    engine: EngineHere,
    region: Annotated[str, Form(alias="wilayah", pattern=REGION)],
    name: Annotated[str, Form(alias="nama", max_length=NAME_LENGTH_MAX)],
    token: Annotated[str, Form(alias="soal", max_length=1_000)],
    answer: Annotated[str, Form(alias="jawaban", max_length=NAME_LENGTH_MAX)],
) -> Response:
    """Answer once for each question that is answered rightly."""
    gate, address = _gate(request), _address(request)
    if not (gate.lookups.allow(address) and gate.all_lookups.allow("")):
        return _shown(request, HTTPStatus.TOO_MANY_REQUESTS, error=TOO_OFTEN)
    if len(region) != VILLAGE_LENGTH or not region_exists(region):
        return _shown(request, HTTPStatus.UNPROCESSABLE_ENTITY, error="Pilih desa dahulu.")
    question = answered(engine, token, answer)
    if question is None or not gate.questions.use(question):
        error = "Jawaban belum cocok atau sudah lewat waktunya. Ini pertanyaan baru."
        return _form(request, engine, region, error)
    found = look_up(engine, region, name)
    return _shown(
        request, HTTPStatus.OK, asked=True, found=found, place=region_path(region), region=region
    )


def _form(request: Request, engine: EngineHere, region: str, error: str = "") -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return _shown(
        request,
        status,
        question=ask(engine),
        region=region,
        place=region_path(region),
        error=error,
    )


def _shown(request: Request, status: HTTPStatus, **context: Any) -> Response:
    return pages.TemplateResponse(request, "status.html", context, status_code=status)
