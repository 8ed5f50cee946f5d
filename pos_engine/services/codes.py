"""One-time codes: drawn, stored as keyed hashes, sent by SMS, never logged."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from pos_engine.engine import Engine
from pos_engine.rules.identity import PIN_DIGITS, TRIES_MAX
from pos_engine.rules.ids import KpmId, new_uuid7
from pos_engine.sms import Message
from pos_engine.store import families, proofs, shops
from pos_engine.store.database import Tx
from pos_engine.wire.sms import code_text

CODES_PER_WINDOW_MAX = 5
WINDOW = timedelta(minutes=10)
SECONDS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """A code that is written and still to be sent, after the commit."""

    message: Message


def prepare_code(
    tx: Tx, engine: Engine, kpm_id: KpmId, shop: shops.Shop, bounds: tuple[str, int], now: datetime
) -> Prepared | None:
    """Write a code for (purchase, amount); None without a phone or past the resend limit."""
    phones = families.phones_of(tx, kpm_id)
    if not phones or proofs.count_codes_since(tx, kpm_id, now - WINDOW) >= CODES_PER_WINDOW_MAX:
        return None
    phone_id, person_id, sealed = phones[0]
    purchase_id, amount_max = bounds
    code_id = new_uuid7(now)
    code = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    proofs.add_code(
        tx,
        proofs.OneTimeCode(
            code_id=code_id,
            kpm_id=kpm_id,
            person_id=person_id,
            shop_id=shop.shop_id,
            purchase_id=purchase_id,
            amount_max=amount_max,
            code_hmac=engine.keys.code_verifier(code_id, code),
            tries_left=TRIES_MAX,
            sent_at=now,
            expires_at=now + timedelta(seconds=engine.code_valid_s),
        ),
    )
    minutes = max(engine.code_valid_s // SECONDS_PER_MINUTE, 1)
    text = code_text(code, shop.name, amount_max, minutes)
    return Prepared(Message(engine.keys.open_personal(sealed, phone_id), text, now))


def send(engine: Engine, prepared: Prepared) -> bool:
    """Hand the code to the gateway; False when it cannot take it now."""
    try:
        engine.sms.send(prepared.message)
    except OSError:
        return False
    return True
