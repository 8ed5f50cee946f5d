"""Hold a basket for a shown code: judged at once, bound to the code by its purchase id."""

import hashlib
import json
from dataclasses import asdict, dataclass

from pos_engine.engine import Engine
from pos_engine.rules.basket import JudgedLine, Line, judge_basket
from pos_engine.rules.ids import PurchaseId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.qris import BASKET_LIFE, QRIS_AMOUNT_MAX, BasketState, PayKind
from pos_engine.rules.reasons import Reason, first
from pos_engine.services.answers import APPROVED
from pos_engine.services.payer import Place
from pos_engine.services.purchase import NotDecided, market_at
from pos_engine.services.quote import basket_reason
from pos_engine.store import baskets, purchases, shop_applications, shops
from pos_engine.store.baskets import Basket
from pos_engine.store.database import Tx
from pos_engine.wire.qris_build import Merchant, build, reference_of


@dataclass(frozen=True, slots=True)
class Held:
    """A basket as it stands now, with the code to show while it is open and there is an NMID."""

    basket: Basket
    state: BasketState
    reference: str
    judged: tuple[JudgedLine, ...] = ()
    payload: str | None = None
    refused: Reason | None = None
    shop_name: str = ""


def hold(
    engine: Engine,
    shop: shops.Shop,
    place: Place,
    staff_id: str,
    purchase_id: PurchaseId,
    lines: tuple[Line, ...],
) -> Held | NotDecided:
    """Judge and hold. The same again is the same basket with its first expiry."""
    content = _content(place, lines)
    with engine.database.read() as tx:  # judged before the writer is asked for
        standing = shops.find_shop(tx, shop.shop_id) or shop
        market = market_at(engine, engine.catalogue(tx), shop.region, engine.now())
    judged = judge_basket(lines, market)
    new = _new(engine, place, staff_id, purchase_id, lines, judged, standing, content)

    def write(tx: Tx) -> Held | NotDecided:
        known = baskets.find_basket(tx, purchase_id)
        if known is not None:
            return _held(tx, engine, known) if known.content == content else DIFFERENT
        if purchases.find_claim(tx, purchase_id) is not None:
            return DIFFERENT
        baskets.add_basket(tx, new)
        return _held(tx, engine, new, judged)

    return engine.database.transact(write)


DIFFERENT = NotDecided.DUPLICATE_DIFFERENT


def _content(place: Place, lines: tuple[Line, ...]) -> bytes:
    text = json.dumps([place.shop_id, place.till_id, [asdict(line) for line in lines]])
    return hashlib.sha256(text.encode()).digest()


def _new(
    engine: Engine,
    place: Place,
    staff_id: str,
    purchase_id: PurchaseId,
    lines: tuple[Line, ...],
    judged: tuple[JudgedLine, ...],
    shop: shops.Shop,
    content: bytes,
) -> Basket:
    now = engine.now()
    amount = sum(line.total for line in judged)
    reason = _refused(shop, lines, judged, amount)
    return Basket(
        purchase_id=purchase_id,
        shop_id=place.shop_id,
        till_id=place.till_id,
        staff_id=staff_id,
        status=(BasketState.DECLINED if reason else BasketState.OPEN).value,
        reason=reason.value if reason else None,
        lines=[asdict(line) for line in lines],
        amount=amount,
        content=content,
        taken=None,
        shown_at=now,
        expires_at=now + BASKET_LIFE,
    )


def _refused(
    shop: shops.Shop, lines: tuple[Line, ...], judged: tuple[JudgedLine, ...], amount: int
) -> Reason | None:
    reasons = [line.reason for line in judged if line.reason is not None]
    if shop.status != shops.ACTIVE:
        reasons.append(Reason.SHOP_SUSPENDED)
    if (whole := basket_reason(lines)) is not None:
        reasons.append(whole)
    if amount > QRIS_AMOUNT_MAX:
        reasons.append(Reason.LIMIT_REACHED)
    return first(reasons)


def look(engine: Engine, purchase_id: str) -> Held | None:
    """A basket as it stands now."""
    with engine.database.read() as tx:
        found = baskets.find_basket(tx, purchase_id)
        return _held(tx, engine, found) if found else None


def state_of(tx: Tx, engine: Engine, basket: Basket) -> BasketState:
    """What became of a basket: by the purchase's answer, by notices, by the clock."""
    if basket.status == BasketState.DECLINED:
        return BasketState.DECLINED
    if aid_paid(tx, basket.purchase_id):
        return BasketState.PAID_AID
    if basket.taken == PayKind.ORDINARY:
        return BasketState.PAID_ORDINARY
    return BasketState.EXPIRED if engine.now() > basket.expires_at else BasketState.OPEN


def aid_paid(tx: Tx, purchase_id: str) -> bool:
    """Was this purchase approved, by whatever method."""
    claim = purchases.find_claim(tx, purchase_id)
    if claim is None or not claim.answer:  # none yet: a bank is being asked
        return False
    return bool(json.loads(claim.answer)["status"] == APPROVED)


def lines_of(basket: Basket) -> tuple[Line, ...]:
    """The lines as they were asked."""
    return tuple(
        Line(**{**each, "unit_price": Rupiah(each["unit_price"])}) for each in basket.lines
    )


def _held(
    tx: Tx, engine: Engine, basket: Basket, judged: tuple[JudgedLine, ...] | None = None
) -> Held:
    state = state_of(tx, engine, basket)
    shop = shops.find_shop(tx, basket.shop_id)
    if judged is None and shop is not None:
        market = market_at(engine, engine.catalogue(tx), shop.region, basket.shown_at)
        judged = judge_basket(lines_of(basket), market)
    reference = reference_of(basket.purchase_id)
    merchant = merchant_of(tx, shop) if shop and state is BasketState.OPEN else None
    payload = build(merchant, amount=basket.amount, reference=reference) if merchant else None
    refused = Reason(basket.reason) if basket.reason else None
    name = shop.name if shop else ""
    return Held(basket, state, reference, judged or (), payload, refused, name)


def merchant_of(tx: Tx, shop: shops.Shop) -> Merchant | None:
    """How the shop stands in a code; None while its NMID is awaited."""
    given = shop_applications.find_qris(tx, shop.shop_id)
    if given is None:
        return None
    return Merchant(
        domain=given.domain,
        mpan=given.mpan,
        merchant_id=given.merchant_id,
        criteria=given.criteria,
        nmid=given.nmid,
        mcc=given.mcc,
        name=shop.name,
        city=given.city,
        postal_code=given.postal_code,
    )
