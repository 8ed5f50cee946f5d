"""Tell a family that a payment by code did not hold: her balance is as it was."""

from pos_engine.engine import Engine
from pos_engine.services.face_notices import PHONES_TOLD_MAX
from pos_engine.sms import Message
from pos_engine.store import baskets, families, shops
from pos_engine.store.outbox import Event
from pos_engine.wire.sms import qris_refund_text

QRIS_REFUNDED = "QRIS_REFUNDED"


def tell_about_refund(engine: Engine, event: Event, kpm_id: str) -> bool:
    """Send the notice to the family's phones; False asks for another round."""
    with engine.database.read() as tx:
        notice = baskets.refunded(tx, event.subject_id, kpm_id)
        shop = shops.find_shop(tx, notice.shop_id) if notice else None
        phones = families.phones_of(tx, kpm_id)[:PHONES_TOLD_MAX]
    if notice is None or shop is None:
        return True
    text = qris_refund_text(notice.amount, shop.name)
    try:
        for phone_id, _, sealed in phones:
            number = engine.keys.open_personal(sealed, phone_id)
            engine.sms.send(Message(number, text, engine.now()))
    except OSError:
        return False
    return True
