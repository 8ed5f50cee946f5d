"""A provider says that a code was paid: honour it, or send it back and tell the family."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from pos_engine.engine import Engine
from pos_engine.rules.ids import KpmId, new_uuid7
from pos_engine.rules.money import Rupiah
from pos_engine.rules.qris import (
    NOTICE_LATE_MAX,
    BasketState,
    PayKind,
    QrisRefusal,
    merchant_fee,
)
from pos_engine.rules.reasons import Reason
from pos_engine.services import baskets as held
from pos_engine.services.answers import DECLINED
from pos_engine.services.confirm_basket import confirm_basket, proof_for
from pos_engine.services.kpm_code import KpmCode, read_code
from pos_engine.services.qris_notices import QRIS_REFUNDED
from pos_engine.services.snap_found import Answered, basket_named, merchant_named, mismatch, refused
from pos_engine.store import baskets, outbox, proofs, purchases
from pos_engine.store.baskets import HONOURED, REFUND, Basket, Notice
from pos_engine.store.database import Tx
from pos_engine.store.shop_applications import ShopQris
from pos_engine.store.snap_partners import Partner
from pos_engine.wire import snap
from pos_engine.wire.qris_build import purchase_of

log = structlog.get_logger()
PAID = "00"


@dataclass(frozen=True, slots=True, repr=False)
class Paid:
    """A provider's word: its number, our reference, the sum, when, and the KPM's code if any."""

    reference_no: str
    reference: str
    merchant: str
    amount: Rupiah
    paid_at: datetime
    status: str
    kpm_code: str | None


def notify(engine: Engine, partner: Partner, paid: Paid) -> Answered | snap.Case:
    """Honour a payment or send it back; the same number again is answered the same."""
    if paid.status != PAID:
        return Answered(snap.OK, {})  # a payment that did not happen moves nothing
    code = read_code(engine, paid.kpm_code) if paid.kpm_code is not None else None
    kind = PayKind.ORDINARY if paid.kpm_code is None else PayKind.AID
    with engine.database.read() as tx:
        given = merchant_named(tx, partner, paid.merchant)
        if given is None:
            return refused(partner, snap.MERCHANT_UNKNOWN)
        known = baskets.find_notice(tx, partner.partner_id, paid.reference_no)
    notice = _notice(engine, partner, given, paid, kind, code.kpm_id if code else None)
    if known is not None:
        return _again(known, notice)
    if kind is PayKind.ORDINARY:
        return _written(engine, notice, lambda tx: _ordinary_refusal(tx, engine, given, paid))
    reason = _aid_refusal(engine, given, paid, code)
    return _written(engine, notice, lambda _: reason)


def _again(known: Notice, notice: Notice) -> Answered | snap.Case:
    """The first answer for the same words."""
    told = replace(known, state="", reason=None, fee=0, at=notice.at)
    if told != replace(notice, state="", reason=None, fee=0):
        return snap.INCONSISTENT
    return _answer(known)


def _ordinary_refusal(tx: Tx, engine: Engine, given: ShopQris, paid: Paid) -> str | None:
    """Ordinary money is only recorded. With a basket's reference it must be that basket's sum."""
    if not paid.reference:
        return None  # the shop's static code
    basket = basket_named(tx, paid.reference)
    if isinstance(basket, QrisRefusal):
        return basket.value
    if (wrong := _payable(engine, basket, given, paid)) is not None:
        return wrong.value
    claim = purchases.find_claim(tx, basket.purchase_id)
    if held.aid_paid(tx, basket.purchase_id) or basket.taken == PayKind.ORDINARY:
        return QrisRefusal.PAID_ALREADY.value
    refused = PayKind.AID.value if claim is not None else None
    taken = baskets.take(tx, basket.purchase_id, PayKind.ORDINARY.value, instead=refused)
    return None if taken else QrisRefusal.PAID_ALREADY.value


def _aid_refusal(engine: Engine, given: ShopQris, paid: Paid, code: KpmCode | None) -> str | None:
    """Aid is debited here, through the one way in, by the code that the KPM showed."""
    if code is None:
        return Reason.PAYER_UNKNOWN.value
    with engine.database.read() as tx:
        basket = basket_named(tx, paid.reference)
    if isinstance(basket, QrisRefusal):
        return basket.value
    wrong = _payable(engine, basket, given, paid)
    if wrong is None and _paid_otherwise(engine, basket, code):
        wrong = QrisRefusal.PAID_ALREADY
    if wrong is not None:
        return wrong.value
    return _debited(engine, basket, paid, code)


def _debited(engine: Engine, basket: Basket, paid: Paid, code: KpmCode) -> str | None:
    """The debit, or why there is none. The code had to live when it was shown, not now."""
    if not code.alive_at(paid.paid_at):
        return Reason.PAYER_TOKEN_EXPIRED.value
    proof = proof_for(engine, basket, code.kpm_id, code.person_id, code.code_id)
    done = confirm_basket(engine, basket.purchase_id, proof, late=True)
    if isinstance(done, QrisRefusal):
        return done.value
    answer = done.answer
    return str(answer["reason"]) if answer["status"] == DECLINED else None


def _paid_otherwise(engine: Engine, basket: Basket, code: KpmCode) -> bool:
    """Was the basket paid by another code or under another number of a provider.

    The same code without a kept word is this very payment, told again after a fault.
    """
    with engine.database.read() as tx:
        if not held.aid_paid(tx, basket.purchase_id):
            return False
        by_this_code = proofs.token_used(tx, code.kpm_id, code.code_id)
        return not by_this_code or baskets.honoured(tx, basket.purchase_id)


def _payable(engine: Engine, basket: Basket, given: ShopQris, paid: Paid) -> QrisRefusal | None:
    """Was it this shop's basket, this sum, lawful when shown, and paid while it was shown."""
    if (wrong := mismatch(basket, given, paid.amount)) is not None:
        return wrong
    if basket.status == BasketState.DECLINED:
        return QrisRefusal.BASKET_NOT_LAWFUL
    in_time = basket.shown_at <= paid.paid_at <= basket.expires_at
    too_late = engine.now() - basket.shown_at > NOTICE_LATE_MAX
    return QrisRefusal.BASKET_EXPIRED if too_late or not in_time else None


