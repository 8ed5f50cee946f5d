"""Face templates: append-only, sealed; what is in force for whom is read here by person."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import func, insert, select

from pos_engine.rules.ids import KpmId, PersonId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import template

LIVING_MAX = 16  # templates in force of one person, of all models


class Source(StrEnum):
    """Where a template comes from."""

    ENROLMENT = "ENROLMENT"
    VISIT = "VISIT"  # frames of a visit that a PIN or a code confirmed


def binding(person_id: str, model_id: str, version: int) -> str:
    """The associated data of a template's encryption."""
    return f"{person_id}|{model_id}|{version}"


@dataclass(frozen=True, slots=True)
class SealedTemplate:
    """A template as it lies in the database: encrypted, bound to person, model and version."""

    template_id: str
    kpm_id: KpmId
    person_id: PersonId
    model_id: str
    version: int
    sealed: bytes
    quality: int
    source: Source = Source.ENROLMENT
    created_at: datetime | None = None  # set when it is read

    @property
    def bound_to(self) -> str:
        """What the sealed bytes are bound to: they open for nothing else."""
        return binding(self.person_id, self.model_id, self.version)


COLUMNS = (
    template.c.template_id,
    template.c.kpm_id,
    template.c.person_id,
    template.c.model_id,
    template.c.version,
    template.c.sealed,
    template.c.quality,
    template.c.created_at,
    template.c.source,
)


def add_template(tx: Tx, new: SealedTemplate, now: datetime) -> None:
    """Append a template; it is searched only after `template_log.enlist`."""
    tx.execute(
        insert(template).values(
            shard=shard_of(new.kpm_id),
            template_id=new.template_id,
            kpm_id=new.kpm_id,
            person_id=new.person_id,
            model_id=new.model_id,
            version=new.version,
            source=new.source.value,
            sealed=new.sealed,
            quality=new.quality,
            created_at=now,
        )
    )


def next_version(tx: Tx, kpm_id: str, person_id: str) -> int:
    """The version that the person's next template gets."""
    newest = tx.execute(
        select(func.max(template.c.version)).where(
            template.c.shard == shard_of(kpm_id),
            template.c.kpm_id == kpm_id,
            template.c.person_id == person_id,
        )
    ).scalar_one()
    return (newest or 0) + 1


def in_force(tx: Tx, kpm_id: str, person_id: str | None = None) -> list[SealedTemplate]:
    """The templates of a family, or of one person, by which she is found; oldest first."""
    query = (
        select(*COLUMNS)
        .where(
            template.c.shard == shard_of(kpm_id),
            template.c.kpm_id == kpm_id,
            template.c.number.is_not(None),
        )
        .order_by(template.c.number)
        .limit(LIVING_MAX)
    )
    if person_id is not None:
        query = query.where(template.c.person_id == person_id)
    return [_sealed(row) for row in tx.execute(query)]


def _sealed(row: Any) -> SealedTemplate:
    return SealedTemplate(
        row.template_id,
        row.kpm_id,
        row.person_id,
        row.model_id,
        row.version,
        row.sealed,
        row.quality,
        Source(row.source),
        row.created_at,
    )
