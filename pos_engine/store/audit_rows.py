"""The facts that the audit chain seals as they stand now, those without a leaf, those that wait."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Date, Integer, Select, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind
from pos_engine.store.audit_sources import CLAIM, PAYOUT_ITEM, SOURCES, Source
from pos_engine.store.database import Tx
from pos_engine.store.schema import purchase_claim
from pos_engine.store.schema_audit import audit_leaf, audit_pending
from pos_engine.store.schema_settlement import payout_item

ORPHANS_MAX = 100  # facts without leaf that are listed of one kind
PAGE_ROWS = 1000  # rows that a stream holds at once


@dataclass(frozen=True, slots=True)
class Fact:
    """The rows of one fact as they stand now; of a purchase also its stored answer."""

    rows: list[Mapping[str, Any]]
    moment: datetime | None
    answer: str | None = None


def facts(
    tx: Tx, shard: int, kind: Kind, subjects: Sequence[str], row_format: int
) -> dict[str, Fact]:
    """The facts of these names that there are."""
    source, wanted = SOURCES[kind], set(subjects)
    columns = [source.table.c[name] for name in source.columns[row_format]]
    order = source.table.primary_key.columns
    query = select(*columns).where(source.table.c.shard == shard, *_named(source, subjects))
    rows_of: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in tx.execute(query.order_by(*order)).mappings():
        subject = source.name_of(row)
        if subject in wanted:
            rows_of[subject].append(dict(row))
    moment = source.moment
    found = {
        subject: Fact(rows, rows[0][moment] if moment else None)
        for subject, rows in rows_of.items()
    }
    if kind is Kind.PURCHASE:
        return _with_answers(tx, found, row_format)
    return _with_items(tx, shard, found, row_format) if kind is Kind.PAYOUT else found


def _named(source: Source, subjects: Sequence[str]) -> list[ColumnElement[bool]]:
    """The rows that these names can mean; of names in two parts more than they do."""
    if source.number is None:
        return [_among(source.table.c[source.key], subjects)]
    parts = [each.rpartition(":") for each in subjects]
    return [
        _among(source.table.c[source.key], {first for first, _, _ in parts}),
        _among(source.table.c[source.number], {last for _, _, last in parts}),
    ]


def _among(column: ColumnElement[Any], names: Sequence[str] | set[str]) -> ColumnElement[bool]:
    """The names in the type of their column."""
    as_stored: Callable[[str], Any] = str
    if isinstance(column.type, Date):
        as_stored = date.fromisoformat
    elif isinstance(column.type, Integer):
        as_stored = int
    values = []
    for each in names:
        with suppress(ValueError):  # a planted name that no row can have
            values.append(as_stored(each))
    return column.in_(values)


def _with_answers(tx: Tx, found: dict[str, Fact], row_format: int) -> dict[str, Fact]:
    """Purchases with their claim as a second row: the answer is sealed as well."""
    columns = [purchase_claim.c[name] for name in CLAIM[row_format]]
    rows = tx.execute(
        select(*columns).where(
            purchase_claim.c.claim_shard.in_({shard_of(each) for each in found}),
            purchase_claim.c.purchase_id.in_(list(found)),
        )
    )
    claims = {row["purchase_id"]: dict(row) for row in rows.mappings()}
    return {
        name: Fact([*fact.rows, claim], fact.moment, claim["answer"])
        if (claim := claims.get(name))
        else fact
        for name, fact in found.items()
    }


def _with_items(
    tx: Tx, shard: int, found: dict[str, Fact], row_format: int
) -> dict[str, Fact]:  # fmt: skip
    """Payouts with the windows that they cover as further rows."""
    columns = [payout_item.c[name] for name in PAYOUT_ITEM[row_format]]
    rows = tx.execute(
        select(*columns)
        .where(payout_item.c.shard == shard, payout_item.c.payout_id.in_(list(found)))
        .order_by(payout_item.c.payout_id, payout_item.c.day)
    )
    items: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows.mappings():
        items[row["payout_id"]].append(dict(row))
    return {name: Fact([*fact.rows, *items[name]], fact.moment) for name, fact in found.items()}


def orphans(tx: Tx, kind: Kind) -> Iterator[tuple[int, str]]:
    """Facts that have neither a leaf nor wait for one: put in past us, or forgotten."""
    for row in tx.execute(_unsealed(kind)):
        yield row.shard, row.subject


@cache
def _unsealed(kind: Kind) -> Select[Any]:
    source = SOURCES[kind]
    table, subject = source.table, source.subject
    query = select(table.c.shard, subject.label("subject")).distinct()
    for other in (audit_leaf, audit_pending):
        same = (
            (other.c.shard == table.c.shard)
            & (other.c.kind == kind.value)
            & (other.c.subject_id == subject)
        )
        query = query.where(~select(other.c.shard).where(same).exists())
    if source.done is not None:
        query = query.where(source.done)
    return query.limit(ORPHANS_MAX)


def waiting_facts(tx: Tx) -> Iterator[tuple[int, Kind, list[str]]]:
    """What waits for its first seal, as a stream of pages of one shard and kind."""
    columns, leaf = audit_pending.c, audit_leaf.c
    sealed = select(leaf.shard).where(
        leaf.shard == columns.shard,
        leaf.kind == columns.kind,
        leaf.subject_id == columns.subject_id,
    )
    query = select(columns.shard, columns.kind, columns.subject_id).order_by(*columns)
    query = query.where(~sealed.exists())
    with tx.execute(query.execution_options(yield_per=PAGE_ROWS)) as stream:
        for page in stream.partitions():
            for (shard, kind), rows in groupby(page, lambda row: (row.shard, row.kind)):
                yield shard, Kind(kind), [row.subject_id for row in rows]
