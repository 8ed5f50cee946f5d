"""Who did what among officers: one list over every table that keeps an act, and its seals."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    Table,
    and_,
    cast,
    func,
    literal,
    or_,
    select,
    tuple_,
    union_all,
)

from pos_engine.store.announce import Kind
from pos_engine.store.database import Tx
from pos_engine.store.report_region import inside
from pos_engine.store.schema import catalogue, staff
from pos_engine.store.schema_allowances import device_event, shop_remote
from pos_engine.store.schema_anomalies import anomaly_step
from pos_engine.store.schema_audit import audit_leaf, audit_seal
from pos_engine.store.schema_ceiling_drafts import ceiling_act, ceiling_answer
from pos_engine.store.schema_complaint_desk import complaint_event
from pos_engine.store.schema_disbursement import disbursement_event
from pos_engine.store.schema_enrolment import enrolment_event
from pos_engine.store.schema_envelopes import offline_review
from pos_engine.store.schema_idle import idle_freeze, idle_list
from pos_engine.store.schema_people import aid_case, delegation_event, pin_witness, supervision
from pos_engine.store.schema_privacy import privacy_event
from pos_engine.store.schema_qris import shop_application
from pos_engine.store.schema_registry import card_event, registry_hold, registry_run, suspension
from pos_engine.store.schema_reversals import reversal
from pos_engine.store.schema_settlement import (
    bank_statement,
    escrow_day,
    recon_sign_off,
    settlement_run,
    shop_account,
)
from pos_engine.store.schema_staff_factors import staff_event

ACTS_MAX = 100_000  # of one answer; files of more days are asked month by month
LOOKED_UP_AT_ONCE = 500
NONE = ""
TEXT = String(64)


@dataclass(frozen=True, slots=True)
class Act:
    """One act of one officer. `batch` and `day`: its link in the audit chain; None: not yet."""

    at: datetime
    officer: str
    name: str | None
    role: str | None
    region: str | None
    act: str
    subject: str
    why: str
    shard: int
    kind: str  # of its seal; empty: such acts are not sealed
    sealed_as: str
    batch: int | None = None
    sealed_on: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Acts from `since` to before `until` by officers of a region, of one officer, of one kind."""

    since: datetime
    until: datetime
    region: str | None = None
    officer: str = ""
    act: str = ""  # how the act begins: CARD, DEVICE_REVOKED


@dataclass(frozen=True, slots=True)
class _Source:
    """A table that keeps acts: who, when, what, to whom, why, and the seal of the row."""

    table: Table
    word: str
    officer: str
    at: str
    subject: str
    kind_of: str = NONE  # the column that ends the act's name
    why: str = NONE
    seal: Kind | None = None
    sealed_as: str = NONE  # the column of the seal's subject; default: `subject`
    number: str = NONE  # and the second part of its name

    def rows(self, wanted: Wanted) -> Select[tuple[object, ...]]:
        """Its acts, in the columns that all sources share."""
        c = self.table.c
        what: ColumnElement[str] = literal(self.word)
        if self.kind_of:
            what = what + "_" + cast(c[self.kind_of], TEXT)
        sealed: ColumnElement[str] = cast(c[self.sealed_as or self.subject], TEXT)
        if self.number:
            sealed = sealed + ":" + cast(c[self.number], TEXT)
        why = cast(func.coalesce(c[self.why], NONE), String(300)) if self.why else literal(NONE)
        query = select(
            c[self.at].label("at"),
            c[self.officer].label("officer"),
            what.label("act"),
            cast(c[self.subject], TEXT).label("subject"),
            why.label("why"),
            c.shard.label("shard"),
            literal(self.seal.value if self.seal else NONE).label("kind"),
            (sealed if self.seal else literal(NONE)).label("sealed_as"),
        ).where(c[self.at] >= wanted.since, c[self.at] < wanted.until, c[self.officer].is_not(None))
        return query.where(c[self.officer] == wanted.officer) if wanted.officer else query


