"""Idle money: who has any, since when; announce it, put it aside, never without a way back.

Frozen money thaws with her next proven purchase (`services.authorize`). Nobody loses her place in
the programme here: only money of a tranche moves, and to the treasury only by `idle_return`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from catalog.zones import Zones, region_exists
from pos_engine.engine import Engine
from pos_engine.rules.entitlement import TrancheStatus
from pos_engine.rules.idle import (
    FREEZE_NEVER,
    IdleTranche,
    Pause,
    counted_days,
    due_notice,
    may_freeze,
)
from pos_engine.rules.ids import KpmId, new_uuid7
from pos_engine.services.install import Refused
from pos_engine.services.money_notices import MONEY_IDLE
from pos_engine.services.officers import OFFICES, not_an_officer
from pos_engine.store import families, idle, outbox
from pos_engine.store.database import Tx

FREEZE_OFF = "freezing is off: EWARONG_IDLE_FREEZE_DAYS says after how many counted days it begins"


@dataclass(frozen=True, slots=True)
class Looked:
    """An idle tranche with what was announced of it, on the family's local day."""

    tranche: IdleTranche
    filled: idle.Filled
    told: dict[int, date]
    today: date
    complaint: bool


@dataclass(frozen=True, slots=True)
class Frozen:
    """What was put aside."""

    tranches: int
    total: int


def idle_tranches(engine: Engine, days_min: int, region: str | None = None) -> Iterator[Looked]:
    """Tranches whose money moved `days_min` counted days ago or longer, shard by shard."""
    with engine.database.read() as tx:
        shards = idle.shards_with_money(tx)
    for shard in shards:
        with engine.database.read() as tx:
            found = look(tx, engine, shard)
        for each in found:
            inside = region is None or f"{each.filled.region}.".startswith(f"{region}.")
            if inside and each.tranche.days >= days_min:
                yield each


def look(tx: Tx, engine: Engine, shard: int) -> list[Looked]:
    """The tranches of a shard with money in them, and how long each has been idle."""
    zones, now = engine.catalogue(tx).zones, engine.now()
    outages = idle.pauses(tx, idle.NATION_SHARD, idle.OUTAGE)
    complaints = idle.pauses(tx, shard, idle.COMPLAINT)
    cardless, told = idle.without_card(tx, shard), idle.notices(tx, shard)
    found = []
    for each in idle.filled_of(tx, shard):
        today, since = zones.local_day(each.region, now), _since(zones, each)
        own = complaints.get(each.kpm_id, [])
        spans = [p for place, some in outages.items() if _in(each.region, place) for p in some]
        days = 0 if each.kpm_id in cardless else counted_days(since, today, [*spans, *own])
        found.append(
            Looked(
                tranche=IdleTranche(
                    wallet_id=each.wallet_id,
                    kpm_id=each.kpm_id,
                    programme=each.programme,
                    period=each.period,
                    left=each.left,
                    status=each.status,
                    since=since,
                    days=days,
                ),
                filled=each,
                told={
                    day: zones.local_day(each.region, at)
                    for day, at in told.get((each.wallet_id, since), {}).items()
                },
                today=today,
                complaint=any(_open(pause, today) for pause in own),
            )
        )
    return found


def _since(zones: Zones, each: idle.Filled) -> date:
    """The credit of this tranche, or the family's last purchase if that was later."""
    last = each.credited_at if each.used_at is None else max(each.credited_at, each.used_at)
    return zones.local_day(each.region, last)


def _in(region: str, place: str) -> bool:
    return f"{region}.".startswith(f"{place}.")


def _open(pause: Pause, today: date) -> bool:
    return pause.first <= today and (pause.last is None or today <= pause.last)


def shards_to_announce(engine: Engine) -> list[int]:
    """Where the worker looks today; nowhere while freezing is off: nothing would follow."""
    if engine.idle_freeze_days == FREEZE_NEVER:
        return []
    with engine.database.read() as tx:
        return idle.shards_with_money(tx)


