"""Authorize a purchase: the one way in for every channel."""

from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import replace
from datetime import date

from pos_engine.engine import Engine
from pos_engine.rules.allowances import without_reserve
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
from pos_engine.services.near_sellers import Opener, with_sellers
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
from pos_engine.store.allowances import Living
from pos_engine.store.database import Tx
from pos_engine.store.keyed import look_up_by_index
from pos_engine.wire.offline_words import reserved_told
from pos_engine.wire.people import OWN_FAMILY, vouched_told


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
        else _decide_once(engine, facts, asked, cases, lambda: nullcontext(tx))
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
    first = (engine.reference or engine.database).read  # shops stand there
    outcomes = [_decide_once(engine, facts, each.asked, cases, first) for each in batch]
    write_cases(tx, facts, cases)
    return outcomes


def _decide_once(
    engine: Engine, facts: BatchFacts, asked: Asked, cases: list[Case], shops_tx: Opener
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
    case, custody = _decide(engine, facts, asked, shops_tx)
    if custody is not None:
        return ask_bank(engine, facts, case, custody, content)
    claim = case.claim = answer_of(case, content, engine.keys)
    facts.claims[request.purchase_id] = claim
    cases.append(case)
    return Answer(claim.answer)


def _decide(
    engine: Engine, facts: BatchFacts, asked: Asked, shops_tx: Opener
) -> tuple[Case, Custody | None]:
    request, kpm_id = asked.request, asked.found.kpm_id
    shop = facts.shops.get(request.shop_id)
    if shop is None or facts.catalogue is None:
        raise LookupError(request.shop_id)  # a session without its shop: a fault
    market = market_at(engine, facts.catalogue, shop.region, request.shown_at or facts.now)
    judged = judge_basket(request.lines, market)
    checked = _check(engine, facts, asked, sum(line.total for line in judged))
    checked = _not_herself(asked, _still_delegate(facts, asked, checked, market.day))
    tranches = facts.tranches.get(kpm_id, ()) if kpm_id is not None else ()
    own, elsewhere = _aside(facts, asked, checked)
    if checked.proven:
        tranches = thawed(tranches)  # idle money that was put aside is hers again
    if own is not None:
        tranches = without_reserve(tranches, own.draws)  # this device draws it first
    standing = (*_standing(facts, shop, kpm_id), *checked.reasons)
    used = facts.day_use.of(kpm_id, shop.shop_id, request.till_id, market.day)
    reserved = elsewhere.remaining if elsewhere else 0
    known = Facts(market, standing, checked.proven, tranches, used, reserved)
    decision, custody = decide_by_custodian(engine, facts, asked, judged, known)
    if isinstance(decision, Declined):
        decision = _told(facts, asked, decision, elsewhere)
        if decision.reason is Reason.PRICE_ABOVE_CEILING:
            decision = with_sellers(engine, shops_tx, decision, market, shop.shop_id)
    aside: tuple[str, int] | None = None
    if isinstance(decision, Approved) and kpm_id is not None:
        if own is not None and custody is None:
            drawn = facts.reserves.draw(own, facts.tranches[kpm_id], decision.draws)
            facts.tranches[kpm_id] = drawn
            aside = (own.allowance_id, own.remaining - facts.reserves.living[kpm_id].remaining)
        facts.spend(kpm_id, decision.draws)
        facts.day_use.take(kpm_id, request, decision, market)
        if asked.found.token is not None:
            facts.used_tokens.add(asked.found.token.token_id)
    case = case_of(request, asked.found, checked, shop, market, facts.now, decision)
    case.aside = aside
    return case, custody


def _told(
    facts: BatchFacts, asked: Asked, decision: Declined, elsewhere: Living | None
) -> Declined:
    """What a refusal says instead of its reason's own words, when more is known."""
    match decision.reason:
        case Reason.KPM_SUSPENDED:
            kpm_id = asked.found.kpm_id or KpmId("")
            return replace(decision, next_step=facts.suspensions.get(kpm_id, ""))
        case Reason.STEP_UP_REQUIRED:
            return replace(decision, next_step=_vouched_for(asked))
        case Reason.DELEGATE_NOT_ALLOWED if asked.request.by_own_family(asked.found.kpm_id):
            return replace(decision, message=OWN_FAMILY[0], next_step=OWN_FAMILY[1])
        case Reason.RESERVED_OFFLINE if elsewhere is not None:
            told = reserved_told(elsewhere.remaining, elsewhere.shop_name, elsewhere.last_day)
            return replace(decision, message=told[0], next_step=told[1])
    return decision


def _not_herself(asked: Asked, checked: Checked) -> Checked:
    """Whoever serves does not serve her own family, whatever was proven."""
    if not asked.request.by_own_family(asked.found.kpm_id):
        return checked
    reasons = (*checked.reasons, Reason.DELEGATE_NOT_ALLOWED)
    return replace(checked, proven=False, reasons=reasons)


def _aside(
    facts: BatchFacts, asked: Asked, checked: Checked
) -> tuple[Living | None, Living | None]:
    """Money that a proven family put aside for this device, or for another one."""
    kpm_id, session = asked.found.kpm_id, asked.request.session
    if kpm_id is None or not checked.proven:
        return None, None
    reserves = facts.reserves
    return reserves.of_device(kpm_id, session), reserves.elsewhere(kpm_id, session)


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
