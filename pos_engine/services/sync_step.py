"""Place some envelopes of one device in its chain, judge those that stand there, keep all: once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.offline import Chain, Link, Neighbours, Outcome, Place, place_of
from pos_engine.services.device_requests import public_key_of
from pos_engine.services.device_signature import signed_by
from pos_engine.services.sync_desk import Acknowledged, lay
from pos_engine.services.sync_judge import judge_envelope
from pos_engine.services.sync_record import open_case, write_judged
from pos_engine.store import devices, envelopes, shops
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceKey, DeviceState
from pos_engine.store.envelopes import ASIDE, CHAIN, DEVICE, FORK, GAP, SYNC, Kept
from pos_engine.wire.envelope import GENESIS, Envelope, Unreadable, parse_envelope

STOPPED = (DeviceState.REVOKED.value, DeviceState.QUARANTINED.value)
ENGINE_ITSELF = "engine"  # who quarantines a device
Item = Envelope | Unreadable


@dataclass(frozen=True, slots=True)
class Brought:
    """How envelopes came: by their device, or by whom from paper or a file."""

    source: str = SYNC
    by: str | None = None


@dataclass(slots=True)
class Step:
    """What is known of one device under its lock, and what is to be written."""

    engine: Engine
    tx: Tx
    key: DeviceKey
    shop: shops.Shop
    how: Brought
    now: datetime
    chain: Chain
    asked_from: int
    acknowledged: Acknowledged
    known: dict[str, Kept] = field(default_factory=dict)  # by name: they were here before
    near: dict[int, Kept] = field(default_factory=dict)  # by number: on the chain
    waiting: dict[int, Kept] = field(default_factory=dict)  # by number: behind a gap
    fresh: dict[str, Kept] = field(default_factory=dict)
    due: list[tuple[Envelope, Kept]] = field(default_factory=list)  # to be judged
    held: list[Kept] = field(default_factory=list)  # they stand in the chain of a stopped device

    @property
    def stopped(self) -> bool:
        """Was the device revoked, or did two tablets sign as this one."""
        return self.key.state in STOPPED


def number_of(item: Item) -> int:
    """Its number in the chain, as it says."""
    return item.body.seq if isinstance(item, Envelope) else item.seq


def name_of(item: Item) -> str:
    """Its hash."""
    return item.envelope_id if isinstance(item, Envelope) else item.name


def open_step(
    engine: Engine,
    tx: Tx,
    device_id: str,
    how: Brought,
    acknowledged: Acknowledged | None = None,
) -> Step:
    """Lock a device and read how far its chain is."""
    key = devices.find_key(tx, device_id, lock=True)
    shop = shops.find_shop(tx, key.shop_id) if key else None
    if key is None or shop is None:
        raise LookupError(device_id)  # it was there a moment ago: a fault
    now = engine.now()
    chain, asked_from = envelopes.lock_chain(tx, device_id, GENESIS, now)
    known = replace(acknowledged) if acknowledged else Acknowledged(chain.seq)
    return Step(engine, tx, key, shop, how, now, chain, asked_from, known)


def take_some(
    engine: Engine,
    tx: Tx,
    device_id: str,
    how: Brought,
    items: Sequence[Item],
    acknowledged: Acknowledged | None,
) -> tuple[list[Kept], Acknowledged]:
    """Keep each of these once; one row for each, with what became of it by now."""
    step = open_step(engine, tx, device_id, how, acknowledged)
    names = [name_of(each) for each in items]
    numbers = {number_of(each) for each in items}
    step.near = envelopes.on_chain(tx, device_id, {n + by for n in numbers for by in (-1, 0, 1)})
    step.known = envelopes.named(tx, device_id, names)
    step.waiting = envelopes.waiting(tx, device_id, step.chain.seq)
    room = envelopes.ASIDE_MAX - envelopes.count_aside(tx, device_id)
    for item, name in zip(items, names, strict=True):
        if name in step.known or name in step.fresh:
            continue
        kept = _placed(step, item, name)
        room -= kept.place == ASIDE
        if kept.place == ASIDE and room < 0:
            step.known[name] = kept  # told, and not kept
        else:
            step.fresh[name] = kept
    settled = judge_due(step)
    rows = step.known | step.fresh | settled
    return [rows[name] for name in names], step.acknowledged


def _placed(step: Step, item: Item, name: str) -> Kept:
    """The row of one item, with the outcome that it has unless it is judged."""
    if not isinstance(item, Envelope):
        return replace(_unread(step, item), settled_at=step.now)
    own = item.body.device == step.key.device_id
    if not own or not signed_by(public_key_of(step.key), item.signed, item.signature):
        aside = _row(step, item, ASIDE, Outcome.BAD_SIGNATURE, None)
        return replace(aside, settled_at=step.now)
    seq = item.body.seq
    link = Link(seq, name, item.body.prev)
    near = Neighbours(*(_link(step, number) for number in (seq, seq - 1, seq + 1)))
    place = place_of(link, step.chain, near)
    if place is Place.FORK:
        _quarantine(step)
        return _row(step, item, ASIDE, Outcome.HELD_FORK, FORK)
    kept = _row(step, item, CHAIN, Outcome.PENDING_GAP, GAP)
    step.near[seq] = kept
    if place is Place.NEXT:
        _stands(step, item, kept)
        go_on(step, link)
    else:
        step.waiting[seq] = kept
    return kept


def _link(step: Step, seq: int) -> Link | None:
    kept = step.near.get(seq)
    return Link(seq, kept.envelope_id, kept.prev) if kept else None


def _stands(step: Step, item: Envelope, kept: Kept) -> None:
    """It stands in the chain: it is judged, or held when its device was stopped."""
    if step.stopped:
        step.held.append(kept)
    else:
        step.due.append((item, kept))


def go_on(step: Step, link: Link) -> None:
    """The chain goes on to this link, and on over what waited for it."""
    if link.seq != step.chain.seq + 1:
        return  # it was found behind a gap that officers passed over
    step.chain = Chain(link.seq, link.envelope_id)
    follow(step)


def follow(step: Step) -> None:
    """The chain goes on over what waited for its newest link."""
    while (kept := step.waiting.get(step.chain.seq + 1)) and kept.prev == step.chain.head:
        if not kept.settled:
            _stands(step, envelope_of(kept), kept)
        step.chain = Chain(kept.seq, kept.envelope_id)


def advance(engine: Engine, tx: Tx, device_id: str) -> int:
    """Judge what follows the chain by now and was too much for one step; how many it were."""
    step = open_step(engine, tx, device_id, Brought())
    step.waiting = envelopes.waiting(tx, device_id, step.chain.seq)
    follow(step)
    return len(judge_due(step))


def envelope_of(kept: Kept) -> Envelope:
    """What is kept, read again."""
    found = parse_envelope(kept.body.encode())
    if isinstance(found, Envelope):
        return found
    raise LookupError(kept.envelope_id)  # it was read when it came: a fault


def _quarantine(step: Step) -> None:
    """Two tablets signed as this device: whatever comes from now on waits for people."""
    if step.stopped:
        return
    event_id = new_uuid7(step.now)
    state = DeviceState.QUARANTINED
    devices.set_state(step.tx, step.key, state, event_id, ENGINE_ITSELF, step.now)
    step.key = replace(step.key, state=state.value)


def judge_due(step: Step, *, cleared: bool = False) -> dict[str, Kept]:
    """Judge what is due and write everything of this step; rows that changed, by name."""
    settled = {
        kept.envelope_id: replace(kept, outcome=Outcome.HELD_REVIEW.value, held_for=DEVICE)
        for kept in step.held
    }
    if step.due:
        bodies = [each.body for each, _ in step.due]
        desk = lay(step.engine, step.tx, step.key, step.acknowledged, bodies)
        judged = [judge_envelope(desk, e.body, kept, cleared=cleared) for e, kept in step.due]
        write_judged(desk, judged)
        settled |= {each.kept.envelope_id: each.kept for each in judged}
    fresh = [settled.get(name, kept) for name, kept in step.fresh.items()]
    envelopes.add(step.tx, fresh)
    waited = [each for name, each in settled.items() if name not in step.fresh]
    envelopes.settle(step.tx, waited)
    envelopes.set_chain(step.tx, step.key.device_id, step.chain, step.asked_from)
    open_case(step.tx, step.key, step.shop, [*fresh, *waited], step.now)
    return settled


def _row(step: Step, item: Envelope, place: str, outcome: Outcome, held_for: str | None) -> Kept:
    body = item.body
    return Kept(
        envelope_id=item.envelope_id,
        device_id=step.key.device_id,
        seq=body.seq,
        prev=body.prev,
        place=place,
        purchase_id=body.purchase_id,
        allowance_id=body.alw,
        amount=body.total,
        body=item.text,
        source=step.how.source,
        brought_by=step.how.by,
        received_at=step.now,
        outcome=outcome.value,
        held_for=held_for,
    )


def _unread(step: Step, item: Unreadable) -> Kept:
    return Kept(
        envelope_id=item.name,
        device_id=step.key.device_id,
        seq=item.seq,
        prev="",
        place=ASIDE,
        purchase_id=item.purchase_id,
        allowance_id="",
        amount=0,
        body=item.text,
        source=step.how.source,
        brought_by=step.how.by,
        received_at=step.now,
        outcome=Outcome.BAD_SIGNATURE.value,
    )
