"""Page Pengaduan: complaints by due date, one case whole, officers' acts, paper typed in."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Annotated, Any, TypeAlias

from fastapi import APIRouter, File, Form, Path, Query, Request, Response, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse

from pos_engine.engine import Engine
from pos_engine.rules.complaints import Act, Kind, MoneyStep, State, overdue
from pos_engine.rules.ids import parse_uuid7
from pos_engine.services import complaint_desk
from pos_engine.services.complaint_desk import Officer, Step
from pos_engine.services.complaint_intake import TakenDown, take_down
from pos_engine.services.complaint_swap import goods_of
from pos_engine.services.complaints import NOTE_LENGTH_MAX, OUTCOME_LENGTH_MAX
from pos_engine.services.install import Refused
from pos_engine.services.officers import OFFICES
from pos_engine.services.sessions import Session
from pos_engine.store.complaint_desk import Entry
from pos_engine.web import complaint_words as words
from pos_engine.web.auth import EngineHere
from pos_engine.web.kpm_report import photo_bytes
from pos_engine.web.office import log_in_first, new_act, reader, show, span_of

PATH = "/kemensos/pengaduan"
router = APIRouter(prefix=PATH, include_in_schema=False)
Reference = Annotated[str, Path(pattern=r"^[A-Z0-9]{8,12}$")]
ActId = Annotated[str, Form(alias="act", max_length=36)]
Said = Annotated[str, Form(alias="kata", max_length=OUTCOME_LENGTH_MAX)]
_Acting: TypeAlias = Callable[[Engine, Officer, Step], Refused | None]
ACTS: dict[str, _Acting] = {
    "periksa": complaint_desk.take,
    "jawab": complaint_desk.answer,
    "selesai": complaint_desk.close,
    "ditukar": complaint_desk.confirm_swap,
    "setujui": complaint_desk.approve_money,
}
COLUMNS = {
    "reference": "Nomor",
    "due_at": "Batas jawab",
    "late": "Terlambat",
    "kind": "Tentang",
    "state": "Keadaan",
    "region": "Wilayah KPM",
    "shop": "Warung",
    "channel": "Lewat",
    "opened_at": "Masuk",
}
# what a photo is shown with: it is a stranger's bytes
PHOTO_HEADERS = {"Content-Security-Policy": "default-src 'none'; sandbox"}


@router.get("", response_class=HTMLResponse)
def page(
    request: Request,
    engine: EngineHere,
    closed: Annotated[bool, Query(alias="selesai")] = False,
    kind: Annotated[str, Query(alias="tentang", max_length=12)] = "",
) -> Response:
    """Complaints of a place, the first due first; `selesai=1` shows the closed ones."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    span = span_of(request, engine, session)
    chosen = Kind(kind) if kind in set(Kind) else None
    found = complaint_desk.desk(engine, span.scope.region, closed=closed, kind=chosen)
    return show(
        request,
        session,
        "office_complaints.html",
        span=span,
        columns=COLUMNS,
        rows=[_row(engine, each) for each in found.entries],
        counts=found.counts,
        kinds=words.KINDS,
        kind=chosen,
        closed=closed,
        acting=session.role in OFFICES,
    )


def _row(engine: Engine, each: Entry) -> dict[str, Any]:
    return {
        "reference": each.reference,
        "due_at": each.case.due_at,
        "late": overdue(each.status, each.case.due_at, engine.now()),
        "kind": words.KINDS[each.case.kind],
        "state": words.STATES[each.status],
        "region": each.case.region,
        "shop": each.shop,
        "channel": words.CHANNELS.get(each.channel, each.channel),
        "opened_at": each.opened_at,
    }


@router.get("/baru", response_class=HTMLResponse)
def paper(request: Request, engine: EngineHere) -> Response:
    """A form for what came on paper or by mouth."""
    session = reader(request, engine, OFFICES)
    return _paper(request, engine, session) if session else log_in_first()


