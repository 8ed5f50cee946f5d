"""Partners of the SNAP interface, and the ids of their calls of a day."""

from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import delete, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_qris import snap_call, snap_partner

ACTIVE, STOPPED = "ACTIVE", "STOPPED"


@dataclass(frozen=True, slots=True, repr=False)
class Partner:
    """A provider that may call. `nns` is its number in customers' codes, if it is licensed."""

    partner_id: str
    name: str
    public_key: str
    secret_sealed: bytes
    nns: str | None
    status: str
    created_at: datetime


_PARTNER = select(*(snap_partner.c[name] for name in Partner.__dataclass_fields__))


def add_partner(tx: Tx, new: Partner) -> None:
    """Write a partner."""
    tx.execute(insert(snap_partner).values(shard=shard_of(new.partner_id), **asdict(new)))


def find_partner(tx: Tx, partner_id: str) -> Partner | None:
    """One partner by id."""
    row = tx.execute(
        _PARTNER.where(
            snap_partner.c.shard == shard_of(partner_id), snap_partner.c.partner_id == partner_id
        )
    ).one_or_none()
    return Partner(*row) if row else None


def partners(tx: Tx) -> list[Partner]:
    """All partners, by name: a handful."""
    return [Partner(*row) for row in tx.execute(_PARTNER.order_by(snap_partner.c.name))]


def stop_partner(tx: Tx, partner_id: str) -> bool:
    """From now on none of its tokens works; False when there is no such partner."""
    done = tx.execute(
        update(snap_partner)
        .where(
            snap_partner.c.shard == shard_of(partner_id), snap_partner.c.partner_id == partner_id
        )
        .values(status=STOPPED)
    )
    return done.rowcount == 1


def note_call(tx: Tx, partner_id: str, day: date, external_id: str, now: datetime) -> None:
    """Use up an id of this day; `ConflictError` when it was used."""
    tx.execute(
        insert(snap_call).values(
            shard=shard_of(f"{partner_id} {external_id}"),
            partner_id=partner_id,
            day=day,
            external_id=external_id,
            at=now,
        )
    )


def forget_calls(tx: Tx, before: date) -> int:
    """Take the ids of older days away: their calls are outside the replay window."""
    return tx.execute(delete(snap_call).where(snap_call.c.day < before)).rowcount
