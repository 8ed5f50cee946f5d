"""The facts that the audit chain seals: which columns of which rows, format by format."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, String, Table, cast, select

from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind
from pos_engine.store.database import Tx
from pos_engine.store.schema import (
    catalogue,
    disbursement_run,
    posting,
    purchase,
    purchase_claim,
    template_log,
)
from pos_engine.store.schema_audit import audit_leaf, audit_pending
from pos_engine.store.schema_disbursement import disbursement_event
from pos_engine.store.schema_enrolment import enrolment_event

ORPHANS_MAX = 100  # facts without leaf that are listed of one kind
PAGE_ROWS = 1000  # rows that a stream holds at once


@dataclass(frozen=True, slots=True)
class Source:
    """Where a kind of fact stands: its table, its key, when it happened, its columns.

    `number` is the second part of the name of a fact that its key alone does not name.
    """

    table: Table
    key: str
    moment: str
    columns: Mapping[int, tuple[str, ...]]  # by format: an old leaf is checked as it was made
    number: str | None = None

    def name_of(self, row: Mapping[Any, Any]) -> str:
        """The name of the fact that a row belongs to."""
        name = str(row[self.key])
        return name if self.number is None else f"{name}:{row[self.number]}"

    @property
    def subject(self) -> ColumnElement[str]:
        """The name of a fact, as its leaf knows it."""
        name = cast(self.table.c[self.key], String(64))
        if self.number is None:
            return name
        return name + ":" + cast(self.table.c[self.number], String(64))


def _source(
    table: Table, key: str, moment: str, columns: str, first: str = "", number: str | None = None
) -> Source:
    """`first`: the columns of format 1 when they were others."""
    formats = {1: tuple((first or columns).split()), 2: tuple(columns.split())}
    return Source(table, key, moment, formats, number)


SOURCES = {
    Kind.PURCHASE: _source(
        purchase,
        "purchase_id",
        "decided_at",
        "shard purchase_id kpm_id person_id shop_id till_id staff_id region status reason method "
        "amount lines flags policy price_book number day occurred_at decided_at",
    ),
    Kind.MOVEMENT: _source(
        posting, "txn_id", "posted_at", "shard txn_id leg account amount kind posted_at"
    ),
    Kind.RUN: _source(
        disbursement_run,
        "run_id",
        "approved_at",
        "shard run_id programme period file_sha256 expected_count expected_total expires_on "
        "papers made_by approved_by created_at approved_at",
        first="shard run_id programme period file_sha256 expected_count expected_total expires_on "
        "status papers made_by approved_by created_at approved_at",
    ),
    Kind.RUN_EVENT: _source(
        disbursement_event, "run_id", "at", "shard run_id number kind officer at", number="number"
    ),
    Kind.CATALOGUE: _source(
        catalogue, "version", "loaded_at", "shard version files loaded_at loaded_by"
    ),
    Kind.TEMPLATE_LOG: _source(
        template_log, "number", "at", "shard number kind enlisted template_id kpm_id at"
    ),
    Kind.ENROLMENT_EVENT: _source(
        enrolment_event,
        "event_id",
        "at",
        "shard event_id enrolment_id kpm_id kind reason staff_id role device_id note at",
    ),
}
_ANSWER = ("claim_shard", "purchase_id", "content", "home_shard", "kpm_id", "shop_id", "answer")
CLAIM = {1: _ANSWER, 2: _ANSWER}
NOT_SEALED = {Kind.RUN: ("status",)}  # changes after the seal; each change is an event


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
    source = SOURCES[kind]
    columns = [source.table.c[name] for name in source.columns[row_format]]
    key, wanted = source.table.c[source.key], set(subjects)
    names: Collection[Any] = (
        [int(each) for each in subjects] if kind is Kind.TEMPLATE_LOG else subjects
    )
    order = source.table.primary_key.columns
    if source.number is not None:
        names = {each.rpartition(":")[0] for each in subjects}
    query = select(*columns).where(source.table.c.shard == shard, key.in_(names)).order_by(*order)
    found: dict[str, Fact] = {}
    for subject, rows in groupby(tx.execute(query).mappings(), source.name_of):
        legs: list[Mapping[str, Any]] = [dict(row) for row in rows]
        if subject in wanted:
            found[subject] = Fact(legs, legs[0][source.moment])
    return _with_answers(tx, found, row_format) if kind is Kind.PURCHASE else found


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


def orphans(tx: Tx, kind: Kind) -> Iterator[tuple[int, str]]:
    """Facts that have neither a leaf nor wait for one: put in past us, or forgotten."""
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
    if kind is Kind.RUN:
        query = query.where(disbursement_run.c.approved_at.is_not(None))
    for row in tx.execute(query.limit(ORPHANS_MAX)):
        yield row.shard, row.subject


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
