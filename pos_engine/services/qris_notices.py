"""Tell a family that a payment by code did not hold: her balance is as it was."""

from pos_engine.engine import Engine
from pos_engine.services.tell import tell_family
from pos_engine.store import baskets, shops
from pos_engine.store.outbox import Event
from pos_engine.wire.sms import qris_refund_text

QRIS_REFUNDED = "QRIS_REFUNDED"


def tell_about_refund(engine: Engine, event: Event, kpm_id: str) -> bool:
    """Send the notice to the family's phones; False asks for another round."""
    with engine.database.read() as tx:
        notice = baskets.refunded(tx, event.subject_id, kpm_id)
        shop = shops.find_shop(tx, notice.shop_id) if notice else None
    if notice is None or shop is None:
        return True
    return tell_family(engine, kpm_id, qris_refund_text(notice.amount, shop.name))
