"""A family says that a sale without signal was not hers: credited first, then somebody bears it."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.offline import DISPUTE_SPAN, Outcome, may_be_disputed
from pos_engine.services.disputed import (
    Disputed,
    Signed,
    find_disputed,
    give_back,
    own_id,
    shop_bears,
)
from pos_engine.services.install import Refused
from pos_engine.services.sync_judge import ONE_FACTOR
from pos_engine.services.sync_review import (
    OF_WAITING,
    Decision,
    ReviewOrder,
    keep_review,
    who_may,
)
from pos_engine.store import envelopes, offline_reviews
from pos_engine.store.database import Tx
from pos_engine.store.envelopes import Kept
from pos_engine.store.offline_reviews import OPEN, Dispute


@dataclass(frozen=True, slots=True)
class _Facts:
    """A sale without signal with its money, under its family's locks."""

    kept: Kept
    money: Disputed


def dispute(engine: Engine, order: ReviewOrder) -> Dispute | Refused:
    """Open a dispute (DISPUTE), or end it: SHOP_PAYS, LOSS or HERS. Two people; twice is once.

    A sale with one factor is credited at once, by the programme, before it is known who bears it.
    """
    return engine.database.transact(lambda tx: dispute_in(tx, engine, order))


def dispute_in(tx: Tx, engine: Engine, order: ReviewOrder) -> Dispute | Refused:
    """The same inside a transaction of the caller."""
    if order.decision in OF_WAITING:
        return Refused("decision", f"{order.decision} is about what waits")
    facts = _facts(tx, order.subject)
    if isinstance(facts, Refused):
        return facts
    money = facts.money
    refused = who_may(tx, engine, order, money.shop.region)
    if refused is not None:
        return refused
    found = offline_reviews.find_dispute(tx, money.kpm_id, order.subject)
    if order.decision is Decision.DISPUTE:
        return found or _open(tx, engine, order, facts)
    if found is None or found.state != OPEN:
        return Refused("subject", f"{order.subject} is not disputed")
    keep_review(tx, engine, order, facts.kept.device_id, facts.kept.envelope_id)
    _end(tx, engine, order, facts, found)
    offline_reviews.close_dispute(tx, found, engine.now())
    return offline_reviews.find_dispute(tx, money.kpm_id, order.subject) or found


def _facts(tx: Tx, purchase_id: str) -> _Facts | Refused:
    kept = envelopes.of_purchase(tx, purchase_id)
    money = find_disputed(tx, purchase_id) if kept else None
    if kept is None or money is None:
        return Refused("subject", f"no sale without signal {purchase_id}")
    return _Facts(kept, money)


def _open(tx: Tx, engine: Engine, order: ReviewOrder, facts: _Facts) -> Dispute | Refused:
    kept, money, now = facts.kept, facts.money, engine.now()
    if not may_be_disputed(Outcome(kept.outcome), kept.sold_at or kept.received_at, now):
        days = DISPUTE_SPAN.days
        return Refused("subject", f"a paid sale is disputed within {days} days: {kept.outcome}")
    keep_review(tx, engine, order, kept.device_id, kept.envelope_id)
    first = ONE_FACTOR in kept.flags and money.drawn
    made = Dispute(
        purchase_id=order.subject,
        envelope_id=kept.envelope_id,
        device_id=kept.device_id,
        kpm_id=money.kpm_id,
        shop_id=money.shop.shop_id,
        amount=money.bought.amount,
        credited_by=own_id(order.subject, "back") if first else None,
        state=OPEN,
        opened_at=now,
    )
    offline_reviews.add_dispute(tx, made)
    if first:
        give_back(tx, engine, money, _signed(order), by_programme=True)
    return made


def _end(tx: Tx, engine: Engine, order: ReviewOrder, facts: _Facts, found: Dispute) -> None:
    """Who bears it. What a family was credited first is hers whatever is found."""
    if order.decision is Decision.HERS:
        return
    by_programme = order.decision is Decision.LOSS
    if facts.money.drawn:
        give_back(tx, engine, facts.money, _signed(order), by_programme=by_programme)
    if not by_programme:
        shop_bears(tx, engine, facts.money, found.credited_by)


def _signed(order: ReviewOrder) -> Signed:
    return Signed(order.made_by, order.approved_by, order.note.strip())
