"""Envelopes in the database: as their devices signed them, what became of each, and the chains."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Row, Select, bindparam, cast, func, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.rules.offline import Chain, Outcome
from pos_engine.store.allowances import Allowance
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import ConflictError, Tx
from pos_engine.store.schema_allowances import allowance
from pos_engine.store.schema_envelopes import envelope, offline_chain
from pos_engine.store.set_writes import insert_rows, inserts

WAITING_MAX = 100  # that waited behind a gap and are judged in one transaction
ENVELOPES_LISTED_MAX = 500
ASIDE_MAX = 1_000  # of one device, beside its chain
GAPS_DUE_MAX = 500  # in one round of the worker
CHAIN, ASIDE = "CHAIN", "ASIDE"
SYNC, RESCAN, IMPORT = "SYNC", "RESCAN", "IMPORT"
DUPLICATE, ID_TAKEN = "DUPLICATE", "ID_TAKEN"  # of an id that stood for a purchase already
NAMESAKES_MAX = 50  # envelopes of one purchase's id that are looked through
GAP, FORK, DEVICE = "GAP", "FORK", "DEVICE"  # what an envelope is held for


@dataclass(frozen=True, slots=True)
class Kept:
    """An envelope as it is kept. `body` is its canonical text with the signature; rupiah."""

    envelope_id: str
    device_id: str
    seq: int
    prev: str
    place: str
    purchase_id: str
    allowance_id: str
    amount: int
    body: str
    source: str
    brought_by: str | None
    received_at: datetime
    outcome: str
    held_for: str | None = None
    reason: str | None = None
    flags: tuple[str, ...] = ()
    number: str | None = None
    taken: int = 0  # of its allowance, in rupiah
    sold_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """Has it its last outcome."""
        return self.settled_at is not None


@dataclass(frozen=True, slots=True)
class UsedUp:
    """What envelopes took of an allowance: rupiah and number of sales that were paid."""

    amount: int = 0
    sales: int = 0


_c = envelope.c
_COLUMNS = [_c[name] for name in Kept.__slots__]
_ADD = inserts(envelope)
_SETTLE = (
    update(envelope)
    .where(
        _c.shard == bindparam("at_shard"),
        _c.envelope_id == bindparam("at_envelope"),
        _c.settled_at.is_(None),
    )
    .values({name: bindparam(f"new_{name}", type_=_c[name].type) for name in Kept.__slots__[12:]})
)


def lock_chain(tx: Tx, device_id: str, genesis: str, now: datetime) -> tuple[Chain, int]:
    """How far a device's chain is, locked, and from where it was asked to send again; 0 never."""
    columns = offline_chain.c
    shard = shard_of(device_id)
    row = tx.execute(
        select(columns.seq, columns.head, columns.asked_from)
        .where(columns.shard == shard, columns.device_id == device_id)
        .with_for_update()
    ).one_or_none()
    if row is not None:
        return Chain(row.seq, row.head), row.asked_from
    tx.execute(
        insert(offline_chain).values(
            shard=shard, device_id=device_id, seq=0, head=genesis, asked_from=0, told_at=now
        )
    )
    return Chain(0, genesis), 0


def chain_told_at(tx: Tx, device_id: str) -> datetime | None:
    """When the newest checkpoint was given."""
    columns = offline_chain.c
    at: datetime | None = tx.execute(
        select(columns.told_at).where(
            columns.shard == shard_of(device_id), columns.device_id == device_id
        )
    ).scalar_one_or_none()
    return at


def set_chain(
    tx: Tx, device_id: str, chain: Chain, asked_from: int = 0, told_at: datetime | None = None
) -> None:
    """Where the chain is now; it is locked."""
    columns = offline_chain.c
    values: dict[str, Any] = {"seq": chain.seq, "head": chain.head, "asked_from": asked_from}
    if told_at is not None:
        values["told_at"] = told_at
    tx.execute(
        update(offline_chain)
        .where(columns.shard == shard_of(device_id), columns.device_id == device_id)
        .values(**values)
    )


def find(tx: Tx, envelope_id: str) -> Kept | None:
    """One envelope by its name, whatever its device."""
    rows = tx.execute(select(*_COLUMNS).where(_c.envelope_id == envelope_id).limit(1))
    return next(map(_kept, rows), None)


def named(tx: Tx, device_id: str, names: Collection[str]) -> dict[str, Kept]:
    """Those of a device that are here already."""
    rows = tx.execute(
        select(*_COLUMNS).where(_c.shard == shard_of(device_id), _c.envelope_id.in_(list(names)))
    )
    return {row.envelope_id: _kept(row) for row in rows}


def on_chain(tx: Tx, device_id: str, numbers: Collection[int]) -> dict[int, Kept]:
    """What stands at these numbers of a device's chain."""
    rows = tx.execute(
        _of_chain(device_id).where(_c.seq.in_(list(numbers))),
    )
    return {row.seq: _kept(row) for row in rows}


def waiting(tx: Tx, device_id: str, after: int) -> dict[int, Kept]:
    """What waits behind a gap, by number, the first WAITING_MAX."""
    rows = tx.execute(
        _of_chain(device_id).where(_c.seq > after).order_by(_c.seq).limit(WAITING_MAX)
    )
    return {row.seq: _kept(row) for row in rows}


