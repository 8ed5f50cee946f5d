"""A family says that a purchase was not hers: two officers credit her first, then say who bears it.

A sale without signal goes its own way (services/sync_dispute.py); this is for all the others.
"""

from pos_engine.engine import Engine
from pos_engine.rules.complaints import DISPUTED_WITHIN, may_dispute
from pos_engine.services.answers import APPROVED
from pos_engine.services.disputed import (
    Disputed,
    Signed,
    find_disputed,
    give_back,
    own_id,
    shop_bears,
)
from pos_engine.services.install import Refused
from pos_engine.services.sync_dispute import dispute_in
from pos_engine.services.sync_review import Decision, ReviewOrder, who_may
from pos_engine.store import bank_calls, complaint_desk, envelopes, reversals
from pos_engine.store.database import Tx


def settle_in(tx: Tx, engine: Engine, order: ReviewOrder) -> Refused | None:
    """Carry out a decision of two officers: DISPUTE, SHOP_PAYS, LOSS or HERS. Twice is once.

    DISPUTE gives the money back from the programme when one factor paid; with two it moves nothing.
    """
    if envelopes.of_purchase(tx, order.subject) is not None:
        done = dispute_in(tx, engine, order)
        return done if isinstance(done, Refused) else None
    facts = find_disputed(tx, order.subject)
    if facts is None or facts.bought.status != APPROVED:
        return Refused("subject", f"{order.subject} is no approved purchase")
    refused = who_may(tx, engine, order, facts.shop.region)
    if refused is not None:
        return refused
    return _settle(tx, engine, order, facts)


def _settle(tx: Tx, engine: Engine, order: ReviewOrder, facts: Disputed) -> Refused | None:
    signed = Signed(order.made_by, order.approved_by, order.note.strip())
    by_programme = order.decision in (Decision.DISPUTE, Decision.LOSS)
    of_bank = bank_calls.find_call(tx, facts.kpm_id, order.subject) is not None
    if by_programme and of_bank:
        return Refused("decision", "a bank keeps this money: SHOP_PAYS asks it for the reversal")
    if order.decision is Decision.DISPUTE:
        return _credit_first(tx, engine, facts, signed)
    if order.decision in (Decision.SHOP_PAYS, Decision.LOSS):
        back_id = own_id(order.subject, "back")
        before = reversals.find_reversal(tx, facts.shard, back_id)
        if facts.drawn:
            give_back(tx, engine, facts, signed, by_programme=by_programme)
        if order.decision is Decision.SHOP_PAYS and before is not None:
            shop_bears(tx, engine, facts, back_id)
    return None


def _credit_first(tx: Tx, engine: Engine, facts: Disputed, signed: Signed) -> Refused | None:
    paid = complaint_desk.paid(tx, facts.kpm_id, facts.bought.purchase_id)
    if paid is None or not may_dispute(paid.method, paid.decided_at, engine.now()):
        days = DISPUTED_WITHIN.days
        return Refused(
            "decision", f"credited first is what one factor paid within {days} days; decide instead"
        )
    if facts.drawn:
        give_back(tx, engine, facts, signed, by_programme=True)
    return None
