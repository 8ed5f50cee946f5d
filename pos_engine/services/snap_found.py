"""What the calls of a provider have in common: its shops, held baskets, an answer."""

from dataclasses import dataclass
from typing import Any

import structlog

from pos_engine.rules.ids import PurchaseId
from pos_engine.rules.money import Rupiah
from pos_engine.rules.qris import QrisRefusal
from pos_engine.store import baskets, shop_applications
from pos_engine.store.baskets import Basket
from pos_engine.store.database import Tx
from pos_engine.store.shop_applications import ShopQris
from pos_engine.store.snap_partners import Partner
from pos_engine.wire import snap
from pos_engine.wire.qris_build import purchase_of

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answered:
    """A case and what goes with it."""

    case: snap.Case
    body: dict[str, Any]


def merchant_named(tx: Tx, partner: Partner, merchant: str) -> ShopQris | None:
    """A shop by NMID; a partner speaks only for the shops that it gave one."""
    given = shop_applications.find_by_nmid(tx, merchant)
    return given if given is not None and given.partner_id == partner.partner_id else None


def basket_named(tx: Tx, reference: str) -> Basket | QrisRefusal:
    """The held basket of a reference."""
    purchase_id: PurchaseId | None = purchase_of(reference)
    found = baskets.find_basket(tx, purchase_id) if purchase_id else None
    return found or QrisRefusal.BASKET_UNKNOWN


def mismatch(basket: Basket, given: ShopQris, amount: Rupiah) -> QrisRefusal | None:
    """Is it another shop's basket, or another sum."""
    if basket.shop_id != given.shop_id:
        return QrisRefusal.OTHER_SHOP
    return QrisRefusal.AMOUNT_DIFFERS if basket.amount != amount else None


def refused(partner: Partner, case: snap.Case) -> snap.Case:
    """The case, with a line in the log that names nobody but the partner."""
    log.warning("snap.refused", partner=partner.partner_id, http=case.http, case=case.case)
    return case
