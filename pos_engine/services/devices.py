"""A device's way in and out: by its owner's code, approved by DINSOS, revoked by either."""

from dataclasses import dataclass
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.ids import ShopId, TillId, new_uuid7
from pos_engine.services.cards import inside
from pos_engine.services.device_codes import CodeRefusal, use_code
from pos_engine.services.device_signature import PublicKey
from pos_engine.services.install import revoke_in
from pos_engine.services.sessions import Role, Session
from pos_engine.store import devices, shops
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceKey, DeviceState, ListedDevice

SECRET_SHOWN = 600  # seconds in which a lost answer may be asked again
DEMO_OFFICER = "demo"


class DeviceProblem(StrEnum):
    """Why nothing was changed; each is an error of its own for programs."""

    CODE_WRONG = "CODE_WRONG"
    CODE_USED = "CODE_USED"
    KEY_TAKEN = "KEY_TAKEN"  # the key belongs to another device
    DEVICE_TAKEN = "DEVICE_TAKEN"  # the device has another key, or its secret was shown already
    DEVICE_UNKNOWN = "DEVICE_UNKNOWN"
    DEVICE_NOT_TILL = "DEVICE_NOT_TILL"  # an office computer sells nothing
    DEVICE_STOPPED = "DEVICE_STOPPED"  # quarantined or revoked: enrol a new one


PROBLEM_OF = {
    CodeRefusal.CODE_WRONG: DeviceProblem.CODE_WRONG,
    CodeRefusal.CODE_USED: DeviceProblem.CODE_USED,
}


@dataclass(frozen=True, slots=True)
class NewDevice:
    """A device that asks to be let in, under a name (UUIDv7) and a key of its own."""

    device_id: str
    public_key: PublicKey
    label: str


@dataclass(frozen=True, slots=True, repr=False)
class Enrolled:
    """A device that is in. The secret is for its log-ins; staff by id and role."""

    key: DeviceKey
    device_secret: str
    shop: shops.Shop
    staff: list[tuple[str, str]]


def enrol(engine: Engine, new: NewDevice, code: str) -> Enrolled | DeviceProblem:
    """Let a device in by its owner's code: it sells with signal at once.

    The same again within ten minutes gives the same secret, unless somebody logged in on it.
    """
    return engine.database.transact(lambda tx: _enrol(tx, engine, new, code))


def _enrol(tx: Tx, engine: Engine, new: NewDevice, code: str) -> Enrolled | DeviceProblem:
    if shops.find_device(tx, new.device_id) is not None:
        return _again(tx, engine, new)
    if devices.kid_is_known(tx, new.public_key.key_id):
        return DeviceProblem.KEY_TAKEN
    used = use_code(tx, engine, code, new.device_id)
    if isinstance(used, CodeRefusal):
        return PROBLEM_OF[used]
    now, secret = engine.now(), engine.keys.device_secret(new.device_id, used.code_id)
    device = shops.Device(
        device_id=new.device_id,
        till_id=TillId(used.till_id),
        shop_id=ShopId(used.shop_id),
        secret_hash=engine.keys.token_digest(secret),
        status=shops.ACTIVE,
    )
    shops.add_device(tx, device, now)
    key = _bind(tx, engine, device, new, used.made_by, used.code_id)
    return _enrolled(tx, key, secret)


def _again(tx: Tx, engine: Engine, new: NewDevice) -> Enrolled | DeviceProblem:
    """The answer got lost on its way: the same content is the same device."""
    key = devices.find_key(tx, new.device_id)
    if key is None or key.code_id is None or not _same(key, new):
        return DeviceProblem.DEVICE_TAKEN
    late = (engine.now() - key.made_at).total_seconds() > SECRET_SHOWN
    if late or devices.was_used(tx, new.device_id):
        return DeviceProblem.DEVICE_TAKEN
    return _enrolled(tx, key, engine.keys.device_secret(new.device_id, key.code_id))


def _same(key: DeviceKey, new: NewDevice) -> bool:
    same = key.public_key == new.public_key.raw and key.algorithm == new.public_key.algorithm
    return same and key.label == new.label


def _enrolled(tx: Tx, key: DeviceKey, secret: str) -> Enrolled:
    shop = shops.find_shop(tx, key.shop_id)
    if shop is None:
        raise LookupError(key.shop_id)  # a device of a shop that is not there: a fault
    return Enrolled(key, secret, shop, devices.staff_of(tx, key.shop_id))


def bind_key(
    engine: Engine, session: Session, public_key: PublicKey, label: str, code: str | None
) -> DeviceKey | DeviceProblem:
    """Bind a key to the device of a session that has none. The same again is the same answer.

    A sample installation needs no code.
    """
    new = NewDevice(session.device_id, public_key, label)
    return engine.database.transact(lambda tx: _bind_own(tx, engine, session, new, code))