def held_of(tx: Tx, device_id: str) -> list[Kept]:
    """What waits for a decision of people, in the order in which it was signed."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(
            _c.device_id == device_id,
            _c.settled_at.is_(None),
            _c.outcome.in_((Outcome.HELD_FORK.value, Outcome.HELD_REVIEW.value)),
        )
        .order_by(_c.seq, _c.received_at, _c.envelope_id)
        .limit(ENVELOPES_LISTED_MAX)
    )
    return [_kept(row) for row in rows]


def _of_chain(device_id: str) -> Select[Any]:
    return select(*_COLUMNS).where(
        _c.shard == shard_of(device_id), _c.device_id == device_id, _c.place != ASIDE
    )


def count_aside(tx: Tx, device_id: str) -> int:
    """How many lie beside a device's chain."""
    query = select(func.count()).where(_c.device_id == device_id, _c.place == ASIDE)
    return int(tx.execute(query.select_from(envelope)).scalar_one())


def add(tx: Tx, rows: Sequence[Kept]) -> None:
    """Keep envelopes; `ConflictError` when one of their places is taken."""
    insert_rows(tx, _ADD, [_values(each) for each in rows])
    announce(tx, Fact.ENVELOPE, [(shard_of(r.device_id), r.envelope_id) for r in rows])
    _announce_ends(tx, rows)


def settle(tx: Tx, rows: Sequence[Kept]) -> None:
    """What became of envelopes that waited, once; they are locked with their device's chain."""
    for each in rows:
        values = {f"new_{name}": getattr(each, name) for name in Kept.__slots__[12:]}
        values["new_flags"] = list(each.flags)
        at = {"at_shard": shard_of(each.device_id), "at_envelope": each.envelope_id}
        if tx.execute(_SETTLE, values | at).rowcount != 1:
            raise ConflictError
    _announce_ends(tx, rows)


def _announce_ends(tx: Tx, rows: Sequence[Kept]) -> None:
    ended = [(shard_of(r.device_id), r.envelope_id) for r in rows if r.settled]
    announce(tx, Fact.ENVELOPE_END, ended)


def _values(each: Kept) -> dict[str, Any]:
    values = {name: getattr(each, name) for name in Kept.__slots__}
    return {"shard": shard_of(each.device_id)} | values | {"flags": list(each.flags)}


def _kept(row: Row[*tuple[Any, ...]]) -> Kept:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name
    return Kept(**values | {"flags": tuple(row.flags)})


def of_purchase(tx: Tx, purchase_id: str) -> Kept | None:
    """The settled envelope that a purchase was made of; others may have named its id later."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(_c.purchase_id == purchase_id, _c.settled_at.is_not(None))
        .order_by(_c.settled_at, _c.envelope_id)
        .limit(NAMESAKES_MAX)
    )
    found = map(_kept, rows)
    return next((each for each in found if not {DUPLICATE, ID_TAKEN} & {*each.flags}), None)


def used_up(tx: Tx, allowance_ids: Collection[str]) -> dict[str, UsedUp]:
    """What paid envelopes took of these allowances."""
    amount = cast(func.sum(_c.taken), BigInteger)
    rows = tx.execute(
        select(_c.allowance_id, amount, func.count())
        .where(_c.allowance_id.in_(list(allowance_ids)), _c.taken > 0)
        .group_by(_c.allowance_id)
    )
    return {row[0]: UsedUp(int(row[1]), int(row[2])) for row in rows}


def allowances_on(tx: Tx, device_id: str, names: Collection[str]) -> dict[str, Allowance]:
    """These allowances as far as they were issued to this device."""
    columns = [allowance.c[name] for name in Allowance.__slots__]
    rows = tx.execute(
        select(*columns).where(
            allowance.c.device_id == device_id, allowance.c.allowance_id.in_(list(names))
        )
    )
    return {row.allowance_id: Allowance(*row) for row in rows}


def gaps_due(tx: Tx, before: datetime) -> list[Kept]:
    """What waits behind a gap since before a moment, at most GAPS_DUE_MAX."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(
            _c.outcome == Outcome.PENDING_GAP.value,
            _c.settled_at.is_(None),
            _c.received_at < before,
        )
        .order_by(_c.device_id, _c.seq)
        .limit(GAPS_DUE_MAX)
    )
    return [_kept(row) for row in rows]


def listed(
    tx: Tx, device_id: str | None, outcome: str | None, *, unsettled: bool = False
) -> list[Kept]:
    """Envelopes for people, the newest first, at most ENVELOPES_LISTED_MAX."""
    query = select(*_COLUMNS)
    if device_id is not None:
        query = query.where(_c.device_id == device_id)
    if outcome is not None:
        query = query.where(_c.outcome == outcome)
    if unsettled:
        query = query.where(_c.settled_at.is_(None))
    rows = tx.execute(
        query.order_by(_c.received_at.desc(), _c.device_id, _c.seq.desc()).limit(
            ENVELOPES_LISTED_MAX
        )
    )
    return [_kept(row) for row in rows]
