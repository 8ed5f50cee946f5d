"""Capture a hold for goods: a purchase with its items, receipt and notice as any other."""

from dataclasses import dataclass, replace
from datetime import date, datetime

from pos_engine.engine import Engine
from pos_engine.rules.basket import Line, judge_basket
from pos_engine.rules.decision import Approved, Facts, decide_judged
from pos_engine.rules.entitlement import Tranche, TrancheStatus, spendable
from pos_engine.rules.holds import Hold, HoldRefusal, HoldState, may_be_captured
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId, PurchaseId, ShopId, TillId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import purchase_postings
from pos_engine.services.hold import end_late, locked_hold
from pos_engine.services.limits import Basket, DayUse, read_day_use
from pos_engine.services.payer import Checked, Found, TokenProof
from pos_engine.services.purchase import (
    PURCHASE_APPROVED,
    Answer,
    PurchaseRequest,
    content_hash,
    market_at,
)
from pos_engine.services.record import Case, answer_of, case_of, row_of
from pos_engine.store import holds, ledger, limit_use, outbox, purchases, shops
from pos_engine.store.database import Tx

PROVEN_BEFORE = TokenProof("")  # she proved herself when the money was put aside


@dataclass(frozen=True, slots=True)
class Sale:
    """The goods that a hold pays. `person_id` is who proved herself for it, if that is known."""

    hold_id: str
    purchase_id: PurchaseId
    till_id: TillId
    staff_id: str
    occurred_at: datetime
    method: Method
    lines: tuple[Line, ...]
    person_id: PersonId | None = None


def capture_sale(engine: Engine, sale: Sale) -> Answer | HoldRefusal:
    """Pay these goods from a hold and free the rest of it, once; the same again is the same answer.

    Goods that are unlawful are refused as at a till: the answer says DECLINED, and the hold stands.
    """
    return engine.database.transact(lambda tx: capture_sale_in(tx, engine, sale))


def capture_sale_in(tx: Tx, engine: Engine, sale: Sale) -> Answer | HoldRefusal:
    """The same inside the caller's transaction."""
    held = locked_hold(tx, sale.hold_id)
    if held is None:
        return HoldRefusal.HOLD_UNKNOWN
    request, kpm_id = _request(sale, held), KpmId(held.kpm_id)
    content = content_hash(request, kpm_id)
    claim = purchases.find_claim(tx, sale.purchase_id)
    if claim is not None:
        same = claim.content == content and claim.shop_id == held.shop_id and claim.answer
        return Answer(claim.answer) if same else HoldRefusal.DUPLICATE_DIFFERENT
    case, day_use = _decided(tx, engine, sale, held)
    refused = may_be_captured(held, case.decision.amount, case.now)
    if refused is not None:
        end_late(tx, held, refused, case.now)
        return refused
    made = case.claim = answer_of(case, content, engine.keys)
    purchases.record(tx, [made], [row_of(case)])
    if isinstance(case.decision, Approved):
        day_use.take(kpm_id, request, case.decision, case.market)
        _take_money(tx, held, case, case.decision, day_use)
    return Answer(made.answer)


def _request(sale: Sale, held: Hold) -> PurchaseRequest:
    return PurchaseRequest(
        purchase_id=sale.purchase_id,
        shop_id=ShopId(held.shop_id),
        till_id=sale.till_id,
        staff_id=sale.staff_id,
        occurred_at=sale.occurred_at,
        proof=PROVEN_BEFORE,
        lines=sale.lines,
    )


def _decided(tx: Tx, engine: Engine, sale: Sale, held: Hold) -> tuple[Case, DayUse]:
    """Judge the goods by today's rules against the money of the hold, and by nothing else.

    A hold is a promise: a shop or family that was stopped meanwhile does not undo it.
    """
    shop, now, kpm_id = shops.find_shop(tx, held.shop_id), engine.now(), KpmId(held.kpm_id)
    if shop is None:
        raise LookupError(held.shop_id)  # a hold without its shop: a fault
    market = market_at(engine, engine.catalogue(tx), shop.region, now)
    tranches = ledger.tranches_of(tx, kpm_id, lock=True)
    basket = Basket(kpm_id, shop, sale.till_id, sale.lines)
    day_use = read_day_use(tx, market.catalogue, now, [basket])
    used = day_use.of(kpm_id, shop.shop_id, sale.till_id, market.day)
    own = _put_aside(tx, held, tranches, market.day)
    facts = Facts(market, (), proven=True, tranches=own, used=used)
    decision = decide_judged(sale.lines, judge_basket(sale.lines, market), facts)
    if isinstance(decision, Approved):
        before = Rupiah(spendable(tranches, market.day) + held.amount)
        after = Rupiah(before - decision.amount)
        decision = replace(decision, balance_before=before, balance_after=after, balances=())
    found, checked = Found(sale.method, kpm_id, sale.person_id), Checked(proven=True)
    request = _request(sale, held)
    return case_of(request, found, checked, shop, market, now, decision), day_use


def _put_aside(tx: Tx, held: Hold, tranches: tuple[Tranche, ...], day: date) -> tuple[Tranche, ...]:
    """The hold as a purse of its own: usable although its tranches may have ended meanwhile."""
    by_id = {each.wallet_id: each for each in tranches}
    return tuple(
        replace(
            by_id[draw.wallet_id],
            credited=draw.amount,
            spent=Rupiah(0),
            held=Rupiah(0),
            status=TrancheStatus.OPEN,
            expires_on=max(by_id[draw.wallet_id].expires_on, day),
        )
        for draw in holds.draws_of(tx, held.kpm_id, held.hold_id)
    )


def _take_money(tx: Tx, held: Hold, case: Case, decision: Approved, day_use: DayUse) -> None:
    """Out of the hold, onto what is owed to the shop, off the day's limits; and tell her."""
    purchase_id, draws = case.request.purchase_id, decision.draws
    way = holds.Resolution(HoldState.CAPTURED, draws, purchase_id, case.now)
    holds.resolve(tx, held, way)
    legs = purchase_postings(case.shop.shop_id, draws)
    ledger.post(tx, [ledger.Movement(case.shard, purchase_id, legs, case.now)])
    limit_use.add_uses(tx, day_use.uses)
    event = outbox.Event(case.shard, purchase_id, PURCHASE_APPROVED, held.kpm_id, purchase_id, 0)
    outbox.add_events(tx, [event], case.now)
