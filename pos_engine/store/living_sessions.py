"""Which sessions of a batch still live: one statement over session, staff and device."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import FromClause, Select, SmallInteger, and_, cast, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.driver import Later
from pos_engine.store.keyed import Key, ask_rows, keyed
from pos_engine.store.schema import device, session, staff
from pos_engine.store.shops import ACTIVE


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session and what it was when it was read: who, on what, at which till."""

    session_id: str
    staff_id: str
    role: str
    device_id: str
    till_id: str | None
    shop_id: str | None


def _living(wanted: FromClause) -> Select[tuple[object, ...]]:
    its = and_(session.c.shard == wanted.c.shard, session.c.session_id == wanted.c.first)
    who = and_(
        staff.c.shard == cast(wanted.c.second, SmallInteger), staff.c.staff_id == wanted.c.third
    )
    what = and_(
        device.c.shard == cast(wanted.c.fourth, SmallInteger), device.c.device_id == wanted.c.fifth
    )
    columns = (
        session.c.session_id,
        session.c.staff_id,
        staff.c.role,
        session.c.device_id,
        device.c.till_id,
        device.c.shop_id,
        session.c.expires_at,
    )
    return (
        select(*columns)
        .select_from(wanted)
        .join(session, its)
        .join(staff, who)
        .join(device, what)
        .where(session.c.ended_at.is_(None), staff.c.status == ACTIVE, device.c.status == ACTIVE)
    )


_LIVING = keyed(6, _living)


def living_sessions(tx: Tx, known: Collection[SignedIn], now: datetime) -> Later[set[SignedIn]]:
    """Those that live and are what they were; a revoked till, a closed account are left out."""
    keys: set[Key] = {
        (
            shard_of(each.session_id),
            each.session_id,
            str(shard_of(each.staff_id)),
            each.staff_id,
            str(shard_of(each.device_id)),
            each.device_id,
        )
        for each in known
    }
    rows, asked = ask_rows(tx, _LIVING, keys), set(known)
    return lambda: {SignedIn(*row[:6]) for row in rows() if row.expires_at >= now} & asked
