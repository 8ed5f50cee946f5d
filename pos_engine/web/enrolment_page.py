"""The officers' pages of proposed faces: the list, and the decision about each look-alike."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import Decision, EnrolmentReason, Refusal, Status
from pos_engine.services import enrolment_look as look
from pos_engine.services import enrolment_review as review
from pos_engine.services.sessions import Role, Session
from pos_engine.store.enrolment_findings import FINDINGS_MAX
from pos_engine.store.enrolments import ENROLMENTS_LISTED_MAX
from pos_engine.web.auth import EngineHere
from pos_engine.web.enrolment_bodies import NOTE_LENGTH_MAX
from pos_engine.web.office import reader, show
from pos_engine.wire.enrolment import REASON_WORDS, STATUS_WORDS

HOME, LOG_IN = "/kemensos/wajah", "/kemensos"
router = APIRouter(prefix=HOME, include_in_schema=False)
DECISIONS = {
    Decision.DIFFERENT_PERSON: "Orang berbeda",
    Decision.TWIN: "Kembar atau sangat mirip",
    Decision.SAME_PERSON: "Orang yang sama",
}
SOURCES = {"ENROLLED": "Sudah terdaftar", "PROPOSED": "Baru diusulkan", "STAFF": "Petugas"}
Text = Annotated[str, Form(max_length=NOTE_LENGTH_MAX)]
Texts = Annotated[list[str], Form(max_length=FINDINGS_MAX)]


@router.get("", response_class=HTMLResponse)
def page(
    request: Request,
    engine: EngineHere,
    status: Annotated[Status, Query(alias="keadaan")] = Status.REVIEW,
    after: Annotated[str, Query(alias="sesudah", max_length=64)] = "",
) -> Response:
    """The proposed faces of the officer's region in one state."""
    session = reader(request, engine)
    if session is None:
        return RedirectResponse(LOG_IN, HTTPStatus.SEE_OTHER)
    rows = look.listed(engine, session.region, status, ENROLMENTS_LISTED_MAX, after)
    context: dict[str, Any] = {
        "status": status,
        "words": {each: words[0] for each, words in STATUS_WORDS.items()},
        "rows": rows,
        "next": rows[-1].enrolment_id if len(rows) == ENROLMENTS_LISTED_MAX else None,
    }
    return show(request, session, "enrolments.html", **context)


@router.get("/{enrolment_id}", response_class=HTMLResponse)
def one(request: Request, engine: EngineHere, enrolment_id: str) -> Response:
    """One proposed face: its honesty, its look-alikes, its log."""
    session = reader(request, engine)
    if session is None:
        return RedirectResponse(LOG_IN, HTTPStatus.SEE_OTHER)
    return _shown(request, engine, session, enrolment_id)


@router.post("/{enrolment_id}/setuju")
def approve(
    request: Request,
    engine: EngineHere,
    enrolment_id: str,
    decisions: Annotated[Texts, Form(alias="keputusan")] = [],  # noqa: B006 - never changed
    notes: Annotated[Texts, Form(alias="catatan")] = [],  # noqa: B006 - never changed
) -> Response:
    """Approve; the look-alikes are decided in the order in which they were shown."""
    session = reader(request, engine)
    if session is None or session.role is not Role.DINSOS:
        return RedirectResponse(LOG_IN, HTTPStatus.SEE_OTHER)
    said = _said(decisions, notes)
    missing = Refusal(EnrolmentReason.DECISIONS_MISSING)
    done = missing if said is None else review.approve(engine, session, enrolment_id, said)
    return _after(request, engine, session, enrolment_id, done)


@router.post("/{enrolment_id}/tolak")
def refuse(
    request: Request,
    engine: EngineHere,
    enrolment_id: str,
    note: Annotated[Text, Form(alias="catatan")],
) -> Response:
    """Refuse this change, with a note."""
    session = reader(request, engine)
    if session is None or session.role is not Role.DINSOS:
        return RedirectResponse(LOG_IN, HTTPStatus.SEE_OTHER)
    done = review.refuse(engine, session, enrolment_id, _one_line(note))
    return _after(request, engine, session, enrolment_id, done)


def _said(decisions: list[str], notes: list[str]) -> dict[int, review.Said] | None:
    """What the form says of each look-alike; None when a part is missing."""
    lines = [_one_line(note) for note in notes]
    if len(lines) != len(decisions) or not all(lines):
        return None
    if not set(decisions) <= set(Decision):
        return None
    pairs = zip(decisions, lines, strict=True)
    return {at: review.Said(Decision(each), line) for at, (each, line) in enumerate(pairs, 1)}


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _after(
    request: Request, engine: Engine, session: Session, enrolment_id: str, done: object
) -> Response:
    """The page again: with what is missing, or with what was decided."""
    if isinstance(done, Refusal):
        error = " ".join(REASON_WORDS[done.reason])
        return _shown(request, engine, session, enrolment_id, error)
    return RedirectResponse(f"{HOME}/{enrolment_id}", HTTPStatus.SEE_OTHER)


def _shown(
    request: Request, engine: Engine, session: Session, enrolment_id: str, error: str = ""
) -> Response:
    shown = look.show(engine, session.region, enrolment_id)
    if isinstance(shown, Refusal):
        return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
    waiting = shown.enrolment.status in (Status.PROPOSED, Status.REVIEW)
    own = shown.enrolment.proposed_by == session.staff_id
    context: dict[str, Any] = {
        "shown": shown,
        "row": shown.enrolment,
        "word": STATUS_WORDS[shown.enrolment.status],
        "named": session.role is Role.DINSOS,
        "may_decide": waiting and session.role is Role.DINSOS and not own,
        "decisions": DECISIONS,
        "sources": SOURCES,
        "error": error,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return show(request, session, "enrolment.html", status, **context)
