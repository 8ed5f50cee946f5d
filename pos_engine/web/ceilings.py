"""Routes of new ceilings and bans: draft, preview, sign, withdraw; proposals and their answers."""

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal, TypeVar

from fastapi import APIRouter, Depends, Query
from pydantic import Field

from catalog.price_book import Action
from pos_engine.engine import Engine
from pos_engine.rules.ceilings import PROPOSAL_DAYS_MAX, DraftKind
from pos_engine.services import ceiling_preview, ceiling_proposals, ceilings
from pos_engine.services.ceiling_proposals import Shown
from pos_engine.services.ceilings import AskedDraft, Told, place_written, shown
from pos_engine.services.install import Refused
from pos_engine.services.sessions import Role, Session
from pos_engine.web.auth import EngineHere, only
from pos_engine.web.problem import ProblemError
from pos_engine.web.reports import REGION, scope_of
from pos_engine.web.strict import Strict
from pos_engine.wire.ceiling_words import wrong

Kept = TypeVar("Kept")
router = APIRouter(prefix="/v1/ceilings", tags=["ceilings"])
Officer = Annotated[Session, Depends(only(Role.DINSOS, Role.KEMENSOS))]
Reader = Annotated[Session, Depends(only(Role.DINSOS, Role.KEMENSOS, Role.AUDITOR))]
Region = Annotated[str | None, Query(pattern=REGION)]
Words = Annotated[str, Field(max_length=300)]
ActId = Annotated[str, Field(max_length=36)]
LATE = frozenset({"same_person", "day_has_come", "done_already", "withdrawn", "answered"})
NAME_PATTERN = r"^[\x21-\x7e]{0,64}$"


class DraftIn(Strict):
    """A ceiling (`rupiah` of one base unit) or a ban (`target_kind` and `target`)."""

    act: ActId
    kind: Literal["CEILING", "BAN"] = "CEILING"
    target_kind: Literal["GOOD", "CATEGORY", "GROUP", "GTIN"] = "GOOD"
    target: Annotated[str, Field(pattern=NAME_PATTERN)]
    place: Annotated[str, Field(pattern=r"^(Z[123]|3TP|[0-9]{2}(\.[0-9]{2})?)?$")] = ""
    rupiah: Annotated[int, Field(ge=0, le=ceilings.RUPIAH_MAX)] = 0
    mode: Literal["DECLINE", "CAP", "FLAG"] = "DECLINE"
    regulation: Annotated[str, Field(max_length=200)]
    reason: Words
    valid_from: date
    valid_to: date | None = None


class ActIn(Strict):
    """One step, named by the caller; `note` says why."""

    act: ActId
    note: Words = ""


class AnswerIn(Strict):
    """CAP or FLAG accepts a proposal for so many days; without a mode it is declined."""

    act: ActId
    reason: Words
    mode: Literal["CAP", "FLAG"] | None = None
    days: Annotated[int, Field(ge=1, le=PROPOSAL_DAYS_MAX)] = PROPOSAL_DAYS_MAX


@router.get("")
def get_ceilings(engine: EngineHere, session: Reader, region: Region = None) -> dict[str, Any]:
    """Drafts that concern the caller's region, the newest first, with who did what and why."""
    found = ceilings.list_drafts(engine, scope_of(session, region).region)
    return {"drafts": [shown(each) for each in found]}


@router.post("")
def post_ceiling(engine: EngineHere, session: Officer, body: DraftIn) -> dict[str, Any]:
    """Draft a ceiling or a ban. The same act again is the same answer."""
    return shown(_kept(ceilings.draft(engine, body.act, asked_of(body), session.staff_id)))


@router.get("/proposals")
def get_proposals(engine: EngineHere, session: Reader, region: Region = None) -> dict[str, Any]:
    """Goods of which too many asked prices were refused for three days running."""
    found = ceiling_proposals.list_proposals(engine, scope_of(session, region).region)
    return {"proposals": [proposal_json(each) for each in found]}


