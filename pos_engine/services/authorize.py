"""Authorize a purchase: the one way in for every channel."""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace
from datetime import date

from pos_engine.engine import Engine
from pos_engine.rules.basket import judge_basket
from pos_engine.rules.decision import Approved, Declined, Facts
from pos_engine.rules.delegation import in_force
from pos_engine.rules.entitlement import thawed
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId
from pos_engine.rules.reasons import Reason
from pos_engine.services import authorize_split, bank_way
from pos_engine.services.bank_ask import ask_bank
from pos_engine.services.bank_question import BankQuestion
from pos_engine.services.batch_facts import Asked, BatchFacts, find_payers, read_facts
from pos_engine.services.custody import Custody, decide_by_custodian
from pos_engine.services.payer import (
    BankCardProof,
    CardProof,
    Checked,
    PhoneProof,
    QrProof,
    TokenProof,
    bank_card_checked,
    card_stopped,
    code_checked,
    nobody,
    pin_checked,
    token_checked,
)
from pos_engine.services.purchase import (
    PURCHASE_APPROVED,
    Answer,
    NotDecided,
    Outcome,
    PurchaseRequest,
    content_hash,
    market_at,
)
from pos_engine.services.record import Case, answer_of, case_of, write_cases
from pos_engine.services.tokens import DELEGATION
from pos_engine.store import families, shops
from pos_engine.store.database import Tx
from pos_engine.store.keyed import look_up_by_index
from pos_engine.wire.people import vouched_told


def authorize(engine: Engine, request: PurchaseRequest) -> Outcome:
    """Decide a purchase once. The same request again gives the same answer and debits nothing.

    It waits in the queue of the group commit; the answer comes after the commit that wrote it.
    """
    if engine.homes is not None:
        return authorize_split.authorize(engine, request, decide_at_home)
    if engine.banks is not None:
        return bank_way.wait(bank_way.submit(engine, request, decide_together))
    outcome: Outcome = engine.commits.ask(decide_together, engine, request)
    return outcome


def submit(engine: Engine, request: PurchaseRequest) -> "Future[Outcome]":
    """The same without waiting; cancelling gives up what no writer has taken yet."""
    if engine.homes is not None:
        return authorize_split.submit(engine, request, decide_at_home)
    if engine.banks is not None:
        return bank_way.submit(engine, request, decide_together)
    return engine.commits.put(decide_together, engine, request)


def decide_together(
    tx: Tx, engine: Engine, requests: Sequence[PurchaseRequest]
) -> list[Outcome | BankQuestion]:
    """Decide a batch in one transaction, in order, each seeing what those before it changed.

    What a bank must pay is put aside here; the question goes out after the commit.
    """
    batch = find_payers(tx, engine, requests)
    facts = read_facts(tx, engine, batch)
    cases: list[Case] = []
    outcomes: list[Outcome | BankQuestion] = [
        NotDecided.NO_SESSION
        if asked.request.session and asked.request.session.session_id not in facts.living
        else _decide_once(engine, facts, asked, cases)
        for asked in batch
    ]
    write_cases(tx, facts, cases)
    return outcomes


def decide_at_home(
    tx: Tx, engine: Engine, batch: Sequence[authorize_split.Known]
) -> list[Outcome | BankQuestion]:
    """Decide in the database of the families, by what the first database said of the rest."""
    look_up_by_index(tx)
    reference = authorize_split.reference_of(batch)
    facts = read_facts(tx, engine, [each.asked for each in batch], reference)
    authorize_split.add_sold_elsewhere(engine, tx, facts)
    cases: list[Case] = []
    outcomes = [_decide_once(engine, facts, each.asked, cases) for each in batch]
    write_cases(tx, facts, cases)
    return outcomes


def _decide_once(
    engine: Engine, facts: BatchFacts, asked: Asked, cases: list[Case]
) -> Outcome | BankQuestion:
    request = asked.request
    content = content_hash(request, asked.found.kpm_id)
    claim = facts.answered(request) or facts.opened.get(request.purchase_id)
    if claim is not None:
        same = claim.content == content and claim.shop_id == request.shop_id
        if not same:
            return NotDecided.DUPLICATE_DIFFERENT
        if claim.answer:
            return Answer(claim.answer)
        if engine.homes is None:  # with one database only a bank leaves an id without its answer
            return NotDecided.PENDING
    if facts.skewed(request):
        return NotDecided.CLOCK_SKEW
    case, custody = _decide(engine, facts, asked)
    if custody is not None:
        return ask_bank(engine, facts, case, custody, content)
    claim = case.claim = answer_of(case, content, engine.keys)
    facts.claims[request.purchase_id] = claim
    cases.append(case)
    return Answer(claim.answer)


