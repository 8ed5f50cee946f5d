"""Texts on their way out: taken by priority, leased while a line has them, settled in sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Integer, bindparam, delete, func, null, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.database import Tx
from pos_engine.store.keyed import once
from pos_engine.store.schema_sms import sms_out
from pos_engine.store.set_writes import SetWrite, arrays, insert_rows, inserts

CODE, ANSWER, NOTICE = 0, 1, 2  # priorities: a code overtakes every receipt
PRIORITIES = (CODE, ANSWER, NOTICE)
WAITING, SENT, DELIVERED, FAILED = "WAITING", "SENT", "DELIVERED", "FAILED"
LEASE = timedelta(seconds=60)  # a line that died gives its texts back after this
FORGOTTEN_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True, repr=False)
class Text:
    """A text that waits; `sealed` holds number and words."""

    message_id: str
    kpm_id: str | None
    phone_id: str | None
    code_id: str | None
    subject_id: str | None
    priority: int
    sealed: bytes
    tries: int
    due_at: datetime
    expires_at: datetime

    @property
    def shard(self) -> int:
        """Where it lives: with its family."""
        return shard_of(self.kpm_id or self.message_id)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a line made of a text: its new state, when it may be taken again, and why."""

    text: Text
    state: str
    due_at: datetime
    tries: int
    gateway_id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Reported:
    """A text that the operator has."""

    shard: int
    message_id: str
    kpm_id: str | None
    phone_id: str | None
    code_id: str | None
    gateway_id: str
    state: str


_TEXT = select(*(sms_out.c[name] for name in Text.__dataclass_fields__))
_TAKE = once(
    _TEXT.where(
        sms_out.c.state == bindparam("state", type_=sms_out.c.state.type),
        sms_out.c.priority == bindparam("priority", type_=sms_out.c.priority.type),
        sms_out.c.due_at <= bindparam("now", type_=sms_out.c.due_at.type),
    )
    .order_by(sms_out.c.due_at)
    .limit(bindparam("most", type_=Integer()))
    .with_for_update(skip_locked=True)
)
_REPORTED = select(*(sms_out.c[name] for name in Reported.__dataclass_fields__))
_ADD = inserts(sms_out, "gateway_id", "reason")
_KEY = ("at_shard", "at_message")
_THE_TEXT = (
    sms_out.c.shard == bindparam("at_shard"),
    sms_out.c.message_id == bindparam("at_message"),
)


def _write(*names: str, wipe: bool = False) -> SetWrite:
    """An update of these columns by key; `wipe` forgets number and words."""
    bound = [f"new_{name}" for name in names]
    wiped = {"sealed": null()} if wipe else {}
    rows = arrays(
        sms_out.c.shard,
        sms_out.c.message_id,
        *(sms_out.c[name] for name in names),
        names=(*_KEY, *bound),
    )
    one = {name: bindparam(f"new_{name}", type_=sms_out.c[name].type) for name in names}
    many = {name: rows.c[f"new_{name}"] for name in names}
    theirs = (sms_out.c.shard == rows.c.at_shard, sms_out.c.message_id == rows.c.at_message)
    return SetWrite(
        update(sms_out).where(*_THE_TEXT).values(**one, **wiped),
        update(sms_out).where(*theirs).values(**many, **wiped),
    )


_LEASE = _write("due_at")
_RETRY = _write("due_at", "tries", "reason")
_DONE = _write("state", "due_at", "tries", "gateway_id", "reason", wipe=True)
_REPORT = _write("state", "due_at", "reason")


def add_texts(tx: Tx, texts: Sequence[Text]) -> None:
    """Queue texts in the transaction that causes them."""
    rows = [
        {
            "shard": each.shard,
            "message_id": each.message_id,
            "kpm_id": each.kpm_id,
            "phone_id": each.phone_id,
            "code_id": each.code_id,
            "subject_id": each.subject_id,
            "priority": each.priority,
            "state": WAITING,
            "sealed": each.sealed,
            "tries": each.tries,
            "due_at": each.due_at,
            "expires_at": each.expires_at,
        }
        for each in texts
    ]
    if rows:
        insert_rows(tx, _ADD, rows)


