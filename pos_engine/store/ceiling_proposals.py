"""Proposals for officers where too many asked prices were refused, and what they answered."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, insert, select

from pos_engine.store.announce import Kind, announce
from pos_engine.store.database import Tx
from pos_engine.store.schema_ceiling_drafts import ceiling_answer, ceiling_proposal

SHARD = 0  # a handful of rows, the same for all
PROPOSALS_LISTED_MAX = 500


@dataclass(frozen=True, slots=True)
class Proposal:
    """What was seen: a good in a regency on days running. `figures` are the days' own."""

    proposal_id: str
    regency: str
    sku: str
    first_day: date
    last_day: date
    figures: dict[str, Any]
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """ACCEPTED with the draft that came of it, or DECLINED; why and by whom."""

    proposal_id: str
    regency: str
    sku: str
    answer: str
    reason: str
    draft_id: str | None
    officer: str
    at: datetime


_PROPOSAL = [ceiling_proposal.c[name] for name in Proposal.__slots__]
_ANSWER = [ceiling_answer.c[name] for name in Answer.__slots__]


def add_proposal(tx: Tx, new: Proposal) -> None:
    """Keep a proposal under its own name: the same days make it once."""
    tx.execute(insert(ceiling_proposal).values(shard=SHARD, **asdict(new)))


def proposals_since(tx: Tx, since: date) -> set[tuple[str, str]]:
    """Regencies and goods of which something was proposed for days from `since` on."""
    rows = tx.execute(
        select(ceiling_proposal.c.regency, ceiling_proposal.c.sku).where(
            ceiling_proposal.c.shard == SHARD, ceiling_proposal.c.last_day >= since
        )
    )
    return {(row.regency, row.sku) for row in rows}


def list_proposals(
    tx: Tx, region: str | None, proposal_ids: Sequence[str] | None = None
) -> list[tuple[Proposal, Answer | None]]:
    """Proposals of a region (None: the nation) with their answers, the newest first."""
    query = (
        select(*_PROPOSAL, *(each.label(f"answer_{each.name}") for each in _ANSWER))
        .join_from(
            ceiling_proposal,
            ceiling_answer,
            and_(
                ceiling_answer.c.shard == ceiling_proposal.c.shard,
                ceiling_answer.c.proposal_id == ceiling_proposal.c.proposal_id,
            ),
            isouter=True,
        )
        .where(ceiling_proposal.c.shard == SHARD)
        .order_by(ceiling_proposal.c.made_at.desc(), ceiling_proposal.c.proposal_id)
        .limit(PROPOSALS_LISTED_MAX)
    )
    if region:
        inside = ceiling_proposal.c.regency.startswith(f"{region}.", autoescape=True)
        query = query.where((ceiling_proposal.c.regency == region[:5]) | inside)
    if proposal_ids is not None:
        query = query.where(ceiling_proposal.c.proposal_id.in_(proposal_ids))
    width = len(_PROPOSAL)
    return [
        (Proposal(*row[:width]), Answer(*row[width:]) if row[width] is not None else None)
        for row in tx.execute(query)
    ]


def add_answer(tx: Tx, new: Answer) -> None:
    """Keep an officer's answer; `ConflictError` when another one answered first."""
    tx.execute(insert(ceiling_answer).values(shard=SHARD, **asdict(new)))
    announce(tx, Kind.CEILING_ANSWER, [(SHARD, new.proposal_id)])
