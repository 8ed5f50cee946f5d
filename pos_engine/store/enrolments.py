"""Enrolments: proposed by one officer, decided by another, in force when due."""

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, Select, insert, or_, select, update

from pos_engine.rules.enrolment import OPEN, Status
from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import family
from pos_engine.store.schema_enrolment import enrolment

ENROLMENTS_LISTED_MAX = 100
PENDING_MAX = 20_000  # proposals of the nation that a new one is compared with
DUE_MAX = 100  # replacements put in force in one round


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """One enrolment. What a person who said no never gave stays None."""

    enrolment_id: str
    kpm_id: str
    person_id: str
    region: str
    status: Status
    content: bytes
    consent_text: str
    consent_language: str
    consent_witness: str | None
    place_region: str
    place_shop_id: str | None
    proposed_by: str
    proposed_at: datetime
    reason: str | None = None
    factor: str | None = None
    started_at: datetime | None = None
    finished_at: datetime | None = None
    sealed: bytes | None = None
    model_id: str | None = None
    version: int | None = None
    quality: int | None = None
    pictures: int | None = None
    likeness_to_old: float | None = None
    searched_families: int | None = None
    searched_templates: int | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    effective_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Pending:
    """The sealed template of an enrolment that is not in force yet."""

    enrolment_id: str
    kpm_id: str
    person_id: str
    sealed: bytes
    model_id: str
    version: int

    @property
    def bound_to(self) -> str:
        """What the sealed bytes are bound to: the same as of the template they become."""
        return f"{self.person_id}|{self.model_id}|{self.version}"


_COLUMNS = [enrolment.c[field.name] for field in fields(Enrolment)]


def _of(row: RowMapping) -> Enrolment:
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    return Enrolment(**values | {"status": Status(values["status"])})


def _select() -> Select[tuple[object, ...]]:
    return select(*_COLUMNS)


def lock_family(tx: Tx, kpm_id: str) -> None:
    """Hold the family to the end of the transaction: rivals decide one after the other."""
    tx.execute(
        select(family.c.kpm_id)
        .where(family.c.shard == shard_of(kpm_id), family.c.kpm_id == kpm_id)
        .with_for_update(key_share=True)
    )


def add_enrolment(tx: Tx, new: Enrolment) -> None:
    """Write a new enrolment; `ConflictError` when the id is taken."""
    tx.execute(insert(enrolment).values(shard=shard_of(new.enrolment_id), **asdict(new)))


def find_enrolment(tx: Tx, enrolment_id: str) -> Enrolment | None:
    """One enrolment by id."""
    mine = (
        enrolment.c.shard == shard_of(enrolment_id),
        enrolment.c.enrolment_id == enrolment_id,
    )
    row = tx.execute(_select().where(*mine)).mappings().one_or_none()
    return _of(row) if row else None


def set_status(tx: Tx, enrolment_id: str, status: Status, **changes: object) -> None:
    """Move an enrolment on, with what was decided; the caller holds the family's lock."""
    tx.execute(
        update(enrolment)
        .where(
            enrolment.c.shard == shard_of(enrolment_id), enrolment.c.enrolment_id == enrolment_id
        )
        .values(status=status.value, **changes)
    )


def of_person(tx: Tx, person_id: str, statuses: frozenset[Status] = OPEN) -> list[Enrolment]:
    """A person's enrolments in these states (the open ones unless told), oldest first."""
    rows = tx.execute(
        _select()
        .where(enrolment.c.person_id == person_id, enrolment.c.status.in_(statuses))
        .order_by(enrolment.c.proposed_at, enrolment.c.enrolment_id)
        .limit(ENROLMENTS_LISTED_MAX)
    )
    return [_of(row) for row in rows.mappings()]


def listed(
    tx: Tx, region: str | None, status: Status | None, limit: int, after: str = ""
) -> list[Enrolment]:
    """The enrolments of a region by id, after a cursor; at most ENROLMENTS_LISTED_MAX."""
    query = _select().where(enrolment.c.enrolment_id > after)
    if region is not None:
        inside = enrolment.c.region.like(f"{region}.%")
        query = query.where(or_(enrolment.c.region == region, inside))
    if status is not None:
        query = query.where(enrolment.c.status == status.value)
    rows = tx.execute(
        query.order_by(enrolment.c.enrolment_id).limit(min(limit, ENROLMENTS_LISTED_MAX))
    )
    return [_of(row) for row in rows.mappings()]


def pending(tx: Tx, model_id: str, after: str, limit: int) -> list[Pending]:
    """Templates that wait, by enrolment id: two families may have proposed one face."""
    columns = enrolment.c
    rows = tx.execute(
        select(
            columns.enrolment_id,
            columns.kpm_id,
            columns.person_id,
            columns.sealed,
            columns.model_id,
            columns.version,
        )
        .where(
            columns.status.in_(OPEN),
            columns.model_id == model_id,
            columns.sealed.is_not(None),
            columns.enrolment_id > after,
        )
        .order_by(columns.enrolment_id)
        .limit(limit)
    )
    return [Pending(*row) for row in rows]


def due(tx: Tx, now: datetime) -> list[tuple[str, str]]:
    """Enrolment and family of approved replacements whose cool-down is over."""
    rows = tx.execute(
        select(enrolment.c.enrolment_id, enrolment.c.kpm_id)
        .where(enrolment.c.status == Status.APPROVED.value, enrolment.c.effective_at <= now)
        .order_by(enrolment.c.effective_at)
        .limit(DUE_MAX)
    )
    return [(row.enrolment_id, row.kpm_id) for row in rows]
