"""Batas harga: proposals, drafts of ceilings and bans, their preview, two signatures, history."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from catalog.goods import PriceRule
from catalog.price_book import Action
from pos_engine.engine import Engine
from pos_engine.rules.ceilings import PROPOSAL_DAYS_MAX, DraftKind, DraftState
from pos_engine.services import ceiling_preview, ceiling_proposals, ceilings
from pos_engine.services.catalogue import catalogue_in_force
from pos_engine.services.ceiling_preview import Preview, percent
from pos_engine.services.ceiling_proposals import MODES as PROPOSED_MODES
from pos_engine.services.ceiling_proposals import Shown
from pos_engine.services.ceilings import AskedDraft, Told, place_written
from pos_engine.services.install import Refused
from pos_engine.services.officers import OFFICES
from pos_engine.services.sessions import Session
from pos_engine.web.auth import EngineHere
from pos_engine.web.ceilings import in_scope_of
from pos_engine.web.office import log_in_first, new_act, reader, show
from pos_engine.web.office_cells import day_written
from pos_engine.web.office_places import place_name
from pos_engine.web.pictures_bars import Bar, bars
from pos_engine.wire.ceiling_words import ACTS, ANSWERS, MODES, STATES, wrong

HOME = "/kemensos/batas-harga"
router = APIRouter(prefix=HOME, include_in_schema=False)
ACT_MAX, CODE_MAX, WORDS_MAX = 36, 64, 300
RUPIAH_DIGITS_MAX = 9
Act = Annotated[str, Form(max_length=ACT_MAX)]
Code = Annotated[str, Form(max_length=CODE_MAX)]
Words = Annotated[str, Form(max_length=WORDS_MAX)]
PREVIEW_COLUMNS = {
    "regency": "Kabupaten/kota",
    "lines": "Baris belanja",
    "lawful_now": "Sah sekarang",
    "newly_refused": "Akan ditolak",
    "share": "Bagian",
    "newly_paid": "Akan dibayar",
    "capped": "Dibayar sebatas harga",
}
DAY_COLUMNS = {
    "day": "Hari",
    "attempts": "Baris diminta",
    "refused": "Ditolak karena harga",
    "share": "Bagian",
    "asked_price": "Harga diminta (tengah)",
    "ceiling": "Batas",
}


@router.get("", response_class=HTMLResponse)
def page(request: Request, engine: EngineHere) -> Response:
    """What waits for an answer or a signature, the form of a draft, and the history."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    return _page(request, engine, session, {}, "")


@router.post("")
def draft(
    request: Request,
    engine: EngineHere,
    *,
    act: Act,
    target: Code,
    regulation: Words,
    reason: Words,
    valid_from: Code,
    kind: Code = DraftKind.CEILING.value,
    valid_to: Code = "",
    place: Code = "",
    rupiah: Code = "",
    mode: Code = Action.DECLINE.value,
) -> Response:
    """Keep a draft and show what it would have done; what was typed stays when it is refused."""
    session = reader(request, engine, OFFICES)
    if session is None:
        return log_in_first()
    typed = {
        "kind": kind, "target": target, "regulation": regulation, "reason": reason,
        "valid_from": valid_from, "valid_to": valid_to, "place": place, "rupiah": rupiah,
        "mode": mode,
    }  # fmt: skip
    asked = _asked(typed)
    made = asked if isinstance(asked, Refused) else ceilings.draft(
        engine, act, asked, session.staff_id
    )  # fmt: skip
    if isinstance(made, Refused):
        return _page(request, engine, session, typed, wrong(made.field))
    return RedirectResponse(f"{HOME}/{made.draft.draft_id}", HTTPStatus.SEE_OTHER)


