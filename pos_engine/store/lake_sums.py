"""The ledger's sums that the event lake must have to the rupiah."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import BigInteger, and_, cast, func, select, text

from pos_engine.rules.posting import Kind as Leg
from pos_engine.store import lake_facts
from pos_engine.store.announce import Kind
from pos_engine.store.database import Tx
from pos_engine.store.lake_feed import Fact
from pos_engine.store.schema import posting, purchase
from pos_engine.store.schema_envelopes import envelope
from pos_engine.store.schema_reversals import reversal

Sums = Counter[tuple[str, ...]]
PURCHASES, LINES, LEDGER, RETURNS = "purchases", "lines", "ledger", "returns"
OFFLINE, OFFLINE_SALES = "offline", "offline sales"  # rupiah that were paid; how many sales
APPROVED = "APPROVED"
LOSS = '"PROGRAMME_LOSS"'  # a flag: no family's money paid it, so no tranche has a leg of it
FACTS_AT_ONCE = 5_000


def one_snapshot(tx: Tx) -> None:
    """From here on this transaction sees the database as it is now, however long it reads."""
    if tx.dialect.name == "postgresql":
        tx.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def ledger_sums(tx: Tx) -> Sums:
    """Approved purchases and returns by day and province; legs on tranches by kind."""
    sums: Sums = Counter()
    for day, province, amount in tx.execute(_purchases()):
        sums[PURCHASES, day.isoformat(), province] += int(amount)
        sums[LINES, day.isoformat(), province] += int(amount)
    for kind, amount in tx.execute(_legs()):
        sums[LEDGER, kind, ""] += int(amount)
    for day, province, amount in tx.execute(_returns()):
        sums[RETURNS, day.isoformat(), province] += int(amount)
    for outcome, taken, sales in tx.execute(_outcomes()):
        sums[OFFLINE, outcome, ""] += int(taken)
        sums[OFFLINE_SALES, outcome, ""] += sales
    return sums


def _purchases() -> Any:
    province = func.substr(purchase.c.region, 1, 2)
    amount = cast(func.sum(purchase.c.amount), BigInteger)
    return (
        select(purchase.c.day, province, amount)
        .where(purchase.c.status == APPROVED)
        .group_by(purchase.c.day, province)
    )


def _legs() -> Any:
    own = posting.c.account.startswith(lake_facts.WALLET)
    amount = cast(func.sum(posting.c.amount), BigInteger)
    return select(posting.c.kind, amount).where(own).group_by(posting.c.kind)


def _returns() -> Any:
    bought = and_(
        purchase.c.shard == reversal.c.shard, purchase.c.purchase_id == reversal.c.reverses_id
    )
    province = func.substr(purchase.c.region, 1, 2)
    amount = cast(func.sum(reversal.c.amount), BigInteger)
    return (
        select(reversal.c.purchase_day, province, amount)
        .join_from(reversal, purchase, bought)
        .group_by(reversal.c.purchase_day, province)
    )


def _outcomes() -> Any:
    columns = envelope.c
    taken = cast(func.sum(columns.taken), BigInteger)
    settled = columns.settled_at.is_not(None)
    return select(columns.outcome, taken, func.count()).where(settled).group_by(columns.outcome)


def sums_of(tx: Tx, facts: Sequence[Fact]) -> Sums:
    """The same sums of these facts alone."""
    sums: Sums = Counter()
    for some in _pages(facts):
        keys = {kind: [(e.shard, e.subject_id) for e in some if e.kind == kind] for kind in Kind}
        for row in lake_facts.purchases(tx, keys[Kind.PURCHASE]):
            if row.status == APPROVED:
                place = (_iso(row.day), row.region[:2])
                sums[PURCHASES, *place] += row.amount
                sums[LINES, *place] += row.amount
                if LOSS not in row.flags:
                    sums[LEDGER, Leg.PURCHASE.value, ""] -= row.amount
        for row in lake_facts.movements(tx, keys[Kind.MOVEMENT]):
            sums[LEDGER, row.kind, ""] += row.amount
        for row in lake_facts.returns(tx, keys[Kind.REVERSAL]):
            sums[RETURNS, _iso(row.purchase_day), row.region[:2]] += row.amount
        for row in lake_facts.offline_outcomes(tx, keys[Kind.ENVELOPE_END]):
            sums[OFFLINE, row.outcome, ""] += row.taken
            sums[OFFLINE_SALES, row.outcome, ""] += 1
    return sums


def _iso(day: date) -> str:
    return day.isoformat()


def _pages(facts: Sequence[Fact]) -> Iterator[Sequence[Fact]]:
    for at in range(0, len(facts), FACTS_AT_ONCE):
        yield facts[at : at + FACTS_AT_ONCE]
