"""Routes of a session: log in, refresh, log out."""

from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Response

from pos_engine.engine import Engine
from pos_engine.services import sessions
from pos_engine.services.pin_sealing import ALGORITHM, sealing_key
from pos_engine.services.sessions import LoginRefusal, Opened
from pos_engine.web.auth import EngineHere, QuotasHere, SessionHere, SignedHere
from pos_engine.web.problem import ProblemError
from pos_engine.web.schemas import RefreshIn, SessionIn

router = APIRouter(prefix="/v1/sessions", tags=["sessions"])
DETAILS = {
    LoginRefusal.WRONG: "Perangkat, petugas, atau PIN belum cocok. Periksa lalu coba lagi.",
    LoginRefusal.LOCKED: "PIN salah terlalu sering. Tunggu, lalu coba lagi, atau minta admin "
    "membuka kembali.",
    LoginRefusal.STOPPED: "Tablet ini sudah dicabut oleh pemilik atau petugas.",
    LoginRefusal.FACTOR_NEEDED: "PIN cocok. Kirim juga kode 6 angka dari aplikasi kode.",
    LoginRefusal.FACTOR_SETUP: "PIN cocok. Buat faktor kedua dahulu di halaman petugas.",
    LoginRefusal.FACTOR_WRONG: "Kode belum cocok, atau sudah dipakai. Tunggu kode berikutnya.",
    LoginRefusal.FACTOR_LOCKED: "Kode salah terlalu sering. Tunggu, lalu coba lagi.",
    LoginRefusal.DEVICE_PROOF: "Perangkat ini harus masuk dengan kuncinya. Bila kuncinya hilang, "
    "daftarkan ulang dengan kode pemilik.",
    LoginRefusal.TICKET_OVER: "Waktunya habis. Masuk dari awal.",
}


@router.post("")
def open_session(
    engine: EngineHere, quotas: QuotasHere, body: SessionIn, signed: SignedHere
) -> dict[str, Any]:
    """Open a session with device, its secret, staff and PIN; officers send a `code` too.

    Signed by the tablet's key (`Device-Proof`) it is bound to it: each request is signed then.
    """
    quotas.of_login(body.device_id, body.staff_id)
    opened = sessions.open_session(
        engine,
        body.device_id,
        body.device_secret.get_secret_value(),
        body.staff_id,
        body.pin.get_secret_value(),
        code=body.code.get_secret_value() if body.code else "",
        proof=signed,
    )
    if isinstance(opened, LoginRefusal):
        raise ProblemError(HTTPStatus.UNAUTHORIZED, opened.value, DETAILS[opened])
    quotas.logged_in(body.device_id, body.staff_id)
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
def refresh(engine: EngineHere, body: RefreshIn, signed: SignedHere) -> dict[str, Any]:
    """Exchange a refresh token for fresh tokens; one that is used late ends its session."""
    opened = sessions.refresh_session(engine, body.refresh_token.get_secret_value(), signed)
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
        "bound": opened.bound,
    }
