"""Write what a batch decided: claims, purchases, money, notices, used proofs; each set at once."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from msgspec import Struct

from catalog.zones import region_name
from pos_engine.keys import Keys
from pos_engine.rules.basket import Market
from pos_engine.rules.decision import Approved, Declined
from pos_engine.rules.entitlement import Draw
from pos_engine.rules.ids import KpmId, WalletId, shard_of
from pos_engine.rules.money import Rupiah
from pos_engine.rules.posting import purchase_postings
from pos_engine.rules.receipt import Receipt, receipt_number
from pos_engine.services.answers import (
    APPROVED,
    DECLINED,
    Stamp,
    approved_answer,
    declined_answer,
    lines_json,
)
from pos_engine.services.bank_question import BankAsk
from pos_engine.services.batch_facts import BatchFacts
from pos_engine.services.payer import Checked, Found
from pos_engine.services.purchase import CLOCK_DRIFT_FLAGGED, PURCHASE_APPROVED, PurchaseRequest
from pos_engine.store import (
    attempts,
    bank_calls,
    claims,
    hold_sets,
    ledger,
    limit_use,
    outbox,
    proofs,
    purchases,
    shops,
)
from pos_engine.store.database import Tx
from pos_engine.store.driver import JsonText, one_trip

NO_FLAGS = JsonText("[]")
METHOD_NAMES = {
    "KKS": "KKS + PIN belanja",
    "PHONE": "HP + kode",
    "FACE": "Wajah + bukti kedua",
    "KTP": "KTP + bukti kedua",
    "QR": "Kode QR dari HP",
    "DELEGATE": "Wakil keluarga",
    "SUPERVISED": "Didampingi dua petugas",
}


class Case(Struct):
    """Everything that was read and decided for one purchase."""

    request: PurchaseRequest
    found: Found
    checked: Checked
    shop: shops.Shop
    market: Market
    now: datetime
    decision: Approved | Declined
    local: datetime  # the same moment by the shop's clock
    number: str  # of the receipt
    shard: int  # where it lives: with its family, or by itself when nobody was found
    lines: bytes  # of the decision, as JSON
    claim: purchases.Claim | None = None
    aside: tuple[str, int] | None = None  # which allowance of its own device it drew, how much


def case_of(
    request: PurchaseRequest,
    found: Found,
    checked: Checked,
    shop: shops.Shop,
    market: Market,
    now: datetime,
    decision: Approved | Declined,
    lines: bytes | None = None,
) -> Case:
    """The case with what follows from its facts; `lines` where their JSON is known already."""
    local = now.astimezone(market.catalogue.zones.time_zone_of(shop.region))
    return Case(
        request,
        found,
        checked,
        shop,
        market,
        now,
        decision,
        local=local,
        number=receipt_number(shop.region, local, request.purchase_id),
        shard=shard_of(found.kpm_id or request.purchase_id),
        lines=lines_json(decision.lines) if lines is None else lines,
    )


def answer_of(case: Case, content: bytes, keys: Keys) -> purchases.Claim:
    """The claim with the answer as it will be stored and repeated."""
    market, decision = case.market, case.decision
    stamp = Stamp(case.request.purchase_id, market.policy.id, market.catalogue.version, case.local)
    if isinstance(decision, Approved):
        receipt = _receipt(case, decision)
        answer = approved_answer(stamp, decision, receipt, case.lines, keys, case.aside)
    else:
        answer = declined_answer(stamp, decision, case.lines, case.found.method)
    return purchases.Claim(
        purchase_id=case.request.purchase_id,
        content=content,
        home_shard=case.shard,
        kpm_id=case.found.kpm_id,
        shop_id=case.request.shop_id,
        answer=answer,
    )


def write_cases(tx: Tx, facts: BatchFacts, cases: Sequence[Case]) -> None:
    """Write all of a batch, or nothing: a row that does not fit any more aborts the transaction."""
    made = [each.claim for each in cases if each.claim]
    told = [each for each in made if each.purchase_id in facts.opened]
    fresh = [each for each in made if each.purchase_id not in facts.opened]
    rows, debits = [row_of(each) for each in cases], [d for each in cases if (d := _debit(each))]
    failed = [_failed(each) for each in cases if not each.checked.proven]
    facts.reserves.write(tx, facts.now)
    with one_trip(tx):
        claims.finish(tx, told)
        purchases.record(tx, fresh, rows)
        ledger.thaw(tx, facts.thawing)
        _write_money(tx, facts.now, debits)
        attempts.add_attempts(tx, failed)
        proofs.set_pin_tries(tx, facts.pin_tries)
        proofs.set_code_tries(tx, facts.code_tries)
        limit_use.add_uses(tx, facts.day_use.uses)
        if facts.bank_asks:
            _put_aside(tx, facts.now, facts.bank_asks)


def _put_aside(tx: Tx, now: datetime, asks: Sequence[BankAsk]) -> None:
    """Before banks are asked: the ids are taken, the money lies apart, the proofs are used up."""
    claims.add_open(tx, [each.claim for each in asks])
    hold_sets.add_holds(tx, [each.aside for each in asks])
    bank_calls.add_calls(tx, [each.question.call for each in asks])
    tokens = [
        proofs.TokenUse(each.aside.kpm_id, each.token_id, each.aside.hold_id)
        for each in asks
        if each.token_id is not None
    ]
    proofs.use_tokens(tx, tokens, now)
    codes = [(each.aside.kpm_id, each.code_id) for each in asks if each.code_id is not None]
    proofs.use_codes(tx, codes, now)


@dataclass(frozen=True, slots=True)
class _Debit:
    """An approved purchase: whose money goes."""

    kpm_id: KpmId
    case: Case
    draws: tuple[Draw, ...]


def _debit(case: Case) -> _Debit | None:
    if not isinstance(case.decision, Approved):
        return None
    if case.found.kpm_id is None:
        raise LookupError(case.request.purchase_id)  # approved without a payer: a fault
    return _Debit(case.found.kpm_id, case, case.decision.draws)


def _write_money(tx: Tx, now: datetime, debits: Sequence[_Debit]) -> None:
    """Take the money from the tranches and owe it to the shops; use up what proved the payers."""
    ledger.spend(tx, _spendings(debits))
    ledger.post(tx, [_movement(each) for each in debits])
    proofs.use_tokens(
        tx,
        [
            proofs.TokenUse(each.kpm_id, token.token_id, each.case.request.purchase_id)
            for each in debits
            if (token := each.case.found.token) is not None
        ],
        now,
    )
    codes = [(each.kpm_id, code) for each in debits if (code := each.case.checked.code_id)]
    proofs.use_codes(tx, codes, now)
    outbox.add_events(tx, [_event(each) for each in debits], now)


def _spendings(debits: Sequence[_Debit]) -> list[ledger.Spending]:
    """One debit a tranche, whatever the number of purchases, on the latest of their days."""
    amounts: defaultdict[tuple[KpmId, WalletId], int] = defaultdict(int)
    days: dict[tuple[KpmId, WalletId], date] = {}
    for debit in debits:
        day = debit.case.market.day
        for each in debit.draws:
            key = (debit.kpm_id, each.wallet_id)
            amounts[key] += each.amount
            days[key] = max(day, days.get(key, day))
    return [
        ledger.Spending(kpm_id, Draw(wallet_id, Rupiah(amount)), days[kpm_id, wallet_id])
        for (kpm_id, wallet_id), amount in amounts.items()
    ]


def _movement(debit: _Debit) -> ledger.Movement:
    request = debit.case.request
    legs = purchase_postings(request.shop_id, debit.draws)
    return ledger.Movement(debit.case.shard, request.purchase_id, legs, debit.case.now)


def _event(debit: _Debit) -> outbox.Event:
    purchase_id = debit.case.request.purchase_id
    shard = debit.case.shard
    return outbox.Event(shard, purchase_id, PURCHASE_APPROVED, debit.kpm_id, purchase_id, 0)


def _failed(case: Case) -> attempts.Attempt:
    """A proof that failed belongs to the exclusion meter, whatever the basket was."""
    return attempts.Attempt(
        attempt_id=case.request.purchase_id,
        shop_id=case.request.shop_id,
        till_id=case.request.till_id,
        staff_id=case.request.staff_id,
        kpm_id=case.found.kpm_id,
        method=case.found.method.value,
        outcome="FAILED",
        reason=case.checked.reasons[0].value,
        at=case.now,
    )


def _receipt(case: Case, decision: Approved) -> Receipt:
    return Receipt(
        shop_name=case.shop.name,
        place=region_name(case.shop.region[:5]),
        number=case.number,
        at=case.local,
        zone=case.market.catalogue.zones.time_zone_name(case.shop.region),
        method=METHOD_NAMES.get(case.found.method.value, case.found.method.value),
        lines=decision.lines,
        amount=decision.amount,
        balance_before=decision.balance_before,
        balance_after=decision.balance_after,
        balances=decision.balances,
    )


def row_of(case: Case) -> purchases.PurchaseRow:
    """The row as the ministry sees it."""
    request, decision = case.request, case.decision
    drift = abs(case.now - request.occurred_at) > CLOCK_DRIFT_FLAGGED
    return purchases.PurchaseRow(
        shard=case.shard,
        purchase_id=request.purchase_id,
        kpm_id=case.found.kpm_id,
        person_id=case.found.person_id,
        shop_id=request.shop_id,
        till_id=request.till_id,
        staff_id=request.staff_id,
        region=case.shop.region,
        status=APPROVED if isinstance(decision, Approved) else DECLINED,
        reason=None if isinstance(decision, Approved) else decision.reason.value,
        method=case.found.method.value,
        amount=decision.amount,
        lines=JsonText(case.lines, "utf-8"),
        flags=_flags(decision, drift=drift),
        policy=case.market.policy.id,
        price_book=case.market.catalogue.version,
        number=case.number,
        day=case.market.day,
        occurred_at=request.occurred_at,
        decided_at=case.now,
    )


def _flags(decision: Approved | Declined, *, drift: bool) -> JsonText:
    told = decision.flags if isinstance(decision, Approved) else ()
    flags = (*(("CLOCK_DRIFT",) if drift else ()), *told)
    return JsonText(json.dumps(flags)) if flags else NO_FLAGS