# Each step that an officer takes stands in one of these; a new table of acts is one line more.
SOURCES = (
    _Source(disbursement_event, "CREDIT", "officer", "at", "run_id", "kind",
            seal=Kind.RUN_EVENT, number="number"),
    _Source(card_event, "CARD", "officer", "at", "card_id", "state", "reason"),
    _Source(enrolment_event, "FACE", "staff_id", "at", "enrolment_id", "kind", "note",
            Kind.ENROLMENT_EVENT, "event_id"),
    _Source(device_event, "DEVICE", "staff_id", "at", "device_id", "kind",
            seal=Kind.DEVICE_EVENT, sealed_as="event_id"),
    _Source(delegation_event, "DELEGATE", "staff_id", "at", "delegation_id", "kind", "reason"),
    _Source(supervision, "SUPERVISED_ASKED", "asked_by", "asked_at", "supervision_id",
            why="no_other_way"),
    _Source(supervision, "SUPERVISED", "decided_by", "decided_at", "supervision_id", "status"),
    _Source(aid_case, "CASE_CLOSED", "closed_by", "closed_at", "case_id", why="note"),
    _Source(pin_witness, "PIN_FIRST", "first_by", "asked_at", "witness_id"),
    _Source(pin_witness, "PIN_SECOND", "second_by", "used_at", "witness_id"),
    _Source(suspension, "SUSPENSION_ASKED", "asked_by", "asked_at", "suspension_id", why="reason"),
    _Source(suspension, "SUSPENSION_CONFIRMED", "confirmed_by", "confirmed_at", "suspension_id",
            why="decree"),
    _Source(suspension, "SUSPENSION_LIFTED", "restored_by", "restored_at", "suspension_id"),
    _Source(registry_run, "REGISTRY_IMPORT", "made_by", "created_at", "run_id"),
    _Source(registry_hold, "REGISTRY_RELEASED", "released_by", "released_at", "kpm_id",
            why="code"),
    _Source(idle_freeze, "IDLE_FROZEN", "frozen_by", "frozen_at", "wallet_id",
            seal=Kind.IDLE_FREEZE, sealed_as="freeze_id"),
    _Source(idle_list, "TREASURY_LISTED", "made_by", "made_at", "list_id", seal=Kind.IDLE_LIST),
    _Source(idle_list, "TREASURY_APPROVED", "approved_by", "approved_at", "list_id",
            seal=Kind.IDLE_APPROVAL),
    _Source(reversal, "PURCHASE", "made_by", "made_at", "reverses_id", "kind", "reason",
            Kind.REVERSAL, "reversal_id"),
    _Source(reversal, "PURCHASE_APPROVED", "approved_by", "made_at", "reverses_id", "kind",
            "reason", Kind.REVERSAL, "reversal_id"),
    _Source(offline_review, "OFFLINE", "made_by", "made_at", "subject_id", "decision", "note",
            Kind.OFFLINE_REVIEW, "review_id"),
    _Source(offline_review, "OFFLINE_APPROVED", "approved_by", "made_at", "subject_id",
            "decision", "note", Kind.OFFLINE_REVIEW, "review_id"),
    _Source(catalogue, "CATALOGUE_LOADED", "loaded_by", "loaded_at", "version",
            seal=Kind.CATALOGUE),
    _Source(ceiling_act, "CEILING", "officer", "at", "draft_id", "kind", "note",
            Kind.CEILING_ACT, "act_id"),
    _Source(ceiling_answer, "CEILING", "officer", "at", "proposal_id", "answer", "reason",
            Kind.CEILING_ANSWER),
    _Source(anomaly_step, "ANOMALY", "made_by", "made_at", "case_id", "kind", "note",
            Kind.ANOMALY_STEP, number="number"),
    _Source(complaint_event, "COMPLAINT", "by_id", "at", "complaint_id", "kind", NONE,
            Kind.COMPLAINT_EVENT, "event_id"),
    _Source(privacy_event, "PRIVACY", "by_id", "at", "event_id", "kind", NONE,
            Kind.PRIVACY_EVENT, "event_id"),
    _Source(staff_event, "STAFF_FACTOR", "by_id", "at", "staff_id", "kind", NONE,
            Kind.STAFF_EVENT, "event_id"),
    _Source(shop_application, "SHOP", "decided_by", "decided_at", "shop_id", "status", "reason"),
    _Source(shop_remote, "SHOP_REMOTE", "set_by", "set_at", "shop_id",
            seal=Kind.SHOP_REMOTE, sealed_as="event_id"),
    _Source(shop_account, "SHOP_ACCOUNT_MADE", "made_by", "created_at", "shop_id"),
    _Source(shop_account, "SHOP_ACCOUNT_APPROVED", "approved_by", "approved_at", "shop_id",
            seal=Kind.SHOP_ACCOUNT, number="version"),
    _Source(settlement_run, "SETTLEMENT_MADE", "made_by", "made_at", "day"),
    _Source(settlement_run, "SETTLEMENT_APPROVED", "approved_by", "approved_at", "day",
            seal=Kind.SETTLEMENT),
    _Source(recon_sign_off, "BANK_ITEM_ASKED", "asked_by", "asked_at", "item_id", why="reason",
            seal=Kind.SIGN_OFF),
    _Source(recon_sign_off, "BANK_ITEM_APPROVED", "approved_by", "approved_at", "item_id",
            why="reason", seal=Kind.SIGN_OFF_OK),
    _Source(bank_statement, "BANK_STATEMENT", "imported_by", "imported_at", "statement_id"),
    _Source(escrow_day, "BANK_DAY_CLOSED", "closed_by", "closed_at", "day",
            seal=Kind.ESCROW_DAY),
)  # fmt: skip


