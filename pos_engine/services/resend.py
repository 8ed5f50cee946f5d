"""KODE by SMS: the code of a purchase that waits, once more, within the same bounds."""

from pos_engine.engine import Engine
from pos_engine.rules.phone_life import CODE_LIFE_MAX
from pos_engine.services.codes import Prepared, prepare_code
from pos_engine.store import open_codes, shops
from pos_engine.store.database import Tx
from pos_engine.store.families import Known
from pos_engine.wire.sms_answers import NO_PURCHASE_WAITS, TOO_MANY_CODES


def send_again(tx: Tx, engine: Engine, known: Known) -> tuple[Prepared | None, str]:
    """A new code for what a till asked for lately, or why there is none.

    A phone never makes a code of its own: shop, purchase and amount are what the till asked for.
    """
    now = engine.now()
    asked = open_codes.newest_asked(tx, known.kpm_id, now - CODE_LIFE_MAX)
    shop = shops.find_shop(tx, asked.shop_id) if asked else None
    if asked is None or shop is None:
        return None, NO_PURCHASE_WAITS
    bounds = (asked.purchase_id, asked.amount_max)
    sent = prepare_code(tx, engine, known.kpm_id, shop, bounds, now, known.reference)
    return sent, "" if sent else TOO_MANY_CODES