def _decide(engine: Engine, facts: BatchFacts, asked: Asked) -> tuple[Case, Custody | None]:
    request, kpm_id = asked.request, asked.found.kpm_id
    shop = facts.shops.get(request.shop_id)
    if shop is None or facts.catalogue is None:
        raise LookupError(request.shop_id)  # a session without its shop: a fault
    market = market_at(engine, facts.catalogue, shop.region, request.shown_at or facts.now)
    judged = judge_basket(request.lines, market)
    checked = _check(engine, facts, asked, sum(line.total for line in judged))
    checked = _still_delegate(facts, asked, checked, market.day)
    tranches = facts.tranches.get(kpm_id, ()) if kpm_id is not None else ()
    if checked.proven:
        tranches = thawed(tranches)  # idle money that was put aside is hers again
    standing = (*_standing(facts, shop, kpm_id), *checked.reasons)
    used = facts.day_use.of(kpm_id, shop.shop_id, request.till_id, market.day)
    known = Facts(market, standing, checked.proven, tranches, used)
    decision, custody = decide_by_custodian(engine, facts, asked, judged, known)
    if isinstance(decision, Declined) and decision.reason is Reason.KPM_SUSPENDED:
        decision = replace(decision, next_step=facts.suspensions.get(kpm_id or KpmId(""), ""))
    if isinstance(decision, Declined) and decision.reason is Reason.STEP_UP_REQUIRED:
        decision = replace(decision, next_step=_vouched_for(asked))
    if isinstance(decision, Approved) and kpm_id is not None:
        facts.spend(kpm_id, decision.draws)
        facts.day_use.take(kpm_id, request, decision, market)
        if asked.found.token is not None:
            facts.used_tokens.add(asked.found.token.token_id)
    return case_of(request, asked.found, checked, shop, market, facts.now, decision), custody


def _vouched_for(asked: Asked) -> str:
    """What a basket above the vouched sum is told; empty for every other proof."""
    token = asked.found.token
    if token is None or token.method is not Method.SUPERVISED or token.amount_max is None:
        return ""
    return vouched_told(token.amount_max)


def _standing(facts: BatchFacts, shop: shops.Shop, kpm_id: KpmId | None) -> tuple[Reason, ...]:
    reasons = [] if shop.status == shops.ACTIVE else [Reason.SHOP_SUSPENDED]
    if kpm_id is not None:
        status = facts.family_states.get(kpm_id)
        if status is None:
            reasons.append(Reason.PAYER_UNKNOWN)
        elif status != families.ACTIVE:
            reasons.append(Reason.KPM_SUSPENDED)
    return tuple(reasons)


def _check(engine: Engine, facts: BatchFacts, asked: Asked, amount: int) -> Checked:
    """Check the proof against the locked facts; tries that it spends count for the next one."""
    request, found = asked.request, asked.found
    if found.kpm_id is None:
        return nobody(found)
    match request.proof:
        case CardProof(pin=pin):
            return _check_card(engine, facts, asked, found.kpm_id, pin)
        case BankCardProof():
            return bank_card_checked(facts.card_states.get(found.reference))
        case PhoneProof(code=code):
            codes = facts.codes_for(found.kpm_id, request)
            checked, tries = code_checked(engine, codes, code, amount, facts.now)
            facts.code_tries |= tries
            return checked
        case TokenProof() | QrProof():
            used = found.token is not None and found.token.token_id in facts.used_tokens
            return token_checked(found, request.purchase_id, amount, facts.now, used=used)


def _still_delegate(facts: BatchFacts, asked: Asked, checked: Checked, day: date) -> Checked:
    """A delegation that ended after the token was given buys nothing more."""
    token = asked.found.token
    if not checked.proven or token is None or token.method is not Method.DELEGATE:
        return checked
    known = facts.delegations.get(str(token.evidence.get(DELEGATION)))
    if known is not None and in_force(*known, day):
        return checked
    return Checked(proven=False, reasons=(Reason.DELEGATE_NOT_ALLOWED,))


def _check_card(
    engine: Engine, facts: BatchFacts, asked: Asked, kpm_id: KpmId, pin: str
) -> Checked:
    stopped = card_stopped(facts.card_states.get(asked.found.reference))
    if stopped is not None:
        return stopped
    verifier = engine.keys.pin_verifier(kpm_id, pin)
    checked, tries_left = pin_checked(facts.pins.get(kpm_id), verifier)
    facts.set_pin_tries(kpm_id, tries_left)
    return checked


__all__ = [
    "PURCHASE_APPROVED",
    "Answer",
    "NotDecided",
    "Outcome",
    "PurchaseRequest",
    "authorize",
    "content_hash",
    "market_at",
    "submit",
]
