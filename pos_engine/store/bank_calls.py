"""Questions to banks about purchases: asked once, answered once, or taken back until answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from msgspec import Struct
from msgspec.structs import asdict
from sqlalchemy import FromClause, Select, Update, and_, bindparam, func, select, update

from pos_engine.rules.bank import CallState
from pos_engine.rules.ids import KpmId, shard_of
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.driver import Later, when_known
from pos_engine.store.keyed import ask_rows, keyed
from pos_engine.store.schema_bank import bank_call
from pos_engine.store.set_writes import SetWrite, arrays, insert_rows, inserts

CALLS_DUE_MAX = 100  # taken up in one round of the worker
CALLS_LISTED_MAX = 200
NOTED_LENGTH_MAX = 200
OPEN_STATES = (CallState.ASKED.value, CallState.REVERSING.value, CallState.DISPUTED.value)
_c = bank_call.c


class Call(Struct, frozen=True):
    """A row of `bank_call`, its columns in their order but for the shard."""

    purchase_id: str
    kpm_id: KpmId
    shop_id: str
    bank: str
    state: str
    transmitted: str
    trace: str
    acquirer: str
    terminal: str
    merchant: str
    reference: str
    method: str
    amount: int
    code: str
    approval: str
    prepared: str
    tries: int
    asked_at: datetime
    next_at: datetime
    answered_at: datetime | None
    noted: str


_COLUMNS = [_c[name] for name in Call.__struct_fields__]


def _by_id(wanted: FromClause) -> Select[tuple[object, ...]]:
    mine = and_(_c.shard == wanted.c.shard, _c.purchase_id == wanted.c.first)
    return (
        select(*_COLUMNS)
        .join_from(wanted, bank_call, mine)
        .order_by(_c.shard, _c.purchase_id)
        .with_for_update(of=bank_call)
    )


def _change(
    shard: Any, call: Any, was: Any, becomes: Any, code: Any, approval: Any, again: Any, at: Any
) -> Update:
    return (
        update(bank_call)
        .where(_c.shard == shard, _c.purchase_id == call, _c.state == was)
        .values(state=becomes, code=code, approval=approval, next_at=again, answered_at=at)
    )


_NAMES = ("at_shard", "at_call", "was", "becomes", "told", "approved_as", "again_at", "now")
_CHANGED = (
    _c.shard,
    _c.purchase_id,
    _c.state,
    _c.state,
    _c.code,
    _c.approval,
    _c.next_at,
    _c.answered_at,
)
_ROWS = arrays(*_CHANGED, names=_NAMES)
_CHANGE = SetWrite(
    _change(*(bindparam(n, type_=c.type) for n, c in zip(_NAMES, _CHANGED, strict=True))),
    _change(*(_ROWS.c[name] for name in _NAMES)),
)
_BY_ID = keyed(2, _by_id)
_ADD = inserts(bank_call)


@dataclass(frozen=True, slots=True)
class Step:
    """A call that goes from one state to the next."""

    call: Call
    becomes: CallState
    code: str
    approval: str
    next_at: datetime
    now: datetime


def add_calls(tx: Tx, calls: Sequence[Call]) -> None:
    """Write what is about to be asked; `ConflictError` when a message of this key was sent."""
    rows = [{"shard": shard_of(each.kpm_id)} | asdict(each) for each in calls]
    if rows:
        insert_rows(tx, _ADD, rows)


def lock_calls(tx: Tx, wanted: Collection[tuple[str, str]]) -> Later[dict[str, Call]]:
    """The calls of these purchases (family and id), locked in key order, by purchase."""
    rows = ask_rows(tx, _BY_ID, {(shard_of(kpm_id), each) for kpm_id, each in wanted})
    return lambda: {row.purchase_id: Call(*row) for row in rows()}


def step_calls(tx: Tx, steps: Sequence[Step]) -> None:
    """Change states; `ConflictError` when one is not what it was."""
    rows = [
        {
            "at_shard": shard_of(each.call.kpm_id),
            "at_call": each.call.purchase_id,
            "was": each.call.state,
            "becomes": each.becomes.value,
            "told": each.code,
            "approved_as": each.approval,
            "again_at": each.next_at,
            "now": each.now,
        }
        for each in steps
    ]
    changed = _CHANGE.run(tx, rows)

    def check() -> None:
        if changed() != len(rows):
            raise ConflictError

    when_known(tx, check)


def find_call(tx: Tx, kpm_id: str, purchase_id: str) -> Call | None:
    """One call."""
    query = select(*_COLUMNS).where(_c.shard == shard_of(kpm_id), _c.purchase_id == purchase_id)
    row = tx.execute(query).one_or_none()
    return Call(*row) if row else None


def find_by_key(tx: Tx, trace: str, transmitted: str, terminal: str, acquirer: str) -> Call | None:
    """The call that was sent under this key."""
    query = select(*_COLUMNS).where(
        _c.trace == trace,
        _c.transmitted == transmitted,
        _c.terminal == terminal,
        _c.acquirer == acquirer,
    )
    row = tx.execute(query).one_or_none()
    return Call(*row) if row else None


def due_calls(tx: Tx, state: CallState, now: datetime) -> list[Call]:
    """Calls in a state whose time has come, the oldest first, at most CALLS_DUE_MAX."""
    query = (
        select(*_COLUMNS)
        .where(_c.state == state.value, _c.next_at <= now)
        .order_by(_c.next_at, _c.purchase_id)
        .limit(CALLS_DUE_MAX)
    )
    return [Call(*row) for row in tx.execute(query)]


def take_try(tx: Tx, call: Call, next_at: datetime) -> bool:
    """Count a try and set the next; False when another worker took it first."""
    done = tx.execute(
        update(bank_call)
        .where(
            _c.shard == shard_of(call.kpm_id),
            _c.purchase_id == call.purchase_id,
            _c.state == CallState.REVERSING.value,
            _c.tries == call.tries,
        )
        .values(tries=call.tries + 1, next_at=next_at)
    )
    return done.rowcount == 1


def note(tx: Tx, call: Call, text: str) -> None:
    """Keep what came afterwards and moved nothing; no personal data, the newest only."""
    tx.execute(
        update(bank_call)
        .where(_c.shard == shard_of(call.kpm_id), _c.purchase_id == call.purchase_id)
        .values(noted=text[:NOTED_LENGTH_MAX])
    )


def open_calls(tx: Tx) -> list[Call]:
    """What is not settled, and what a bank spoke of afterwards, the oldest first."""
    query = (
        select(*_COLUMNS)
        .where(_c.state.in_(OPEN_STATES) | (_c.noted != ""))
        .order_by(_c.asked_at, _c.purchase_id)
        .limit(CALLS_LISTED_MAX)
    )
    return [Call(*row) for row in tx.execute(query)]


def counts(tx: Tx) -> dict[tuple[str, str], int]:
    """How many calls there are by bank and state."""
    query = select(_c.bank, _c.state, func.count()).group_by(_c.bank, _c.state)
    return {(row[0], row[1]): int(row[2]) for row in tx.execute(query)}
