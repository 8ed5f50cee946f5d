"""The beginning of an installation: shops, tills, devices, staff."""

import secrets
from dataclasses import dataclass

from catalog.zones import region_exists
from pos_engine.engine import DEMO, KIND, Engine
from pos_engine.rules.identity import PIN_DIGITS, is_digits
from pos_engine.rules.ids import ShopId, TillId, new_uuid7
from pos_engine.rules.lockout import STAFF_TRIES_MAX
from pos_engine.services import lockout
from pos_engine.services.second_factor import give_setup_code, kinds_of
from pos_engine.services.sessions import FACTOR_ROLES, SHOP_ROLES, Role, needs_factor
from pos_engine.services.slow_hash import hash_pin
from pos_engine.store import devices, installation, session_bonds, shops
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceState

NAME_LENGTH_MAX = 60
SECRET_BYTES = 24
BY_COMMAND = "cli"  # who, where nobody is logged in


@dataclass(frozen=True, slots=True)
class Refused:
    """Why nothing was written, for the person at the command line."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class NewShop:
    """A shop with its first till."""

    shop_id: ShopId
    till_id: TillId


@dataclass(frozen=True, slots=True, repr=False)
class NewStaff:
    """A member of staff and the PIN to hand over once; for an officer the set-up code too."""

    staff_id: str
    pin: str
    setup_code: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class NewDevice:
    """A device and its secret: shown now, never again."""

    device_id: str
    device_secret: str


def mark_demo(engine: Engine) -> None:
    """Say that this installation holds samples only."""
    with engine.database.begin() as tx:
        installation.mark(tx, KIND, DEMO)


def add_shop(engine: Engine, name: str, region: str) -> NewShop | Refused:
    """Open a shop with one till. `region` is a Kemendagri code, village if known."""
    if not 1 <= len(name.strip()) <= NAME_LENGTH_MAX:
        return Refused("name", f"1 to {NAME_LENGTH_MAX} characters")
    if not region_exists(region) or "." not in region:
        return Refused("region", f"{region} is no regency, district or village code")
    now = engine.now()
    shop_id, till_id = ShopId(new_uuid7(now)), TillId(new_uuid7(now))
    with engine.database.begin() as tx:
        shops.add_shop(tx, shops.Shop(shop_id, name.strip(), region, shops.ACTIVE), now)
        shops.add_till(tx, till_id, shop_id, now)
    return NewShop(shop_id, till_id)


def add_staff(
    engine: Engine,
    name: str,
    role: Role,
    *,
    shop_id: str | None = None,
    region: str | None = None,
    pin: str | None = None,
) -> NewStaff | Refused:
    """Add staff. Shop roles need a shop, offices none; without a PIN one is drawn."""
    if not 1 <= len(name.strip()) <= NAME_LENGTH_MAX:
        return Refused("name", f"1 to {NAME_LENGTH_MAX} characters")
    if (role in SHOP_ROLES) != (shop_id is not None):
        return Refused("shop", f"{role} {'needs' if role in SHOP_ROLES else 'has no'} shop")
    if region is not None and not region_exists(region):
        return Refused("region", f"{region} is no Kemendagri code")
    chosen = pin or f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    if not is_digits(chosen, PIN_DIGITS):
        return Refused("pin", f"exactly {PIN_DIGITS} digits")
    now = engine.now()
    staff = shops.Staff(
        staff_id=new_uuid7(now),
        name=name.strip(),
        role=role.value,
        shop_id=ShopId(shop_id) if shop_id else None,
        region=region,
        pin_hash=hash_pin(chosen),
        tries_left=STAFF_TRIES_MAX,
        status=shops.ACTIVE,
    )
    with engine.database.begin() as tx:
        if shop_id is not None and shops.find_shop(tx, shop_id) is None:
            return Refused("shop", f"no shop {shop_id}")
        shops.add_staff(tx, staff, now)
        code = None
        if needs_factor(engine, staff):
            code = give_setup_code(engine, tx, staff.staff_id, BY_COMMAND)
    return NewStaff(staff.staff_id, chosen, code)


def reset_staff_pin(engine: Engine, staff_id: str) -> NewStaff | Refused:
    """Draw a new PIN and give the tries back: the way out of a locked log-in.

    Whoever is logged in with the PIN of before is so no longer.
    """
    pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    with engine.database.begin() as tx:
        if shops.find_staff(tx, staff_id) is None:
            return Refused("staff", f"no staff {staff_id}")
        shops.set_staff_pin(tx, staff_id, hash_pin(pin), STAFF_TRIES_MAX)
        lockout.give_pin_tries(tx, staff_id)
        session_bonds.end_sessions_of(tx, staff_id, engine.now())
    return NewStaff(staff_id, pin)


def new_setup_code(engine: Engine, staff_id: str) -> str | Refused:
    """A fresh set-up code for an officer who has no second factor; else two people are needed."""
    with engine.database.begin() as tx:
        staff = shops.find_staff(tx, staff_id)
        if staff is None or staff.role not in FACTOR_ROLES:
            return Refused("staff", f"no officer {staff_id}")
        if kinds_of(tx, staff_id):
            return Refused("staff", "has a second factor: an ADMIN and a second person replace it")
        return give_setup_code(engine, tx, staff_id, BY_COMMAND)


def log_out_everywhere(engine: Engine, staff_id: str) -> int | Refused:
    """End every session of a member of staff; how many lived."""
    with engine.database.begin() as tx:
        if shops.find_staff(tx, staff_id) is None:
            return Refused("staff", f"no staff {staff_id}")
        return session_bonds.end_sessions_of(tx, staff_id, engine.now())


def revoke_device(engine: Engine, device_id: str) -> Refused | None:
    """Stop a lost or stolen tablet at once: its open sessions die with it."""
    with engine.database.begin() as tx:
        if shops.find_device(tx, device_id) is None:
            return Refused("device", f"no device {device_id}")
        revoke_in(tx, engine, device_id, BY_COMMAND)
    return None


def revoke_in(tx: Tx, engine: Engine, device_id: str, by: str) -> None:
    """Stop a device and the key that it signs with, inside the caller's transaction."""
    shops.set_device_status(tx, device_id, shops.REVOKED)
    key = devices.find_key(tx, device_id, lock=True)
    if key is not None and key.state != DeviceState.REVOKED:
        now = engine.now()
        devices.set_state(tx, key, DeviceState.REVOKED, new_uuid7(now), by, now)


def add_device(engine: Engine, till_id: str | None) -> NewDevice | Refused:
    """Add a till's tablet, or an office computer when there is no till."""
    now, secret = engine.now(), secrets.token_urlsafe(SECRET_BYTES)
    with engine.database.begin() as tx:
        shop_id = shops.find_till_shop(tx, till_id) if till_id else None
        if till_id is not None and shop_id is None:
            return Refused("till", f"no till {till_id}")
        device = shops.Device(
            device_id=new_uuid7(now),
            till_id=TillId(till_id) if till_id else None,
            shop_id=shop_id,
            secret_hash=engine.keys.token_digest(secret),
            status=shops.ACTIVE,
        )
        shops.add_device(tx, device, now)
    return NewDevice(device.device_id, secret)
