"""Purchases that two people vouch for: asked at a till, confirmed by an officer, counted."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, insert, or_, select, update

from pos_engine.rules.enrolment import Status
from pos_engine.rules.ids import KpmId, PersonId, ShopId, TillId, shard_of
from pos_engine.rules.supervision import SupervisionState
from pos_engine.store.database import Tx
from pos_engine.store.schema import phone
from pos_engine.store.schema_enrolment import enrolment
from pos_engine.store.schema_people import supervision

WAITING_LISTED_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervision:
    """One purchase to come of one family, at most this amount, and who vouches for it."""

    supervision_id: str
    kpm_id: KpmId
    region: str  # the family's
    person_id: PersonId
    shop_id: ShopId
    till_id: TillId
    amount: int
    no_other_way: str
    status: SupervisionState
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Confirmed:
    """How many were confirmed since a moment: of the family, of the shop, by the same two."""

    of_family: int
    of_shop: int
    of_pair: int


_COLUMNS = [supervision.c[each.name] for each in fields(Supervision)]


def _of(row: Any) -> Supervision:
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    return Supervision(**values | {"status": SupervisionState(values["status"])})


def add_supervision(tx: Tx, new: Supervision) -> None:
    """Write what was asked; `ConflictError` when the id is taken."""
    values = asdict(new) | {"status": new.status.value}
    tx.execute(insert(supervision).values(shard=shard_of(new.supervision_id), **values))


def find_supervision(tx: Tx, supervision_id: str, *, lock: bool = False) -> Supervision | None:
    """One by id; `lock` holds it until the transaction ends."""
    columns = supervision.c
    query = select(*_COLUMNS).where(
        columns.shard == shard_of(supervision_id), columns.supervision_id == supervision_id
    )
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return _of(row) if row else None


def decide_supervision(
    tx: Tx, supervision_id: str, status: SupervisionState, by: str, at: datetime
) -> None:
    """What the second person said."""
    columns = supervision.c
    tx.execute(
        update(supervision)
        .where(columns.shard == shard_of(supervision_id), columns.supervision_id == supervision_id)
        .values(status=status.value, decided_by=by, decided_at=at)
    )


def waiting(tx: Tx, region: str | None, now: datetime) -> list[Supervision]:
    """Those of a region that wait for a second person, the oldest first."""
    columns = supervision.c
    query = (
        select(*_COLUMNS)
        .where(columns.status == SupervisionState.ASKED.value, columns.expires_at >= now)
        .order_by(columns.expires_at, columns.supervision_id)
        .limit(WAITING_LISTED_MAX)
    )
    if region:
        inside = columns.region.startswith(f"{region}.", autoescape=True)
        query = query.where((columns.region == region) | inside)
    return [_of(row) for row in tx.execute(query).mappings()]


def count_confirmed(tx: Tx, asked: Supervision, officer: str, since: datetime) -> Confirmed:
    """What the quotas of this family, this shop and these two people have seen."""
    columns = supervision.c
    recent = and_(columns.status == SupervisionState.CONFIRMED.value, columns.decided_at > since)
    two = (asked.asked_by, officer)
    pair = or_(
        and_(columns.asked_by == two[0], columns.decided_by == two[1]),
        and_(columns.asked_by == two[1], columns.decided_by == two[0]),
    )

    def count(whose: Any) -> int:
        return int(tx.execute(select(func.count()).where(recent, whose)).scalar_one())

    return Confirmed(
        of_family=count(columns.kpm_id == asked.kpm_id),
        of_shop=count(columns.shop_id == asked.shop_id),
        of_pair=count(pair),
    )


def in_cool_down(tx: Tx, kpm_id: str, person_ids: Collection[str], now: datetime) -> bool:
    """Does a new phone or a new face of the family wait for its time."""
    waits = exists().where(
        phone.c.shard == shard_of(kpm_id), phone.c.kpm_id == kpm_id, phone.c.usable_from > now
    )
    face = exists().where(
        enrolment.c.person_id.in_(person_ids),
        enrolment.c.status == Status.APPROVED.value,
        enrolment.c.effective_at > now,
    )
    return bool(tx.execute(select(or_(waits, face))).scalar_one())
