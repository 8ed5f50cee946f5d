"""The order in which templates come into force and go: what an index in memory follows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Select, insert, select, update

from pos_engine.rules.ids import SHARDS, KpmId, PersonId, shard_of
from pos_engine.store.announce import Kind as Sealed
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema import family, person, template, template_head, template_log
from pos_engine.store.templates import binding

LOG_SHARD = 0  # one log for the nation: its numbers are one order
PAGE_MAX = 20_000  # entries read at once


class Kind(StrEnum):
    """What an entry does."""

    ENLISTED = "ENLISTED"
    REVOKED = "REVOKED"


class Listed(NamedTuple):
    """A template in force: its number in the log, whose it is, where she is looked for.

    A tuple: an index of a nation reads some ten million of them.
    """

    number: int
    template_id: str
    kpm_id: KpmId
    person_id: PersonId
    model_id: str
    version: int
    sealed: bytes
    shop_id: str
    region: str
    birth_date: date | None

    @property
    def bound_to(self) -> str:
        """What the sealed bytes are bound to."""
        return binding(self.person_id, self.model_id, self.version)


@dataclass(frozen=True, slots=True)
class Revoked:
    """The entry `number` ends the entry `enlisted`."""

    number: int
    enlisted: int


@dataclass(frozen=True, slots=True)
class Passed:
    """An entry without effect any more: a template that a later entry has ended."""

    number: int


Entry: TypeAlias = Listed | Revoked | Passed


def enlist(tx: Tx, kpm_id: str, template_id: str, now: datetime) -> int:
    """Put a template in force. Again for one that is in force: after a family has moved."""
    mine = (template.c.shard == shard_of(kpm_id), template.c.template_id == template_id)
    before = tx.execute(select(template.c.number).where(*mine)).scalar_one()
    if before is not None:
        _append(tx, Kind.REVOKED, before, kpm_id, template_id, now)
    number = _append(tx, Kind.ENLISTED, None, kpm_id, template_id, now)
    tx.execute(update(template).where(*mine).values(number=number, revoked_at=None))
    return number


def revoke(tx: Tx, kpm_id: str, template_id: str, now: datetime) -> int | None:
    """Take a template out of force; None when it was not in force."""
    mine = (template.c.shard == shard_of(kpm_id), template.c.template_id == template_id)
    before = tx.execute(select(template.c.number).where(*mine)).scalar_one_or_none()
    if before is None:
        return None
    number = _append(tx, Kind.REVOKED, before, kpm_id, template_id, now)
    tx.execute(update(template).where(*mine).values(number=None, revoked_at=now))
    return number


def newest_number(tx: Tx) -> int:
    """The number of the newest entry; 0 before the first."""
    number: int = tx.execute(
        select(template_head.c.number).where(template_head.c.shard == LOG_SHARD)
    ).scalar_one()
    return number


def mark(tx: Tx, number: int) -> str:
    """What tells the entry of a number from another history's entry of that number."""
    found = tx.execute(
        select(template_log.c.template_id, template_log.c.at).where(
            template_log.c.shard == LOG_SHARD, template_log.c.number == number
        )
    ).one_or_none()
    return f"{found.template_id} {found.at.isoformat()}" if found else ""


def entries(tx: Tx, after: int, limit: int = PAGE_MAX) -> list[Entry]:
    """The next entries in order, for an index that has followed up to `after`."""
    rows = tx.execute(
        select(template_log.c.number, template_log.c.kind, template_log.c.enlisted)
        .where(template_log.c.shard == LOG_SHARD, template_log.c.number > after)
        .order_by(template_log.c.number)
        .limit(min(limit, PAGE_MAX))
    ).all()
    if not rows:
        return []
    living = {one.number: one for one in _between(tx, after, rows[-1].number)}
    return [
        Revoked(row.number, row.enlisted)
        if row.kind == Kind.REVOKED
        else living.get(row.number, Passed(row.number))
        for row in rows
    ]


def everybody(tx: Tx, up_to: int) -> Iterator[list[Listed]]:
    """All templates in force by `up_to`, in the order in which the database reads fastest.

    One statement: the pages are of one moment, and nothing is sorted or looked up by number.
    """
    # Named in full, the shards make SQLite read its table in line (4 us a row); by the index of
    # numbers, which "+ 0" hides, every row is a random read (8 us).
    whole = template.c.shard.between(0, SHARDS - 1)
    query = _listed().where(whole, template.c.number + 0 <= up_to)
    found = tx.execution_options(yield_per=PAGE_MAX).execute(query)
    for page in found.partitions():
        yield [Listed(*row) for row in page]


def _between(tx: Tx, after: int, up_to: int) -> list[Listed]:
    query = _listed().where(template.c.number > after, template.c.number <= up_to)
    return [Listed(*row) for row in tx.execute(query)]


def named(tx: Tx, numbers: list[int]) -> list[Listed]:
    """Those of the numbers that are in force; the order is not kept."""
    return [Listed(*row) for row in tx.execute(_listed().where(template.c.number.in_(numbers)))]


def _listed() -> Select[Any]:
    at_home = (family.c.shard == template.c.shard) & (family.c.kpm_id == template.c.kpm_id)
    herself = (person.c.shard == template.c.shard) & (person.c.person_id == template.c.person_id)
    return (
        select(
            template.c.number,
            template.c.template_id,
            template.c.kpm_id,
            template.c.person_id,
            template.c.model_id,
            template.c.version,
            template.c.sealed,
            family.c.home_shop_id,
            family.c.region,
            person.c.birth_date,
        )
        .join_from(template, family, at_home)
        .join(person, herself)
    )


def _append(
    tx: Tx, kind: Kind, enlisted: int | None, kpm_id: str, template_id: str, now: datetime
) -> int:
    """The head's row lock is held to the commit: numbers become visible in their order."""
    number: int = tx.execute(
        update(template_head)
        .where(template_head.c.shard == LOG_SHARD)
        .values(number=template_head.c.number + 1)
        .returning(template_head.c.number)
    ).scalar_one()
    tx.execute(
        insert(template_log).values(
            shard=LOG_SHARD,
            number=number,
            kind=kind.value,
            enlisted=number if enlisted is None else enlisted,
            template_id=template_id,
            kpm_id=kpm_id,
            at=now,
        )
    )
    announce(tx, Sealed.TEMPLATE_LOG, [(LOG_SHARD, str(number))])
    return number
