"""Authorize a purchase: the one way in for every channel."""

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from catalog.catalogue import Catalogue
from catalog.zones import region_name
from pos_engine.engine import Engine
from pos_engine.rules.basket import Line, Market, judge_basket
from pos_engine.rules.decision import Approved, Declined, Facts, decide_judged
from pos_engine.rules.ids import KpmId, PurchaseId, ShopId, TillId, shard_of
from pos_engine.rules.posting import purchase_postings
from pos_engine.rules.reasons import Reason
from pos_engine.rules.receipt import Receipt, receipt_number
from pos_engine.services.answers import (
    APPROVED,
    DECLINED,
    Stamp,
    approved_answer,
    declined_answer,
    line_json,
)
from pos_engine.services.payer import (
    Checked,
    Found,
    PayerProof,
    Place,
    check_proof,
    find_payer,
)
from pos_engine.store import attempts, families, ledger, outbox, proofs, purchases, shops
from pos_engine.store.database import Tx

CLOCK_SKEW_MAX = timedelta(hours=24)
CLOCK_DRIFT_FLAGGED = timedelta(minutes=10)
PURCHASE_APPROVED = "PURCHASE_APPROVED"
METHOD_NAMES = {
    "KKS": "KKS + PIN belanja",
    "PHONE": "HP + kode",
    "FACE": "Wajah + bukti kedua",
    "KTP": "KTP + bukti kedua",
}


@dataclass(frozen=True, slots=True)
class PurchaseRequest:
    """A purchase as asked at a till. Money in rupiah, quantities in thousandths."""

    purchase_id: PurchaseId
    shop_id: ShopId
    till_id: TillId
    staff_id: str
    occurred_at: datetime
    proof: PayerProof
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """The stored answer as JSON text, fresh or repeated."""

    body: str


class NotDecided(StrEnum):
    """Why there is no answer under this id; nothing was written."""

    DUPLICATE_DIFFERENT = "DUPLICATE_DIFFERENT"  # the id stands for another purchase
    CLOCK_SKEW = "CLOCK_SKEW"  # the till's clock is more than a day off


def authorize(engine: Engine, request: PurchaseRequest) -> Answer | NotDecided:
    """Decide a purchase once. The same request again gives the same answer and debits nothing."""
    return engine.database.transact(lambda tx: _authorize(tx, engine, request))


def _authorize(tx: Tx, engine: Engine, request: PurchaseRequest) -> Answer | NotDecided:
    place = Place(request.shop_id, request.till_id)
    found = find_payer(tx, engine, request.proof, place)
    content = content_hash(request, found.kpm_id)
    claim = purchases.find_claim(tx, request.purchase_id)
    if claim is not None:
        same = claim.content == content and claim.shop_id == request.shop_id
        return Answer(claim.answer) if same else NotDecided.DUPLICATE_DIFFERENT
    now = engine.now()
    if abs(now - request.occurred_at) > CLOCK_SKEW_MAX:
        return NotDecided.CLOCK_SKEW
    case = _read_case(tx, engine, request, found, now)
    return Answer(_write(tx, engine, case, content))


@dataclass(frozen=True, slots=True)
class _Case:
    """Everything that was read and decided for one purchase."""

    request: PurchaseRequest
    found: Found
    checked: Checked
    shop: shops.Shop
    market: Market
    now: datetime
    local: datetime
    zone: str
    decision: Approved | Declined


def _read_case(
    tx: Tx, engine: Engine, request: PurchaseRequest, found: Found, now: datetime
) -> _Case:
    shop = shops.find_shop(tx, request.shop_id)
    if shop is None:
        raise LookupError(request.shop_id)  # a session without its shop: a fault
    catalogue = engine.catalogue(tx)
    market = market_at(engine, catalogue, shop.region, now)
    tranches = ledger.tranches_of(tx, found.kpm_id, lock=True) if found.kpm_id else ()
    judged = judge_basket(request.lines, market)
    amount = sum(line.total for line in judged)
    place = Place(request.shop_id, request.till_id)
    checked = check_proof(tx, engine, found, request.proof, place, request.purchase_id, amount, now)
    facts = Facts(
        market=market,
        standing=(*_standing(tx, shop, found.kpm_id), *checked.reasons),
        proven=checked.proven,
        tranches=tranches,
    )
    zones = catalogue.zones
    return _Case(
        request=request,
        found=found,
        checked=checked,
        shop=shop,
        market=market,
        now=now,
        local=now.astimezone(zones.time_zone_of(shop.region)),
        zone=zones.time_zone_name(shop.region),
        decision=decide_judged(request.lines, judged, facts),
    )


def market_at(engine: Engine, catalogue: Catalogue, region: str, now: datetime) -> Market:
    """The rules in force at a shop now: its own local day decides price and policy."""
    day = catalogue.zones.local_day(region, now)
    return Market(catalogue, engine.policy(catalogue), region, day)


