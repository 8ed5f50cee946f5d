"""The money of a disputed purchase: back to her tranches, by the programme or by the shop."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.entitlement import Draw, Tranche
from pos_engine.rules.ids import KpmId
from pos_engine.rules.posting import (
    Kind,
    credited_first_postings,
    loss_account,
    loss_postings,
)
from pos_engine.rules.voids import back_to_tranches, carried
from pos_engine.services.returning import Act, still_drawn, write_return
from pos_engine.store import ledger, purchases, reversals, shops
from pos_engine.store.database import Tx

_NAMESPACE = uuid.UUID("5a1c7f7e-1d0b-5c1f-8c1e-6b0a2d9e4f31")


@dataclass(frozen=True, slots=True)
class Disputed:
    """A purchase with its money, under its family's locks. `drawn` is not given back yet."""

    bought: reversals.Bought
    kpm_id: KpmId
    shard: int
    shop: shops.Shop
    tranches: tuple[Tranche, ...]
    drawn: tuple[Draw, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """Two officers and their reason; `approved_by` is None on a demo only."""

    made_by: str
    approved_by: str | None
    reason: str


def find_disputed(tx: Tx, purchase_id: str) -> Disputed | None:
    """The purchase with its money, her tranches locked; None when there is none."""
    claim = purchases.find_claim(tx, purchase_id)
    if claim is None or claim.kpm_id is None:
        return None
    tranches = ledger.tranches_of(tx, claim.kpm_id, lock=True)
    shop = shops.find_shop(tx, claim.shop_id)
    bought = reversals.find_bought(tx, claim.home_shard, purchase_id)
    if shop is None or bought is None:
        return None
    back = reversals.reversals_of(tx, claim.home_shard, purchase_id)
    drawn = still_drawn(tx, claim.home_shard, purchase_id, back)
    return Disputed(bought, KpmId(claim.kpm_id), claim.home_shard, shop, tranches, drawn)


def give_back(
    tx: Tx, engine: Engine, facts: Disputed, signed: Signed, *, by_programme: bool
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
    back_id = own_id(facts.bought.purchase_id, "back")
    _claim(tx, facts, back_id)
    write_return(
        tx,
        Act(
            reversal_id=back_id,
            kind=reversals.REVERSAL,
            bought=facts.bought,
            kpm_id=facts.kpm_id,
            made_by=signed.made_by,
            approved_by=signed.approved_by,
            reason=signed.reason,
            lines=(),
            returns=returns,
            day=day,
            now=now,
            legs=legs,
        ),
    )


def _claim(tx: Tx, facts: Disputed, back_id: str) -> None:
    claim = purchases.find_claim(tx, facts.bought.purchase_id)
    if claim is None:
        raise LookupError(facts.bought.purchase_id)  # it was there a moment ago: a fault
    answer = f'{{"reversal_id":"{back_id}"}}'
    purchases.add_claims(
        tx,
        [
            purchases.Claim(
                back_id, claim.content, claim.home_shard, claim.kpm_id, claim.shop_id, answer
            )
        ],
    )


def shop_bears(tx: Tx, engine: Engine, facts: Disputed, credited_by: str | None) -> None:
    """What the programmes paid for this sale goes back to them, off what the shop is owed."""
    lost = _lost(tx, facts, credited_by)
    shop_id = own_id(facts.bought.purchase_id, "shop")
    if lost and not ledger.legs_of(tx, facts.shard, [shop_id]):
        legs = loss_postings(facts.bought.shop_id, lost)
        ledger.post(tx, [ledger.Movement(facts.shard, shop_id, legs, engine.now())])


def _lost(tx: Tx, facts: Disputed, credited_by: str | None) -> dict[str, int]:
    """What the programmes paid for this sale, to be paid back by the shop: below zero."""
    name = loss_account("")
    movements = [facts.bought.purchase_id, *([credited_by] if credited_by else [])]
    lost: defaultdict[str, int] = defaultdict(int)
    for leg in ledger.legs_of(tx, facts.shard, movements):
        if leg.account.startswith(name):
            lost[leg.account.removeprefix(name)] += leg.amount
    return {programme: amount for programme, amount in lost.items() if amount}


def _by_programme(tranches: Iterable[Tranche], drawn: Iterable[Draw]) -> dict[str, int]:
    programme_of = {each.wallet_id: each.programme for each in tranches}
    sums: defaultdict[str, int] = defaultdict(int)
    for each in drawn:
        sums[programme_of[each.wallet_id]] += each.amount
    return dict(sums)


def own_id(purchase_id: str, what: str) -> str:
    """The name of one movement of a dispute: the same again for the same."""
    return str(uuid.uuid5(_NAMESPACE, f"{purchase_id}|{what}"))
