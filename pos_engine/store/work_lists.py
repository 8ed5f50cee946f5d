"""Work lists of a pendamping: cards that wait for their owner, money that nobody has used."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select

from pos_engine.rules.card import CardState
from pos_engine.store.database import Tx
from pos_engine.store.schema import card, family, person, wallet

FETCHED_AT_ONCE = 1_000
ROWS_MAX = 100_000


def waiting_cards(tx: Tx, region: str | None) -> Iterator[Row[Any]]:
    """Cards that were issued and not handed over: whose, where, since when, why."""
    query = (
        select(
            family.c.region, card.c.kpm_id, person.c.name, card.c.card_id, card.c.last4,
            card.c.status, card.c.reason, card.c.created_at,
        )
        .join_from(
            card, family, (family.c.shard == card.c.shard) & (family.c.kpm_id == card.c.kpm_id)
        )
        .join(
            person,
            (person.c.shard == card.c.shard) & (person.c.person_id == card.c.person_id),
        )
        .where(card.c.status.in_([CardState.ISSUED.value, CardState.UNDISTRIBUTED.value]))
        .order_by(family.c.region, card.c.kpm_id, card.c.card_id)
        .limit(ROWS_MAX)
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )  # fmt: skip
    yield from tx.execute(_inside(query, region))


def untouched_tranches(tx: Tx, first: date, last: date, region: str | None) -> Iterator[Row[Any]]:
    """Tranches that end in these days with money left: nothing spent of them, or a part."""
    left = wallet.c.credited - wallet.c.spent - wallet.c.held
    head = (
        select(func.min(person.c.name))
        .where(
            person.c.shard == wallet.c.shard,
            person.c.kpm_id == wallet.c.kpm_id,
            person.c.role == "PENGURUS",
        )
        .scalar_subquery()
    )
    query = (
        select(
            family.c.region, wallet.c.kpm_id, head.label("name"), wallet.c.programme,
            wallet.c.period, wallet.c.credited, wallet.c.spent, left.label("left"),
            wallet.c.expires_on,
        )
        .join_from(
            wallet,
            family,
            (family.c.shard == wallet.c.shard) & (family.c.kpm_id == wallet.c.kpm_id),
        )
        .where(left > 0, wallet.c.expires_on >= first, wallet.c.expires_on <= last)
        .order_by(family.c.region, wallet.c.kpm_id, wallet.c.period)
        .limit(ROWS_MAX)
        .execution_options(yield_per=FETCHED_AT_ONCE)
    )  # fmt: skip
    yield from tx.execute(_inside(query, region))


def _inside(query: Any, region: str | None) -> Any:
    if not region:
        return query
    return query.where((family.c.region == region) | family.c.region.startswith(f"{region}."))
