"""Face templates: append-only, sealed, grouped into the galleries of a search."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, insert, select

from pos_engine.rules.ids import KpmId, PersonId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import family, person, template

GALLERY_MAX = 20_000  # rows of one exact gallery: a large kecamatan with two persons a family


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


def add_template(tx: Tx, new: SealedTemplate, now: datetime) -> None:
    """Append a template."""
    tx.execute(
        insert(template).values(
            shard=shard_of(new.kpm_id),
            template_id=new.template_id,
            kpm_id=new.kpm_id,
            person_id=new.person_id,
            model_id=new.model_id,
            version=new.version,
            sealed=new.sealed,
            quality=new.quality,
            created_at=now,
        )
    )


def next_version(tx: Tx, kpm_id: str, person_id: str) -> int:
    """The version that the person's next template gets."""
    newest = tx.execute(
        select(func.max(template.c.version)).where(
            template.c.shard == shard_of(kpm_id), template.c.person_id == person_id
        )
    ).scalar_one()
    return (newest or 0) + 1


def gallery(
    tx: Tx,
    model_id: str,
    *,
    shop_id: str | None = None,
    village: str | None = None,
    kecamatan: str | None = None,
    birth_date: date | None = None,
    kpm_id: str | None = None,
) -> list[SealedTemplate]:
    """The living templates of one scope: shop, village, kecamatan, birth date, or one family."""
    query = (
        select(
            template.c.template_id,
            template.c.kpm_id,
            template.c.person_id,
            template.c.model_id,
            template.c.version,
            template.c.sealed,
            template.c.quality,
        )
        .join_from(
            template,
            family,
            (family.c.shard == template.c.shard) & (family.c.kpm_id == template.c.kpm_id),
        )
        .where(template.c.model_id == model_id, template.c.revoked_at.is_(None))
        .order_by(template.c.template_id)
        .limit(GALLERY_MAX)
    )
    if shop_id is not None:
        query = query.where(family.c.home_shop_id == shop_id)
    if village is not None:
        query = query.where(family.c.region == village)
    if kecamatan is not None:
        query = query.where(family.c.region.startswith(f"{kecamatan}."))
    if birth_date is not None:
        born = (person.c.shard == template.c.shard) & (person.c.person_id == template.c.person_id)
        query = query.join(person, born).where(person.c.birth_date == birth_date)
    if kpm_id is not None:
        query = query.where(template.c.shard == shard_of(kpm_id), template.c.kpm_id == kpm_id)
    return [SealedTemplate(*row) for row in tx.execute(query)]
