"""Cards and their life: each step is a row, the card shows the newest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, literal_column, select, update

from pos_engine.rules.card import WORKING, CardState
from pos_engine.rules.ids import SHARDS, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import card, family, pin
from pos_engine.store.schema_registry import card_event

CARDS_LISTED_MAX = 500


@dataclass(frozen=True, slots=True)
class CardRow:
    """A card as it stands, with the village of its family."""

    card_id: str
    kpm_id: str
    person_id: str
    last4: str
    status: str
    reason: str | None
    created_at: datetime
    region: str


_COLUMNS = [*(card.c[name] for name in CardRow.__slots__ if name != "region"), family.c.region]
_CARDS = select(*_COLUMNS).join_from(
    card, family, (family.c.shard == card.c.shard) & (family.c.kpm_id == card.c.kpm_id)
)


def find_card(tx: Tx, card_id: str, *, lock: bool = False) -> CardRow | None:
    """A card by its id alone: one look into each shard, so not for the till's way."""
    query = _CARDS.where(card.c.shard.in_(range(SHARDS)), card.c.card_id == card_id)
    if lock:
        query = query.with_for_update(of=card, key_share=True)
    row = tx.execute(query).one_or_none()
    return CardRow(*row) if row else None


def cards_of(tx: Tx, kpm_id: str) -> Sequence[CardRow]:
    """A family's cards, the newest last."""
    where = (card.c.shard == shard_of(kpm_id)) & (card.c.kpm_id == kpm_id)
    rows = tx.execute(_CARDS.where(where).order_by(card.c.created_at, card.c.card_id))
    return [CardRow(*row) for row in rows]


def cards_in(
    tx: Tx, region: str | None, states: Sequence[CardState], limit: int
) -> Sequence[CardRow]:
    """Cards of a region in these states, by village and family."""
    query = _CARDS.where(card.c.status.in_([each.value for each in states]))
    if region:
        query = query.where((family.c.region == region) | family.c.region.startswith(f"{region}."))
    rows = tx.execute(query.order_by(family.c.region, card.c.kpm_id, card.c.card_id).limit(limit))
    return [CardRow(*row) for row in rows]


def cards_to_expire(tx: Tx, before: datetime, limit: int) -> Sequence[CardRow]:
    """Working cards that were issued before this moment, locked."""
    query = _CARDS.where(card.c.created_at < before, card.c.status.in_(sorted(WORKING)))
    return _locked(tx, query.order_by(card.c.shard, card.c.card_id).limit(limit))


def cards_without_tries(tx: Tx, limit: int) -> Sequence[CardRow]:
    """Active cards of families whose PIN has no tries left, locked."""
    own = (pin.c.shard == card.c.shard) & (pin.c.kpm_id == card.c.kpm_id)
    # written out: a partial index asks for it
    none_left = pin.c.tries_left <= literal_column("0")
    query = _CARDS.join(pin, own).where(none_left, card.c.status == CardState.ACTIVE.value)
    return _locked(tx, query.order_by(pin.c.shard, pin.c.kpm_id, card.c.card_id).limit(limit))


def _locked(tx: Tx, query: Select[Any]) -> Sequence[CardRow]:
    rows = tx.execute(query.with_for_update(of=card, key_share=True))
    return [CardRow(*row) for row in rows]


def set_state(
    tx: Tx, found: CardRow, state: CardState, reason: str | None, officer: str, now: datetime
) -> None:
    """Write a step and what the card is now; the caller holds the card's lock."""
    key = (card.c.shard == shard_of(found.kpm_id)) & (card.c.card_id == found.card_id)
    tx.execute(update(card).where(key).values(status=state.value, reason=reason))
    add_event(tx, found.kpm_id, found.card_id, state, reason, officer, now)


def add_event(
    tx: Tx,
    kpm_id: str,
    card_id: str,
    state: CardState,
    reason: str | None,
    officer: str,
    now: datetime,
) -> None:
    """One step in the life of a card."""
    shard = shard_of(kpm_id)
    c = card_event.c
    newest = select(func.coalesce(func.max(c.number), 0)).where(
        c.shard == shard, c.card_id == card_id
    )
    tx.execute(
        insert(card_event).values(
            shard=shard,
            card_id=card_id,
            number=tx.execute(newest).scalar_one() + 1,
            state=state.value,
            reason=reason,
            officer=officer,
            at=now,
        )
    )


def events_of(tx: Tx, kpm_id: str, card_id: str) -> Sequence[tuple[str, str | None, str, datetime]]:
    """State, reason, officer and time of each step, the oldest first."""
    c = card_event.c
    rows = tx.execute(
        select(c.state, c.reason, c.officer, c.at)
        .where(c.shard == shard_of(kpm_id), c.card_id == card_id)
        .order_by(c.number)
    )
    return [(row[0], row[1], row[2], row[3]) for row in rows]
