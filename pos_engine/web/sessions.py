"""Routes of a session: log in, refresh, log out."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response

from pos_engine.engine import Engine
from pos_engine.services import sessions
from pos_engine.services.pin_sealing import ALGORITHM, sealing_key
from pos_engine.services.sessions import LoginRefusal, Opened
from pos_engine.web.auth import EngineHere, SessionHere
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import RefreshIn, SessionIn

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])
DETAILS = {
    LoginRefusal.WRONG: "Perangkat, petugas, atau PIN belum cocok. Periksa lalu coba lagi.",
    LoginRefusal.LOCKED: "PIN salah terlalu sering. Minta pemilik atau admin membuka kembali.",
}


@router.post("")
def open_session(engine: EngineHere, body: SessionIn) -> dict[str, Any]:
    """Open a session with device, its secret, staff and PIN."""
    opened = sessions.open_session(
        engine,
        body.device_id,
        body.device_secret.get_secret_value(),
        body.staff_id,
        body.pin.get_secret_value(),
    )
    if isinstance(opened, LoginRefusal):
        raise ProblemError(HTTPStatus.UNAUTHORIZED, opened.value, DETAILS[opened])
    return _opened_json(engine, opened)


@router.get("/sealing-key")
def get_sealing_key(engine: EngineHere) -> dict[str, Any]:
    """The engine's public key of this week: a page seals a PIN belanja to it before sending it."""
    key = sealing_key(engine)
    return {
        "kid": key.kid,
        "algorithm": ALGORITHM,
        "public_key": key.public_key,
        "until": key.until.isoformat(timespec="seconds"),
        "server_time": engine.now().isoformat(timespec="seconds"),
    }


@router.post("/refresh")
def refresh(engine: EngineHere, body: RefreshIn) -> dict[str, Any]:
    """Exchange a refresh token for fresh tokens."""
    opened = sessions.refresh_session(engine, body.refresh_token.get_secret_value())
    if opened is None:
        raise ProblemError(HTTPStatus.UNAUTHORIZED, "NO_SESSION", "Sesi berakhir. Masuk lagi.")
    return _opened_json(engine, opened)


@router.delete("", status_code=HTTPStatus.NO_CONTENT)
def close(engine: EngineHere, session: SessionHere) -> Response:
    """Log out."""
    sessions.end_session(engine, session)
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _opened_json(engine: Engine, opened: Opened) -> dict[str, Any]:
    session = opened.session
    with engine.database.read() as tx:
        zones = engine.catalogue(tx).zones
    shop = session.shop
    return {
        "access_token": opened.access_token,
        "expires_in": int(sessions.ACCESS_LIFE.total_seconds()),
        "refresh_token": opened.refresh_token,
        "staff": {"role": session.role.value, "name": session.staff_name},
        "till_id": session.till_id,
        "shop": shop
        and {
            "shop_id": shop.shop_id,
            "name": shop.name,
            "region": shop.region,
            "time_zone": str(zones.time_zone_of(shop.region)),
        },
        "server_time": engine.now().isoformat(timespec="seconds"),
    }
