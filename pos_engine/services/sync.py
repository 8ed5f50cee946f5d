"""Take in sales that were made without signal: each envelope is kept once and judged once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.offline import Chain, Outcome
from pos_engine.rules.reasons import Reason
from pos_engine.services.device_requests import device_of_request
from pos_engine.services.sync_desk import Acknowledged
from pos_engine.services.sync_step import (
    Brought,
    Item,
    advance,
    number_of,
    take_some,
)
from pos_engine.store import devices, envelopes, offline_reviews
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceKey, DeviceState
from pos_engine.store.envelopes import Kept
from pos_engine.wire.envelope import (
    GENESIS,
    Envelope,
    parse_batch,
    parse_envelope,
    unreadable,
)
from pos_engine.wire.offline_told import outcome_told
from pos_engine.wire.response import explain

ENVELOPES_AT_ONCE = 50  # in one transaction: tills wait no longer than for it
METHOD, PATH = "POST", "/v1/offline/batches"


class NoSync(StrEnum):
    """Why nothing was taken in."""

    NOT_SIGNED = "NOT_SIGNED"  # no such device, or not its signature
    MALFORMED = "MALFORMED"


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one envelope, as its shop is told."""

    seq: int
    purchase_id: str
    outcome: str
    reason: str | None
    message: str
    receipt_number: str | None


@dataclass(frozen=True, slots=True)
class Synced:
    """The signed checkpoint and the outcomes. `behind`: send again from the checkpoint on."""

    checkpoint: dict[str, object]
    signature: str
    outcomes: list[Told] = field(default_factory=list)
    revoked: bool = False
    behind: bool = False


def receive_batch(engine: Engine, header: str, raw: bytes) -> Synced | NoSync:
    """Take in a batch that a device signed as a whole. Again it is told the same."""
    key = device_of_request(engine, header, METHOD, PATH, raw)
    if key is None:
        return NoSync.NOT_SIGNED
    batch = parse_batch(raw)
    if batch is None or batch.device != key.device_id:
        return NoSync.MALFORMED
    items = [read_item(bytes(each)) for each in batch.envelopes]
    first = min((each.body.seq for each in items if isinstance(each, Envelope)), default=0)
    if first and engine.database.transact(lambda tx: _too_high(tx, engine, key, first)):
        return replace(checkpoint(engine, key.device_id), behind=True)
    return take_in(engine, key, items, Brought())


def read_item(raw: bytes) -> Item:
    """An envelope, or what is kept of something else."""
    found = parse_envelope(raw)
    return found if isinstance(found, Envelope) else unreadable(raw, found)


def _too_high(tx: Tx, engine: Engine, key: DeviceKey, first: int) -> bool:
    """Does it begin above what we have: it is asked for what is missing once, then it is a gap.

    An engine that was restored from an older copy has lost what tablets still keep.
    """
    devices.find_key(tx, key.device_id, lock=True)
    chain, asked = envelopes.lock_chain(tx, key.device_id, GENESIS, engine.now())
    if first <= chain.seq + 1 or asked == first:
        return False
    if envelopes.on_chain(tx, key.device_id, [first]):
        return False  # it waits behind a gap that is known
    envelopes.set_chain(tx, key.device_id, chain, first)
    return True


def take_in(engine: Engine, key: DeviceKey, items: Sequence[Item], how: Brought) -> Synced:
    """Keep and judge envelopes of one device, in steps; the checkpoint of what is here then."""
    ordered = sorted(items, key=number_of)
    acknowledged: Acknowledged | None = None
    rows: list[Kept] = []
    for first in range(0, len(ordered), ENVELOPES_AT_ONCE):
        some = ordered[first : first + ENVELOPES_AT_ONCE]
        some_rows, acknowledged = engine.database.transact(
            lambda tx, s=some, a=acknowledged: take_some(engine, tx, key.device_id, how, s, a)  # type: ignore[misc]
        )
        rows += some_rows
    while engine.database.transact(lambda tx: advance(engine, tx, key.device_id)):
        pass  # a long queue that waited for one envelope
    with engine.database.read() as tx:
        now_is = devices.find_key(tx, key.device_id)
    revoked = now_is is not None and now_is.state == DeviceState.REVOKED.value
    told = _told_all(engine, key.device_id, rows)
    return replace(checkpoint(engine, key.device_id), outcomes=told, revoked=revoked)


def checkpoint(engine: Engine, device_id: str) -> Synced:
    """What of a device's chain is here without a gap, signed; up to there it may forget."""

    def told(tx: Tx) -> tuple[Chain, datetime]:
        now = engine.now()
        chain, asked = envelopes.lock_chain(tx, device_id, GENESIS, now)
        envelopes.set_chain(tx, device_id, chain, asked, now)
        return chain, now

    chain, now = engine.database.transact(told)
    document: dict[str, object] = {
        "v": 1,
        "device": device_id,
        "seq": chain.seq,
        "head": chain.head,
        "at_ms": int(now.timestamp() * 1000),
        "kid": engine.keys.offline.kid,
    }
    return Synced(document, engine.keys.offline.sign(document))


def _told_all(engine: Engine, device_id: str, rows: Sequence[Kept]) -> list[Told]:
    """What waited in an early step may be judged by a later one: it is looked at again."""
    waits = [each.envelope_id for each in rows if not each.settled]
    with engine.database.read() as tx:
        newer = envelopes.named(tx, device_id, waits) if waits else {}
        disputed = offline_reviews.open_disputes(tx, [each.envelope_id for each in rows])
    found = [newer.get(each.envelope_id, each) for each in rows]
    return [told_of(each, disputed=each.envelope_id in disputed) for each in found]


def told_of(kept: Kept, *, disputed: bool = False) -> Told:
    """The words for one envelope, the same each time."""
    outcome = Outcome.DISPUTED if disputed else Outcome(kept.outcome)
    reason = Reason(kept.reason) if kept.reason else None
    goods = explain(reason, (), amount=kept.amount, balance=0)[0] if reason else ""
    return Told(
        seq=kept.seq,
        purchase_id=kept.purchase_id,
        outcome=outcome.value,
        reason=kept.reason,
        message=outcome_told(outcome, reason, goods),
        receipt_number=kept.number,
    )


def outcomes_json(told: Iterable[Told]) -> Iterator[dict[str, object]]:
    """As they are answered."""
    for each in told:
        yield {name: getattr(each, name) for name in Told.__slots__}