def acts(tx: Tx, wanted: Wanted, limit: int = ACTS_MAX) -> Iterator[Act]:
    """The newest acts first, each with the link that seals it."""
    every = _union(wanted).subquery()
    c = every.c
    query = (
        select(c.at, c.officer, staff.c.name, staff.c.role, staff.c.region, c.act, c.subject,
               c.why, c.shard, c.kind, c.sealed_as)
        .join_from(every, staff, staff.c.staff_id == c.officer, isouter=True)
        .where(c.officer != NONE, inside(staff.c.region, wanted.region))
        # a family's own step in her complaint is no act of an officer
        .where(or_(staff.c.staff_id.is_not(None), c.kind != Kind.COMPLAINT_EVENT.value))
        .order_by(c.at.desc(), c.act, c.subject)
        .limit(limit)
    )  # fmt: skip
    if wanted.act:
        begins = c.act.startswith(f"{wanted.act}_", autoescape=True)
        query = query.where(or_(c.act == wanted.act, begins))
    for page in tx.execute(query).partitions(LOOKED_UP_AT_ONCE):
        yield from _with_links(tx, [Act(*row) for row in page])


def _union(wanted: Wanted) -> CompoundSelect[tuple[object, ...]]:
    return union_all(*(each.rows(wanted) for each in SOURCES))


def _with_links(tx: Tx, page: Sequence[Act]) -> Iterator[Act]:
    names = {(each.shard, each.kind, each.sealed_as) for each in page if each.kind}
    links = _links(tx, names)
    for each in page:
        batch, day = links.get((each.shard, each.kind, each.sealed_as), (None, NONE))
        own = (each.at, each.officer, each.name, each.role, each.region, each.act, each.subject)
        yield Act(*own, each.why, each.shard, each.kind, each.sealed_as, batch, day)


def _links(
    tx: Tx, names: Collection[tuple[int, str, str]]
) -> dict[tuple[int, str, str], tuple[int, str]]:
    """The link of each of these facts, and the day that it belongs to."""
    if not names:
        return {}
    leaf, seal = audit_leaf.c, audit_seal.c
    rows = tx.execute(
        select(leaf.shard, leaf.kind, leaf.subject_id, leaf.batch, seal.day)
        .join_from(audit_leaf, audit_seal, and_(seal.shard == leaf.shard, seal.n == leaf.batch))
        .where(tuple_(leaf.shard, leaf.kind, leaf.subject_id).in_(sorted(names)))
    )
    return {(row[0], row[1], row[2]): (int(row[3]), row[4].isoformat()) for row in rows}