@router.post("/proposals/{proposal_id}/answers")
def post_answer(
    engine: EngineHere, session: Officer, proposal_id: str, body: AnswerIn
) -> dict[str, Any]:
    """Accept a proposal as a draft, or decline it with a reason."""
    if body.mode is None:
        done = ceiling_proposals.decline(engine, proposal_id, session.staff_id, body.reason)
        return proposal_json(_kept(done))
    made = ceiling_proposals.accept(
        engine,
        body.act,
        proposal_id,
        session.staff_id,
        Action(body.mode),
        body.days,
        body.reason,
    )
    return shown(_kept(made))


@router.get("/{draft_id}")
def get_ceiling(engine: EngineHere, session: Reader, draft_id: str) -> dict[str, Any]:
    """One draft with its preview against the purchases of the last 30 days."""
    found = in_scope_of(engine, session, draft_id)
    effect = ceiling_preview.preview(engine, draft_id)
    if found is None or effect is None:
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", wrong("draft"))
    regencies = [
        {
            "regency": each.regency,
            "lines": each.lines,
            "lawful_now": each.lawful_now,
            "newly_refused": each.newly_refused,
            "share": round(each.share, 4),
            "newly_paid": each.newly_paid,
            "capped": each.capped,
        }
        for each in effect.regencies
    ]
    said = {"sentence": effect.sentence, "share": round(effect.share, 4), "regencies": regencies}
    return shown(found) | {"preview": said}


@router.post("/{draft_id}/signatures")
def post_signature(
    engine: EngineHere, session: Officer, draft_id: str, body: ActIn
) -> dict[str, Any]:
    """Sign a draft; the second person's signature publishes it to the tills."""
    return shown(_kept(ceilings.sign(engine, body.act, draft_id, session.staff_id, body.note)))


@router.post("/{draft_id}/withdrawals")
def post_withdrawal(
    engine: EngineHere, session: Officer, draft_id: str, body: ActIn
) -> dict[str, Any]:
    """Take a draft back before its day; a published one needs two people."""
    done = ceilings.withdraw(engine, body.act, draft_id, session.staff_id, body.note)
    return shown(_kept(done))


def asked_of(body: DraftIn) -> AskedDraft:
    """The value for the service."""
    scope, code = place_written(body.place)
    return AskedDraft(
        kind=DraftKind(body.kind),
        target=body.target,
        regulation=body.regulation,
        reason=body.reason,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        target_kind=body.target_kind,
        scope=scope,
        scope_code=code,
        rupiah=body.rupiah,
        action=Action(body.mode),
    )


def in_scope_of(engine: Engine, session: Session, draft_id: str) -> Told | None:
    """A draft that the caller may read: of her region, above it, or of the nation."""
    found = ceilings.find_draft(engine, draft_id)
    place = ceilings.place_of(found.draft) if found else None
    if found is None or place is None or session.region is None:
        return found
    own = session.region
    related = f"{place}.".startswith(f"{own}.") or f"{own}.".startswith(f"{place}.")
    return found if related else None


def proposal_json(found: Shown) -> dict[str, Any]:
    """A proposal with its days and what was answered."""
    answer = found.answer
    return {
        "proposal_id": found.proposal.proposal_id,
        "regency": found.proposal.regency,
        "sku": found.proposal.sku,
        "name": found.name,
        "first_day": found.proposal.first_day.isoformat(),
        "last_day": found.proposal.last_day.isoformat(),
        "days": found.days,
        "answer": answer
        and {
            "answer": answer.answer,
            "reason": answer.reason,
            "officer": answer.officer,
            "draft_id": answer.draft_id,
            "at": answer.at.isoformat(),
        },
    }


def _kept(done: Kept | Refused) -> Kept:
    """What was done, or the problem for the officer."""
    if isinstance(done, Refused):
        status = {
            "draft": HTTPStatus.NOT_FOUND,
            "proposal": HTTPStatus.NOT_FOUND,
            "officer": HTTPStatus.FORBIDDEN,
        }.get(done.field, HTTPStatus.CONFLICT if done.field in LATE else None)
        chosen = status or HTTPStatus.UNPROCESSABLE_ENTITY
        raise ProblemError(chosen, done.field.upper(), wrong(done.field), done.field)
    return done
