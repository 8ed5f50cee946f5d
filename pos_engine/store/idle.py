"""Idle money in the database: activity of a shard, pauses, announcements, what is frozen."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import bindparam, func, insert, select, update

from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.rules.idle import Pause
from pos_engine.rules.ids import KpmId, WalletId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import CREDITING, Kind, wallet_account
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema import card, family, posting, wallet
from pos_engine.store.schema_idle import idle_freeze, idle_notice, idle_pause

OUTAGE, COMPLAINT = "OUTAGE", "COMPLAINT"
UNDISTRIBUTED = "UNDISTRIBUTED"  # a card that never reached her
NATION_SHARD = 0  # pauses of regions
WALLET = wallet_account(WalletId(""))
CREDITS = [each.value for each in CREDITING]


@dataclass(frozen=True, slots=True)
class Filled:
    """A tranche with money in it, credited and last used at these moments."""

    wallet_id: WalletId
    kpm_id: KpmId
    region: str
    programme: str
    period: str
    left: Rupiah
    held: Rupiah
    spent: Rupiah
    status: TrancheStatus
    credited_at: datetime
    used_at: datetime | None  # by the family, from any of its tranches
    custodian: str


@dataclass(frozen=True, slots=True)
class Notice:
    """An announcement that was made."""

    wallet_id: WalletId
    since: date
    days: int
    kpm_id: KpmId
    event_id: str
    told_at: datetime


@dataclass(frozen=True, slots=True)
class Freeze:
    """Why and by whom a tranche is put aside. `days` is how long it counted as idle."""

    freeze_id: str
    days: int
    frozen_by: str
    frozen_at: datetime


def shards_with_money(tx: Tx) -> list[int]:
    """Shards in which something is left."""
    left = wallet.c.credited > wallet.c.spent
    return sorted(tx.execute(select(wallet.c.shard).where(left).distinct()).scalars())


def filled_of(tx: Tx, shard: int) -> list[Filled]:
    """Tranches of a shard that hold unspent money, with what moved on them and when."""
    credited, used = _activity(tx, shard)
    columns, left = wallet.c, wallet.c.credited - wallet.c.spent - wallet.c.held
    rows = tx.execute(
        select(
            columns.wallet_id,
            columns.kpm_id,
            family.c.region,
            columns.programme,
            columns.period,
            left.label("left"),
            columns.held,
            columns.spent,
            columns.status,
            columns.custodian,
        )
        .join_from(
            wallet, family, (family.c.shard == columns.shard) & (family.c.kpm_id == columns.kpm_id)
        )
        .where(columns.shard == shard)
        .order_by(columns.wallet_id)
    ).all()
    last: defaultdict[str, list[datetime]] = defaultdict(list)
    for row in rows:
        if row.wallet_id in used:
            last[row.kpm_id].append(used[row.wallet_id])
    return [
        Filled(
            *row[:8],
            status=TrancheStatus(row.status),
            credited_at=credited[row.wallet_id],
            used_at=max(last[row.kpm_id], default=None),
            custodian=row.custodian,
        )
        for row in rows
        if row.left > 0 and row.wallet_id in credited
    ]


def _activity(tx: Tx, shard: int) -> tuple[dict[str, datetime], dict[str, datetime]]:
    """When each wallet of a shard was credited and when it was last spent."""
    account, kind = posting.c.account, posting.c.kind
    rows = tx.execute(
        select(account, kind, func.max(posting.c.posted_at).label("at"))
        .where(
            posting.c.shard == shard,
            account.like(f"{WALLET}%"),
            kind.in_([*CREDITS, Kind.PURCHASE.value]),
        )
        .group_by(account, kind)
    )
    credited: dict[str, datetime] = {}
    used: dict[str, datetime] = {}
    for row in rows:
        name, into = row.account.removeprefix(WALLET), used
        if row.kind in CREDITS:
            into = credited
        into[name] = max(row.at, into.get(name, row.at))
    return credited, used


def without_card(tx: Tx, shard: int) -> set[KpmId]:
    """Families with a card that never reached them."""
    rows = tx.execute(
        select(card.c.kpm_id).where(card.c.shard == shard, card.c.status == UNDISTRIBUTED)
    )
    return {KpmId(each) for each in rows.scalars()}


def add_pause(
    tx: Tx, pause_id: str, kind: str, subject: str, pause: Pause, by: tuple[str, datetime]
) -> None:
    """Days that do not count: of a region in an outage, of a family with an open complaint."""
    tx.execute(
        insert(idle_pause).values(
            shard=NATION_SHARD if kind == OUTAGE else shard_of(subject),
            pause_id=pause_id,
            kind=kind,
            subject=subject,
            first=pause.first,
            last=pause.last,
            noted_by=by[0],
            noted_at=by[1],
        )
    )


def end_pause(tx: Tx, kind: str, subject: str, last: date) -> int:
    """The open pauses of this subject end on this day; how many."""
    shard = NATION_SHARD if kind == OUTAGE else shard_of(subject)
    columns = idle_pause.c
    done = tx.execute(
        update(idle_pause)
        .where(
            columns.shard == shard,
            columns.kind == kind,
            columns.subject == subject,
            columns.last.is_(None),
        )
        .values(last=last)
    )
    return done.rowcount


def pauses(tx: Tx, shard: int, kind: str) -> dict[str, list[Pause]]:
    """Pauses of one kind, by region or family."""
    columns, found = idle_pause.c, defaultdict[str, list[Pause]](list)
    rows = tx.execute(
        select(columns.subject, columns.first, columns.last).where(
            columns.shard == shard, columns.kind == kind
        )
    )
    for row in rows:
        found[row.subject].append(Pause(row.first, row.last))
    return found


def notices(tx: Tx, shard: int) -> Mapping[tuple[WalletId, date], dict[int, datetime]]:
    """What was announced of which spell, and when."""
    columns, found = idle_notice.c, defaultdict[tuple[WalletId, date], dict[int, datetime]](dict)
    query = select(columns.wallet_id, columns.since, columns.days, columns.told_at)
    for row in tx.execute(query.where(columns.shard == shard)):
        found[WalletId(row.wallet_id), row.since][row.days] = row.told_at
    return found


def add_notice(tx: Tx, new: Notice) -> None:
    """Write an announcement; `ConflictError` when it was made already."""
    values = {name: getattr(new, name) for name in new.__slots__}
    tx.execute(insert(idle_notice).values(shard=shard_of(new.kpm_id), **values))


def find_notice(tx: Tx, shard: int, event_id: str) -> Notice | None:
    """The announcement behind an event."""
    row = tx.execute(
        select(*(idle_notice.c[name] for name in Notice.__slots__)).where(
            idle_notice.c.shard == shard, idle_notice.c.event_id == event_id
        )
    ).one_or_none()
    return Notice(*row) if row else None


_FREEZE = (
    update(wallet)
    .where(
        wallet.c.shard == bindparam("at_shard"),
        wallet.c.wallet_id == bindparam("at_wallet"),
        wallet.c.spent == bindparam("seen_spent"),
        wallet.c.held == 0,
        wallet.c.status == TrancheStatus.OPEN.value,
    )
    .values(status=TrancheStatus.FROZEN.value)
)


def freeze(tx: Tx, each: Filled, new: Freeze) -> bool:
    """Put a tranche aside and say who did, unless it moved since it was looked at."""
    shard = shard_of(each.kpm_id)
    row = {"at_shard": shard, "at_wallet": each.wallet_id, "seen_spent": each.spent}
    if tx.execute(_FREEZE, row).rowcount != 1:
        return False
    of_it = {"wallet_id": each.wallet_id, "kpm_id": each.kpm_id, "amount": each.left}
    values = {name: getattr(new, name) for name in new.__slots__}
    tx.execute(insert(idle_freeze).values(shard=shard, **of_it, **values))
    announce(tx, Fact.IDLE_FREEZE, [(shard, new.freeze_id)])
    return True