def take(tx: Tx, limit: int, now: datetime) -> list[Text]:
    """The next texts, codes first, then the oldest; nobody else gets them for the lease."""
    found: list[Text] = []
    for priority in PRIORITIES:
        if len(found) == limit:
            break
        most = limit - len(found)
        values = {"state": WAITING, "priority": priority, "now": now, "most": most}
        found += [Text(*row) for row in _TAKE.ask(tx, values)()]
    until = now + LEASE
    _LEASE.run(tx, [_keyed(each, new_due_at=until) for each in found])
    return found


def settle(tx: Tx, settled: Sequence[Settled]) -> None:
    """Write what a line made of its texts; one that left, or never will, is forgotten."""
    again = [each for each in settled if each.state == WAITING]
    done = [each for each in settled if each.state != WAITING]
    _RETRY.run(
        tx,
        [
            _keyed(each.text, new_due_at=each.due_at, new_tries=each.tries, new_reason=each.reason)
            for each in again
        ],
    )
    _DONE.run(
        tx,
        [
            _keyed(
                each.text,
                new_state=each.state,
                new_due_at=each.due_at,
                new_tries=each.tries,
                new_gateway_id=each.gateway_id,
                new_reason=each.reason,
            )
            for each in done
        ],
    )


def by_gateway_ids(tx: Tx, ids: Sequence[str]) -> list[Reported]:
    """Texts by the operator's numbers."""
    rows = tx.execute(_REPORTED.where(sms_out.c.gateway_id.in_(ids)))
    return [Reported(*row) for row in rows]


def report(tx: Tx, told: Sequence[tuple[Reported, str, str]], now: datetime) -> None:
    """Write the state and the operator's word of each."""
    _REPORT.run(
        tx,
        [
            {
                "at_shard": each.shard,
                "at_message": each.message_id,
                "new_state": state,
                "new_due_at": now,
                "new_reason": word,
            }
            for each, state, word in told
        ],
    )


def count_waiting(tx: Tx, priority: int, at_most: int) -> int:
    """How many wait, counted up to a number."""
    some = (
        select(sms_out.c.message_id)
        .where(sms_out.c.state == WAITING, sms_out.c.priority == priority)
        .limit(at_most)
        .subquery()
    )
    return int(tx.execute(select(func.count()).select_from(some)).scalar_one())


def counts(tx: Tx) -> list[tuple[int, str, int]]:
    """How many of each priority are in each state."""
    rows = tx.execute(
        select(sms_out.c.priority, sms_out.c.state, func.count())
        .group_by(sms_out.c.priority, sms_out.c.state)
        .order_by(sms_out.c.priority, sms_out.c.state)
    )
    return [(int(row[0]), str(row[1]), int(row[2])) for row in rows]


def newest_subject(tx: Tx, kpm_id: str) -> str | None:
    """The purchase that a family was told of last."""
    columns = sms_out.c
    row = tx.execute(
        select(columns.subject_id)
        .where(
            columns.shard == shard_of(kpm_id),
            columns.kpm_id == kpm_id,
            columns.subject_id.is_not(None),
        )
        .order_by(columns.message_id.desc())
        .limit(1)
    ).one_or_none()
    return row.subject_id if row else None


def forget_done(tx: Tx, before: datetime) -> int:
    """Take away texts that left long ago, a bounded number; how many."""
    gone = 0
    for state in (SENT, DELIVERED, FAILED):
        gone += _forget(tx, (sms_out.c.state == state, sms_out.c.due_at < before))
    return gone


def _forget(tx: Tx, where: tuple[ColumnElement[bool], ...]) -> int:
    keys = tx.execute(
        select(sms_out.c.shard, sms_out.c.message_id)
        .where(sms_out.c.priority.in_(PRIORITIES), *where)
        .limit(FORGOTTEN_AT_ONCE)
    ).all()
    for shard, message_id in keys:
        tx.execute(
            delete(sms_out).where(sms_out.c.shard == shard, sms_out.c.message_id == message_id)
        )
    return len(keys)


def _keyed(text: Text, **values: object) -> dict[str, object]:
    return {"at_shard": text.shard, "at_message": text.message_id, **values}
