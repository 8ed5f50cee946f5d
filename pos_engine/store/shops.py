"""Shops, tills, devices, staff and their sessions."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, insert, select, update

from pos_engine.rules.ids import ShopId, TillId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import device, session, shop, staff, till

ACTIVE = "ACTIVE"
REVOKED = "REVOKED"


@dataclass(frozen=True, slots=True)
class Shop:
    """An e-warong. `region` is its Kemendagri village (or wider) code."""

    shop_id: ShopId
    name: str
    region: str
    status: str


@dataclass(frozen=True, slots=True)
class Device:
    """A tablet (or office computer: no till) and the hash of its one-time shown secret."""

    device_id: str
    till_id: TillId | None
    shop_id: ShopId | None
    secret_hash: bytes
    status: str


@dataclass(frozen=True, slots=True)
class Staff:
    """A person who works with the engine. Row scope: `shop_id`, else `region` as a prefix."""

    staff_id: str
    name: str
    role: str
    shop_id: ShopId | None
    region: str | None
    pin_hash: str
    tries_left: int
    status: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A staff member's session on a device; refresh tokens are kept as hashes."""

    session_id: str
    staff_id: str
    device_id: str
    refresh_hash: bytes
    previous_hash: bytes | None
    previous_until: datetime | None
    expires_at: datetime
    ended_at: datetime | None


# Built once: these are read for every request.
SHOP_COLUMNS = (shop.c.shop_id, shop.c.name, shop.c.region, shop.c.status)
_SHOP = select(*SHOP_COLUMNS).where(
    shop.c.shard == bindparam("shard"), shop.c.shop_id == bindparam("shop_id")
)
_DEVICE = select(
    device.c.device_id,
    device.c.till_id,
    device.c.shop_id,
    device.c.secret_hash,
    device.c.status,
).where(device.c.shard == bindparam("shard"), device.c.device_id == bindparam("device_id"))
_STAFF = select(
    staff.c.staff_id,
    staff.c.name,
    staff.c.role,
    staff.c.shop_id,
    staff.c.region,
    staff.c.pin_hash,
    staff.c.tries_left,
    staff.c.status,
).where(staff.c.shard == bindparam("shard"), staff.c.staff_id == bindparam("staff_id"))
_SESSION = select(
    session.c.session_id,
    session.c.staff_id,
    session.c.device_id,
    session.c.refresh_hash,
    session.c.previous_hash,
    session.c.previous_until,
    session.c.expires_at,
    session.c.ended_at,
).where(session.c.shard == bindparam("shard"), session.c.session_id == bindparam("session_id"))


def add_shop(tx: Tx, new: Shop, now: datetime) -> None:
    """Write a new shop; `ConflictError` when the id is taken."""
    tx.execute(
        insert(shop).values(
            shard=shard_of(new.shop_id),
            shop_id=new.shop_id,
            name=new.name,
            region=new.region,
            status=new.status,
            created_at=now,
        )
    )


def find_shop(tx: Tx, shop_id: str) -> Shop | None:
    """One shop by id."""
    row = tx.execute(_SHOP, {"shard": shard_of(shop_id), "shop_id": shop_id}).one_or_none()
    return Shop(*row) if row else None


def shops_under(tx: Tx, region: str, limit: int) -> list[Shop]:
    """Active shops of a region, by place and name."""
    inside = (shop.c.region == region) | shop.c.region.startswith(f"{region}.")
    rows = tx.execute(
        select(*SHOP_COLUMNS)
        .where(inside, shop.c.status == ACTIVE)
        .order_by(shop.c.region, shop.c.name, shop.c.shop_id)
        .limit(limit)
    )
    return [Shop(*row) for row in rows]


def set_shop_status(tx: Tx, shop_id: str, status: str) -> None:
    """ACTIVE or SUSPENDED."""
    tx.execute(
        update(shop)
        .where(shop.c.shard == shard_of(shop_id), shop.c.shop_id == shop_id)
        .values(status=status)
    )


def add_till(tx: Tx, till_id: str, shop_id: str, now: datetime) -> None:
    """Write a new till of a shop."""
    tx.execute(
        insert(till).values(
            shard=shard_of(till_id), till_id=till_id, shop_id=shop_id, status=ACTIVE, created_at=now
        )
    )


def find_till_shop(tx: Tx, till_id: str) -> ShopId | None:
    """The shop that a till belongs to."""
    shop_id = tx.execute(
        select(till.c.shop_id).where(till.c.shard == shard_of(till_id), till.c.till_id == till_id)
    ).scalar_one_or_none()
    return ShopId(shop_id) if shop_id else None


