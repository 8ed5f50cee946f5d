"""Families who could not buy, or never came: whom an officer of their region should visit."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    ScalarSelect,
    Select,
    and_,
    cast,
    func,
    or_,
    select,
)

from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.store.attempts import FAILED_OUTCOMES, STEP_UP, STEP_UP_REQUIRED
from pos_engine.store.database import Tx
from pos_engine.store.families import ACTIVE
from pos_engine.store.report_region import inside
from pos_engine.store.schema import (
    disbursement_run,
    family,
    identity_attempt,
    person,
    purchase,
    wallet,
)

APPROVED, HEAD = "APPROVED", "PENGURUS"
ROWS_MAX = 100_000
FETCHED_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """Failures and credits from `since` to before `until`, N days ago by then; usable `today`."""

    since: datetime
    until: datetime
    today: date
    region: str | None


def failed_and_not_served(tx: Tx, asked: Asked) -> Iterator[Row[*tuple[Any, ...]]]:
    """Families whose proof failed and who bought nothing since that failure."""
    attempt = identity_attempt.c
    first = func.min(attempt.at)
    inner = (
        select(
            family.c.shard, family.c.region, family.c.kpm_id, func.count().label("tries"),
            first.label("since"), func.max(attempt.at).label("newest"),
        )
        .join_from(family, identity_attempt, attempt.kpm_id == family.c.kpm_id)
        .where(_failed(), attempt.at >= asked.since, attempt.at < asked.until)
        .where(inside(family.c.region, asked.region))
        .group_by(family.c.shard, family.c.region, family.c.kpm_id)
        .subquery()
    )  # fmt: skip
    c = inner.c
    later = and_(purchase.c.shard == c.shard, purchase.c.kpm_id == c.kpm_id)
    bought = select(purchase.c.purchase_id).where(
        later, purchase.c.status == APPROVED, purchase.c.decided_at >= c.since
    )
    query = (
        select(
            c.region, c.kpm_id, _head(c.shard, c.kpm_id), c.tries, c.since,
            _newest(attempt.method, c.kpm_id, c.newest),
            _newest(attempt.reason, c.kpm_id, c.newest), _left(c.shard, c.kpm_id, asked.today),
        )
        .where(~bought.exists())
        .order_by(c.region, c.kpm_id)
    )  # fmt: skip
    yield from _rows(tx, query)


def never_tried(tx: Tx, asked: Asked) -> Iterator[Row[*tuple[Any, ...]]]:
    """Families with a credit, usable today, who were never seen at a till since it came."""
    run = disbursement_run.c
    since = func.max(run.approved_at)
    inner = (
        select(family.c.shard, family.c.region, family.c.kpm_id, since.label("since"))
        .join_from(
            family,
            wallet,
            and_(wallet.c.shard == family.c.shard, wallet.c.kpm_id == family.c.kpm_id),
        )
        .join(disbursement_run, run.run_id == wallet.c.run_id)
        .where(family.c.status == ACTIVE, inside(family.c.region, asked.region))
        .where(run.approved_at >= asked.since, run.approved_at < asked.until)
        .where(wallet.c.status == TrancheStatus.OPEN.value, wallet.c.expires_on >= asked.today)
        .where(wallet.c.credited > 0)
        .group_by(family.c.shard, family.c.region, family.c.kpm_id)
        .subquery()
    )
    c, attempt = inner.c, identity_attempt.c
    bought = select(purchase.c.purchase_id).where(
        purchase.c.shard == c.shard, purchase.c.kpm_id == c.kpm_id, purchase.c.decided_at >= c.since
    )
    tried = select(attempt.attempt_id).where(attempt.kpm_id == c.kpm_id, attempt.at >= c.since)
    query = (
        select(
            c.region, c.kpm_id, _head(c.shard, c.kpm_id), c.since,
            _left(c.shard, c.kpm_id, asked.today),
        )
        .where(~bought.exists(), ~tried.exists())
        .order_by(c.region, c.kpm_id)
    )  # fmt: skip
    yield from _rows(tx, query)


def _rows(tx: Tx, query: Select[*tuple[Any, ...]]) -> Iterator[Row[*tuple[Any, ...]]]:
    paged = query.limit(ROWS_MAX).execution_options(yield_per=FETCHED_AT_ONCE)
    yield from tx.execute(paged)


def _failed() -> ColumnElement[bool]:
    """As the event lake counts a failure: a step-up that is merely asked for is none."""
    attempt = identity_attempt.c
    asked_and_wrong = and_(
        attempt.outcome == STEP_UP,
        attempt.reason.is_not(None),
        attempt.reason != STEP_UP_REQUIRED,
    )
    return or_(attempt.outcome.in_(FAILED_OUTCOMES), asked_and_wrong)


def _newest(
    what: ColumnElement[str | None], kpm_id: ColumnElement[str], at: ColumnElement[datetime]
) -> ScalarSelect[str | None]:
    """What the newest failure of a family says."""
    attempt = identity_attempt.c
    own = and_(attempt.kpm_id == kpm_id, attempt.at == at)
    return select(func.min(what)).where(own, _failed()).scalar_subquery()


def _head(shard: ColumnElement[int], kpm_id: ColumnElement[str]) -> ScalarSelect[str]:
    own = and_(person.c.shard == shard, person.c.kpm_id == kpm_id, person.c.role == HEAD)
    return select(func.min(person.c.name)).where(own).scalar_subquery()


def _left(shard: ColumnElement[int], kpm_id: ColumnElement[str], today: date) -> ScalarSelect[int]:
    """Rupiah that she could spend today."""
    own = and_(wallet.c.shard == shard, wallet.c.kpm_id == kpm_id)
    usable = and_(wallet.c.status == TrancheStatus.OPEN.value, wallet.c.expires_on >= today)
    left = wallet.c.credited - wallet.c.spent - wallet.c.held
    total = cast(func.coalesce(func.sum(left), 0), BigInteger)
    return select(total).where(own, usable).scalar_subquery()
