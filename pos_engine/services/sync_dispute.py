"""A family says that a sale without signal was not hers: credited first, then somebody bears it."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.entitlement import Draw, Tranche
from pos_engine.rules.ids import KpmId
from pos_engine.rules.offline import DISPUTE_SPAN, Outcome, may_be_disputed
from pos_engine.rules.posting import (
    Kind,
    credited_first_postings,
    loss_account,
    loss_postings,
)
from pos_engine.rules.voids import back_to_tranches, carried
from pos_engine.services.install import Refused
from pos_engine.services.returning import Act, still_drawn, write_return
from pos_engine.services.sync_judge import ONE_FACTOR
from pos_engine.services.sync_review import (
    OF_WAITING,
    Decision,
    ReviewOrder,
    keep_review,
    who_may,
)
from pos_engine.store import envelopes, ledger, offline_reviews, purchases, reversals, shops
from pos_engine.store.database import Tx
from pos_engine.store.envelopes import Kept
from pos_engine.store.offline_reviews import OPEN, Dispute

_NAMESPACE = uuid.UUID("5a1c7f7e-1d0b-5c1f-8c1e-6b0a2d9e4f31")


@dataclass(frozen=True, slots=True)
class _Facts:
    """A sale without signal with its money, under its family's locks."""

    kept: Kept
    bought: reversals.Bought
    kpm_id: KpmId
    shard: int
    shop: shops.Shop
    tranches: tuple[Tranche, ...]
    drawn: tuple[Draw, ...]  # of her money, and not given back


def dispute(engine: Engine, order: ReviewOrder) -> Dispute | Refused:
    """Open a dispute (DISPUTE), or end it: SHOP_PAYS, LOSS or HERS. Two people; twice is once.

    A sale with one factor is credited at once, by the programme, before it is known who bears it.
    """
    if order.decision in OF_WAITING:
        return Refused("decision", f"{order.decision} is about what waits")
    return engine.database.transact(lambda tx: _dispute(tx, engine, order))


def _dispute(tx: Tx, engine: Engine, order: ReviewOrder) -> Dispute | Refused:
    facts = _facts(tx, order.subject)
    if isinstance(facts, Refused):
        return facts
    refused = who_may(tx, engine, order, facts.shop.region)
    if refused is not None:
        return refused
    found = offline_reviews.find_dispute(tx, facts.kpm_id, order.subject)
    if order.decision is Decision.DISPUTE:
        return found or _open(tx, engine, order, facts)
    if found is None or found.state != OPEN:
        return Refused("subject", f"{order.subject} is not disputed")
    keep_review(tx, engine, order, facts.kept.device_id, facts.kept.envelope_id)
    _end(tx, engine, order, facts, found)
    offline_reviews.close_dispute(tx, found, engine.now())
    return offline_reviews.find_dispute(tx, facts.kpm_id, order.subject) or found


def _facts(tx: Tx, purchase_id: str) -> _Facts | Refused:
    kept, claim = envelopes.of_purchase(tx, purchase_id), purchases.find_claim(tx, purchase_id)
    if kept is None or claim is None or claim.kpm_id is None:
        return Refused("subject", f"no sale without signal {purchase_id}")
    tranches = ledger.tranches_of(tx, claim.kpm_id, lock=True)
    shop = shops.find_shop(tx, claim.shop_id)
    bought = reversals.find_bought(tx, claim.home_shard, purchase_id)
    if shop is None or bought is None:
        return Refused("subject", f"no sale without signal {purchase_id}")
    back = reversals.reversals_of(tx, claim.home_shard, purchase_id)
    drawn = still_drawn(tx, claim.home_shard, purchase_id, back)
    kpm_id = KpmId(claim.kpm_id)
    return _Facts(kept, bought, kpm_id, claim.home_shard, shop, tranches, drawn)