@router.get("/usulan/{proposal_id}", response_class=HTMLResponse)
def proposal(request: Request, engine: EngineHere, proposal_id: str) -> Response:
    """One page: what was asked and refused, and the two answers."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    return _proposal_page(request, engine, session, proposal_id, "")


@router.post("/usulan/{proposal_id}")
def answer(
    request: Request,
    engine: EngineHere,
    proposal_id: str,
    act: Act,
    reason: Words = "",
    mode: Code = "",
    days: Code = str(PROPOSAL_DAYS_MAX),
) -> Response:
    """Accept as a draft that two people sign, or decline with a reason."""
    session = reader(request, engine, OFFICES)
    if session is None:
        return log_in_first()
    if not mode:
        done: Shown | Told | Refused = ceiling_proposals.decline(
            engine, proposal_id, session.staff_id, reason
        )
    elif mode in set(PROPOSED_MODES) and days.isdecimal():
        done = ceiling_proposals.accept(
            engine, act, proposal_id, session.staff_id, Action(mode), int(days), reason
        )
    else:
        done = Refused("mode", mode)
    if isinstance(done, Refused):
        return _proposal_page(request, engine, session, proposal_id, wrong(done.field))
    there = done.draft.draft_id if isinstance(done, Told) else f"usulan/{proposal_id}"
    return RedirectResponse(f"{HOME}/{there}", HTTPStatus.SEE_OTHER)


@router.get("/{draft_id}", response_class=HTMLResponse)
def draft_page(request: Request, engine: EngineHere, draft_id: str) -> Response:
    """One draft: what it would have done, who signed, and the buttons that are open."""
    session = reader(request, engine)
    if session is None:
        return log_in_first()
    return _draft_page(request, engine, session, draft_id, "")


@router.post("/{draft_id}/tanda-tangan")
def sign(
    request: Request, engine: EngineHere, draft_id: str, act: Act, note: Words = ""
) -> Response:
    """Sign; the second person's signature publishes it."""
    session = reader(request, engine, OFFICES)
    if session is None:
        return log_in_first()
    done = ceilings.sign(engine, act, draft_id, session.staff_id, note)
    return _done(request, engine, session, draft_id, done)


@router.post("/{draft_id}/tarik")
def withdraw(
    request: Request, engine: EngineHere, draft_id: str, act: Act, note: Words = ""
) -> Response:
    """Take it back before its day, with a reason."""
    session = reader(request, engine, OFFICES)
    if session is None:
        return log_in_first()
    done = ceilings.withdraw(engine, act, draft_id, session.staff_id, note)
    return _done(request, engine, session, draft_id, done)


def _done(
    request: Request, engine: Engine, session: Session, draft_id: str, done: Told | Refused
) -> Response:
    if isinstance(done, Refused):
        return _draft_page(request, engine, session, draft_id, wrong(done.field))
    return RedirectResponse(f"{HOME}/{draft_id}", HTTPStatus.SEE_OTHER)


def _page(
    request: Request, engine: Engine, session: Session, typed: dict[str, str], error: str
) -> Response:
    waiting = [
        each
        for each in ceiling_proposals.list_proposals(engine, session.region)
        if each.answer is None
    ]
    nation = session.region is None
    goods = catalogue_in_force(engine).goods.values()
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return show(
        request,
        session,
        "office_ceilings.html",
        status,
        error=error,
        typed=typed,
        may_act=session.role in OFFICES,
        nation=nation,
        own=session.region or "",
        act=new_act(engine),
        proposals=[_proposal_row(each) for each in waiting],
        drafts=[_row(each) for each in ceilings.list_drafts(engine, session.region)],
        goods=[each for each in goods if nation or each.price_rule is not PriceRule.NONE],
        modes={mode.value: MODES[mode.value] for mode in Action},
    )


def _draft_page(
    request: Request, engine: Engine, session: Session, draft_id: str, error: str
) -> Response:
    found = in_scope_of(engine, session, draft_id)
    effect = ceiling_preview.preview(engine, draft_id) if found else None
    if found is None or effect is None:
        return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
    open_now = found.state in (DraftState.DRAFT, DraftState.SIGNED)
    gone = found.state is DraftState.WITHDRAWN
    return show(
        request,
        session,
        "office_ceiling.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        error=error,
        row=_row(found),
        found=found,
        acts=[(ACTS[each.kind], each) for each in found.acts],
        act=new_act(engine),
        may_sign=session.role in OFFICES and open_now,
        may_withdraw=session.role in OFFICES and not gone and not found.in_force,
        columns=PREVIEW_COLUMNS,
        preview=effect,
        regencies=_regencies(effect),
        picture=_picture(effect),
        share=percent(effect.share),
        compared=open_now,
    )


