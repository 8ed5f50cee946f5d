"""The way of a credit in counts: listed, credited, card received, first purchase, used up."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, select

from pos_engine.rules.card import CardState
from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.store.database import Tx
from pos_engine.store.disbursements import REFUSED, STAGING, UNDOING, UNDONE, WITHDRAWN
from pos_engine.store.idle_lists import RETURNED as GONE
from pos_engine.store.report_region import cut, inside
from pos_engine.store.schema import card, disbursement_run, family, wallet
from pos_engine.store.schema_disbursement import disbursement_item, disbursement_kept
from pos_engine.store.schema_idle import idle_item

USED_UP_BELOW = 1_000  # rupiah: less than this buys nothing
NO_RUNS = (STAGING, REFUSED, WITHDRAWN, UNDOING, UNDONE)  # wrong files, as if they never were
IN_HAND = (
    CardState.DISTRIBUTED, CardState.ACTIVE, CardState.BLOCKED_PIN, CardState.LOST,
    CardState.SWALLOWED,
)  # fmt: skip
Group = tuple[str, str, str]  # programme, period, region


@dataclass(frozen=True, slots=True)
class Days:
    """The first day, and the moment at which the last one is over."""

    first: date
    until: datetime


@dataclass(frozen=True, slots=True)
class Credited:
    """Families of a group whose credit is on their tranche, and what became of it; rupiah."""

    families: int
    credited: int
    card_received: int
    first_purchase: int
    used_up: int
    spent: int
    returned: int
    left: int


def listed(tx: Tx, days: Days, region: str | None, length: int) -> dict[Group, tuple[int, int]]:
    """Families and rupiah on the lists of officers, by programme, period and region."""
    run, item = disbursement_run.c, disbursement_item.c
    level = cut(family.c.region, length)
    rows = tx.execute(
        select(run.programme, run.period, level, func.count(), func.sum(item.amount))
        .join_from(disbursement_item, disbursement_run, run.run_id == item.run_id)
        .join(family, and_(family.c.shard == item.shard, family.c.kpm_id == item.kpm_id))
        .where(*_of_days(days), inside(family.c.region, region))
        .group_by(run.programme, run.period, level)
    )
    return {(row[0], row[1], row[2]): (int(row[3]), int(row[4])) for row in rows}


def credited(tx: Tx, days: Days, region: str | None, length: int) -> dict[Group, Credited]:
    """What is on the tranches of these lists, in one pass over them."""
    level = cut(family.c.region, length)
    back = _returned()
    used = wallet.c.spent - back
    counted = (
        func.count(),
        func.sum(wallet.c.credited),
        func.count().filter(_has_card()),
        func.count().filter(used > 0),
        func.count().filter(and_(used > 0, wallet.c.credited - used < USED_UP_BELOW)),
        func.sum(used),
        func.sum(back),
        func.sum(wallet.c.credited - wallet.c.spent),
    )
    run = disbursement_run.c
    rows = tx.execute(
        select(run.programme, run.period, level, *counted)
        .join_from(wallet, disbursement_run, run.run_id == wallet.c.run_id)
        .join(family, and_(family.c.shard == wallet.c.shard, family.c.kpm_id == wallet.c.kpm_id))
        .join(disbursement_kept, _kept_of_wallet(), isouter=True)
        .join(idle_item, _gone_of_wallet(), isouter=True)
        .where(*_of_days(days), inside(family.c.region, region))
        .group_by(run.programme, run.period, level)
    )
    return {(row[0], row[1], row[2]): Credited(*(int(each) for each in row[3:])) for row in rows}


def _of_days(days: Days) -> tuple[ColumnElement[bool], ...]:
    """Lists whose money could be used on some of these days, or is about to be credited."""
    run = disbursement_run.c
    begins = func.coalesce(run.approved_at, run.created_at)
    return run.status.not_in(NO_RUNS), run.expires_on >= days.first, begins < days.until


def _returned() -> ColumnElement[Any]:
    """Rupiah that went back: by a list of idle money, or with a list that was taken back."""
    taken_back = wallet.c.credited - disbursement_kept.c.spent - disbursement_kept.c.held
    untouched = wallet.c.status == TrancheStatus.RETURNED.value
    return case(
        (idle_item.c.amount.is_not(None), idle_item.c.amount),
        (disbursement_kept.c.kpm_id.is_not(None), taken_back),
        (untouched, wallet.c.credited),
        else_=0,
    )


def _has_card() -> ColumnElement[bool]:
    states = [each.value for each in IN_HAND]
    own = and_(card.c.shard == wallet.c.shard, card.c.kpm_id == wallet.c.kpm_id)
    return select(card.c.card_id).where(own, card.c.status.in_(states)).exists()


def _kept_of_wallet() -> ColumnElement[bool]:
    kept = disbursement_kept.c
    return and_(
        kept.shard == wallet.c.shard,
        kept.run_id == wallet.c.run_id,
        kept.kpm_id == wallet.c.kpm_id,
    )


def _gone_of_wallet() -> ColumnElement[bool]:
    return and_(
        idle_item.c.shard == wallet.c.shard,
        idle_item.c.wallet_id == wallet.c.wallet_id,
        idle_item.c.state == GONE,
    )
