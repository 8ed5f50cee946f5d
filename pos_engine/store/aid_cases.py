"""Cases that a person of DINSOS looks at; they stop nobody and nothing."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema_people import aid_case

OPEN, CLOSED = "OPEN", "CLOSED"
CASES_LISTED_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class AidCase:
    """What is to be looked at, where, and who has looked. `reasons` are codes with spaces."""

    case_id: str
    status: str
    reasons: str
    region: str
    shop_id: str
    till_id: str
    opened_at: datetime
    kpm_id: str | None = None
    supervision_id: str | None = None
    closed_by: str | None = None
    closed_at: datetime | None = None
    note: str | None = None


_COLUMNS = [aid_case.c[each.name] for each in fields(AidCase)]


def _of(row: Any) -> AidCase:
    return AidCase(**{str(name): value for name, value in row.items()})


def add_case(tx: Tx, new: AidCase) -> None:
    """Open a case."""
    tx.execute(insert(aid_case).values(shard=shard_of(new.case_id), **asdict(new)))


def find_case(tx: Tx, case_id: str, *, lock: bool = False) -> AidCase | None:
    """One case by id; `lock` holds it until the transaction ends."""
    columns = aid_case.c
    query = select(*_COLUMNS).where(columns.shard == shard_of(case_id), columns.case_id == case_id)
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return _of(row) if row else None


def listed(tx: Tx, region: str | None, status: str, after: str) -> Sequence[AidCase]:
    """Cases of a region (None is the nation) in a state, by id, after a cursor."""
    columns = aid_case.c
    query = select(*_COLUMNS).where(columns.status == status, columns.case_id > after)
    if region:
        inside = columns.region.startswith(f"{region}.", autoescape=True)
        query = query.where((columns.region == region) | inside)
    rows = tx.execute(query.order_by(columns.case_id).limit(CASES_LISTED_MAX))
    return [_of(row) for row in rows.mappings()]


def close_case(tx: Tx, case_id: str, by: str, note: str, at: datetime) -> None:
    """Somebody has looked, and says what there was."""
    columns = aid_case.c
    tx.execute(
        update(aid_case)
        .where(columns.shard == shard_of(case_id), columns.case_id == case_id)
        .values(status=CLOSED, closed_by=by, closed_at=at, note=note)
    )