def _notice(
    engine: Engine,
    partner: Partner,
    given: ShopQris,
    paid: Paid,
    kind: PayKind,
    kpm_id: KpmId | None,
) -> Notice:
    return Notice(
        partner_id=partner.partner_id,
        reference_no=paid.reference_no,
        purchase_id=purchase_of(paid.reference),
        shop_id=given.shop_id,
        kpm_id=kpm_id,
        kind=kind.value,
        state=HONOURED,
        reason=None,
        amount=paid.amount,
        fee=merchant_fee(paid.amount, given.criteria, kind),
        paid_at=paid.paid_at,
        at=engine.now(),
    )


def _written(
    engine: Engine, notice: Notice, refusal: Callable[[Tx], str | None]
) -> Answered | snap.Case:
    """Keep the word; a payment that goes back is told to the family in the same transaction."""

    def write(tx: Tx) -> Notice:
        rival = baskets.find_notice(tx, notice.partner_id, notice.reference_no)
        if rival is not None:
            return rival
        reason, word = refusal(tx), notice
        if reason is not None:
            word = replace(notice, state=REFUND, reason=reason, fee=0)
        baskets.add_notice(tx, word)
        if word.state == REFUND and word.kpm_id is not None:
            event_id, subject = new_uuid7(word.at), word.reference_no
            outbox.add_event(tx, QRIS_REFUNDED, event_id, word.kpm_id, subject, word.at)
        return word

    return _answer(engine.database.transact(write))


def _answer(notice: Notice) -> Answered | snap.Case:
    if notice.state == HONOURED:
        return Answered(snap.OK, {})
    case = _case(notice.reason or "")
    log.warning("snap.refund", partner=notice.partner_id, reason=notice.reason)
    return Answered(case, {"additionalInfo": {"action": REFUND, "reason": notice.reason}})


def _case(reason: str) -> snap.Case:
    if reason in QrisRefusal.__members__:
        return snap.REFUSALS[QrisRefusal(reason)]
    return snap.case_of(Reason(reason))