def _paper(
    request: Request, engine: Engine, session: Session, done: Any = None, error: str = ""
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return show(
        request,
        session,
        "office_complaint_new.html",
        status,
        kinds=words.KINDS,
        act=new_act(engine),
        done=done,
        error=error,
        note_length=NOTE_LENGTH_MAX,
    )


@router.post("/baru", response_class=HTMLResponse)
def take_paper(
    request: Request,
    engine: EngineHere,
    act: ActId,
    kind: Annotated[Kind, Form(alias="tentang")],
    said: Annotated[str, Form(alias="kata", max_length=NOTE_LENGTH_MAX)] = "",
    number: Annotated[str, Form(alias="struk", max_length=64)] = "",
    kpm_id: Annotated[str, Form(alias="kpm", max_length=64)] = "",
    photo: Annotated[UploadFile | None, File(alias="foto")] = None,
) -> Response:
    """Keep it; the number is shown to be written on the paper."""
    session, act_id = reader(request, engine, OFFICES), parse_uuid7(act)
    if session is None or act_id is None:
        return log_in_first()
    new = TakenDown(
        complaint_id=act_id,
        kind=kind,
        words=said,
        number=number.strip().upper() or None,
        kpm_id=None if number.strip() else kpm_id.strip() or None,
        photo=photo_bytes(photo),
    )
    done = take_down(engine, session, new)
    if isinstance(done, Refused):
        error = words.REFUSALS.get(done.field, words.NOT_DONE)
        return _paper(request, engine, session, error=error)
    return _paper(request, engine, session, done=done)


@router.get("/{reference}", response_class=HTMLResponse)
def case_page(request: Request, engine: EngineHere, reference: Reference) -> Response:
    """One case with everything an officer needs to decide it."""
    session = reader(request, engine)
    return _case(request, engine, session, reference) if session else log_in_first()


def _case(
    request: Request, engine: Engine, session: Session, reference: str, error: str = ""
) -> Response:
    found = complaint_desk.whole(engine, _officer(session), reference)
    if found is None:
        return RedirectResponse(PATH, HTTPStatus.SEE_OTHER)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    case = found.case
    return show(
        request,
        session,
        "office_complaint.html",
        status,
        found=found,
        state=State(found.complaint.status),
        goods=goods_of(found.paid, case.line),
        late=overdue(State(found.complaint.status), case.due_at, engine.now()),
        words=words,
        act=new_act(engine),
        acting=session.role in OFFICES,
        may={each.value for each in found.acts},
        acts=Act,
        steps=list(MoneyStep),
        staff_id=session.staff_id,
        error=error,
    )


@router.get("/{reference}/foto")
def photo(request: Request, engine: EngineHere, reference: Reference) -> Response:
    """The photo of a case, as it came: it is never decoded here."""
    session = reader(request, engine)
    found = complaint_desk.photo(engine, _officer(session), reference) if session else None
    if found is None:
        return log_in_first()
    return Response(found[1], media_type=found[0], headers=PHOTO_HEADERS)


@router.post("/{reference}/uang", response_class=HTMLResponse)
def ask_money(
    request: Request,
    engine: EngineHere,
    reference: Reference,
    act: ActId,
    money: Annotated[MoneyStep, Form(alias="uang")],
    said: Said = "",
) -> Response:
    """Propose what becomes of the money; a second officer approves it."""

    def proposed(engine: Engine, officer: Officer, step: Step) -> Refused | None:
        return complaint_desk.ask_money(engine, officer, step, money)

    return _acted(request, engine, reference, Step(act, reference, said), proposed)


@router.post("/{reference}/{what}", response_class=HTMLResponse)
def act_on(
    request: Request,
    engine: EngineHere,
    reference: Reference,
    what: Annotated[str, Path(pattern=r"^(periksa|jawab|selesai|ditukar|setujui)$")],
    act: ActId,
    said: Said = "",
) -> Response:
    """Take it, answer it, close it, confirm a swap, approve a proposal."""
    return _acted(request, engine, reference, Step(act, reference, said), ACTS[what])


def _acted(request: Request, engine: Engine, reference: str, step: Step, act: _Acting) -> Response:
    session, act_id = reader(request, engine, OFFICES), parse_uuid7(step.act_id)
    if session is None or act_id is None:
        return log_in_first()
    done = act(engine, _officer(session), Step(act_id, step.reference, step.words))
    if done is None:
        return RedirectResponse(f"{PATH}/{reference}", HTTPStatus.SEE_OTHER)
    error = words.REFUSALS.get(done.field, words.NOT_DONE)
    return _case(request, engine, session, reference, error)


def _officer(session: Session) -> Officer:
    return Officer(session.staff_id, session.role, session.region)
