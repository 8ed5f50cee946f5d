"""The second of two commits of a purchase that a bank pays: posted, given back, or taken back.

Whoever knows the bank's word finishes: the process that asked, or the worker after a kill. What
was put aside, the answer and the row stand in the call, so that both write the same, once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec.structs import replace

from pos_engine.engine import Engine
from pos_engine.rules.bank import CallState, Reversal, Said, Verdict, reversal_answered
from pos_engine.rules.holds import HoldState
from pos_engine.rules.ids import KpmId, ShopId, shard_of
from pos_engine.rules.posting import purchase_postings
from pos_engine.services.answers import APPROVED, DECLINED, Stamp, unpaid_answer
from pos_engine.services.bank_ask import Prepared
from pos_engine.services.purchase import PURCHASE_APPROVED, Answer, Outcome
from pos_engine.store import (
    bank_calls,
    batch_facts,
    claims,
    hold_sets,
    holds,
    ledger,
    limit_use,
    outbox,
    proofs,
    purchases,
)
from pos_engine.store.bank_calls import Call, Step
from pos_engine.store.database import Tx
from pos_engine.store.driver import one_trip
from pos_engine.store.hold_sets import Ended
from pos_engine.store.keyed import look_up_by_index
from pos_engine.wire.bank_answers import told

BECOMES = {
    Said.YES: CallState.POSTED,
    Said.NO: CallState.DECLINED,
    Said.NOT_ASKED: CallState.DECLINED,
    Said.UNSURE: CallState.REVERSING,
}
# What the answer says of the money and of the bank, beside the reason.
MONEY = {
    Said.NO: {"hold": "RELEASED", "reversal": "NOT_NEEDED"},
    Said.NOT_ASKED: {"hold": "RELEASED", "reversal": "NOT_NEEDED"},
    Said.UNSURE: {"hold": "PENDING", "reversal": "QUEUED"},
}


@dataclass(frozen=True, slots=True)
class Spoken:
    """A purchase and what its bank said, or did not say."""

    kpm_id: KpmId
    purchase_id: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class _End:
    """One purchase that ends now, with everything that is written for it."""

    call: Call
    prepared: Prepared
    verdict: Verdict
    claim: purchases.Claim
    now: datetime

    @property
    def paid(self) -> bool:
        """Did the bank pay."""
        return self.verdict.said is Said.YES


def finish_together(tx: Tx, engine: Engine, spoken: Sequence[Spoken]) -> list[Outcome]:
    """End these purchases in one transaction; one that has ended before keeps its answer."""
    ids = {each.purchase_id for each in spoken}
    with one_trip(tx):
        look_up_by_index(tx)
        locked = batch_facts.lock_tranches(tx, {each.kpm_id for each in spoken})
        asked = bank_calls.lock_calls(tx, {(each.kpm_id, each.purchase_id) for each in spoken})
        answered = batch_facts.claims(tx, ids)
    locked()
    calls, known = asked(), answered()
    ends: dict[str, _End] = {}
    outcomes: list[Outcome] = []
    for each in spoken:
        call, claim = calls[each.purchase_id], known[each.purchase_id]
        if call.state == CallState.ASKED.value and each.purchase_id not in ends:
            end = _end(call, claim, each.verdict, engine.now())
            ends[each.purchase_id], known[each.purchase_id] = end, end.claim
        outcomes.append(Answer(known[each.purchase_id].answer))
    _write(tx, list(ends.values()))
    return outcomes


def _end(call: Call, claim: purchases.Claim, verdict: Verdict, now: datetime) -> _End:
    prepared = Prepared(call)
    answer = prepared.answer
    if verdict.said is not Said.YES:
        row = prepared.row
        stamp = Stamp(call.purchase_id, row.policy, row.price_book, prepared.local)
        lines = str(row.lines).encode()
        answer = unpaid_answer(stamp, told(verdict), row.amount, lines, MONEY[verdict.said])
    return _End(call, prepared, verdict, replace(claim, answer=answer), now)


def _write(tx: Tx, ends: Sequence[_End]) -> None:
    """Everything of these purchases, or nothing."""
    if not ends:
        return
    now = ends[0].now
    paid = [each for each in ends if each.paid]
    unpaid = [each for each in ends if not each.paid]
    freed = [use for each in unpaid for use in _freed(tx, each)]
    with one_trip(tx):
        hold_sets.end_holds(tx, [_hold_end(each) for each in ends if _ends_hold(each)])
        claims.finish(tx, [each.claim for each in ends])
        purchases.record(tx, [], [_row(each) for each in ends])
        ledger.post(tx, [_movement(each) for each in paid])
        outbox.add_events(tx, [_event(each) for each in paid], now)
        bank_calls.step_calls(tx, [_step(each) for each in ends])
        limit_use.add_uses(tx, freed)
        for each in unpaid:
            if each.prepared.token_id is not None:
                call = each.call
                proofs.free_token(tx, call.kpm_id, each.prepared.token_id, call.purchase_id)


def _ends_hold(end: _End) -> bool:
    """Where the bank may have paid, the money stays apart until it says that it has not."""
    return end.verdict.said is not Said.UNSURE


def _hold_end(end: _End) -> Ended:
    call = end.call
    return Ended(call.purchase_id, call.kpm_id, end.prepared.draws, end.paid, end.now)


def _row(end: _End) -> purchases.PurchaseRow:
    reason = end.verdict.reason
    return replace(
        end.prepared.row,
        status=APPROVED if end.paid else DECLINED,
        reason=None if end.paid or reason is None else reason.value,
    )


def _movement(end: _End) -> ledger.Movement:
    call = end.call
    legs = purchase_postings(ShopId(call.shop_id), end.prepared.draws, call.bank)
    return ledger.Movement(shard_of(call.kpm_id), call.purchase_id, legs, end.now)


def _event(end: _End) -> outbox.Event:
    call = end.call
    shard, name = shard_of(call.kpm_id), call.purchase_id
    return outbox.Event(shard, name, PURCHASE_APPROVED, call.kpm_id, name, 0)


def _step(end: _End) -> Step:
    verdict = end.verdict
    becomes = BECOMES[verdict.said]
    return Step(end.call, becomes, verdict.code, verdict.approval, end.now, end.now)


def _freed(tx: Tx, end: _End) -> list[limit_use.Use]:
    """What a purchase that came to nothing took of a day's limits, below zero."""
    call, day = end.call, end.prepared.row.day
    return [
        limit_use.Use(each.kpm_id, day, f"{call.purchase_id}:unpaid", each.item_code, -each.used)
        for each in limit_use.uses_of(tx, call.kpm_id, day, call.purchase_id)
    ]


def end_reversal(tx: Tx, engine: Engine, call: Call, code: str) -> CallState:
    """What the answer to a reversal (DE39, empty for none) does to the call and to its hold."""
    ledger.tranches_of(tx, call.kpm_id, lock=True)
    found = bank_calls.lock_calls(tx, [(call.kpm_id, call.purchase_id)])()[call.purchase_id]
    said, now = reversal_answered(code), engine.now()
    if found.state != CallState.REVERSING.value or said is Reversal.AGAIN:
        return CallState(found.state)
    becomes = CallState.REVERSED if said is Reversal.DONE else CallState.DISPUTED
    bank_calls.step_calls(tx, [Step(found, becomes, code, found.approval, now, now)])
    held = holds.find_hold(tx, call.kpm_id, call.purchase_id)
    if becomes is CallState.REVERSED and held is not None and held.state is HoldState.HELD:
        draws = Prepared(found).draws
        hold_sets.end_holds(
            tx, [Ended(call.purchase_id, call.kpm_id, draws, captured=False, at=now)]
        )
    return becomes
