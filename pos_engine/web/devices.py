"""Routes of the devices: the owner's code, a new device, its key, approval, the end."""

from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from pos_engine.services import devices
from pos_engine.services.device_codes import make_code
from pos_engine.services.devices import DeviceProblem, Enrolled, NewDevice
from pos_engine.services.sessions import SHOP_ROLES, LoginRefusal, Role, Session
from pos_engine.web.auth import EngineHere, TillSession, only
from pos_engine.web.device_bodies import BindIn, CodeAskIn, DeviceIn, key_json, listed_json
from pos_engine.web.problem import ProblemError
from pos_engine.web.rates import Rate
from pos_engine.web.sessions import DETAILS

router = APIRouter(prefix="/v1/devices", tags=["devices"])
Owner = Annotated[Session, Depends(only(Role.PEMILIK))]
Office = Annotated[Session, Depends(only(Role.DINSOS))]
Watcher = Annotated[Session, Depends(only(Role.PEMILIK, Role.DINSOS))]
Stopper = Annotated[Session, Depends(only(Role.PEMILIK, Role.DINSOS, Role.ADMIN))]
DeviceId = Annotated[str, Path(pattern=r"^[\x20-\x7e]{1,64}$")]
ENROLMENTS_OF_AN_ADDRESS_MAX = 10
ENROLMENTS_OF_ALL_MAX = 300
ENROLMENTS_WINDOW_S = 600.0
PROBLEMS = {
    DeviceProblem.CODE_WRONG: (403, "Kode perangkat belum cocok atau sudah habis waktunya."),
    DeviceProblem.CODE_USED: (409, "Kode ini sudah dipakai. Minta kode baru dari pemilik."),
    DeviceProblem.KEY_TAKEN: (409, "Kunci ini milik perangkat lain. Buat kunci baru."),
    DeviceProblem.DEVICE_TAKEN: (409, "Perangkat ini sudah terdaftar. Daftarkan sebagai baru."),
    DeviceProblem.DEVICE_UNKNOWN: (404, "Perangkat ini tidak ada di wilayah Anda."),
    DeviceProblem.DEVICE_NOT_TILL: (403, "Perangkat ini bukan milik sebuah warung."),
    DeviceProblem.DEVICE_STOPPED: (
        409,
        "Perangkat ini berhenti. Daftarkan sebagai perangkat baru.",
    ),
}


class Gate:
    """How often devices may ask to be let in, of one server process."""

    def __init__(self) -> None:
        self.address = Rate(ENROLMENTS_OF_AN_ADDRESS_MAX, ENROLMENTS_WINDOW_S)
        self.all = Rate(ENROLMENTS_OF_ALL_MAX, ENROLMENTS_WINDOW_S)


def _let_through(request: Request) -> None:
    """429 for whoever tries codes."""
    state = request.app.state
    if not hasattr(state, "device_gate"):
        state.device_gate = Gate()
    gate: Gate = state.device_gate
    host = request.client.host if request.client else ""
    if not (gate.address.allow(host) and gate.all.allow("")):
        detail = "Terlalu sering mencoba. Tunggu 10 menit."
        raise ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "TOO_OFTEN", detail)


@router.post("/codes", status_code=HTTPStatus.CREATED)
def post_code(engine: EngineHere, session: Owner, body: CodeAskIn) -> dict[str, Any]:
    """A one-time code for a new device of the owner's till, after her own PIN once more."""
    made = make_code(engine, session, body.pin.get_secret_value())
    if isinstance(made, LoginRefusal):
        raise ProblemError(HTTPStatus.FORBIDDEN, made.value, DETAILS[made], "pin")
    return {"code": made.code, "expires_at": made.expires_at.isoformat(timespec="seconds")}


@router.post("", status_code=HTTPStatus.CREATED, responses={429: {"description": "TOO_OFTEN"}})
def post_device(request: Request, engine: EngineHere, body: DeviceIn) -> dict[str, Any]:
    """Let a device in by its owner's code: it sells online at once. Nobody is logged in yet."""
    _let_through(request)
    new = NewDevice(body.device_id, body.key(), body.label)
    found = devices.enrol(engine, new, body.code.get_secret_value())
    if isinstance(found, DeviceProblem):
        raise _problem(found)
    return _enrolled_json(found)


def _enrolled_json(found: Enrolled) -> dict[str, Any]:
    shop = found.shop
    return key_json(found.key) | {
        "device_secret": found.device_secret,
        "shop": {"shop_id": shop.shop_id, "name": shop.name, "region": shop.region},
        "staff": [{"staff_id": staff_id, "role": role} for staff_id, role in found.staff],
    }


@router.put("/key")
def put_key(engine: EngineHere, session: TillSession, body: BindIn) -> dict[str, Any]:
    """Bind a key to the device of this session that has none yet."""
    code = body.code.get_secret_value() if body.code else None
    found = devices.bind_key(engine, session, body.key(), body.label, code)
    if isinstance(found, DeviceProblem):
        raise _problem(found)
    return key_json(found)


@router.get("")
def get_devices(engine: EngineHere, session: Watcher) -> dict[str, Any]:
    """The shop's own devices, or those of the officer's region; the newest first."""
    if session.role in SHOP_ROLES:
        own = session.shop.shop_id if session.shop else ""
        rows = devices.list_devices(engine, shop_id=own)
    else:
        rows = devices.list_devices(engine, region=session.region)
    return {"devices": [listed_json(row) for row in rows]}


@router.post("/{device_id}/approve")
def post_approval(engine: EngineHere, session: Office, device_id: DeviceId) -> dict[str, Any]:
    """Let a device of the region hold allowances."""
    found = devices.approve(engine, device_id, session.staff_id, session.region)
    if isinstance(found, DeviceProblem):
        raise _problem(found)
    return key_json(found)


@router.post("/{device_id}/revoke")
def post_revocation(engine: EngineHere, session: Stopper, device_id: DeviceId) -> dict[str, Any]:
    """Stop a device at once: own shop, own region, or any for ADMIN."""
    problem = devices.revoke(engine, session, device_id)
    if problem is not None:
        raise _problem(problem)
    return {
        "device_id": device_id,
        "state": "REVOKED",
        "message": "Perangkat berhenti. Belanja tanpa sinyal yang sudah terjadi tetap diproses.",
    }


def _problem(problem: DeviceProblem) -> ProblemError:
    status, detail = PROBLEMS[problem]
    return ProblemError(status, problem.value, detail)
