"""The acquiring provider answers: a shop gets its national merchant id and sells by QRIS."""

from dataclasses import dataclass

from catalog.zones import region_name
from pos_engine.engine import Engine
from pos_engine.rules.enrolment import in_scope
from pos_engine.services.shop_onboarding import Actor, ShopProblem
from pos_engine.store import shop_applications, shops, snap_partners
from pos_engine.store.database import Tx
from pos_engine.store.shop_applications import ShopQris
from pos_engine.wire.qris import CRITERIA, NMID
from pos_engine.wire.qris_build import CITY_LENGTH_MAX, shown


@dataclass(frozen=True, slots=True)
class Merchant:
    """The provider's answer about a shop."""

    nmid: str
    domain: str
    mpan: str
    merchant_id: str
    criteria: str
    mcc: str
    postal_code: str
    partner_id: str
    city: str = ""


def give_nmid(
    engine: Engine, actor: Actor, shop_id: str, given: Merchant
) -> ShopQris | ShopProblem:
    """Write down what the acquiring provider answered: from now on the shop sells by QRIS."""
    if not NMID.fullmatch(given.nmid) or given.criteria not in CRITERIA:
        return ShopProblem.NMID_WRONG

    def write(tx: Tx) -> ShopQris | ShopProblem:
        shop = shops.find_shop(tx, shop_id)
        if shop is None or not in_scope(actor.region, shop.region):
            return ShopProblem.NOT_FOUND
        partner = snap_partners.find_partner(tx, given.partner_id)
        if partner is None or partner.status != snap_partners.ACTIVE:
            return ShopProblem.PARTNER_UNKNOWN
        known = shop_applications.find_qris(tx, shop_id)
        if known is not None and known.nmid == given.nmid:
            return known
        if known is not None or shop_applications.find_by_nmid(tx, given.nmid) is not None:
            return ShopProblem.NMID_TAKEN
        new = _row(engine, actor, shop, given)
        shop_applications.give_nmid(tx, new)
        return new

    return engine.database.transact(write)


def _row(engine: Engine, actor: Actor, shop: shops.Shop, given: Merchant) -> ShopQris:
    # fifteen letters: "Kabupaten Malang" does not fit
    regency = region_name(shop.region[:5]).replace("Kabupaten", "Kab.")
    city = shown(given.city or regency, CITY_LENGTH_MAX)
    return ShopQris(
        shop_id=shop.shop_id,
        nmid=given.nmid,
        domain=given.domain,
        mpan=given.mpan,
        merchant_id=given.merchant_id,
        criteria=given.criteria,
        mcc=given.mcc,
        city=city,
        postal_code=given.postal_code,
        partner_id=given.partner_id,
        given_by=actor.staff_id,
        given_at=engine.now(),
    )
