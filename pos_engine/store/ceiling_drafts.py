"""Drafts of ceilings and bans, their acts, and which catalogue followed which."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import insert, or_, select

from pos_engine.store.announce import Kind, announce
from pos_engine.store.database import Tx
from pos_engine.store.schema_ceiling_drafts import ceiling_act, ceiling_book, ceiling_draft

SHARD = 0  # a handful of rows, the same for all
DRAFTS_LISTED_MAX = 500


@dataclass(frozen=True, slots=True)
class Draft:
    """What an officer wants to put in force; rupiah of one base unit, 0 for a ban."""

    draft_id: str
    kind: str
    target_kind: str
    target: str
    ceiling_kind: str
    scope: str
    scope_code: str
    unit: str
    rupiah: int
    action: str
    valid_from: date
    valid_to: date | None
    regulation: str
    reason: str
    proposal_id: str | None
    made_by: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class ActRow:
    """One step: whose, why, and the catalogue that it put in force."""

    act_id: str
    draft_id: str
    place: int
    kind: str
    officer: str
    note: str
    version: str | None
    at: datetime


_DRAFT = [ceiling_draft.c[name] for name in Draft.__slots__]
_ACT = [ceiling_act.c[name] for name in ActRow.__slots__]


def add_draft(tx: Tx, new: Draft) -> None:
    """Keep a draft; it is never edited."""
    tx.execute(insert(ceiling_draft).values(shard=SHARD, **asdict(new)))
    announce(tx, Kind.CEILING_DRAFT, [(SHARD, new.draft_id)])


def find_draft(tx: Tx, draft_id: str) -> Draft | None:
    """A draft by its id."""
    row = tx.execute(
        select(*_DRAFT).where(ceiling_draft.c.shard == SHARD, ceiling_draft.c.draft_id == draft_id)
    ).one_or_none()
    return Draft(*row) if row else None


def list_drafts(tx: Tx, region: str | None, limit: int = DRAFTS_LISTED_MAX) -> list[Draft]:
    """The drafts that concern a region, the newest first: its own, those above it, the nation's."""
    query = select(*_DRAFT).where(ceiling_draft.c.shard == SHARD)
    if region:
        code = ceiling_draft.c.scope_code
        above = [region[:length] for length in (2, 5) if len(region) >= length]
        inside = code.startswith(f"{region}.", autoescape=True)
        everywhere = ceiling_draft.c.scope.not_in(["REGENCY", "PROVINCE"])
        query = query.where(or_(code.in_(above), inside, everywhere))
    newest = query.order_by(ceiling_draft.c.made_at.desc(), ceiling_draft.c.draft_id.desc())
    return [Draft(*row) for row in tx.execute(newest.limit(limit))]


def acts_of(tx: Tx, draft_ids: Sequence[str]) -> dict[str, list[ActRow]]:
    """The acts of these drafts, the oldest first."""
    rows = tx.execute(
        select(*_ACT)
        .where(ceiling_act.c.shard == SHARD, ceiling_act.c.draft_id.in_(draft_ids))
        .order_by(ceiling_act.c.draft_id, ceiling_act.c.place)
    )
    found: defaultdict[str, list[ActRow]] = defaultdict(list)
    for row in rows:
        found[row.draft_id].append(ActRow(*row))
    return dict(found)


def find_act(tx: Tx, act_id: str) -> ActRow | None:
    """An act by its id: the same act again is the same answer."""
    row = tx.execute(
        select(*_ACT).where(ceiling_act.c.shard == SHARD, ceiling_act.c.act_id == act_id)
    ).one_or_none()
    return ActRow(*row) if row else None


def add_act(tx: Tx, new: ActRow) -> None:
    """Append a step; `ConflictError` when a rival made the same step first."""
    tx.execute(insert(ceiling_act).values(shard=SHARD, **asdict(new)))
    announce(tx, Kind.CEILING_ACT, [(SHARD, new.act_id)])


def follow(tx: Tx, base: str, version: str, act_id: str, now: datetime) -> None:
    """One catalogue follows another; `ConflictError` when a rival's act followed it already."""
    tx.execute(
        insert(ceiling_book).values(shard=SHARD, base=base, version=version, act_id=act_id, at=now)
    )


def ever_published(tx: Tx) -> list[tuple[Draft, list[ActRow]]]:
    """Drafts that two people signed with all their acts, in the order in which they were made."""
    signed = select(ceiling_act.c.draft_id).where(
        ceiling_act.c.shard == SHARD, ceiling_act.c.version.is_not(None)
    )
    rows = tx.execute(
        select(*_DRAFT)
        .where(ceiling_draft.c.shard == SHARD, ceiling_draft.c.draft_id.in_(signed))
        .order_by(ceiling_draft.c.made_at, ceiling_draft.c.draft_id)
    )
    drafts = [Draft(*row) for row in rows]
    acts = acts_of(tx, [each.draft_id for each in drafts])
    return [(each, acts[each.draft_id]) for each in drafts]
