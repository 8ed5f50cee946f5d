"""What the desk keeps of complaints: kind, due date and swap, each step, a sealed photo."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, update

from pos_engine.rules.complaints import Kind, State, Swap
from pos_engine.rules.ids import KpmId, shard_of
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema import purchase, shop
from pos_engine.store.schema_complaint_desk import (
    complaint_case,
    complaint_event,
    complaint_photo,
)
from pos_engine.store.schema_sms import complaint

CASES_LISTED_MAX = 200
CASES_OVERDUE_MAX = 200  # of one round
EVENTS_SHOWN_MAX = 100
LIVING = (State.OPEN.value, State.IN_WORK.value)


@dataclass(frozen=True, slots=True)
class Case:
    """What a complaint is about and when it is due. `line` is of its purchase, from 0."""

    complaint_id: str
    kind: Kind
    region: str
    shop_id: str | None
    shop_region: str | None
    line: int | None
    brought_by: str | None
    due_at: datetime
    escalated_at: datetime | None = None
    taken_by: str | None = None
    swap: Swap | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A case in a list, with what `complaint` says of it. No words of hers."""

    case: Case
    reference: str
    kpm_id: KpmId
    channel: str
    purchase_id: str | None
    status: State
    opened_at: datetime
    shop: str


@dataclass(frozen=True, slots=True)
class Event:
    """A step: who did what. `by_id` is a member of staff, KPM for herself, or a machine's name."""

    event_id: str
    complaint_id: str
    kind: str
    detail: str | None
    by_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Paid:
    """How a purchase was proven, and when and where."""

    method: str
    region: str
    decided_at: datetime
    number: str
    lines: list[dict[str, Any]]


_CASE = [complaint_case.c[name] for name in Case.__slots__]
_OF = and_(
    complaint_case.c.shard == complaint.c.shard,
    complaint_case.c.complaint_id == complaint.c.complaint_id,
)


def add_case(tx: Tx, kpm_id: str, new: Case) -> None:
    """Write what a new complaint is about."""
    values = asdict(new) | {"kind": new.kind.value, "swap": new.swap.value if new.swap else None}
    tx.execute(insert(complaint_case).values(shard=shard_of(kpm_id), **values))


def find_case(tx: Tx, kpm_id: str, complaint_id: str, *, lock: bool = False) -> Case | None:
    """One case; with `lock` nobody else changes it meanwhile."""
    query = select(*_CASE).where(_key(kpm_id, complaint_id))
    row = tx.execute(query.with_for_update() if lock else query).one_or_none()
    return _case(row) if row else None


def change_case(tx: Tx, kpm_id: str, complaint_id: str, **values: Any) -> None:
    """New values of a locked case."""
    tx.execute(update(complaint_case).where(_key(kpm_id, complaint_id)).values(**values))


def set_status(tx: Tx, kpm_id: str, complaint_id: str, status: State, outcome: str | None) -> None:
    """How far it is; `outcome` replaces the answer unless it is None."""
    values = {"status": status.value} | ({"outcome": outcome} if outcome is not None else {})
    c = complaint.c
    mine = (c.shard == shard_of(kpm_id)) & (c.complaint_id == complaint_id)
    tx.execute(update(complaint).where(mine).values(**values))


def _key(kpm_id: str, complaint_id: str) -> ColumnElement[bool]:
    c = complaint_case.c
    return and_(c.shard == shard_of(kpm_id), c.complaint_id == complaint_id)


def _case(row: Any) -> Case:
    values = dict(zip(Case.__slots__, row, strict=True))
    swap = Swap(values["swap"]) if values["swap"] else None
    return Case(**values | {"kind": Kind(values["kind"]), "swap": swap})


def add_event(tx: Tx, kpm_id: str, new: Event) -> None:
    """Keep a step of a locked case; `ConflictError` when its id is taken."""
    shard, c = shard_of(kpm_id), complaint_event.c
    own = (c.shard == shard) & (c.complaint_id == new.complaint_id)
    before = tx.execute(select(func.count()).select_from(complaint_event).where(own)).scalar_one()
    values = asdict(new) | {"shard": shard, "number": before + 1}
    tx.execute(insert(complaint_event).values(**values))
    announce(tx, Fact.COMPLAINT_EVENT, [(shard, new.event_id)])


def find_event(tx: Tx, kpm_id: str, event_id: str) -> Event | None:
    """A step by its id: the same act was done before."""
    c = complaint_event.c
    found = _events(tx, (c.shard == shard_of(kpm_id)) & (c.event_id == event_id))
    return found[0] if found else None


def events_of(tx: Tx, kpm_id: str, complaint_id: str) -> list[Event]:
    """The steps of a complaint, the oldest first."""
    c = complaint_event.c
    return _events(tx, (c.shard == shard_of(kpm_id)) & (c.complaint_id == complaint_id))


def _events(tx: Tx, which: ColumnElement[bool]) -> list[Event]:
    c = complaint_event.c
    columns = [c[name] for name in Event.__slots__]
    rows = tx.execute(select(*columns).where(which).order_by(c.number).limit(EVENTS_SHOWN_MAX))
    return [Event(*row) for row in rows]


def add_photo(
    tx: Tx, kpm_id: str, complaint_id: str, media_type: str, sealed: bytes, now: datetime
) -> None:
    """Keep a sealed photo with its complaint."""
    tx.execute(
        insert(complaint_photo).values(
            shard=shard_of(kpm_id),
            complaint_id=complaint_id,
            media_type=media_type,
            sealed=sealed,
            kept_at=now,
        )
    )


