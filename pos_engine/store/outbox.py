"""Events that leave the engine only after their transaction committed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.schema import outbox
from pos_engine.store.set_writes import SetWrite, arrays, insert_rows, inserts

WAITING = "WAITING"
DONE = "DONE"
FAILED = "FAILED"
LAKE = "LAKE"  # waits for the event lake, which takes it away; notices pass over it
TRIES_MAX = 5
_ADD_EVENTS = inserts(outbox, "done_at")
_DONE = arrays(
    outbox.c.shard, outbox.c.event_id, outbox.c.done_at, names=("at_shard", "at_event", "at_done")
)
_SETTLE = SetWrite(
    update(outbox)
    .where(
        outbox.c.shard == bindparam("at_shard"),
        outbox.c.event_id == bindparam("at_event"),
        outbox.c.state == WAITING,
    )
    .values(state=DONE, done_at=bindparam("at_done", type_=outbox.c.done_at.type)),
    update(outbox)
    .where(
        outbox.c.shard == _DONE.c.at_shard,
        outbox.c.event_id == _DONE.c.at_event,
        outbox.c.state == WAITING,
    )
    .values(state=DONE, done_at=_DONE.c.at_done),
)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened to `subject_id`. It carries no personal data."""

    shard: int
    event_id: str
    kind: str
    kpm_id: str | None
    subject_id: str
    tries: int


def add_event(
    tx: Tx, kind: str, event_id: str, kpm_id: str, subject_id: str, now: datetime
) -> None:
    """Write an event into the transaction that causes it."""
    add_events(tx, [Event(shard_of(kpm_id), event_id, kind, kpm_id, subject_id, 0)], now)


def add_events(tx: Tx, events: Sequence[Event], now: datetime, state: str = WAITING) -> None:
    """Write events into the transaction that causes them."""
    rows = [
        {
            "shard": each.shard,
            "event_id": each.event_id,
            "kind": each.kind,
            "kpm_id": each.kpm_id,
            "subject_id": each.subject_id,
            "state": state,
            "tries": each.tries,
            "created_at": now,
        }
        for each in events
    ]
    insert_rows(tx, _ADD_EVENTS, rows)


def waiting_events(tx: Tx, limit: int) -> list[Event]:
    """Events that wait, taken by state: a late commit is never skipped."""
    columns = outbox.c
    rows = tx.execute(
        select(
            columns.shard,
            columns.event_id,
            columns.kind,
            columns.kpm_id,
            columns.subject_id,
            columns.tries,
        )
        .where(columns.state == WAITING)
        .limit(limit)
    )
    return [Event(*row) for row in rows]


def settle_together(tx: Tx, events: Sequence[Event], now: datetime) -> None:
    """These events left; `ConflictError` when a rival has settled one of them meanwhile."""
    rows = [{"at_shard": e.shard, "at_event": e.event_id, "at_done": now} for e in events]
    if _SETTLE.run(tx, rows)() != len(events):
        raise ConflictError


def settle_event(tx: Tx, event: Event, *, done: bool, now: datetime) -> None:
    """Mark an event done, or count a failed try; after TRIES_MAX it rests as FAILED."""
    tries = event.tries + 1
    failed = FAILED if tries >= TRIES_MAX else WAITING
    tx.execute(
        update(outbox)
        .where(outbox.c.shard == event.shard, outbox.c.event_id == event.event_id)
        .values(state=DONE if done else failed, tries=tries, done_at=now if done else None)
    )
