"""The route that finds out who pays."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Query

from catalog.programmes import PROGRAMME_CODE_LENGTH_MAX
from pos_engine.engine import Engine
from pos_engine.rules.identity import Method
from pos_engine.rules.ladder import Step
from pos_engine.rules.nik import nik_facts
from pos_engine.services.challenge import issue_challenge
from pos_engine.services.identification import Asked, Identification, asked_at, signed_token
from pos_engine.services.identify import Factor, continue_with, identify_card, identify_phone
from pos_engine.services.identify_face import FaceAsk, identify_face
from pos_engine.services.identify_ktp import identify_ktp
from pos_engine.services.ladder import ladder_at, next_after, stopped
from pos_engine.services.payer import Place
from pos_engine.services.payer_methods import ways_of
from pos_engine.services.sessions import shop_scope
from pos_engine.web.auth import EngineHere, QuotasHere, TillSession, place_of
from pos_engine.web.people_bodies import LadderIn
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import (
    CardAskIn,
    ContinueIn,
    FaceIn,
    IdentifyIn,
    KtpIn,
    PhoneAskIn,
    pictures_within_limits,
)
from pos_engine.web.sealed_pin import opened, pin_of
from pos_engine.wire.ladder import told

router = APIRouter(prefix="/v1/payers", tags=["payers"])
IdentifyBody = FaceIn | KtpIn | PhoneAskIn | CardAskIn | ContinueIn


@router.post("/challenges")
def post_challenge(engine: EngineHere, session: TillSession) -> dict[str, Any]:
    """What the person before the camera is asked to do; one answer within a minute."""
    scope = shop_scope(session)
    if scope is None:
        raise ProblemError(HTTPStatus.FORBIDDEN, "OTHER_TILL", "Sesi ini tidak punya kasir.")
    new = issue_challenge(engine, Place(*scope))
    return {
        "challenge_id": new.challenge_id,
        "action": new.action,
        "expires_at": new.expires_at.isoformat(timespec="seconds"),
    }


@router.get("/methods")
def get_methods(
    engine: EngineHere,
    session: TillSession,
    programme: Annotated[str | None, Query(max_length=PROGRAMME_CODE_LENGTH_MAX)] = None,
) -> dict[str, Any]:
    """Which ways of proving who pays work for a programme's money: asked before any of them."""
    if session.shop is None:
        raise ProblemError(HTTPStatus.FORBIDDEN, "OTHER_TILL", "Sesi ini tidak punya kasir.")
    found = ways_of(engine, session.shop, programme)
    if not found:
        raise ProblemError(HTTPStatus.NOT_FOUND, "NOT_FOUND", "Program ini tidak ada.", "programme")
    return {
        "programmes": [
            {
                "programme": each.programme,
                "title": each.title,
                "custodian": each.custodian,
                "asks_bank": each.at_bank,
                "methods": list(each.methods),
            }
            for each in found
        ]
    }


@router.post("/identify")
def post_identify(
    engine: EngineHere, quotas: QuotasHere, session: TillSession, body: IdentifyIn
) -> dict[str, Any]:
    """Card, phone, KTP or face; or the step-up of an earlier answer."""
    place = place_of(session, body.till_id)
    method, number = _claimed(body)
    quotas.of_payer(number)
    asked = asked_at(engine, session, place, body.quote_id)
    spent = stopped(engine, asked, method, number) if method else None
    answer = spent or _identify(engine, asked, body)
    step = next_after(engine, asked, answer, number)
    return _json(engine, answer) | _next_json(step) | _warnings(body)


@router.post("/ladder")
def post_ladder(engine: EngineHere, session: TillSession, body: LadderIn) -> dict[str, Any]:
    """The next way of proving who pays, whatever failed or was skipped; there always is one."""
    place = place_of(session, body.till_id)
    asked = asked_at(engine, session, place, body.quote_id)
    rung = ladder_at(engine, asked, body.to_ask())
    return _next_json(rung.step) | {"case_id": rung.case_id}


def _next_json(step: Step | None) -> dict[str, Any]:
    """The rung; nothing to say after what did not fail."""
    if step is None:
        return {"next_method": None}
    return {
        "next_method": step.way.value,
        "ladder": {
            "why": step.why.value,
            "message": told(step),
            "tries_left": step.tries_left,
            "choices": [each.value for each in step.choices],
        },
    }


def _claimed(body: IdentifyBody) -> tuple[Method | None, str | None]:
    """The way that is tried and the number it claims; a step-up has counters of its own."""
    match body:
        case FaceIn():
            return Method.FACE, None
        case KtpIn():
            return Method.KTP, body.nik.get_secret_value()
        case PhoneAskIn():
            return Method.PHONE, body.msisdn
        case CardAskIn():
            return Method.KKS, body.number
        case ContinueIn():
            return None, None


def _warnings(body: IdentifyBody) -> dict[str, Any]:
    """A district that nobody knows refuses nothing: a NIK keeps its code after a split."""
    if isinstance(body, KtpIn) and not nik_facts(body.nik.get_secret_value()).place_known:
        return {"warnings": ["NIK_PLACE_UNKNOWN"]}
    return {}


def _identify(engine: Engine, asked: Asked, body: IdentifyBody) -> Identification:
    match body:
        case FaceIn():
            images = pictures_within_limits(body.images)
            ask = FaceAsk(images, body.challenge_id, body.birth_date)
            return identify_face(engine, asked, ask)
        case KtpIn():
            images = pictures_within_limits(body.images)
            said = {"challenge_id": body.challenge_id, "for_kpm_id": body.for_kpm_id}
            return identify_ktp(engine, asked, body.nik.get_secret_value(), images, **said)
        case PhoneAskIn():
            return identify_phone(engine, asked, body.msisdn, body.purchase_id, body.amount)
        case CardAskIn():
            proof = opened(engine, body.to_proof(), body.till_id)
            return identify_card(engine, asked, proof)
        case ContinueIn():
            value = body.value.get_secret_value() if body.value else None
            if body.pin_sealed is not None:
                value = pin_of(engine, body.pin_sealed, body.till_id)
            factor = Factor(body.factor, value, body.purchase_id or "", body.amount or 0)
            return continue_with(engine, asked, body.token, factor)


def _json(engine: Engine, answer: Identification) -> dict[str, Any]:
    token, scope = answer.token, answer.scope
    return {
        "status": answer.status.value,
        "method": answer.method.value,
        "payer_token": signed_token(engine, answer),
        "expires_at": token.expires_at.isoformat(timespec="seconds") if token else None,
        "step_up": list(token.step_up) if token else [],
        "reason": answer.reason.value if answer.reason else None,
        "message": answer.message,
        "next_step": answer.next_step,
        "scope": scope
        and {"kind": scope.kind, "size": scope.size, "fpir_estimate": scope.fpir_estimate},
        "name": answer.name,
        **_families(answer),
    }


def _families(answer: Identification) -> dict[str, Any]:
    """For whom a delegate may buy, when she must say it."""
    if not answer.families:
        return {}
    return {"families": [{"kpm_id": kpm_id, "name": name} for kpm_id, name in answer.families]}
