"""Dialogues by USSD: where each is, and whose number it belongs to."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, delete, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_sms import ussd_session


@dataclass(frozen=True, slots=True)
class Session:
    """A dialogue of one number."""

    session_key: str
    from_hmac: bytes
    kpm_id: str | None
    phone_id: str | None
    screen: str
    purchase_id: str | None
    page: int
    steps: int
    opened_at: datetime
    seen_at: datetime


_SESSION = select(*(ussd_session.c[name] for name in Session.__dataclass_fields__))


def _the(session_key: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return (
        ussd_session.c.shard == shard_of(session_key),
        ussd_session.c.session_key == session_key,
    )


def lock_session(tx: Tx, session_key: str) -> Session | None:
    """A dialogue, locked until the transaction ends: its steps come one after the other."""
    row = tx.execute(_SESSION.where(*_the(session_key)).with_for_update()).one_or_none()
    return Session(*row) if row else None


def put_session(tx: Tx, session: Session, *, fresh: bool) -> None:
    """Write where it is now."""
    values = asdict(session)
    if fresh:
        shard = shard_of(session.session_key)
        tx.execute(insert(ussd_session).values(shard=shard, **values))
        return
    del values["session_key"]
    tx.execute(update(ussd_session).where(*_the(session.session_key)).values(**values))


def forget_sessions(tx: Tx, before: datetime) -> int:
    """Take away dialogues that nobody goes on with."""
    return tx.execute(delete(ussd_session).where(ussd_session.c.seen_at < before)).rowcount