def _bind_own(
    tx: Tx, engine: Engine, session: Session, new: NewDevice, code: str | None
) -> DeviceKey | DeviceProblem:
    device = shops.find_device(tx, new.device_id)
    if device is None or device.shop_id is None or device.till_id is None:
        return DeviceProblem.DEVICE_NOT_TILL
    bound = devices.find_key(tx, new.device_id)
    if bound is not None:
        same = bound.public_key == new.public_key.raw
        return bound if same else DeviceProblem.DEVICE_TAKEN
    if devices.kid_is_known(tx, new.public_key.key_id):
        return DeviceProblem.KEY_TAKEN
    by, code_id = session.staff_id, None
    if code is not None or not engine.is_demo(tx):
        used = use_code(tx, engine, code or "", new.device_id)
        if isinstance(used, CodeRefusal):
            return PROBLEM_OF[used]
        if used.shop_id != device.shop_id:
            return DeviceProblem.CODE_WRONG
        by, code_id = used.made_by, used.code_id
    return _bind(tx, engine, device, new, by, code_id)


def _bind(
    tx: Tx,
    engine: Engine,
    device: shops.Device,
    new: NewDevice,
    by: str,
    code_id: str | None,
) -> DeviceKey:
    now = engine.now()
    key = DeviceKey(
        device_id=new.device_id,
        shop_id=device.shop_id or "",
        till_id=device.till_id or "",
        kid=new.public_key.key_id,
        algorithm=new.public_key.algorithm.value,
        public_key=new.public_key.raw,
        state=DeviceState.ONLINE.value,
        label=new.label,
        code_id=code_id,
        made_at=now,
        approved_at=None,
        revoked_at=None,
    )
    devices.add_key(tx, key, new_uuid7(now), by)
    if engine.is_demo(tx):  # nobody of a sample waits for an office
        devices.set_state(tx, key, DeviceState.APPROVED, new_uuid7(now), DEMO_OFFICER, now)
    return devices.find_key(tx, new.device_id) or key


def approve(
    engine: Engine, device_id: str, officer: str, region: str | None
) -> DeviceKey | DeviceProblem:
    """DINSOS lets a device hold allowances. Twice is once; `region` is the officer's scope."""
    with engine.database.begin() as tx:
        key = _in_reach(tx, device_id, region)
        if key is None:
            return DeviceProblem.DEVICE_UNKNOWN
        if key.state == DeviceState.ONLINE:
            now = engine.now()
            devices.set_state(tx, key, DeviceState.APPROVED, new_uuid7(now), officer, now)
        elif key.state != DeviceState.APPROVED:
            return DeviceProblem.DEVICE_STOPPED
        return devices.find_key(tx, device_id) or key


def revoke(engine: Engine, session: Session, device_id: str) -> DeviceProblem | None:
    """Stop a device at once: its sessions die, its key signs no new request. Twice is once.

    Its allowances sell no more; what it sold before is still judged when it comes. An owner stops
    her own shop's, DINSOS those of the region, ADMIN any.
    """
    with engine.database.begin() as tx:
        device = shops.find_device(tx, device_id)
        shop = shops.find_shop(tx, device.shop_id) if device and device.shop_id else None
        if shop is None or not _may_stop(session, shop):
            return DeviceProblem.DEVICE_UNKNOWN
        revoke_in(tx, engine, device_id, session.staff_id)
    return None


def _may_stop(session: Session, shop: shops.Shop) -> bool:
    if session.role is Role.PEMILIK:
        return session.shop is not None and session.shop.shop_id == shop.shop_id
    return inside(shop.region, session.region)


def quarantine_in(tx: Tx, engine: Engine, key: DeviceKey, by: str) -> None:
    """Two tablets signed as one: the device gets no new allowance. It goes on selling online.

    `key` was found with its lock.
    """
    if key.state in (DeviceState.ONLINE, DeviceState.APPROVED):
        now = engine.now()
        devices.set_state(tx, key, DeviceState.QUARANTINED, new_uuid7(now), by, now)


def _in_reach(tx: Tx, device_id: str, region: str | None) -> DeviceKey | None:
    key = devices.find_key(tx, device_id, lock=True)
    shop = shops.find_shop(tx, key.shop_id) if key is not None else None
    return key if shop is not None and inside(shop.region, region) else None


def list_devices(
    engine: Engine, *, shop_id: str | None = None, region: str | None = None
) -> list[ListedDevice]:
    """Devices with a key, of a shop or of a region, the newest first."""
    with engine.database.read() as tx:
        return devices.keys_of(tx, shop_id=shop_id, region=region)
