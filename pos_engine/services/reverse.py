"""Reverse a purchase on any day, also after settlement: two officers, never cash."""

import uuid
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId
from pos_engine.rules.voids import back_to_tranches, carried
from pos_engine.services.answers import APPROVED
from pos_engine.services.install import Refused
from pos_engine.services.officers import OFFICES, may_act
from pos_engine.services.returning import Act, still_drawn, write_return
from pos_engine.store import ledger, purchases, reversals, shops, standing_people
from pos_engine.store.database import Tx

REASON_LENGTH_MAX = 200
_NAMESPACE = uuid.UUID("0b5f6c0e-8c5e-5b63-9a1d-2f3a6e1c7d42")


@dataclass(frozen=True, slots=True)
class ReverseOrder:
    """What two officers decided. Without `amount` everything that is not returned yet.

    `approved_by` may be None on a demo only. The same order again is the same reversal; a second
    one of the same sum and reason names its own `reversal_id`.
    """

    purchase_id: str
    reason: str
    made_by: str
    approved_by: str | None
    amount: int | None = None
    reversal_id: str | None = None

    @property
    def own_id(self) -> str:
        """The id of this act."""
        text = f"{self.purchase_id}|{self.amount}|{self.reason}"
        return self.reversal_id or str(uuid.uuid5(_NAMESPACE, text))


def reverse_purchase(engine: Engine, order: ReverseOrder) -> reversals.Reversal | Refused:
    """Return money of a purchase to its family and take it off what is owed to the shop."""
    return engine.database.transact(lambda tx: _reverse(tx, engine, order))


def _reverse(tx: Tx, engine: Engine, order: ReverseOrder) -> reversals.Reversal | Refused:
    claim = purchases.find_claim(tx, order.purchase_id)
    if claim is None or claim.kpm_id is None:
        return Refused("purchase", f"no purchase {order.purchase_id}")
    tranches = ledger.tranches_of(tx, claim.kpm_id, lock=True)
    shop = shops.find_shop(tx, claim.shop_id)
    bought = reversals.find_bought(tx, claim.home_shard, order.purchase_id)
    if bought is None or bought.status != APPROVED or shop is None:
        return Refused("purchase", f"{order.purchase_id} is no approved purchase")
    refused = _officers(tx, engine, order, shop.region)
    if refused is not None:
        return refused
    back = reversals.reversals_of(tx, claim.home_shard, order.purchase_id)
    before = _same(tx, order, back)
    if before is not None:
        return before
    drawn = still_drawn(tx, claim.home_shard, order.purchase_id, back)
    left = sum(each.amount for each in drawn)
    amount = left if order.amount is None else order.amount
    if not 0 < amount <= left:
        return Refused("amount", f"{left} of {bought.amount} rupiah is left to reverse")
    day = engine.catalogue(tx).zones.local_day(shop.region, engine.now())
    returns = carried(back_to_tranches(drawn, amount), tranches, day)
    act = Act(
        reversal_id=order.own_id,
        kind=reversals.REVERSAL,
        bought=bought,
        kpm_id=KpmId(claim.kpm_id),
        made_by=order.made_by,
        approved_by=order.approved_by,
        reason=order.reason,
        lines=(),
        returns=returns,
        day=day,
        now=engine.now(),
    )
    purchases.add_claims(tx, [_claim(order, claim)])
    return write_return(tx, act)


def _same(
    tx: Tx, order: ReverseOrder, back: list[reversals.Reversal]
) -> reversals.Reversal | Refused | None:
    """The reversal of this id: the same order was carried out before."""
    found = [each for each in back if each.reversal_id == order.own_id]
    if found:
        asked = found[0].amount if order.amount is None else order.amount
        if (found[0].reason, found[0].amount) == (order.reason, asked):
            return found[0]
    if found or purchases.find_claim(tx, order.own_id) is not None:
        return Refused("id", f"{order.own_id} stands for something else")
    return None


def _officers(tx: Tx, engine: Engine, order: ReverseOrder, region: str) -> Refused | None:
    """Two different officers of the region (or of the ministry); one is enough on a demo."""
    if not 1 <= len(order.reason.strip()) <= REASON_LENGTH_MAX:
        return Refused("reason", f"1 to {REASON_LENGTH_MAX} characters")
    if order.approved_by is None and not engine.is_demo(tx):
        return Refused("approve", "a second officer approves: --approve STAFF_ID")
    second = order.approved_by
    if second is not None and standing_people.same_person(tx, order.made_by, second):
        return Refused("approve", "the second officer is another person")
    for field, staff_id in (("by", order.made_by), ("approve", order.approved_by)):
        staff = None if staff_id is None else shops.find_staff(tx, staff_id)
        if staff_id is not None and not may_act(staff, OFFICES, region):
            return Refused(field, f"{staff_id} is no active officer of {region}")
    return None


def _claim(order: ReverseOrder, of_purchase: purchases.Claim) -> purchases.Claim:
    return purchases.Claim(
        purchase_id=order.own_id,
        content=of_purchase.content,
        home_shard=of_purchase.home_shard,
        kpm_id=of_purchase.kpm_id,
        shop_id=of_purchase.shop_id,
        answer=f'{{"reversal_id":"{order.own_id}"}}',
    )
