"""Notes of tills: who could not be served and how cards came, each under its own id, once."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, insert, literal, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.schema import identity_attempt, shop
from pos_engine.store.schema_till import card_note, turned_away


@dataclass(frozen=True, slots=True)
class TurnedAway:
    """A family that went home without food, as the cashier told; nobody is named."""

    note_id: str
    shop_id: str
    till_id: str
    staff_id: str
    reason: str
    day: date
    occurred_at: datetime
    told_at: datetime


@dataclass(frozen=True, slots=True)
class CardTold:
    """How a card came to a till; `purchase_id` when a sale followed."""

    note_id: str
    shop_id: str
    till_id: str
    staff_id: str
    kind: str
    day: date
    purchase_id: str | None
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Excluded:
    """How often something kept families from buying at a shop."""

    region: str
    shop_id: str
    shop_name: str
    kind: str
    method: str
    reason: str
    count: int


def keep_turned_away(tx: Tx, new: TurnedAway) -> None:
    """Append; told again it is the same note."""
    _keep(tx, turned_away, new.note_id, asdict(new))


def keep_card_note(tx: Tx, new: CardTold) -> None:
    """Append; told again it is the same note."""
    _keep(tx, card_note, new.note_id, asdict(new))


def _keep(tx: Tx, table: Any, note_id: str, values: dict[str, Any]) -> None:
    shard = shard_of(note_id)
    here = (table.c.shard == shard, table.c.note_id == note_id)
    if tx.execute(select(table.c.note_id).where(*here)).first() is None:
        tx.execute(insert(table).values(shard=shard, **values))


def excluded_between(
    tx: Tx, days: tuple[date, date], span: tuple[datetime, datetime], where: "Where"
) -> Iterator[Excluded]:
    """Proofs that failed within `span`, and what was told of `days` (both ends), shop by shop."""
    attempt, away, card = identity_attempt.c, turned_away.c, card_note.c
    failed = _counted("ATTEMPT", attempt.shop_id, attempt.method, attempt.reason).where(
        attempt.at >= span[0], attempt.at < span[1], attempt.reason.is_not(None)
    )
    sent = _counted("TURNED_AWAY", away.shop_id, None, away.reason).where(away.day.between(*days))
    cards = _counted("CARD", card.shop_id, None, card.kind).where(card.day.between(*days))
    for query in (sent, failed, cards):
        for region, shop_id, name, kind, method, reason, count in tx.execute(where.within(query)):
            yield Excluded(region, shop_id, name, kind, method or "", reason or "", int(count))


@dataclass(frozen=True, slots=True)
class Where:
    """Which shops are looked at: of a region (a prefix), one of them, or all."""

    region: str | None
    shop_id: str | None

    def within(self, query: Select[Any]) -> Select[Any]:
        """The query for these shops alone."""
        if self.region:
            inside = shop.c.region.startswith(f"{self.region}.") | (shop.c.region == self.region)
            query = query.where(inside)
        if self.shop_id:
            query = query.where(shop.c.shop_id == self.shop_id)
        return query


def _counted(
    kind: str,
    shop_id: ColumnElement[str],
    method: ColumnElement[str] | None,
    reason: ColumnElement[Any],
) -> Select[Any]:
    told = [shop.c.region, shop.c.shop_id, shop.c.name]
    ways = [] if method is None else [method]
    named = literal("") if method is None else method
    return (
        select(*told, literal(kind), named, reason, func.count())
        .join_from(shop, shop_id.table, shop.c.shop_id == shop_id)
        .group_by(*told, *ways, reason)
        .order_by(shop.c.region, shop.c.shop_id, reason)
    )