def _proposal_page(
    request: Request, engine: Engine, session: Session, proposal_id: str, error: str
) -> Response:
    found = ceiling_proposals.find_proposal(engine, proposal_id)
    own = session.region
    inside = found is not None and (
        own is None or f"{found.proposal.regency}.".startswith(f"{own}.")
    )
    if found is None or not inside:
        return RedirectResponse(HOME, HTTPStatus.SEE_OTHER)
    newest = found.days[-1]
    rows = [
        each | {"day": date.fromisoformat(str(each["day"])), "asked_price": each["asked"]}
        for each in found.days
    ]
    return show(
        request,
        session,
        "office_ceiling_proposal.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK,
        error=error,
        found=found,
        rows=rows,
        columns=DAY_COLUMNS,
        newest=newest,
        share=percent(float(str(newest["share"]))),
        picture=_days_picture(found),
        answered=ANSWERS[found.answer.answer] if found.answer else "",
        act=new_act(engine),
        may_act=session.role in OFFICES and found.answer is None,
        days_max=PROPOSAL_DAYS_MAX,
    )


def _regencies(effect: Preview) -> list[dict[str, Any]]:
    return [
        {name: getattr(each, name) for name in PREVIEW_COLUMNS}
        for each in sorted(effect.regencies, key=lambda one: -one.newly_refused)
    ]


def _picture(effect: Preview) -> str:
    hit = sorted(effect.regencies, key=lambda one: -one.share)
    rows = [
        Bar(place_name(each.regency), each.share, percent(each.share), bad=True)
        for each in hit
        if each.newly_refused
    ]
    return bars("akibat", "Bagian penjualan yang akan ditolak", effect.sentence, rows)


def _days_picture(found: Shown) -> str:
    rows = [
        Bar(
            str(each["day"]),
            float(str(each["share"])),
            percent(float(str(each["share"]))),
            bad=True,
        )
        for each in found.days
    ]
    return bars("usulan", "Bagian permintaan yang ditolak karena harga", found.name, rows)


def _row(told: Told) -> dict[str, Any]:
    found = told.draft
    until = f" sampai {day_written(found.valid_to)}" if found.valid_to else ""
    return {
        "draft_id": found.draft_id,
        "target": found.target,
        "place": place_name(found.scope_code)
        if told_place(told)
        else found.scope_code or "Nasional",
        "rupiah": found.rupiah or None,
        "unit": found.unit,
        "mode": MODES[found.action],
        "when": f"{day_written(found.valid_from)}{until}",
        "state": "Berlaku" if told.in_force else STATES[told.state.value],
        "reason": found.reason,
        "regulation": found.regulation,
        "people": ", ".join(f"{ACTS[each.kind]}: {each.officer}" for each in told.acts),
    }


def told_place(told: Told) -> bool:
    """Is its place a region with a name of its own."""
    return ceilings.place_of(told.draft) is not None


def _proposal_row(found: Shown) -> dict[str, Any]:
    newest = found.days[-1]
    return {
        "id": found.proposal.proposal_id,
        "name": found.name,
        "place": place_name(found.proposal.regency),
        "share": percent(float(str(newest["share"]))),
        "asked": newest["asked"],
        "ceiling": newest["ceiling"],
    }


def _asked(typed: dict[str, str]) -> AskedDraft | Refused:
    """The value for the service, or the field that cannot be read."""
    try:
        first = date.fromisoformat(typed["valid_from"])
        last = date.fromisoformat(typed["valid_to"]) if typed["valid_to"] else None
    except ValueError:
        return Refused("valid_from", "no day")
    ban = typed["kind"] == DraftKind.BAN
    digits = typed["rupiah"].replace(".", "").strip()
    if not ban and not (
        digits.isascii() and digits.isdecimal() and len(digits) <= RUPIAH_DIGITS_MAX
    ):
        return Refused("rupiah", "no number")
    if typed["mode"] not in set(Action):
        return Refused("mode", "unknown")
    scope, code = place_written("" if ban else typed["place"].strip())
    return AskedDraft(
        kind=DraftKind.BAN if ban else DraftKind.CEILING,
        target=typed["target"].strip(),
        regulation=typed["regulation"],
        reason=typed["reason"],
        valid_from=first,
        valid_to=last,
        scope=scope,
        scope_code=code,
        rupiah=0 if ban else int(digits),
        action=Action(typed["mode"]),
    )
