"""Tell a family about money that came back, or that waits: on every phone of hers."""

from pos_engine.engine import Engine
from pos_engine.services.tell import tell_family
from pos_engine.store import idle, ledger, reversals, shops
from pos_engine.store.outbox import Event
from pos_engine.wire import sms

PURCHASE_VOIDED, PURCHASE_REVERSED = "PURCHASE_VOIDED", "PURCHASE_REVERSED"
MONEY_IDLE = "MONEY_IDLE"
RETURN_NOTICES = {PURCHASE_VOIDED: sms.BY_SHOP, PURCHASE_REVERSED: sms.BY_OFFICERS}


def tell_about_return(engine: Engine, event: Event, kpm_id: str) -> bool:
    """Send the notice of a void or a reversal; False asks for another round."""
    with engine.database.read() as tx:
        back = reversals.find_reversal(tx, event.shard, event.subject_id)
        shop = shops.find_shop(tx, back.shop_id) if back else None
        if back is None or shop is None:
            return True
        at = back.made_at.astimezone(engine.catalogue(tx).zones.time_zone_of(shop.region))
    by = RETURN_NOTICES[event.kind]
    text = sms.returned_text(back.amount, shop.name, at, back.balance_after, by)
    return tell_family(engine, kpm_id, text)


def tell_about_idle(engine: Engine, event: Event, kpm_id: str) -> bool:
    """Send the announcement of day 60 or 90; nothing when she bought or it left meanwhile."""
    with engine.database.read() as tx:
        notice = idle.find_notice(tx, event.shard, event.event_id)
        tranches = ledger.tranches_of(tx, kpm_id, lock=False)
    left = [each.left for each in tranches if notice and each.wallet_id == notice.wallet_id]
    if notice is None or not any(left):
        return True
    return tell_family(engine, kpm_id, sms.idle_text(left[0], notice.days))
