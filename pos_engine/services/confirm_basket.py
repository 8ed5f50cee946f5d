"""A KPM scans a shop's code, sees the basket, confirms: paid through the one way in."""

import json
from dataclasses import dataclass, replace
from typing import Any

from pos_engine.engine import Engine
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId
from pos_engine.rules.qris import BasketState, PayKind, QrisRefusal
from pos_engine.services.authorize import authorize
from pos_engine.services.baskets import aid_paid, lines_of, state_of
from pos_engine.services.payer import PayerProof, TokenProof
from pos_engine.services.purchase import NotDecided, PurchaseRequest
from pos_engine.services.tokens import new_payer_token, sign_payer_token
from pos_engine.store import baskets, purchases, shop_applications, shops, standing_people
from pos_engine.store.baskets import Basket
from pos_engine.store.database import Tx, UnavailableError
from pos_engine.wire.qris import parse
from pos_engine.wire.qris_build import purchase_of


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a person sees before she confirms: the shop as registered, and the basket."""

    shop: shops.Shop
    basket: Basket


@dataclass(frozen=True, slots=True)
class Confirmed:
    """The stored answer of the purchase: APPROVED, or DECLINED with its reason."""

    body: str

    @property
    def answer(self) -> dict[str, Any]:
        """The answer as a value."""
        value: dict[str, Any] = json.loads(self.body)
        return value


def scan(engine: Engine, payload: str) -> Scanned | QrisRefusal:
    """Read a shown code. A sticker whose NMID is not the shop's is refused before anything else."""
    code = parse(payload)
    if not code.valid or code.nmid is None:
        return QrisRefusal.CODE_BROKEN
    purchase_id = purchase_of(code.reference or "")
    with engine.database.read() as tx:
        given = shop_applications.find_by_nmid(tx, code.nmid)
        shop = shops.find_shop(tx, given.shop_id) if given else None
        if shop is None:
            return QrisRefusal.SHOP_UNKNOWN
        basket = baskets.find_basket(tx, purchase_id) if purchase_id else None
        if basket is None:
            return QrisRefusal.BASKET_UNKNOWN
        if basket.shop_id != shop.shop_id:
            return QrisRefusal.OTHER_SHOP
        if code.amount != basket.amount:
            return QrisRefusal.AMOUNT_DIFFERS
        refusal = not_payable(tx, engine, basket)
    return refusal or Scanned(shop, basket)


def not_payable(tx: Tx, engine: Engine, basket: Basket) -> QrisRefusal | None:
    """Why this basket cannot be paid now; None when it can."""
    match state_of(tx, engine, basket):
        case BasketState.DECLINED:
            return QrisRefusal.BASKET_NOT_LAWFUL
        case BasketState.PAID_AID | BasketState.PAID_ORDINARY:
            return QrisRefusal.PAID_ALREADY
        case BasketState.EXPIRED:
            return QrisRefusal.BASKET_EXPIRED
        case _:
            return None


def proof_for(
    engine: Engine, basket: Basket, kpm_id: KpmId, person_id: PersonId, code_id: str | None = None
) -> TokenProof:
    """The proof of a person who was proven, for this basket alone: its till, its id, its sum.

    With a `code_id` it is used up with that code, whoever presents it again.
    """
    token = new_payer_token(
        kpm_id,
        person_id,
        (basket.shop_id, basket.till_id),
        Method.QR,
        engine.now(),
        proven=True,
        bounds=(basket.purchase_id, basket.amount),
    )
    if code_id is not None:
        token = replace(token, token_id=code_id)
    return TokenProof(sign_payer_token(engine.keys, token))


def confirm_basket(
    engine: Engine, purchase_id: str, proof: PayerProof, *, late: bool = False
) -> Confirmed | QrisRefusal:
    """Pay a held basket with aid, once. The same family again gets the same answer.

    `late` lets an expired basket through: it was lawful when it was shown, and a provider says
    that it was paid in time.
    """
    with engine.database.read() as tx:
        basket = baskets.find_basket(tx, purchase_id)
        if basket is None:
            return QrisRefusal.BASKET_UNKNOWN
        answered = purchases.find_claim(tx, purchase_id) is not None
        refusal = None if answered else not_payable(tx, engine, basket)
        kin = standing_people.families_of_staff(tx, basket.staff_id)
    if refusal is not None and not (late and refusal is QrisRefusal.BASKET_EXPIRED):
        return refusal
    if not _take(engine, purchase_id):
        return QrisRefusal.PAID_ALREADY
    return _authorized(engine, basket, proof, frozenset(map(KpmId, kin)))


def _take(engine: Engine, purchase_id: str) -> bool:
    """Before the money, so that no other money can be taken for the same basket meanwhile."""
    return engine.database.transact(lambda tx: baskets.take(tx, purchase_id, PayKind.AID.value))


def _authorized(
    engine: Engine, basket: Basket, proof: PayerProof, kin: frozenset[KpmId]
) -> Confirmed | QrisRefusal:
    outcome = authorize(
        engine,
        PurchaseRequest(
            purchase_id=basket.purchase_id,
            shop_id=basket.shop_id,
            till_id=basket.till_id,
            staff_id=basket.staff_id,
            occurred_at=basket.shown_at,
            proof=proof,
            lines=lines_of(basket),
            shown_at=basket.shown_at,
            kin=kin,
        ),
    )
    if outcome is NotDecided.DUPLICATE_DIFFERENT:
        with engine.database.read() as tx:  # another family was here: it paid, or was refused
            paid = aid_paid(tx, basket.purchase_id)
        return QrisRefusal.PAID_ALREADY if paid else QrisRefusal.BASKET_EXPIRED
    if outcome is NotDecided.PENDING:  # a bank is being asked: the same question again tells
        raise UnavailableError
    if isinstance(outcome, NotDecided):  # the clock; nothing was decided
        return QrisRefusal.BASKET_EXPIRED
    return Confirmed(outcome.body)


def confirm_herself(
    engine: Engine, purchase_id: str, kpm_id: KpmId, person_id: PersonId
) -> Confirmed | QrisRefusal:
    """A KPM who proved herself on her own page says yes to a basket that she saw."""
    with engine.database.read() as tx:
        basket = baskets.find_basket(tx, purchase_id)
    if basket is None:
        return QrisRefusal.BASKET_UNKNOWN
    return confirm_basket(engine, purchase_id, proof_for(engine, basket, kpm_id, person_id))