def add_device(tx: Tx, new: Device, now: datetime) -> None:
    """Write a new device."""
    tx.execute(
        insert(device).values(
            shard=shard_of(new.device_id),
            device_id=new.device_id,
            till_id=new.till_id,
            shop_id=new.shop_id,
            secret_hash=new.secret_hash,
            status=new.status,
            created_at=now,
        )
    )


def find_device(tx: Tx, device_id: str) -> Device | None:
    """One device by id."""
    row = tx.execute(_DEVICE, {"shard": shard_of(device_id), "device_id": device_id}).one_or_none()
    return Device(*row) if row else None


def set_device_status(tx: Tx, device_id: str, status: str) -> None:
    """ACTIVE or REVOKED."""
    tx.execute(
        update(device)
        .where(device.c.shard == shard_of(device_id), device.c.device_id == device_id)
        .values(status=status)
    )


def add_staff(tx: Tx, new: Staff, now: datetime) -> None:
    """Write a new member of staff."""
    tx.execute(
        insert(staff).values(
            shard=shard_of(new.staff_id),
            staff_id=new.staff_id,
            name=new.name,
            role=new.role,
            shop_id=new.shop_id,
            region=new.region,
            pin_hash=new.pin_hash,
            tries_left=new.tries_left,
            status=new.status,
            created_at=now,
        )
    )


def find_staff(tx: Tx, staff_id: str) -> Staff | None:
    """One member of staff by id."""
    row = tx.execute(_STAFF, {"shard": shard_of(staff_id), "staff_id": staff_id}).one_or_none()
    return Staff(*row) if row else None


def set_staff_tries(tx: Tx, staff_id: str, tries_left: int) -> None:
    """How many wrong PINs are still allowed before the log-in stops."""
    tx.execute(
        update(staff)
        .where(staff.c.shard == shard_of(staff_id), staff.c.staff_id == staff_id)
        .values(tries_left=tries_left)
    )


def take_staff_try(tx: Tx, staff_id: str) -> bool:
    """Spend one try before the PIN is looked at, so that rivals cannot share it; was there one."""
    done = tx.execute(
        update(staff)
        .where(
            staff.c.shard == shard_of(staff_id),
            staff.c.staff_id == staff_id,
            staff.c.tries_left > 0,
        )
        .values(tries_left=staff.c.tries_left - 1)
    )
    return done.rowcount == 1


def set_staff_status(tx: Tx, staff_id: str, status: str) -> None:
    """ACTIVE, or STOPPED: no log-in, and every session of hers is dead."""
    tx.execute(
        update(staff)
        .where(staff.c.shard == shard_of(staff_id), staff.c.staff_id == staff_id)
        .values(status=status)
    )


def set_staff_pin(tx: Tx, staff_id: str, pin_hash: str, tries_left: int) -> None:
    """Replace the PIN; the tries start anew."""
    tx.execute(
        update(staff)
        .where(staff.c.shard == shard_of(staff_id), staff.c.staff_id == staff_id)
        .values(pin_hash=pin_hash, tries_left=tries_left)
    )


def open_session(tx: Tx, new: SessionRow) -> None:
    """Write a new session."""
    tx.execute(
        insert(session).values(
            shard=shard_of(new.session_id),
            session_id=new.session_id,
            staff_id=new.staff_id,
            device_id=new.device_id,
            refresh_hash=new.refresh_hash,
            previous_hash=new.previous_hash,
            previous_until=new.previous_until,
            expires_at=new.expires_at,
            ended_at=new.ended_at,
        )
    )


def find_session(tx: Tx, session_id: str) -> SessionRow | None:
    """One session by id."""
    row = tx.execute(
        _SESSION, {"shard": shard_of(session_id), "session_id": session_id}
    ).one_or_none()
    return SessionRow(*row) if row else None


def rotate_session(
    tx: Tx, session_id: str, refresh_hash: bytes, previous_hash: bytes, previous_until: datetime
) -> None:
    """Exchange the refresh token; the previous one works until `previous_until`."""
    tx.execute(
        update(session)
        .where(session.c.shard == shard_of(session_id), session.c.session_id == session_id)
        .values(
            refresh_hash=refresh_hash, previous_hash=previous_hash, previous_until=previous_until
        )
    )


def end_session(tx: Tx, session_id: str, now: datetime) -> None:
    """From now on neither token of this session works."""
    tx.execute(
        update(session)
        .where(session.c.shard == shard_of(session_id), session.c.session_id == session_id)
        .values(ended_at=now)
    )
