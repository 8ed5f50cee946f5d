"""Routes by which a KPM makes a new PIN belanja: with card and code, or before two officers."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends

from pos_engine.engine import Engine
from pos_engine.rules.supervision import SupervisionRefusal
from pos_engine.services import pin_witnessed
from pos_engine.services.install import Refused
from pos_engine.services.pin_reset import reset_pin, send_reset_code
from pos_engine.services.sessions import Role, Session
from pos_engine.store.standing_people import PinWitness
from pos_engine.web.auth import EngineHere, TillSession, only, place_of
from pos_engine.web.people_answers import must
from pos_engine.web.people_bodies import OfficerPinIn, PinCodeIn, PinIn, WitnessIn
from pos_engine.web.problem import ProblemError

router = APIRouter(prefix="/v1/pins", tags=["people"])
Officer = Annotated[Session, Depends(only(Role.PENDAMPING, Role.DINSOS))]


@router.post("/codes")
def post_code(engine: EngineHere, session: TillSession, body: PinCodeIn) -> dict[str, Any]:
    """Send a code to the phone of the card's family; it makes a PIN and buys nothing."""
    place_of(session, body.till_id)
    sent = send_reset_code(engine, body.reset_id, body.card.get_secret_value())
    message = "Kode sudah dikirim ke HP KPM." if sent else "Kode belum bisa dikirim."
    next_step = "Ketik 6 angka dari SMS." if sent else "Minta dua petugas menyaksikan PIN baru."
    return {"sent": sent, "message": message, "next_step": next_step}


@router.post("")
def post_pin(engine: EngineHere, session: TillSession, body: PinIn) -> dict[str, Any]:
    """A new PIN, typed by the KPM herself; a guessable one is refused."""
    place_of(session, body.till_id)
    refused = _made(engine, body)
    if isinstance(refused, Refused):
        code = "PIN_NOT_TAKEN" if refused.field == "pin" else "NOT_PROVEN"
        detail = "PIN belum bisa dipakai. Pilih angka lain, atau periksa kartu dan kode."
        raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, code, detail, refused.field)
    must(refused)
    return {"status": "SET", "message": "PIN belanja tersimpan.", "next_step": ""}


def _made(engine: Engine, body: PinIn) -> Refused | SupervisionRefusal | None:
    pin = body.pin.get_secret_value()
    if body.witness_id is not None:
        return pin_witnessed.witnessed_pin(engine, body.witness_id, pin)
    card = body.card.get_secret_value() if body.card else ""
    code = body.code.get_secret_value() if body.code else ""
    return reset_pin(engine, body.reset_id or "", card, code, pin)


@router.post("/witnesses")
def post_witness(engine: EngineHere, session: Officer, body: WitnessIn) -> dict[str, Any]:
    """The first officer says that it is she; no PIN is seen here."""
    pin = body.pin.get_secret_value()
    row = pin_witnessed.first_witness(engine, session, body.witness_id, body.kpm_id, pin)
    return _json(must(row))


@router.post("/witnesses/{witness_id}")
def post_second(
    engine: EngineHere, session: Officer, witness_id: str, body: OfficerPinIn
) -> dict[str, Any]:
    """Another officer says the same; now she types her PIN at a till."""
    pin = body.pin.get_secret_value()
    return _json(must(pin_witnessed.second_witness(engine, session, witness_id, pin)))


def _json(row: PinWitness) -> dict[str, Any]:
    return {
        "witness_id": row.witness_id,
        "kpm_id": row.kpm_id,
        "complete": row.second_by is not None,
        "expires_at": row.expires_at.isoformat(timespec="seconds"),
    }
