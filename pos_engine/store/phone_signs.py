"""Signs of life of a number, and whether its owner asked for no news."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import FromClause, Select, and_, func, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.keyed import keyed, rows_by
from pos_engine.store.schema import phone
from pos_engine.store.schema_sms import phone_sign


@dataclass(frozen=True, slots=True)
class Sign:
    """When a phone was heard last, its entry at first; and since when it wants no news."""

    kpm_id: str
    phone_id: str
    heard_at: datetime
    stopped_at: datetime | None
    noted: bool  # is there a row to change


def _signs(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(phone.c.shard == wanted.c.shard, phone.c.phone_id == wanted.c.first)
    same = and_(phone.c.shard == phone_sign.c.shard, phone.c.phone_id == phone_sign.c.phone_id)
    return (
        select(
            phone.c.kpm_id,
            phone.c.phone_id,
            func.coalesce(phone_sign.c.heard_at, phone.c.created_at).label("heard_at"),
            phone_sign.c.stopped_at,
            phone_sign.c.phone_id.label("noted"),
        )
        .join_from(wanted, phone, mine)
        .join(phone_sign, same, isouter=True)
    )


_SIGNS = keyed(2, _signs)


def signs_of(tx: Tx, phones: Collection[tuple[str, str]]) -> Mapping[str, Sign]:
    """The signs of phones (family, phone), by phone."""
    keys = [(shard_of(kpm_id), phone_id) for kpm_id, phone_id in phones]
    return {
        row.phone_id: Sign(
            row.kpm_id, row.phone_id, row.heard_at, row.stopped_at, row.noted is not None
        )
        for row in rows_by(tx, _SIGNS, keys)
    }


def note_heard(tx: Tx, signs: Sequence[Sign], now: datetime) -> None:
    """These phones were heard now."""
    for each in sorted(signs, key=lambda one: one.phone_id):  # locked in one order
        _write(tx, each, now, each.stopped_at)


def note_stopped(tx: Tx, sign: Sign, stopped_at: datetime | None) -> None:
    """She wants no news of purchases, or wants them again (None)."""
    _write(tx, sign, sign.heard_at, stopped_at)


def _write(tx: Tx, sign: Sign, heard_at: datetime, stopped_at: datetime | None) -> None:
    values = {"heard_at": heard_at, "stopped_at": stopped_at}
    shard = shard_of(sign.kpm_id)
    if sign.noted:
        where = (phone_sign.c.shard == shard, phone_sign.c.phone_id == sign.phone_id)
        tx.execute(update(phone_sign).where(*where).values(**values))
    else:
        tx.execute(insert(phone_sign).values(shard=shard, phone_id=sign.phone_id, **values))
