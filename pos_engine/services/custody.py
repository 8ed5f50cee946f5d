"""Who keeps the money of a purchase: our own books, or a bank that must be asked to pay."""

from dataclasses import dataclass, replace

from catalog.bank_methods import BankMethod
from pos_engine.engine import Engine
from pos_engine.rules.bank import ENGINE, by_custodian
from pos_engine.rules.basket import JudgedLine, Market
from pos_engine.rules.decision import Approved, Declined, Facts, decide_judged
from pos_engine.rules.identity import Method
from pos_engine.rules.money import Rupiah
from pos_engine.rules.reasons import Reason
from pos_engine.services.bank_question import Shown
from pos_engine.services.batch_facts import Asked, BatchFacts
from pos_engine.services.payer import BankCardProof, CardProof
from pos_engine.store.bank_accounts import BankAccount
from pos_engine.wire.bank_answers import NOT_ASKED, method_not_taken

MONEY_REASONS = frozenset(
    {
        Reason.NOT_DISBURSED,
        Reason.TRANCHE_EXPIRED,
        Reason.TRANCHE_RETURNED,
        Reason.RESERVED_OFFLINE,
        Reason.INSUFFICIENT_BALANCE,
    }
)
HIDDEN = (
    "Uang di bank untuk program ini tidak cukup atau belum masuk.",
    "Kurangi barang, atau tanyakan saldo dengan kartu dan PIN.",
)
METHODS = {
    Method.KKS: BankMethod.OWN_CARD,
    Method.PHONE: BankMethod.PHONE,
    Method.FACE: BankMethod.FACE,
    Method.KTP: BankMethod.KTP,
    Method.QR: BankMethod.QR,
}
WAYS = {
    BankMethod.KKS: "kartu KKS dengan PIN",
    BankMethod.OWN_CARD: "kartu belanja dengan PIN",
    BankMethod.PHONE: "HP",
    BankMethod.FACE: "wajah",
    BankMethod.KTP: "KTP",
    BankMethod.QR: "kode QR",
}


@dataclass(frozen=True, slots=True, repr=False)
class Custody:
    """The bank that must pay an approved purchase, and what is shown to it."""

    bank: str
    account: BankAccount
    shown: Shown


Decided = tuple[Approved | Declined, Custody | None]


def decide_by_custodian(
    engine: Engine,
    facts: BatchFacts,
    asked: Asked,
    judged: tuple[JudgedLine, ...],
    known: Facts,
) -> Decided:
    """The decision on one custodian's money, and the bank when it is not our own.

    Whose money ends first is tried first; the first that can pay the whole basket pays it. When
    none can, the refusal is the first one's.
    """
    groups = by_custodian(known.tranches, known.market.day)
    card = asked.request.proof if isinstance(asked.request.proof, BankCardProof) else None
    lines = asked.request.lines
    if card is None and len(groups) == 1 and groups[0][0] == ENGINE:
        return decide_judged(lines, judged, known), None
    refused: Approved | Declined | None = None
    for custodian, money in groups:
        if card is not None and not _is_its_card(facts, asked, custodian):
            continue
        aside = known.reserved if custodian == ENGINE else 0  # of our own books alone
        own = replace(known, tranches=money, reserved=aside)
        decision = decide_judged(lines, judged, own)
        if custodian == ENGINE:
            found: Decided = (decision, None)
        else:
            found = _at_bank(engine, facts, asked, known.market, custodian, decision)
        if isinstance(found[0], Approved):
            return found
        refused = refused or found[0]
    if refused is None:  # a bank's card, and no money of her at that bank
        known = replace(known, standing=(*known.standing, Reason.CARD_UNKNOWN), proven=False)
        refused = decide_judged(lines, judged, known)
    return refused, None


def _is_its_card(facts: BatchFacts, asked: Asked, custodian: str) -> bool:
    """Is the card that was shown the one of her account at this bank."""
    account = _account(facts, asked, custodian)
    return account is not None and account.card_id == asked.found.reference


def _account(facts: BatchFacts, asked: Asked, bank: str) -> BankAccount | None:
    kpm_id = asked.found.kpm_id
    return facts.accounts.get((kpm_id, bank)) if kpm_id is not None else None


def _at_bank(
    engine: Engine,
    facts: BatchFacts,
    asked: Asked,
    market: Market,
    bank: str,
    decision: Approved | Declined,
) -> Decided:
    """A lawful purchase on a bank's money: may the bank be asked, and how."""
    if isinstance(decision, Declined):
        return (_hidden(decision) if _card_of(asked) else decision), None
    account = _account(facts, asked, bank)
    if account is None or engine.banks is None or not engine.banks.may_ask(bank):
        return _refused(decision, NOT_ASKED.reason, (NOT_ASKED.sentence, NOT_ASKED.next_step)), None
    method = BankMethod.KKS if _card_of(asked) else METHODS.get(asked.found.method)
    agreed = market.catalogue.bank_methods.find(bank, method, market.day) if method else None
    if agreed is None:
        taken = market.catalogue.bank_methods.taken_by(bank, market.day)
        told = method_not_taken(bank, tuple(WAYS[each] for each in taken))
        return _refused(decision, Reason.BANK_DECLINED, told), None
    return decision, Custody(bank, account, _shown(asked, agreed.method, agreed.entry))


def _card_of(asked: Asked) -> bool:
    return isinstance(asked.request.proof, BankCardProof)


def _hidden(decision: Declined) -> Declined:
    """Before the bank has checked the PIN nobody hears how much there is."""
    if decision.reason not in MONEY_REASONS:
        return replace(decision, approvable_amount=Rupiah(0), payable=Rupiah(0))
    return replace(
        decision,
        approvable_amount=Rupiah(0),
        payable=Rupiah(0),
        bound=None,
        message=HIDDEN[0],
        next_step=HIDDEN[1],
    )


def _refused(decision: Approved, reason: Reason, told: tuple[str, str]) -> Declined:
    return Declined(
        lines=decision.lines,
        amount=decision.amount,
        reason=reason,
        approvable_amount=Rupiah(0),
        payable=Rupiah(0),
        message=told[0],
        next_step=told[1],
    )


def _shown(asked: Asked, method: BankMethod, entry: str) -> Shown:
    proof, found = asked.request.proof, asked.found
    token = found.token
    evidence = token.token_id if token is not None else found.reference
    if isinstance(proof, BankCardProof):
        return Shown(proof.card, proof.pin_block, proof.ksn, method, entry, evidence)
    kind = "card" if isinstance(proof, CardProof) else found.method.value
    return Shown("", "", "", method, entry, f"{kind}:{evidence}")


def methods_at(engine: Engine, market: Market, custodian: str) -> tuple[str, ...]:
    """The ways of proving who pays that work for a custodian's money today."""
    if custodian == ENGINE:
        return tuple(each.value for each in BankMethod if each is not BankMethod.KKS)
    if engine.banks is None or custodian not in engine.banks.codes:
        return ()
    return tuple(
        each.value for each in market.catalogue.bank_methods.taken_by(custodian, market.day)
    )
