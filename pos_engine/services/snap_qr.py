"""The QRIS calls of a provider: make a code, ask about it, pay by the customer's code."""

from dataclasses import dataclass

import structlog

from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.qris import (
    BasketState,
    QrisRefusal,
)
from pos_engine.rules.reasons import Reason
from pos_engine.services import baskets as held
from pos_engine.services.answers import DECLINED
from pos_engine.services.confirm_basket import Confirmed, confirm_basket, not_payable, proof_for
from pos_engine.services.kpm_code import read_code
from pos_engine.services.snap_found import Answered, basket_named, merchant_named, mismatch, refused
from pos_engine.store import purchases, shop_applications, shops
from pos_engine.store.baskets import Basket
from pos_engine.store.snap_partners import Partner
from pos_engine.wire import snap
from pos_engine.wire.qris_build import build
from pos_engine.wire.qris_cpm import parse_cpm

log = structlog.get_logger()
STATUS = {
    BasketState.OPEN: ("01", "Initiated"),
    BasketState.PAID_AID: ("00", "Success"),
    BasketState.PAID_ORDINARY: ("00", "Success"),
    BasketState.EXPIRED: ("05", "Canceled"),
    BasketState.DECLINED: ("06", "Failed"),
}


@dataclass(frozen=True, slots=True, repr=False)
class CpmAsked:
    """A provider read the customer's code and asks for the money of a held basket."""

    reference: str
    merchant: str
    amount: Rupiah
    fee: Rupiah
    content: str


def generate(
    engine: Engine, partner: Partner, reference: str, merchant: str, amount: Rupiah
) -> Answered | snap.Case:
    """The code of a held basket: the reference names it, and the sum must be its own."""
    with engine.database.read() as tx:
        given = merchant_named(tx, partner, merchant)
        if given is None:
            return snap.MERCHANT_UNKNOWN
        basket = basket_named(tx, reference)
        if isinstance(basket, QrisRefusal):
            return snap.REFUSALS[basket]
        if (wrong := mismatch(basket, given, amount)) is not None:
            return snap.REFUSALS[wrong]
        if (wrong := not_payable(tx, engine, basket)) is not None:
            return snap.REFUSALS[wrong]
        shop = shops.find_shop(tx, given.shop_id)
        card = held.merchant_of(tx, shop) if shop else None
    if card is None:
        return snap.MERCHANT_UNKNOWN
    return Answered(
        snap.OK,
        {
            "referenceNo": basket.purchase_id,
            "partnerReferenceNo": reference,
            "qrContent": build(card, amount=amount, reference=reference),
            "terminalId": basket.till_id,
        },
    )


def query(engine: Engine, partner: Partner, reference: str) -> Answered | snap.Case:
    """What became of a basket of one of the partner's shops."""
    with engine.database.read() as tx:
        basket = basket_named(tx, reference)
        if isinstance(basket, QrisRefusal):
            return snap.REFUSALS[basket]
        given = shop_applications.find_qris(tx, basket.shop_id)
        if given is None or given.partner_id != partner.partner_id:
            return snap.NOT_FOUND
        state = held.state_of(tx, engine, basket)
    code, words = STATUS[state]
    return Answered(
        snap.OK,
        {
            "originalReferenceNo": basket.purchase_id,
            "originalPartnerReferenceNo": reference,
            "serviceCode": snap.Service.GENERATE.value,
            "latestTransactionStatus": code,
            "transactionStatusDesc": words,
            "amount": snap.amount_json(basket.amount),
        },
    )


def pay_by_code(engine: Engine, partner: Partner, asked: CpmAsked) -> Answered | snap.Case:
    """Debit the family whose code was read, for a held basket, at once."""
    if asked.fee:
        return refused(partner, snap.FEE_REFUSED)
    text = _own_code(engine, asked.content, partner)
    if isinstance(text, snap.Case):
        return refused(partner, text)
    with engine.database.read() as tx:
        given = merchant_named(tx, partner, asked.merchant)
        basket = basket_named(tx, asked.reference)
    if given is None:
        return refused(partner, snap.MERCHANT_UNKNOWN)
    wrong = basket if isinstance(basket, QrisRefusal) else mismatch(basket, given, asked.amount)
    if wrong is not None or isinstance(basket, QrisRefusal):
        return refused(partner, snap.REFUSALS[wrong or QrisRefusal.BASKET_UNKNOWN])
    code = read_code(engine, text)
    if code is None or not (code.alive_at(engine.now()) or _repeats(engine, basket, code.kpm_id)):
        return refused(partner, snap.CODE_DEAD)
    proof = proof_for(engine, basket, code.kpm_id, code.person_id, code.code_id)
    return _cpm_answer(partner, asked, confirm_basket(engine, basket.purchase_id, proof))


def _own_code(engine: Engine, content: str, partner: Partner) -> str | snap.Case:
    """The KPM's signed code: bare (our own QR), or inside a licensed partner's CPM as 9F74."""
    if read_code(engine, content) is not None:
        return content
    cpm = parse_cpm(content)
    if not cpm.valid:
        return snap.REFUSALS[QrisRefusal.CODE_BROKEN]
    if partner.nns is None or cpm.nns != partner.nns:
        return snap.CPM_NOT_LICENSED
    return cpm.issuer_data or ""


def _repeats(engine: Engine, basket: Basket, kpm_id: KpmId) -> bool:
    """Is it the same family asking again about what was answered: an old code may ask that."""
    with engine.database.read() as tx:
        claim = purchases.find_claim(tx, basket.purchase_id)
    return claim is not None and claim.kpm_id == kpm_id


def _cpm_answer(
    partner: Partner, asked: CpmAsked, done: Confirmed | QrisRefusal
) -> Answered | snap.Case:
    if isinstance(done, QrisRefusal):
        return refused(partner, snap.REFUSALS[done])
    answer = done.answer
    body = {"referenceNo": answer["purchase_id"], "partnerReferenceNo": asked.reference}
    if answer["status"] == DECLINED:
        reason = Reason(answer["reason"])
        return Answered(snap.case_of(reason), {"additionalInfo": {"reason": reason.value}})
    return Answered(snap.OK, body | {"transactionDate": answer["decided_at"]})