def find_photo(tx: Tx, kpm_id: str, complaint_id: str) -> tuple[str, bytes] | None:
    """Media type and sealed bytes of a complaint's photo."""
    c = complaint_photo.c
    mine = (c.shard == shard_of(kpm_id)) & (c.complaint_id == complaint_id)
    row = tx.execute(select(c.media_type, c.sealed).where(mine)).one_or_none()
    return (row[0], row[1]) if row else None


def has_photo(tx: Tx, kpm_id: str, complaint_id: str) -> bool:
    """Is there a photo; it is not read."""
    c = complaint_photo.c
    mine = (c.shard == shard_of(kpm_id)) & (c.complaint_id == complaint_id)
    return tx.execute(select(c.kept_at).where(mine)).one_or_none() is not None


def listed(
    tx: Tx, region: str | None, states: Collection[State], kind: Kind | None = None
) -> list[Entry]:
    """Cases of a region (of the family or of the shop), the first due first."""
    wanted: list[ColumnElement[bool]] = [complaint.c.status.in_([each.value for each in states])]
    if region is not None:
        wanted.append(or_(*(_inside(complaint_case.c[name], region) for name in _PLACES)))
    if kind is not None:
        wanted.append(complaint_case.c.kind == kind.value)
    return _entries(tx, and_(*wanted), CASES_LISTED_MAX)


_PLACES = ("region", "shop_region")


def _inside(column: Any, region: str) -> ColumnElement[bool]:
    return or_(column == region, column.startswith(f"{region}.", autoescape=True))


def counted(tx: Tx, region: str | None, now: datetime) -> dict[str, int]:
    """How many are in each state, and how many living ones are late."""
    where = [] if region is None else [
        or_(*(_inside(complaint_case.c[name], region) for name in _PLACES))
    ]  # fmt: skip
    base = select(complaint.c.status, func.count()).join_from(complaint, complaint_case, _OF)
    rows = tx.execute(base.where(*where).group_by(complaint.c.status)).all()
    late = tx.execute(
        select(func.count())
        .select_from(complaint)
        .join(complaint_case, _OF)
        .where(complaint.c.status.in_(LIVING), complaint_case.c.due_at < now, *where)
    ).scalar_one()
    return {each.value: 0 for each in State} | {row[0]: row[1] for row in rows} | {"LATE": late}


def of_shop(tx: Tx, shop_id: str) -> list[Entry]:
    """Swaps that a shop owes: of bad goods alone, never what else is said of it."""
    owed = complaint_case.c.swap == Swap.WAITING.value
    return _entries(tx, and_(complaint_case.c.shop_id == shop_id, owed), CASES_LISTED_MAX)


def of_family(tx: Tx, kpm_id: str) -> list[Entry]:
    """A family's complaints, the first due first."""
    mine = (complaint.c.shard == shard_of(kpm_id)) & (complaint.c.kpm_id == kpm_id)
    return _entries(tx, mine, CASES_LISTED_MAX)


def overdue(tx: Tx, now: datetime) -> list[Entry]:
    """Living cases that are late and were not handed up yet."""
    c = complaint_case.c
    late = and_(complaint.c.status.in_(LIVING), c.due_at < now, c.escalated_at.is_(None))
    return _entries(tx, late, CASES_OVERDUE_MAX)


def _entries(tx: Tx, which: ColumnElement[bool], limit: int) -> list[Entry]:
    c = complaint.c
    rows = tx.execute(
        select(
            *_CASE,
            c.reference,
            c.kpm_id,
            c.channel,
            c.purchase_id,
            c.status,
            c.opened_at,
            func.coalesce(shop.c.name, ""),
        )
        .join_from(complaint, complaint_case, _OF)
        .join(shop, shop.c.shop_id == complaint_case.c.shop_id, isouter=True)
        .where(which)
        .order_by(complaint_case.c.due_at, c.complaint_id)
        .limit(limit)
    ).all()
    return [_entry(row) for row in rows]


def _entry(row: Any) -> Entry:
    reference, kpm_id, channel, purchase_id, status, opened_at, shop_name = row[len(_CASE) :]
    case = _case(row[: len(_CASE)])
    return Entry(case, reference, kpm_id, channel, purchase_id, State(status), opened_at, shop_name)


def paid(tx: Tx, kpm_id: str, purchase_id: str) -> Paid | None:
    """How one of her purchases was proven."""
    c = purchase.c
    row = tx.execute(
        select(c.method, c.region, c.decided_at, c.number, c.lines).where(
            c.shard == shard_of(kpm_id), c.purchase_id == purchase_id, c.kpm_id == kpm_id
        )
    ).one_or_none()
    return Paid(*row) if row else None


def of_number(tx: Tx, number: str, day: date, shop_id: str | None) -> tuple[str, str] | None:
    """Purchase and family behind a receipt's number, when it is the only one; of one shop.

    `day` is the local day that the number names: no search goes over all purchases.
    """
    c = purchase.c
    wanted = [c.number == number, c.kpm_id.is_not(None), c.status == "APPROVED", c.day == day]
    if shop_id is not None:
        wanted.append(c.shop_id == shop_id)
    rows = tx.execute(select(c.purchase_id, c.kpm_id).where(*wanted).limit(2)).all()
    return (rows[0][0], rows[0][1]) if len(rows) == 1 else None
