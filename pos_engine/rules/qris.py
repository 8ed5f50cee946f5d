"""Rules of selling by QRIS: what it costs, what binds a basket, why one is not paid."""

from datetime import timedelta
from enum import StrEnum

from pos_engine.rules.money import Rupiah

QRIS_AMOUNT_MAX = Rupiah(10_000_000)  # PADG 24/1/2022, one transaction
BASKET_LIFE = timedelta(minutes=10)  # how long a shown code may be paid
# A provider's word may come late: the till's time of a purchase may be at most a day old, so
# after this a payment goes back.
NOTICE_LATE_MAX = timedelta(hours=23)
UMI_FREE_MAX = Rupiah(500_000)  # since 2024-12-01
_TEN_THOUSANDTHS = 10_000
_UMI_RATE, _OTHER_RATE = 30, 70  # 0,3 % and 0,7 %


class ShopState(StrEnum):
    """How far an application of a shop is."""

    APPLIED = "APPLIED"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"


class NmidState(StrEnum):
    """Has the acquiring provider answered with the national merchant id."""

    NMID_PENDING = "NMID_PENDING"
    NMID_GIVEN = "NMID_GIVEN"


class BasketState(StrEnum):
    """What a held basket is. OPEN and DECLINED are stored, the others follow from what was paid."""

    OPEN = "OPEN"
    DECLINED = "DECLINED"  # it was not lawful: no code was ever shown
    PAID_AID = "PAID_AID"
    PAID_ORDINARY = "PAID_ORDINARY"
    EXPIRED = "EXPIRED"


class PayKind(StrEnum):
    """Whose money a code was paid with."""

    AID = "AID"
    ORDINARY = "ORDINARY"


class QrisRefusal(StrEnum):
    """Why a shown code is not paid; no money moved."""

    CODE_BROKEN = "CODE_BROKEN"  # no QRIS: wrong check digits, cut, no merchant
    SHOP_UNKNOWN = "SHOP_UNKNOWN"  # nobody of ours has this NMID
    OTHER_SHOP = "OTHER_SHOP"  # the NMID of one shop on the reference of another: a forged sticker
    BASKET_UNKNOWN = "BASKET_UNKNOWN"
    BASKET_EXPIRED = "BASKET_EXPIRED"
    BASKET_NOT_LAWFUL = "BASKET_NOT_LAWFUL"
    AMOUNT_DIFFERS = "AMOUNT_DIFFERS"
    PAID_ALREADY = "PAID_ALREADY"
    NMID_PENDING = "NMID_PENDING"


def merchant_fee(amount: Rupiah, criteria: str, kind: PayKind) -> Rupiah:
    """The merchant discount in rupiah, rounded down; aid costs the shop nothing."""
    if kind is PayKind.AID or (criteria == "UMI" and amount <= UMI_FREE_MAX):
        return Rupiah(0)
    rate = _UMI_RATE if criteria == "UMI" else _OTHER_RATE
    return Rupiah(amount * rate // _TEN_THOUSANDTHS)
