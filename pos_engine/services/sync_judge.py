"""Judge an envelope by the rules of its day, and write the purchase that it makes."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from pos_engine.rules.allowances import AllowanceState
from pos_engine.rules.basket import Line, Market, judge_basket
from pos_engine.rules.decision import Approved, Declined, Facts, decide_judged
from pos_engine.rules.entitlement import Tranche, spendable
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId, PurchaseId, ShopId, TillId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.offline import (
    CATALOGUE_AGE_MAX,
    FROM_ALLOWANCE,
    PAID,
    Claim,
    Judgement,
    Outcome,
    Permit,
    Selling,
    Till,
    judge,
    one_factor,
    selling,
    sold_at,
)
from pos_engine.rules.reasons import Reason
from pos_engine.services.answers import APPROVED
from pos_engine.services.payer import Checked, Found, TokenProof
from pos_engine.services.purchase import PurchaseRequest, content_hash
from pos_engine.services.record import Case, answer_of, case_of
from pos_engine.services.sync_desk import Desk, Sold
from pos_engine.store import envelopes, reversals
from pos_engine.store.allowances import Allowance
from pos_engine.store.envelopes import DUPLICATE, ID_TAKEN, Kept
from pos_engine.wire.envelope import Body
from pos_engine.wire.offline_told import outcome_told
from pos_engine.wire.response import explain

PROVEN_THERE = TokenProof("")  # she proved herself to the tablet
OFFLINE = "OFFLINE"
ONE_FACTOR, CLOCK_UNSURE, PAST_LIMIT = "ONE_FACTOR", "CLOCK_UNSURE", "PAST_LIMIT"
CATALOGUE_UNKNOWN = "CATALOGUE_UNKNOWN"
OWN_FAMILY = "OWN_FAMILY"  # whoever sold belongs to the family: paid, and looked at by people
# What a family's money says: it is the judge who says what follows from it.
OF_MONEY = frozenset(
    {
        Reason.NOT_DISBURSED,
        Reason.TRANCHE_EXPIRED,
        Reason.TRANCHE_RETURNED,
        Reason.RESERVED_OFFLINE,
        Reason.INSUFFICIENT_BALANCE,
        Reason.LIMIT_REACHED,
    }
)
NO_SALES_MAX = 10**9  # of an allowance that names no number


@dataclass(frozen=True, slots=True)
class Judged:
    """An envelope with its last outcome; `case` is the purchase to write, None when there is none.

    `allowance` is what it was sold on, when this device has it.
    """

    kept: Kept
    judgement: Judgement
    case: Case | None
    allowance: Allowance | None


def judge_envelope(desk: Desk, body: Body, kept: Kept, *, cleared: bool = False) -> Judged:
    """The outcome of one envelope; what it takes of the facts the next one finds taken."""
    known = _known_sale(desk, body, kept)
    if known is not None:
        return known
    issued = desk.allowances.get(body.alw)
    if issued is not None:
        issued = desk.end_when_over(issued)
    since = issued.issued_at if issued else kept.received_at
    at = sold_at(body.wall_ms, body.mono_ms, body.anchor_ms, since, kept.received_at)
    market, flags = _market(desk, body, at, remote=issued is not None and issued.remote)
    lines = tuple(
        Line(each.sku, None, each.quantity_milli, Rupiah(each.unit_price), each.unit)
        for each in body.lines
    )
    decision = _decided(desk, lines, market, issued)
    claim = _claim(body, kept, decision, at, cleared=cleared)
    judgement = judge(claim, _permit(desk, issued, decision))
    settled = replace(
        kept,
        outcome=judgement.outcome.value,
        held_for=None,
        reason=judgement.reason.value if judgement.reason else None,
        flags=(OFFLINE, *_flags(body, judgement), *_kin(desk, body, issued), *flags),
        sold_at=at,
        settled_at=desk.now,
    )
    case = _case(desk, body, issued, _final(desk, decision, judgement, issued, market), market, at)
    paid = judgement.outcome in PAID
    if paid:
        settled = replace(settled, number=case.number, taken=case.decision.amount)
    _remember(desk, body, case, settled)
    if paid and issued is not None and isinstance(case.decision, Approved):
        _take(desk, body, issued, case, case.decision, judgement.outcome)
    return Judged(settled, judgement, case, issued)


def _remember(desk: Desk, body: Body, case: Case, settled: Kept) -> None:
    """The id stands for this purchase from now on."""
    if case.claim is not None:
        desk.claims[body.purchase_id] = case.claim
    desk.sold[body.purchase_id] = Sold(
        Outcome(settled.outcome),
        Reason(settled.reason) if settled.reason else None,
        settled.number,
        case.request.shop_id,
        case.found.kpm_id,
        tuple((each.sku, each.quantity_milli, int(each.unit_price)) for each in body.lines),
    )


def _flags(body: Body, judgement: Judgement) -> tuple[str, ...]:
    return (
        *(() if judgement.outcome is Outcome.ACCEPTED else (judgement.outcome.value,)),
        *((ONE_FACTOR,) if one_factor(body.auth) else ()),
        *((CLOCK_UNSURE,) if body.mono_ms is None else ()),
    )


def _kin(desk: Desk, body: Body, issued: Allowance | None) -> tuple[str, ...]:
    """She proved herself by card and PIN, so it is her purchase; people look at who sold it."""
    hers = issued is not None and issued.kpm_id in desk.kin[body.cashier]
    return (OWN_FAMILY,) if hers else ()


def _market(
    desk: Desk, body: Body, at: datetime, *, remote: bool
) -> tuple[Market, tuple[str, ...]]:
    """The rules that the tablet had, and what is strange about having them then.

    With rules so old that it should have been locked, those of the day decide: an old price book
    is no way around a newer ceiling. Beyond the signal there is no other.
    """
    loaded = dict(desk.history)
    before = [version for version, since in desk.history if since <= at]
    of_the_day = before[-1] if before else desk.history[0][0]
    version = body.catalog
    flags: tuple[str, ...] = ()
    if version not in loaded:
        version, flags = of_the_day, (CATALOGUE_UNKNOWN,)
    newer = [since for since in loaded.values() if since > loaded[version]]
    age = max(at - min(newer, default=at), timedelta(0))
    if age > CATALOGUE_AGE_MAX and not remote:
        version = of_the_day
    if selling(_till(desk, body, at, age, remote=remote)) is Selling.LOCKED:
        flags = (*flags, PAST_LIMIT)
    catalogue, region = desk.engine.catalogue_named(desk.tx, version), desk.shop.region
    day = catalogue.zones.local_day(region, at)
    return desk.engine.market(catalogue, region, day), flags


def _till(desk: Desk, body: Body, at: datetime, age: timedelta, *, remote: bool) -> Till:
    """The till as it stood before this sale; what it ignored is told to people."""
    acknowledged = desk.acknowledged
    acknowledged.first_sold = min(acknowledged.first_sold or at, at)
    return Till(
        unsent=max(body.seq - acknowledged.seq - 1, 0),
        silent=at - acknowledged.first_sold,
        catalogue_age=age,
        remote_allowance=remote,
    )


def _decided(
    desk: Desk, lines: tuple[Line, ...], market: Market, issued: Allowance | None
) -> Approved | Declined:
    """The same decision as at a till, on the money that the envelope may take."""
    purse: tuple[Tranche, ...] = ()
    if issued is not None:
        ended = AllowanceState(issued.state) in (AllowanceState.ENDED, AllowanceState.SPENT)
        purse = desk.own(issued) if ended else desk.aside(issued)
    facts = Facts(market, (), proven=True, tranches=purse)
    return decide_judged(lines, judge_basket(lines, market), facts)


def _claim(
    body: Body, kept: Kept, decision: Approved | Declined, at: datetime, *, cleared: bool
) -> Claim:
    unlawful = None
    if isinstance(decision, Declined) and decision.reason not in OF_MONEY:
        unlawful = decision.reason
    return Claim(
        device_id=body.device,
        amount=body.total,
        worth=decision.amount,
        factors=frozenset(body.auth),
        unlawful=unlawful,
        payable=decision.amount if isinstance(decision, Approved) else 0,
        sold_at=at,
        received_at=kept.received_at,
        cleared=cleared,
    )


def _permit(desk: Desk, issued: Allowance | None, decision: Approved | Declined) -> Permit | None:
    if issued is None:
        return None
    limits = json.loads(issued.document).get("limits", {})
    used = desk.used_of(issued)
    short = isinstance(decision, Declined) and decision.reason in OF_MONEY
    return Permit(
        device_id=issued.device_id,
        amount_max=issued.amount,
        spent=used.amount,
        left=decision.payable if short and isinstance(decision, Declined) else issued.remaining,
        sales=used.sales,
        tx_max=int(limits.get("tx_max") or issued.amount),
        tx_count=int(limits.get("tx_count") or NO_SALES_MAX),
        not_after=issued.not_after,
        state=AllowanceState(issued.state),
    )


def _final(
    desk: Desk,
    decision: Approved | Declined,
    judgement: Judgement,
    issued: Allowance | None,
    market: Market,
) -> Approved | Declined:
    """The decision as it is written: with the family's real balance, or with the judge's reason."""
    if judgement.outcome not in PAID or issued is None:
        reason = judgement.reason or Reason.OFFLINE_LIMIT
        told = outcome_told(judgement.outcome, reason, _goods_told(decision, reason))
        return Declined(decision.lines, decision.amount, reason, Rupiah(0), Rupiah(0), message=told)
    living = desk.living_of(issued)
    before = spendable(desk.tranches[issued.kpm_id], market.day) + (
        living.remaining if living else 0
    )
    hers = judgement.outcome is not Outcome.PROGRAMME_LOSS
    return Approved(
        lines=decision.lines,
        amount=decision.amount,
        draws=decision.draws if hers and isinstance(decision, Approved) else (),
        balance_before=Rupiah(before),
        balance_after=Rupiah(before - decision.amount if hers else before),
        flags=decision.flags if isinstance(decision, Approved) else (),
    )


def _goods_told(decision: Approved | Declined, reason: Reason) -> str:
    return explain(reason, decision.lines, amount=decision.amount, balance=0)[0]


def _case(
    desk: Desk,
    body: Body,
    issued: Allowance | None,
    decision: Approved | Declined,
    market: Market,
    at: datetime,
) -> Case:
    """The purchase: decided now, with the receipt of the moment when it was sold."""
    request = PurchaseRequest(
        purchase_id=PurchaseId(body.purchase_id),
        shop_id=ShopId(desk.shop.shop_id),
        till_id=TillId(desk.key.till_id),
        staff_id=body.cashier,
        occurred_at=datetime.fromtimestamp(body.wall_ms / 1000, UTC),
        proof=PROVEN_THERE,
        lines=tuple(
            Line(each.sku, None, each.quantity_milli, Rupiah(each.unit_price), each.unit)
            for each in body.lines
        ),
    )
    found = Found(Method.KKS, reason=Reason.PAYER_UNKNOWN)
    kpm_id: KpmId | None = None
    if issued is not None:
        kpm_id = issued.kpm_id
        found = Found(Method.KKS, kpm_id, PersonId(issued.person_id))
    case = case_of(request, found, Checked(proven=True), desk.shop, market, at, decision)
    case.now = desk.now
    case.claim = answer_of(case, content_hash(request, kpm_id), desk.engine.keys)
    return case


def _take(
    desk: Desk, body: Body, issued: Allowance, case: Case, decision: Approved, outcome: Outcome
) -> None:
    desk.count(issued.allowance_id, decision.amount)
    desk.day_use.take(issued.kpm_id, case.request, decision, case.market)
    if outcome in FROM_ALLOWANCE:
        desk.take_aside(issued, decision.draws, body.purchase_id)
    elif outcome is Outcome.PAID_FROM_BALANCE:
        desk.spend(issued.kpm_id, decision.draws)


# ---- ids that stand for a purchase already -----------------------------------------------


def _known_sale(desk: Desk, body: Body, kept: Kept) -> Judged | None:
    """A sale whose id was answered before: the same has that outcome, another is the shop's."""
    if body.purchase_id not in desk.claims:
        return None
    issued = desk.allowances.get(body.alw)
    before = desk.sold.get(body.purchase_id) or _sold_before(desk, body.purchase_id)
    goods = tuple((each.sku, each.quantity_milli, int(each.unit_price)) for each in body.lines)
    here = (desk.shop.shop_id, issued.kpm_id if issued else None, goods)
    same = before is not None and (before.shop_id, before.kpm_id, before.goods) == here
    judgement = Judgement(Outcome.SHOP_LIABLE, Reason.OFFLINE_LIMIT)
    if same and before is not None:
        judgement = Judgement(before.outcome, before.reason)
    settled = replace(
        kept,
        outcome=judgement.outcome.value,
        held_for=None,
        reason=judgement.reason.value if judgement.reason else None,
        flags=(OFFLINE, DUPLICATE if same else ID_TAKEN),
        number=before.number if same and before else None,
        sold_at=kept.received_at,
        settled_at=desk.now,
    )
    return Judged(settled, judgement, None, issued)


def _sold_before(desk: Desk, purchase_id: str) -> Sold | None:
    """The purchase of an id as it stands in the books: sold online, or by another envelope."""
    claim = desk.claims[purchase_id]
    bought = reversals.find_bought(desk.tx, claim.home_shard, purchase_id)
    if bought is None:
        return None
    by_envelope = envelopes.of_purchase(desk.tx, purchase_id)
    if by_envelope is not None:
        outcome = Outcome(by_envelope.outcome)
        reason = Reason(by_envelope.reason) if by_envelope.reason else None
    elif bought.status == APPROVED:
        outcome, reason = Outcome.ACCEPTED, None
    else:
        outcome, reason = Outcome.SHOP_LIABLE, Reason.OFFLINE_LIMIT
    goods = tuple((e["sku"], e["quantity_milli"], e["unit_price"]) for e in bought.lines)
    number = bought.number if outcome in PAID else None
    return Sold(outcome, reason, number, bought.shop_id, bought.kpm_id, goods)
