"""Which sessions answer to one device key alone, and the end of all sessions of somebody."""

from datetime import datetime

from sqlalchemy import insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import session
from pos_engine.store.schema_staff_factors import session_bond


def bind(tx: Tx, session_id: str, thumbprint: str, now: datetime) -> None:
    """From now on this session answers to this key alone."""
    tx.execute(
        insert(session_bond).values(
            shard=shard_of(session_id),
            session_id=session_id,
            thumbprint=thumbprint,
            bound_at=now,
        )
    )


def bond_of(tx: Tx, session_id: str) -> str | None:
    """The thumbprint of the key that a session answers to; None when to no key."""
    found: str | None = tx.execute(
        select(session_bond.c.thumbprint).where(
            session_bond.c.shard == shard_of(session_id), session_bond.c.session_id == session_id
        )
    ).scalar_one_or_none()
    return found


def end_sessions_of(tx: Tx, staff_id: str, now: datetime) -> int:
    """End every session of a member of staff at once; how many lived."""
    done = tx.execute(
        update(session)
        .where(session.c.staff_id == staff_id, session.c.ended_at.is_(None))
        .values(ended_at=now)
    )
    return int(done.rowcount)
