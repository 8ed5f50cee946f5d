"""Delegations: who may buy for which family until when, and every step of it."""

from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any

from sqlalchemy import FromClause, Select, and_, insert, select, update

from pos_engine.rules.delegation import LIVING, DelegationState
from pos_engine.rules.ids import KpmId, PersonId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.driver import Later
from pos_engine.store.keyed import Key, ask_rows, keyed
from pos_engine.store.schema_people import delegation, delegation_event

DELEGATIONS_LISTED_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """One delegate of one family. `delegate_kpm_id` is the family where her face is known."""

    delegation_id: str
    kpm_id: KpmId
    region: str  # the family's
    delegate_hmac: bytes
    delegate_kpm_id: KpmId
    delegate_person_id: PersonId
    name: str
    birth_date: date
    status: DelegationState
    expires_on: date
    proposed_by: str
    proposed_at: datetime
    decided_by: str | None = None
    decided_at: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DelegationStep:
    """What somebody did about a delegation, or was not let do."""

    event_id: str
    delegation_id: str
    kpm_id: str
    kind: str
    reason: str | None
    staff_id: str
    at: datetime


_COLUMNS = [delegation.c[each.name] for each in fields(Delegation)]


def _of(row: Any) -> Delegation:
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    return Delegation(**values | {"status": DelegationState(values["status"])})


def add_delegation(tx: Tx, new: Delegation) -> None:
    """Write a proposal; `ConflictError` when the id is taken."""
    values = asdict(new) | {"status": new.status.value}
    tx.execute(insert(delegation).values(shard=shard_of(new.delegation_id), **values))


def find_delegation(tx: Tx, delegation_id: str, *, lock: bool = False) -> Delegation | None:
    """One delegation by id; `lock` holds it until the transaction ends."""
    columns = delegation.c
    query = select(*_COLUMNS).where(
        columns.shard == shard_of(delegation_id), columns.delegation_id == delegation_id
    )
    row = tx.execute(query.with_for_update() if lock else query).mappings().one_or_none()
    return _of(row) if row else None


def living_of_delegate(tx: Tx, delegate_hmac: bytes, *, lock: bool = False) -> list[Delegation]:
    """What one person is proposed or approved for, whatever its last day, the oldest first.

    `lock` holds them all: who decides about one of them counts the others one after the other.
    """
    return _living(tx, delegation.c.delegate_hmac == delegate_hmac, lock=lock)


def living_of_person(tx: Tx, person_id: str) -> list[Delegation]:
    """The same by the person whose face is known."""
    return _living(tx, delegation.c.delegate_person_id == person_id)


def living_of_family(tx: Tx, kpm_id: str) -> list[Delegation]:
    """Those who may, or are to, buy for a family."""
    return _living(tx, delegation.c.kpm_id == kpm_id)


def _living(tx: Tx, whose: Any, *, lock: bool = False) -> list[Delegation]:
    columns = delegation.c
    query = (
        select(*_COLUMNS)
        .where(whose, columns.status.in_([each.value for each in LIVING]))
        .order_by(columns.proposed_at, columns.delegation_id)
        .limit(DELEGATIONS_LISTED_MAX)
    )
    rows = tx.execute(query.with_for_update() if lock else query)
    return [_of(row) for row in rows.mappings()]


def listed(tx: Tx, region: str | None, kpm_id: str | None) -> list[Delegation]:
    """Those of a region, or of one family within it, the newest first."""
    query = select(*_COLUMNS)
    if region:
        inside = delegation.c.region.startswith(f"{region}.", autoescape=True)
        query = query.where((delegation.c.region == region) | inside)
    if kpm_id:
        query = query.where(delegation.c.kpm_id == kpm_id)
    rows = tx.execute(query.order_by(delegation.c.proposed_at.desc()).limit(DELEGATIONS_LISTED_MAX))
    return [_of(row) for row in rows.mappings()]


def change_delegation(tx: Tx, delegation_id: str, status: DelegationState, **facts: object) -> None:
    """Move a delegation on, with who did it and when."""
    tx.execute(
        update(delegation)
        .where(
            delegation.c.shard == shard_of(delegation_id),
            delegation.c.delegation_id == delegation_id,
        )
        .values(status=status.value, **facts)
    )


def add_step(tx: Tx, step: DelegationStep) -> None:
    """Keep what was done or refused."""
    tx.execute(insert(delegation_event).values(shard=shard_of(step.event_id), **asdict(step)))


def _by_ids(wanted: FromClause) -> Select[tuple[object, ...]]:
    columns = delegation.c
    mine = and_(columns.shard == wanted.c.shard, columns.delegation_id == wanted.c.first)
    return select(columns.delegation_id, columns.status, columns.expires_on).join_from(
        wanted, delegation, mine
    )


_STATES = keyed(2, _by_ids)


def states_of(
    tx: Tx, delegation_ids: Collection[str]
) -> Later[dict[str, tuple[DelegationState, date]]]:
    """How these delegations stand and their last days, when the trip is over."""
    keys: set[Key] = {(shard_of(each), each) for each in delegation_ids}
    rows = ask_rows(tx, _STATES, keys)
    return lambda: {
        row.delegation_id: (DelegationState(row.status), row.expires_on) for row in rows()
    }
