"""Keys of devices with their states and steps, and the one-time codes that let a device in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update

from pos_engine.rules.ids import SHARDS, shard_of
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema import device, session, shop, staff
from pos_engine.store.schema_allowances import device_code, device_event, device_key
from pos_engine.store.shops import ACTIVE

DEVICES_LISTED_MAX = 500


class DeviceState(StrEnum):
    """What a device with a key may do."""

    ONLINE = "ONLINE"  # sells with signal
    APPROVED = "APPROVED"  # may hold allowances too
    QUARANTINED = "QUARANTINED"  # two tablets signed as one: no new allowance
    REVOKED = "REVOKED"  # sells no more; what it sold before is still judged


BOUND = "BOUND"  # the step by which a key came; the others are named like their state


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A device and the key that it signs with. `public_key` is raw."""

    device_id: str
    shop_id: str
    till_id: str
    kid: str
    algorithm: str
    public_key: bytes
    state: str
    label: str
    code_id: str | None
    made_at: datetime
    approved_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, repr=False)
class DeviceCode:
    """A one-time code as it is kept."""

    code_id: str
    shop_id: str
    till_id: str
    first_hmac: bytes
    code_hmac: bytes
    tries_left: int
    made_by: str
    made_at: datetime
    expires_at: datetime
    used_for: str | None
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class ListedDevice:
    """A device on a list, with the name of its shop."""

    key: DeviceKey
    shop_name: str
    region: str


_KEY = [device_key.c[name] for name in DeviceKey.__slots__]
_CODE = [device_code.c[name] for name in DeviceCode.__slots__]


def add_code(tx: Tx, new: DeviceCode) -> None:
    """Write a code."""
    values = {name: getattr(new, name) for name in new.__slots__}
    tx.execute(insert(device_code).values(shard=shard_of(new.shop_id), **values))


def codes_beginning(tx: Tx, first_hmac: bytes, now: datetime) -> Sequence[DeviceCode]:
    """Codes that are not over and begin like this one, those that were used up too; locked."""
    rows = tx.execute(
        select(*_CODE)
        .where(device_code.c.first_hmac == first_hmac, device_code.c.expires_at >= now)
        .order_by(device_code.c.shard, device_code.c.code_id)
        .with_for_update(key_share=True)
    )
    return [DeviceCode(*row) for row in rows]


def take_try(tx: Tx, code: DeviceCode) -> None:
    """Somebody said something else that begins alike. The code is locked."""
    tx.execute(_one(code).values(tries_left=code.tries_left - 1))


def use_code(tx: Tx, code: DeviceCode, device_id: str, now: datetime) -> None:
    """This code has let a device in. It is locked."""
    tx.execute(_one(code).values(used_for=device_id, used_at=now))


def _one(code: DeviceCode) -> Any:
    return update(device_code).where(
        device_code.c.shard == shard_of(code.shop_id), device_code.c.code_id == code.code_id
    )


def add_key(tx: Tx, new: DeviceKey, event_id: str, staff_id: str) -> None:
    """Bind a key to its device; `ConflictError` when either is bound already."""
    values = {name: getattr(new, name) for name in new.__slots__}
    tx.execute(insert(device_key).values(shard=shard_of(new.device_id), **values))
    _add_event(tx, new, BOUND, event_id, staff_id, new.made_at)


def find_key(tx: Tx, device_id: str, *, lock: bool = False) -> DeviceKey | None:
    """The key of a device; with `lock` nobody else changes its state until we commit."""
    query = select(*_KEY).where(
        device_key.c.shard == shard_of(device_id), device_key.c.device_id == device_id
    )
    row = tx.execute(query.with_for_update(key_share=True) if lock else query).one_or_none()
    return DeviceKey(*row) if row else None


def kid_is_known(tx: Tx, kid: str) -> bool:
    """Is this key bound to some device."""
    row = tx.execute(select(device_key.c.device_id).where(device_key.c.kid == kid)).first()
    return row is not None


def set_state(
    tx: Tx, key: DeviceKey, state: DeviceState, event_id: str, staff_id: str, now: datetime
) -> None:
    """Write a step and what the device is now; its row is locked."""
    values: dict[str, Any] = {"state": state.value}
    if state is DeviceState.APPROVED:
        values["approved_at"] = now
    if state is DeviceState.REVOKED:
        values["revoked_at"] = now
    tx.execute(
        update(device_key)
        .where(
            device_key.c.shard == shard_of(key.device_id), device_key.c.device_id == key.device_id
        )
        .values(**values)
    )
    _add_event(tx, key, state.value, event_id, staff_id, now)


def _add_event(
    tx: Tx, key: DeviceKey, kind: str, event_id: str, staff_id: str, now: datetime
) -> None:
    shard = shard_of(key.device_id)
    tx.execute(
        insert(device_event).values(
            shard=shard,
            event_id=event_id,
            device_id=key.device_id,
            shop_id=key.shop_id,
            kind=kind,
            kid=key.kid,
            staff_id=staff_id,
            at=now,
        )
    )
    announce(tx, Fact.DEVICE_EVENT, [(shard, event_id)])


def keys_of(
    tx: Tx, *, shop_id: str | None, region: str | None, state: str | None = None
) -> list[ListedDevice]:
    """Devices with a key, of one shop or of a region, the newest first."""
    query = select(*_KEY, shop.c.name, shop.c.region).join_from(
        device_key, shop, shop.c.shop_id == device_key.c.shop_id
    )
    if shop_id is not None:
        query = query.where(device_key.c.shop_id == shop_id)
    if region:
        query = query.where((shop.c.region == region) | shop.c.region.startswith(f"{region}."))
    if state is not None:
        query = query.where(device_key.c.state == state)
    rows = tx.execute(
        query.order_by(device_key.c.made_at.desc(), device_key.c.device_id).limit(
            DEVICES_LISTED_MAX
        )
    )
    return [_listed(row) for row in rows]


def _listed(row: Row[*tuple[Any, ...]]) -> ListedDevice:
    *own, name, region = row
    return ListedDevice(DeviceKey(*own), name, region)


def staff_of(tx: Tx, shop_id: str) -> list[tuple[str, str]]:
    """Id and role of a shop's staff: who may log in on its devices."""
    rows = tx.execute(
        select(staff.c.staff_id, staff.c.role)
        .where(
            staff.c.shard.in_(range(SHARDS)), staff.c.shop_id == shop_id, staff.c.status == ACTIVE
        )
        .order_by(staff.c.created_at, staff.c.staff_id)
    )
    return [(row.staff_id, row.role) for row in rows]


def was_used(tx: Tx, device_id: str) -> bool:
    """Did anybody ever log in on this device."""
    row = tx.execute(select(session.c.session_id).where(session.c.device_id == device_id).limit(1))
    return row.first() is not None


def made_at(tx: Tx, device_id: str) -> datetime | None:
    """When a device came to be; None when there is none."""
    found: datetime | None = tx.execute(
        select(device.c.created_at).where(
            device.c.shard == shard_of(device_id), device.c.device_id == device_id
        )
    ).scalar_one_or_none()
    return found