def _standing(tx: Tx, shop: shops.Shop, kpm_id: KpmId | None) -> tuple[Reason, ...]:
    reasons = [] if shop.status == shops.ACTIVE else [Reason.SHOP_SUSPENDED]
    if kpm_id is not None:
        family = families.find_family(tx, kpm_id)
        if family is None:
            reasons.append(Reason.PAYER_UNKNOWN)
        elif family.status != families.ACTIVE:
            reasons.append(Reason.KPM_SUSPENDED)
    return tuple(reasons)


def _write(tx: Tx, engine: Engine, case: _Case, content: bytes) -> str:
    """Write the decision: claim, purchase, and for an approved one the money and the notice."""
    request, decision = case.request, case.decision
    number = receipt_number(case.shop.region, case.local, request.purchase_id)
    stamp = Stamp(
        request.purchase_id,
        case.market.policy.id,
        case.market.catalogue.version,
        case.local,
    )
    if isinstance(decision, Approved):
        answer = approved_answer(stamp, decision, _receipt(case, decision, number), engine.keys)
    else:
        answer = declined_answer(stamp, decision)
    home_shard = shard_of(case.found.kpm_id or request.purchase_id)
    claim = purchases.Claim(
        purchase_id=request.purchase_id,
        content=content,
        home_shard=home_shard,
        kpm_id=case.found.kpm_id,
        shop_id=request.shop_id,
        answer=answer,
    )
    purchases.record(tx, claim, _row(case, stamp, number, home_shard))
    if isinstance(decision, Approved):
        _debit(tx, case, decision, home_shard)
    else:
        _log_failed_proof(tx, case)
    return answer


def _debit(tx: Tx, case: _Case, decision: Approved, shard: int) -> None:
    """Take the money from the tranches and owe it to the shop; use up what proved the payer."""
    kpm_id, request = case.found.kpm_id, case.request
    if kpm_id is None:
        raise LookupError(request.purchase_id)  # approved without a payer: a fault
    for draw in decision.draws:
        ledger.spend(tx, kpm_id, draw, case.market.day)
    legs = purchase_postings(request.shop_id, decision.draws)
    ledger.post(tx, shard, request.purchase_id, legs, case.now)
    if case.found.token is not None:
        token_id = case.found.token.token_id
        proofs.use_token(tx, kpm_id, token_id, request.purchase_id, case.now)
    if case.checked.code_id is not None:
        proofs.use_code(tx, kpm_id, case.checked.code_id, case.now)
    outbox.add_event(
        tx, PURCHASE_APPROVED, request.purchase_id, kpm_id, request.purchase_id, case.now
    )


def _log_failed_proof(tx: Tx, case: _Case) -> None:
    """A proof that failed belongs to the exclusion meter, whatever the basket was."""
    if case.checked.proven:
        return
    attempts.add_attempt(
        tx,
        attempts.Attempt(
            attempt_id=case.request.purchase_id,
            shop_id=case.request.shop_id,
            till_id=case.request.till_id,
            staff_id=case.request.staff_id,
            kpm_id=case.found.kpm_id,
            method=case.found.method.value,
            outcome="FAILED",
            reason=case.checked.reasons[0].value,
            at=case.now,
        ),
    )


def _receipt(case: _Case, decision: Approved, number: str) -> Receipt:
    return Receipt(
        shop_name=case.shop.name,
        place=region_name(case.shop.region[:5]),
        number=number,
        at=case.local,
        zone=case.zone,
        method=METHOD_NAMES.get(case.found.method.value, case.found.method.value),
        lines=decision.lines,
        amount=decision.amount,
        balance_before=decision.balance_before,
        balance_after=decision.balance_after,
    )


def _row(case: _Case, stamp: Stamp, number: str, shard: int) -> purchases.PurchaseRow:
    request, decision = case.request, case.decision
    drift = abs(case.now - request.occurred_at) > CLOCK_DRIFT_FLAGGED
    approved = isinstance(decision, Approved)
    return purchases.PurchaseRow(
        shard=shard,
        purchase_id=request.purchase_id,
        kpm_id=case.found.kpm_id,
        person_id=case.found.person_id,
        shop_id=request.shop_id,
        till_id=request.till_id,
        staff_id=request.staff_id,
        region=case.shop.region,
        status=APPROVED if approved else DECLINED,
        reason=None if isinstance(decision, Approved) else decision.reason.value,
        method=case.found.method.value,
        amount=decision.amount,
        lines=[line_json(line) for line in decision.lines],
        flags=["CLOCK_DRIFT"] if drift else [],
        policy=stamp.policy,
        price_book=stamp.price_book,
        number=number,
        day=case.market.day,
        occurred_at=request.occurred_at,
        decided_at=case.now,
    )


def content_hash(request: PurchaseRequest, kpm_id: KpmId | None) -> bytes:
    """What makes two requests the same: till, time, lines and family; never PIN, code or token."""
    lines = [
        [line.sku, line.gtin, line.quantity_milli, line.unit_price, line.unit]
        for line in request.lines
    ]
    occurred_at = request.occurred_at.astimezone(UTC).isoformat()
    text = json.dumps([request.till_id, occurred_at, lines, kpm_id], separators=(",", ":"))
    return hashlib.sha256(text.encode()).digest()
