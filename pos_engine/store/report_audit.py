"""Rows that auditors trace money by: credits with decree and SP2D, frozen balances, returns."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, select

from pos_engine.rules.ids import WalletId
from pos_engine.rules.posting import Kind, wallet_account
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.database import Tx
from pos_engine.store.idle_lists import RETURNED
from pos_engine.store.report_region import inside
from pos_engine.store.schema import disbursement_run, family, posting, purchase, wallet
from pos_engine.store.schema_audit import audit_leaf, audit_seal
from pos_engine.store.schema_disbursement import disbursement_event, disbursement_item
from pos_engine.store.schema_idle import idle_freeze, idle_item, idle_list

APPROVED = "APPROVED"
FETCHED_AT_ONCE = 5_000
AnyRow = Row[*tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Between:
    """Facts from `since` to before `until`, as far as they were known at `known`."""

    since: datetime
    until: datetime
    known: datetime
    region: str | None

    def of(self, at: ColumnElement[datetime]) -> ColumnElement[bool]:
        """The condition on the moment of a fact."""
        return and_(at >= self.since, at < self.until, at <= self.known)


def credits_between(tx: Tx, asked: Between) -> Iterator[AnyRow]:
    """Every credit of a tranche: list, row of its file, papers, who approved, and its seal."""
    run, item, leg, leaf = disbursement_run.c, disbursement_item.c, posting.c, audit_leaf.c
    query = (
        _legs(asked, [Kind.CREDIT.value])
        .add_columns(
            wallet.c.run_id, run.papers, run.file_sha256, item.number, run.made_by,
            run.approved_by, run.approved_at, wallet.c.expires_on, wallet.c.custodian,
            leaf.batch,
        )
        .join(disbursement_run, run.run_id == wallet.c.run_id, isouter=True)
        .join(
            disbursement_item,
            and_(
                item.shard == leg.shard,
                item.run_id == wallet.c.run_id,
                item.kpm_id == wallet.c.kpm_id,
            ),
            isouter=True,
        )
        .join(audit_leaf, _leaf_of_movement(asked), isouter=True)
        .where(leg.amount > 0)
    )  # fmt: skip
    yield from _streamed(tx, query)


def returns_between(tx: Tx, asked: Between) -> Iterator[AnyRow]:
    """Money that left a tranche for the treasury or the programme: list, officers, and its seal."""
    listed = idle_list.c
    kinds = [Kind.RETURN.value, Kind.TREASURY.value]
    query = (
        _legs(asked, kinds)
        .add_columns(
            wallet.c.run_id, disbursement_run.c.papers, listed.made_by, listed.approved_by,
            listed.approved_at, audit_leaf.c.batch,
        )
        .join(
            disbursement_run, disbursement_run.c.run_id == wallet.c.run_id, isouter=True
        )
        .join(idle_list, listed.list_id == posting.c.txn_id, isouter=True)
        .join(audit_leaf, _leaf_of_movement(asked), isouter=True)
        .where(posting.c.amount < 0)
    )  # fmt: skip
    yield from _streamed(tx, query)


def freezes_between(tx: Tx, asked: Between) -> Iterator[AnyRow]:
    """Tranches that were put aside, when their family bought again, when they were returned."""
    c, home = idle_freeze.c, family.c
    bought = (
        select(func.min(purchase.c.decided_at))
        .where(
            purchase.c.shard == c.shard,
            purchase.c.kpm_id == c.kpm_id,
            purchase.c.status == APPROVED,
            purchase.c.decided_at >= c.frozen_at,
        )
        .scalar_subquery()
    )
    back = and_(
        idle_item.c.shard == c.shard,
        idle_item.c.wallet_id == c.wallet_id,
        idle_item.c.state == RETURNED,
    )
    query = (
        select(
            c.frozen_at, home.region, c.kpm_id, c.wallet_id, wallet.c.programme, wallet.c.period,
            c.amount, c.days, c.frozen_by, wallet.c.run_id, disbursement_run.c.papers,
            bought.label("bought_at"), idle_item.c.list_id, idle_list.c.approved_at,
            audit_leaf.c.batch, c.shard,
        )
        .join_from(idle_freeze, wallet, and_(wallet.c.shard == c.shard,
                                             wallet.c.wallet_id == c.wallet_id))
        .join(family, and_(home.shard == c.shard, home.kpm_id == c.kpm_id))
        .join(disbursement_run, disbursement_run.c.run_id == wallet.c.run_id, isouter=True)
        .join(idle_item, back, isouter=True)
        .join(idle_list, idle_list.c.list_id == idle_item.c.list_id, isouter=True)
        .join(audit_leaf, _leaf(Fact.IDLE_FREEZE, c.shard, c.freeze_id, asked.known), isouter=True)
        .where(asked.of(c.frozen_at), inside(home.region, asked.region))
        .order_by(c.shard, c.freeze_id)
    )  # fmt: skip
    yield from _streamed(tx, query)


def officers_of_returns(tx: Tx) -> dict[str, list[tuple[str, str]]]:
    """Who asked for a list to be taken back, and who agreed: kind and officer in order, by list."""
    c, found = disbursement_event.c, dict[str, list[tuple[str, str]]]()
    kinds = ("UNDO_ASKED", "REVERSE_ASKED", "UNDOING", "REVERSING")
    rows = tx.execute(
        select(c.run_id, c.kind, c.officer).where(c.kind.in_(kinds)).order_by(c.run_id, c.number)
    )
    for run_id, kind, officer in rows:
        found.setdefault(run_id, []).append((kind, officer))
    return found


def credits_after(tx: Tx, asked: Between, limit: int) -> list[AnyRow]:
    """Credits and returns of these days that became known after the moment, by their movement."""
    leg = posting.c
    kinds = [Kind.CREDIT.value, Kind.RETURN.value, Kind.TREASURY.value]
    query = (
        select(leg.kind, leg.txn_id, func.min(leg.posted_at), func.sum(leg.amount))
        .join_from(posting, wallet, _own_tranche())
        .join(family, _own_family())
        .where(leg.kind.in_(kinds), inside(family.c.region, asked.region))
        .where(leg.posted_at >= asked.since, leg.posted_at < asked.until)
        .where(leg.posted_at > asked.known)
        .group_by(leg.kind, leg.txn_id)
        .order_by(func.min(leg.posted_at), leg.txn_id)
        .limit(limit)
    )
    return list(tx.execute(query))


def _legs(asked: Between, kinds: list[str]) -> Select[*tuple[Any, ...]]:
    """Legs on tranches of families of a region, in the order of their keys."""
    leg = posting.c
    return (
        select(
            leg.posted_at, family.c.region, wallet.c.kpm_id, wallet.c.wallet_id,
            wallet.c.programme, wallet.c.period, leg.kind, leg.amount, leg.txn_id, leg.shard,
        )
        .join_from(posting, wallet, _own_tranche())
        .join(family, _own_family())
        .where(leg.kind.in_(kinds), asked.of(leg.posted_at), inside(family.c.region, asked.region))
        .order_by(leg.shard, leg.txn_id, leg.leg)
    )  # fmt: skip


def _own_tranche() -> ColumnElement[bool]:
    account = literal(wallet_account(WalletId(""))) + wallet.c.wallet_id
    return and_(posting.c.shard == wallet.c.shard, posting.c.account == account)


def _own_family() -> ColumnElement[bool]:
    return and_(family.c.shard == wallet.c.shard, family.c.kpm_id == wallet.c.kpm_id)


def _leaf_of_movement(asked: Between) -> ColumnElement[bool]:
    return _leaf(Fact.MOVEMENT, posting.c.shard, posting.c.txn_id, asked.known)


def _leaf(
    kind: Fact, shard: ColumnElement[int], subject: ColumnElement[str], known: datetime
) -> ColumnElement[bool]:
    """The leaf of a fact under a link that was there at the moment: later ones change no file."""
    leaf, link = audit_leaf.c, audit_seal.c
    sealed = select(link.n).where(
        link.shard == leaf.shard, link.n == leaf.batch, link.sealed_at <= known
    )
    named = and_(leaf.shard == shard, leaf.kind == kind.value, leaf.subject_id == subject)
    return and_(named, sealed.exists())


def _streamed(tx: Tx, query: Select[*tuple[Any, ...]]) -> Iterator[AnyRow]:
    yield from tx.execute(query.execution_options(yield_per=FETCHED_AT_ONCE))