def _open(tx: Tx, engine: Engine, order: ReviewOrder, facts: _Facts) -> Dispute | Refused:
    kept, now = facts.kept, engine.now()
    if not may_be_disputed(Outcome(kept.outcome), kept.sold_at or kept.received_at, now):
        days = DISPUTE_SPAN.days
        return Refused("subject", f"a paid sale is disputed within {days} days: {kept.outcome}")
    keep_review(tx, engine, order, kept.device_id, kept.envelope_id)
    first = ONE_FACTOR in kept.flags and facts.drawn
    made = Dispute(
        purchase_id=order.subject,
        envelope_id=kept.envelope_id,
        device_id=kept.device_id,
        kpm_id=facts.kpm_id,
        shop_id=facts.shop.shop_id,
        amount=facts.bought.amount,
        credited_by=_own_id(order.subject, "back") if first else None,
        state=OPEN,
        opened_at=now,
    )
    offline_reviews.add_dispute(tx, made)
    if first:
        _give_back(tx, engine, order, facts, by_programme=True)
    return made


def _end(tx: Tx, engine: Engine, order: ReviewOrder, facts: _Facts, found: Dispute) -> None:
    """Who bears it. What a family was credited first is hers whatever is found."""
    if order.decision is Decision.HERS:
        return
    if order.decision is Decision.LOSS:
        if facts.drawn:
            _give_back(tx, engine, order, facts, by_programme=True)
        return
    if facts.drawn:
        _give_back(tx, engine, order, facts, by_programme=False)
    lost = _lost(tx, facts, found)
    if lost:
        legs = loss_postings(facts.bought.shop_id, lost)
        own_id = _own_id(order.subject, "shop")
        ledger.post(tx, [ledger.Movement(facts.shard, own_id, legs, engine.now())])


def _lost(tx: Tx, facts: _Facts, found: Dispute) -> dict[str, int]:
    """What the programmes paid for this sale, to be paid back by the shop: below zero."""
    name = loss_account("")
    movements = [facts.bought.purchase_id, *([found.credited_by] if found.credited_by else [])]
    lost: defaultdict[str, int] = defaultdict(int)
    for leg in ledger.legs_of(tx, facts.shard, movements):
        if leg.account.startswith(name):
            lost[leg.account.removeprefix(name)] += leg.amount
    return {programme: amount for programme, amount in lost.items() if amount}


def _give_back(
    tx: Tx, engine: Engine, order: ReviewOrder, facts: _Facts, *, by_programme: bool
) -> None:
    """The money to her tranches: from the programme, or from what is owed to the shop."""
    now = engine.now()
    day = engine.catalogue(tx).zones.local_day(facts.shop.region, now)
    amount = sum(each.amount for each in facts.drawn)
    returns = carried(back_to_tranches(facts.drawn, amount), facts.tranches, day)
    legs = None
    if by_programme:
        losses = _by_programme(facts.tranches, facts.drawn)
        legs = credited_first_postings(returns, losses, Kind.REVERSAL)
    own_id = _own_id(order.subject, "back")
    answer = f'{{"reversal_id":"{own_id}"}}'
    claim = purchases.find_claim(tx, facts.bought.purchase_id)
    if claim is None:
        raise LookupError(facts.bought.purchase_id)  # it was there a moment ago: a fault
    purchases.add_claims(
        tx,
        [
            purchases.Claim(
                own_id, claim.content, claim.home_shard, claim.kpm_id, claim.shop_id, answer
            )
        ],
    )
    write_return(
        tx,
        Act(
            reversal_id=own_id,
            kind=reversals.REVERSAL,
            bought=facts.bought,
            kpm_id=facts.kpm_id,
            made_by=order.made_by,
            approved_by=order.approved_by,
            reason=order.note.strip(),
            lines=(),
            returns=returns,
            day=day,
            now=now,
            legs=legs,
        ),
    )


def _by_programme(tranches: Iterable[Tranche], drawn: Iterable[Draw]) -> dict[str, int]:
    programme_of = {each.wallet_id: each.programme for each in tranches}
    sums: defaultdict[str, int] = defaultdict(int)
    for each in drawn:
        sums[programme_of[each.wallet_id]] += each.amount
    return dict(sums)


def _own_id(purchase_id: str, what: str) -> str:
    """The name of one movement of a dispute: the same again for the same."""
    return str(uuid.uuid5(_NAMESPACE, f"{purchase_id}|{what}"))
