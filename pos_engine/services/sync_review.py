"""What two officers decide of sales without signal that wait: clear, refuse, pass over a gap."""

from dataclasses import dataclass, replace
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.offline import GAP_WAIT, Chain, Outcome
from pos_engine.rules.reasons import Reason
from pos_engine.services.install import Refused
from pos_engine.services.officers import OFFICES, not_an_officer, same_person
from pos_engine.services.sync_judge import OFFLINE
from pos_engine.services.sync_record import open_case
from pos_engine.services.sync_step import (
    Brought,
    envelope_of,
    follow,
    judge_due,
    open_step,
)
from pos_engine.store import devices, envelopes, offline_reviews, shops
from pos_engine.store.database import Tx
from pos_engine.store.envelopes import GAP, Kept

NOTE_LENGTH_MAX = 200
REFUSED_FLAG = "REFUSED_BY_OFFICERS"


class Decision(StrEnum):
    """What two officers may say."""

    CLEAR = "CLEAR"  # it was sold: judge it as if nothing had been in the way
    REFUSE = "REFUSE"  # the shop bears it
    SKIP_GAP = "SKIP_GAP"  # what is missing is lost: go on behind it
    DISPUTE = "DISPUTE"  # the family says that it was not hers
    SHOP_PAYS = "SHOP_PAYS"  # the end of a dispute: the shop bears it
    LOSS = "LOSS"  # the programme bears it
    HERS = "HERS"  # it was hers


OF_WAITING = frozenset({Decision.CLEAR, Decision.REFUSE, Decision.SKIP_GAP})


@dataclass(frozen=True, slots=True)
class ReviewOrder:
    """A decision: about an envelope by its name, or (all that waits of) a device, or a purchase.

    `approved_by` may be None on a demo only.
    """

    subject: str
    decision: Decision
    note: str
    made_by: str
    approved_by: str | None


def review(engine: Engine, order: ReviewOrder) -> list[Kept] | Refused:
    """Carry out CLEAR, REFUSE or SKIP_GAP about what waits; the envelopes that it settled."""
    if order.decision not in OF_WAITING:
        return Refused("decision", f"{order.decision} is about a dispute")
    with engine.database.read() as tx:
        one = envelopes.find(tx, order.subject)
        waiting = [one] if one else envelopes.held_of(tx, order.subject)
        known = devices.find_key(tx, one.device_id if one else order.subject)
    if known is None:
        return Refused("subject", f"no envelope and no device {order.subject}")
    if order.decision is Decision.SKIP_GAP:
        return engine.database.transact(lambda tx: _skip_gap(tx, engine, known.device_id, order))
    settled: list[Kept] = []
    for each in waiting:
        done = engine.database.transact(lambda tx, e=each: _decide(tx, engine, e, order))  # type: ignore[misc]
        if isinstance(done, Refused):
            return done
        settled += done
    return settled


def _decide(tx: Tx, engine: Engine, which: Kept, order: ReviewOrder) -> list[Kept] | Refused:
    step = open_step(engine, tx, which.device_id, Brought())
    refused = who_may(tx, engine, order, step.shop.region)
    if refused is not None:
        return refused
    kept = envelopes.find(tx, which.envelope_id)
    if kept is None or kept.outcome not in (Outcome.HELD_FORK, Outcome.HELD_REVIEW):
        told = kept.outcome if kept else "gone"
        return Refused("subject", f"{which.envelope_id} does not wait for people: {told}")
    keep_review(tx, engine, order, kept.device_id, kept.envelope_id)
    if order.decision is Decision.CLEAR:
        step.due = [(envelope_of(kept), kept)]
        return list(judge_due(step, cleared=True).values())
    refusal = replace(
        kept,
        outcome=Outcome.SHOP_LIABLE.value,
        held_for=None,
        reason=Reason.OFFLINE_LIMIT.value,
        flags=(OFFLINE, REFUSED_FLAG),
        sold_at=kept.received_at,
        settled_at=step.now,
    )
    envelopes.settle(tx, [refusal])
    return [refusal]


def _skip_gap(tx: Tx, engine: Engine, device_id: str, order: ReviewOrder) -> list[Kept] | Refused:
    """Go on behind what is missing; if it is found after all it is judged by itself."""
    step = open_step(engine, tx, device_id, Brought())
    refused = who_may(tx, engine, order, step.shop.region)
    if refused is not None:
        return refused
    step.waiting = envelopes.waiting(tx, device_id, step.chain.seq)
    first = min(step.waiting.values(), key=lambda each: each.seq, default=None)
    if first is None or first.outcome != Outcome.HELD_REVIEW or first.held_for != GAP:
        hours = int(GAP_WAIT.total_seconds()) // 3600
        return Refused("subject", f"no gap of {device_id} is older than {hours} hours")
    keep_review(tx, engine, order, device_id, first.envelope_id)
    step.chain = Chain(first.seq - 1, first.prev)
    follow(step)
    return list(judge_due(step).values())


def who_may(tx: Tx, engine: Engine, order: ReviewOrder, region: str) -> Refused | None:
    """Two different officers of the region (or of the ministry); one is enough on a demo."""
    if not 1 <= len(order.note.strip()) <= NOTE_LENGTH_MAX:
        return Refused("note", f"1 to {NOTE_LENGTH_MAX} characters")
    refused = not_an_officer(tx, engine, order.made_by, OFFICES, region=region)
    if refused is not None:
        return refused
    if order.approved_by is None:
        if engine.is_demo(tx):
            return None
        return Refused("approve", "a second officer approves: --approve STAFF_ID")
    if same_person(tx, engine, order.made_by, order.approved_by):
        return Refused("approve", "the second officer is another person")
    return not_an_officer(tx, engine, order.approved_by, OFFICES, region=region, field="approve")


def keep_review(
    tx: Tx, engine: Engine, order: ReviewOrder, device_id: str, subject_id: str
) -> None:
    """Write down who decided what."""
    now = engine.now()
    offline_reviews.add_review(
        tx,
        offline_reviews.Review(
            review_id=new_uuid7(now),
            device_id=device_id,
            subject_id=subject_id,
            decision=order.decision.value,
            note=order.note.strip(),
            made_by=order.made_by,
            approved_by=order.approved_by,
            made_at=now,
        ),
    )


def hold_old_gaps(engine: Engine) -> int:
    """What waited behind a gap for long enough goes to people; a bounded number, how many."""
    with engine.database.read() as tx:
        due = envelopes.gaps_due(tx, engine.now() - GAP_WAIT)
    held = 0
    for device_id in sorted({each.device_id for each in due}):
        held += engine.database.transact(lambda tx, d=device_id: _hold(tx, engine, d))  # type: ignore[misc]
    return held


def _hold(tx: Tx, engine: Engine, device_id: str) -> int:
    """Under the device's lock: what is missing may have come just now."""
    key = devices.find_key(tx, device_id, lock=True)
    shop = shops.find_shop(tx, key.shop_id) if key else None
    if key is None or shop is None:
        raise LookupError(device_id)  # its envelopes are here: a fault
    due = [
        each
        for each in envelopes.gaps_due(tx, engine.now() - GAP_WAIT)
        if each.device_id == device_id
    ]
    held = [replace(each, outcome=Outcome.HELD_REVIEW.value, held_for=GAP) for each in due]
    envelopes.settle(tx, held)
    open_case(tx, key, shop, held, engine.now())
    return len(held)