def announce_shard(engine: Engine, shard: int) -> int:
    """Announce what is due in a shard, each once; how many families are told."""
    return engine.database.transact(lambda tx: _announce(tx, engine, shard))


def _announce(tx: Tx, engine: Engine, shard: int) -> int:
    count, now = 0, engine.now()
    for each in look(tx, engine, shard):
        due = due_notice(each.tranche.days, each.told, each.today)
        if due is None or each.tranche.status is not TrancheStatus.OPEN:
            continue
        event_id, at = new_uuid7(now), each.tranche
        new = idle.Notice(at.wallet_id, at.since, due, at.kpm_id, event_id, now)
        idle.add_notice(tx, new)
        outbox.add_event(tx, MONEY_IDLE, event_id, at.kpm_id, at.wallet_id, now)
        count += 1
    return count


def freeze_idle(engine: Engine, officer: str) -> Frozen | Refused:
    """Put aside what is idle for EWARONG_IDLE_FREEZE_DAYS and was announced; off by default."""
    if engine.idle_freeze_days == FREEZE_NEVER:
        return Refused("idle", FREEZE_OFF)
    with engine.database.read() as tx:
        refused = not_an_officer(tx, engine, officer)
        shards = idle.shards_with_money(tx)
    if refused is not None:
        return refused
    some = [
        engine.database.transact(lambda tx, s=shard: _freeze(tx, engine, s, officer))  # type: ignore[misc]
        for shard in shards
    ]
    return Frozen(sum(each.tranches for each in some), sum(each.total for each in some))


def _freeze(tx: Tx, engine: Engine, shard: int, officer: str) -> Frozen:
    now = engine.now()
    frozen = [
        each.tranche.left
        for each in look(tx, engine, shard)
        if not each.complaint
        and may_freeze(each.tranche.days, engine.idle_freeze_days, each.told, each.today)
        and idle.freeze(
            tx, each.filled, idle.Freeze(new_uuid7(now), each.tranche.days, officer, now)
        )
    ]
    return Frozen(len(frozen), sum(frozen))


def pause(engine: Engine, kind: str, subject: str, span: Pause, noted_by: str) -> str | Refused:
    """Days that do not count: an OUTAGE of a region, a COMPLAINT of a family. Its id."""
    if span.last is not None and span.last < span.first:
        return Refused("to", "the last day is before the first")
    with engine.database.begin() as tx:
        refused = _unknown(tx, kind, subject) or _not_of(tx, engine, kind, subject, noted_by)
        if refused is not None:
            return refused
        pause_id, now = new_uuid7(engine.now()), engine.now()
        idle.add_pause(tx, pause_id, kind, subject, span, (noted_by, now))
    return pause_id


def _unknown(tx: Tx, kind: str, subject: str) -> Refused | None:
    if kind == idle.OUTAGE:
        known = region_exists(subject)
    elif kind == idle.COMPLAINT:
        known = families.find_family(tx, KpmId(subject)) is not None
    else:
        return Refused("kind", f"{idle.OUTAGE} or {idle.COMPLAINT}")
    return None if known else Refused("subject", f"no region or family {subject}")


def _not_of(tx: Tx, engine: Engine, kind: str, subject: str, officer: str) -> Refused | None:
    """An outage is noted by an officer of its region, a complaint by one of the family's."""
    region: str | None = subject
    if kind == idle.COMPLAINT:
        family = families.find_family(tx, KpmId(subject))
        region = family.region if family else None
    return not_an_officer(tx, engine, officer, OFFICES, region=region)


def end_pause(engine: Engine, kind: str, subject: str, last: date) -> int:
    """The open pauses of a region or a family end on this day; how many they were."""
    with engine.database.begin() as tx:
        return idle.end_pause(tx, kind, subject, last)
