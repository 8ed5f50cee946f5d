"""The code that a shop shows: static for its wall, dynamic for one sum or one held basket."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import in_scope
from pos_engine.rules.qris import QrisRefusal
from pos_engine.services.baskets import merchant_of
from pos_engine.services.confirm_basket import not_payable
from pos_engine.store import baskets, shops
from pos_engine.store.database import Tx
from pos_engine.wire.qris_build import Merchant, build, purchase_of


@dataclass(frozen=True, slots=True)
class ShopCode:
    """The payload and whose it is."""

    merchant: Merchant
    payload: str


def code_of(
    engine: Engine, shop_id: str, region: str | None, amount: int | None, reference: str | None
) -> ShopCode | QrisRefusal | None:
    """A shop's code; None without such a shop in the region.

    With a reference the sum is that of its basket, which must be open and this shop's.
    """
    with engine.database.read() as tx:
        shop = shops.find_shop(tx, shop_id)
        if shop is None or not in_scope(region, shop.region):
            return None
        merchant = merchant_of(tx, shop)
        if merchant is None:
            return QrisRefusal.NMID_PENDING
        wrong = reference and _wrong_basket(tx, engine, shop_id, amount, reference)
    if isinstance(wrong, QrisRefusal):
        return wrong
    return ShopCode(merchant, build(merchant, amount=amount, reference=reference))


def _wrong_basket(
    tx: Tx, engine: Engine, shop_id: str, amount: int | None, reference: str
) -> QrisRefusal | None:
    purchase_id = purchase_of(reference)
    basket = baskets.find_basket(tx, purchase_id) if purchase_id else None
    if basket is None or basket.shop_id != shop_id:
        return QrisRefusal.BASKET_UNKNOWN
    if basket.amount != amount:
        return QrisRefusal.AMOUNT_DIFFERS
    return not_payable(tx, engine, basket)
