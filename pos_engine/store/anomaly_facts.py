"""What rules of what looks wrong need beside the lake: changed credentials, cards, alike faces."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, and_, exists, func, literal, select

from pos_engine.store.database import Tx
from pos_engine.store.schema import card, phone
from pos_engine.store.schema_enrolment import enrolment, enrolment_finding
from pos_engine.store.schema_registry import card_event
from pos_engine.store.schema_till import card_note

CHANGES_READ_MAX = 500_000  # of one kind and month; more are left out and said
FACES_READ_MAX = 100_000  # pairs of faces
BEFORE, AFTER = timedelta(days=3), timedelta(days=31)  # around a month: used, then changed again
FACE, CARD, PHONE = "FACE", "CARD", "PHONE"
_WAS_IN_FORCE = ("IN_FORCE", "REPLACED", "WITHDRAWN")
_TWIN = "TWIN"


@dataclass(frozen=True, slots=True)
class Change:
    """A credential that came. `replaces`: the family had one of this kind before."""

    kpm_id: str
    what: str
    at: datetime
    officer: str
    replaces: bool


@dataclass(frozen=True, slots=True)
class Alike:
    """Two enrolled faces of different families that are alike; officers did not call them twins."""

    enrolment_id: str
    number: int
    kpm_id: str
    person_id: str
    other_kpm_id: str
    other_person_id: str
    score: float


def changes(tx: Tx, first: datetime, last: datetime) -> Iterator[Change]:
    """Faces, cards and numbers that came in force around a span of time."""
    span = (first - BEFORE, last + AFTER)
    for what, query in ((FACE, _faces(*span)), (CARD, _cards(*span)), (PHONE, _phones(*span))):
        for kpm_id, at, officer, replaces in tx.execute(query.limit(CHANGES_READ_MAX)):
            yield Change(kpm_id, what, at, officer or "", bool(replaces))


def _faces(first: datetime, last: datetime) -> Select[Any]:
    c, b = enrolment.c, enrolment.alias("before").c
    came = func.coalesce(c.effective_at, c.decided_at)
    earlier = exists().where(
        b.shard == c.shard,
        b.person_id == c.person_id,
        b.status.in_(_WAS_IN_FORCE),
        b.proposed_at < c.proposed_at,
    )
    return select(c.kpm_id, came, c.proposed_by, earlier).where(
        c.status.in_(_WAS_IN_FORCE), c.effective_at.between(first, last)
    )


def _cards(first: datetime, last: datetime) -> Select[Any]:
    c = card.c
    made = and_(card_event.c.shard == c.shard, card_event.c.card_id == c.card_id)
    own = and_(made, card_event.c.number == 1)
    return (
        select(c.kpm_id, c.created_at, card_event.c.officer, _earlier(card, c.created_at))
        .join_from(card, card_event, own, isouter=True)
        .where(c.created_at.between(first, last))
    )


def _phones(first: datetime, last: datetime) -> Select[Any]:
    c = phone.c
    came = func.coalesce(c.usable_from, c.created_at)
    return select(c.kpm_id, came, literal(""), _earlier(phone, c.created_at)).where(
        came.between(first, last), c.status != "REFUSED"
    )


def _earlier(table: Table, moment: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Had the family one of this kind before."""
    before = table.alias("before").c
    return exists().where(
        before.shard == table.c.shard,
        before.kpm_id == table.c.kpm_id,
        before.created_at < moment,
    )


def card_notes(tx: Tx, first: date, last: date) -> list[tuple[str, date, str, int]]:
    """How cards came to tills: shop, day, kind, how often."""
    c = card_note.c
    rows = tx.execute(
        select(c.shop_id, c.day, c.kind, func.count())
        .where(c.day.between(first, last))
        .group_by(c.shop_id, c.day, c.kind)
    )
    return [(shop_id, day, kind, int(count)) for shop_id, day, kind, count in rows]


def alike(tx: Tx, accept: float) -> list[Alike]:
    """Faces in force that are as like a face of another family as one person's are."""
    e, f = enrolment.c, enrolment_finding.c
    rows = tx.execute(
        select(e.enrolment_id, f.number, e.kpm_id, e.person_id, f.kpm_id, f.person_id, f.score)
        .join_from(
            enrolment,
            enrolment_finding,
            and_(f.shard == e.shard, f.enrolment_id == e.enrolment_id),
        )
        .where(
            e.status == "IN_FORCE",
            f.kpm_id.is_not(None),
            f.kpm_id != e.kpm_id,
            f.score >= accept,
            func.coalesce(f.decision, "") != _TWIN,
        )
        .order_by(e.enrolment_id, f.number)
        .limit(FACES_READ_MAX)
    )
    return [Alike(*row) for row in rows]
