"""Work lists of a pendamping: cards that wait for their owner, money that nobody has used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    select,
)

from pos_engine.rules.card import CardState
from pos_engine.rules.ids import WalletId
from pos_engine.rules.posting import CREDITING, wallet_account
from pos_engine.store.database import Tx
from pos_engine.store.report_region import cut, inside
from pos_engine.store.schema import card, family, person, posting, wallet
from pos_engine.store.schema_registry import card_event

FETCHED_AT_ONCE = 1_000
ROWS_MAX = 100_000  # on a screen, and in an answer to a program
FILE_ROWS_MAX = 30_000_000  # of a file: more than families there are
WAITING = (CardState.ISSUED.value, CardState.UNDISTRIBUTED.value)
HEAD = "PENGURUS"
WIB = ZoneInfo("Asia/Jakarta")
_event = card_event.c


@dataclass(frozen=True, slots=True)
class Look:
    """Local days, a region, now, and the moment whose knowledge counts (None: now)."""

    first: date
    last: date
    region: str | None
    now: datetime
    as_of: datetime | None = None
    limit: int = ROWS_MAX

    @property
    def known(self) -> datetime:
        """What came later is not counted."""
        return self.as_of or self.now

    @property
    def since(self) -> datetime:
        """When the first of the days begins, in WIB."""
        return datetime.combine(self.first, time(), WIB)

    @property
    def until(self) -> datetime:
        """When the last of the days is over, in WIB."""
        return datetime.combine(self.last + timedelta(days=1), time(), WIB)


def waiting_cards(tx: Tx, look: Look) -> Iterator[Row[Any]]:
    """Cards that were issued and not handed over: whose, where, since when, why."""
    query = _waiting(look).order_by(family.c.region, card.c.kpm_id, card.c.card_id)
    yield from _streamed(tx, query, look)


def waiting_counts(tx: Tx, look: Look, length: int) -> list[Row[Any]]:
    """How many such cards, by place (a code of this length) and reason."""
    each = _waiting(look).subquery().c
    place = cut(each.region, length)
    return list(
        tx.execute(
            select(place.label("region"), each.reason, func.count().label("families"))
            .group_by(place, each.reason)
            .order_by(place, each.reason)
        )
    )


def _waiting(look: Look) -> Select[Any]:
    newest = _newest_step(look.as_of)
    own = and_(card_event.c.shard == card.c.shard, card_event.c.card_id == card.c.card_id)
    any_step = select(_event.number).where(own).exists()
    state = func.coalesce(
        newest.state, case((any_step, CardState.ISSUED.value), else_=card.c.status)
    )
    query = (
        select(
            family.c.region, card.c.kpm_id, person.c.name, card.c.card_id, card.c.last4,
            state.label("status"), newest.reason,
            func.coalesce(newest.at, card.c.created_at).label("since"),
        )
        .join_from(card, family, _of_family(card.c.shard, card.c.kpm_id))
        .join(person, and_(person.c.shard == card.c.shard, person.c.person_id == card.c.person_id))
        .join(newest.table, newest.of_card, isouter=True)
        .where(state.in_(WAITING), inside(family.c.region, look.region))
    )  # fmt: skip
    if look.as_of is None:
        return query.where(card.c.status.in_(WAITING))
    return query.where(card.c.created_at <= look.as_of)


@dataclass(frozen=True, slots=True)
class _Step:
    """The newest step of each card that was known at a moment, to be joined."""

    table: Any
    of_card: ColumnElement[bool]
    state: ColumnElement[str]
    reason: ColumnElement[str | None]
    at: ColumnElement[datetime]


def _newest_step(as_of: datetime | None) -> _Step:
    step, other = card_event.alias("step"), card_event.alias("later")
    newest = select(func.max(other.c.number)).where(
        other.c.shard == card.c.shard, other.c.card_id == card.c.card_id
    )
    if as_of is not None:
        newest = newest.where(other.c.at <= as_of)
    of_card = and_(
        step.c.shard == card.c.shard,
        step.c.card_id == card.c.card_id,
        step.c.number == newest.scalar_subquery(),
    )
    return _Step(step, of_card, step.c.state, step.c.reason, step.c.at)


def untouched_tranches(tx: Tx, look: Look) -> Iterator[Row[Any]]:
    """Tranches that end in these days with money left: nothing spent of them, or a part.

    As of a moment the sums are those of the postings by then; money that was held counts as left.
    """
    order = (family.c.region, wallet.c.kpm_id, wallet.c.period, wallet.c.wallet_id)
    yield from _streamed(tx, _untouched(look).order_by(*order), look)


def untouched_counts(tx: Tx, look: Look, length: int) -> list[Row[Any]]:
    """How many such tranches and rupiah, by place and by what keeps their families."""
    each = _untouched(look).subquery().c
    place, some_spent = cut(each.region, length), (each.spent > 0).label("some_spent")
    return list(
        tx.execute(
            select(
                place.label("region"), some_spent, each.card_works,
                func.count().label("families"), func.sum(each.left).label("left"),
            )
            .group_by(place, some_spent, each.card_works)
            .order_by(place)
        )
    )  # fmt: skip


def _untouched(look: Look) -> Select[Any]:
    credited, spent, left = _sums_now()
    source: Any = wallet
    if look.as_of is not None:
        known = _sums_known(look.as_of)
        account = literal(wallet_account(WalletId(""))) + wallet.c.wallet_id
        source = wallet.join(
            known, and_(known.c.shard == wallet.c.shard, known.c.account == account)
        )
        credited, left = known.c.credited, known.c.left
        spent = credited - left
    head = (
        select(func.min(person.c.name))
        .where(
            person.c.shard == wallet.c.shard,
            person.c.kpm_id == wallet.c.kpm_id,
            person.c.role == HEAD,
        )
        .scalar_subquery()
    )
    return (
        select(
            family.c.region, wallet.c.kpm_id, head.label("name"), wallet.c.programme,
            wallet.c.period, credited.label("credited"), spent.label("spent"), left.label("left"),
            wallet.c.expires_on, _card_works().label("card_works"),
        )
        .select_from(source.join(family, _of_family(wallet.c.shard, wallet.c.kpm_id)))
        .where(left > 0, wallet.c.expires_on >= look.first, wallet.c.expires_on <= look.last)
        .where(inside(family.c.region, look.region))
    )  # fmt: skip


def _sums_now() -> tuple[ColumnElement[int], ColumnElement[int], ColumnElement[int]]:
    c = wallet.c
    return c.credited, c.spent, c.credited - c.spent - c.held


def _sums_known(as_of: datetime) -> Subquery:
    """What stood on each tranche at a moment."""
    leg = posting.c
    credits_in = leg.kind.in_([each.value for each in CREDITING])
    return (
        select(
            leg.shard,
            leg.account,
            cast(func.sum(leg.amount), BigInteger).label("left"),
            cast(func.coalesce(func.sum(leg.amount).filter(credits_in), 0), BigInteger).label(
                "credited"
            ),
        )
        .where(leg.posted_at <= as_of, leg.account.like(f"{wallet_account(WalletId(''))}%"))
        .group_by(leg.shard, leg.account)
        .subquery()
    )


def moved_after(tx: Tx, look: Look, limit: int) -> list[Row[*tuple[Any, ...]]]:
    """Kind, movement, moment and rupiah of what came after `known` to tranches of these days."""
    leg, account = posting.c, literal(wallet_account(WalletId(""))) + wallet.c.wallet_id
    at = func.min(leg.posted_at)
    query = (
        select(leg.kind, leg.txn_id, at, cast(func.sum(leg.amount), BigInteger))
        .join_from(posting, wallet, and_(leg.shard == wallet.c.shard, leg.account == account))
        .join(family, _of_family(wallet.c.shard, wallet.c.kpm_id))
        .where(leg.posted_at > look.known, inside(family.c.region, look.region))
        .where(wallet.c.expires_on >= look.first, wallet.c.expires_on <= look.last)
        .group_by(leg.kind, leg.txn_id)
        .order_by(at, leg.txn_id)
        .limit(limit)
    )
    return list(tx.execute(query))


def _streamed(tx: Tx, query: Select[Any], look: Look) -> Iterator[Row[Any]]:
    yield from tx.execute(query.limit(look.limit).execution_options(yield_per=FETCHED_AT_ONCE))


def _card_works() -> ColumnElement[bool]:
    own = and_(card.c.shard == wallet.c.shard, card.c.kpm_id == wallet.c.kpm_id)
    return select(card.c.card_id).where(own, card.c.status == CardState.ACTIVE.value).exists()


def _of_family(shard: ColumnElement[int], kpm_id: ColumnElement[str]) -> ColumnElement[bool]:
    return and_(family.c.shard == shard, family.c.kpm_id == kpm_id)
