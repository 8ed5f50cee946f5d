"""Visits of KPM to their own page: opened by a code, ended by her or by the clock."""

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select, update

from pos_engine.rules.ids import KpmId, PersonId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import one_time_code
from pos_engine.store.schema_kpm import kpm_session


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit. Not `full`: the number was silent, so nothing of hers is shown yet."""

    session_id: str
    kpm_id: KpmId
    person_id: PersonId
    phone_id: str
    full: bool
    opened_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None


_COLUMNS = [kpm_session.c[name] for name in Visit.__dataclass_fields__]


def add_visit(tx: Tx, new: Visit) -> None:
    """Write a visit."""
    tx.execute(insert(kpm_session).values(shard=shard_of(new.kpm_id), **asdict(new)))


def find_visit(tx: Tx, kpm_id: str, session_id: str) -> Visit | None:
    """One visit."""
    where = (kpm_session.c.shard == shard_of(kpm_id), kpm_session.c.session_id == session_id)
    row = tx.execute(select(*_COLUMNS).where(*where)).one_or_none()
    return Visit(*row) if row else None


def end_visit(tx: Tx, visit: Visit, now: datetime) -> None:
    """From now on its cookie opens nothing."""
    _change(tx, visit, ended_at=now)


def make_full(tx: Tx, visit: Visit) -> None:
    """She proved herself beside the number."""
    _change(tx, visit, full=True)


def _change(tx: Tx, visit: Visit, **values: object) -> None:
    c = kpm_session.c
    own = (c.shard == shard_of(visit.kpm_id), c.session_id == visit.session_id)
    tx.execute(update(kpm_session).where(*own).values(**values))


def forget_visits(tx: Tx, kpm_id: str, before: datetime) -> None:
    """Visits that ended before this moment tell nobody anything."""
    c = kpm_session.c
    tx.execute(
        delete(kpm_session).where(
            c.shard == shard_of(kpm_id), c.kpm_id == kpm_id, c.expires_at < before
        )
    )


def count_page_codes(tx: Tx, kpm_id: str, shop_id: str, since: datetime) -> int:
    """How many codes for the page were sent to a family since a moment."""
    c = one_time_code.c
    mine = (c.shard == shard_of(kpm_id), c.kpm_id == kpm_id, c.shop_id == shop_id)
    counted = select(func.count()).where(*mine, c.sent_at >= since)
    return int(tx.execute(counted).scalar_one())
