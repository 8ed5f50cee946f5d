"""One-time codes: drawn, stored as keyed hashes, sent by SMS, never logged."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pos_engine.engine import Engine
from pos_engine.rules.identity import PIN_DIGITS, TRIES_MAX
from pos_engine.rules.ids import KpmId, ShopId, new_uuid7
from pos_engine.sms import Message
from pos_engine.store import families, proofs, shops
from pos_engine.store.database import Tx
from pos_engine.wire.sms import code_text

CODES_PER_WINDOW_MAX = 5
WINDOW = timedelta(minutes=10)
SECONDS_PER_MINUTE = 60
Say = Callable[[str, int], str]


@dataclass(frozen=True, slots=True, repr=False)
class Prepared:
    """A code that is written and still to be sent, after the commit."""

    message: Message


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a code is good for: one act at one shop, for at most so many rupiah."""

    shop_id: ShopId
    act_id: str
    amount_max: int = 0


def prepare_code(
    tx: Tx, engine: Engine, kpm_id: KpmId, shop: shops.Shop, bounds: tuple[str, int], now: datetime
) -> Prepared | None:
    """Write a code for (purchase, amount); None without a phone or past the resend limit."""
    purchase_id, amount_max = bounds

    def say(code: str, minutes: int) -> str:
        return code_text(code, shop.name, amount_max, minutes)

    return write_code(tx, engine, kpm_id, Bounds(shop.shop_id, purchase_id, amount_max), say, now)


def write_code(
    tx: Tx, engine: Engine, kpm_id: KpmId, bounds: Bounds, say: Say, now: datetime
) -> Prepared | None:
    """Write a code within bounds; None without a phone or past the resend limit.

    `say` makes the message of the code and the minutes that it is valid.
    """
    phones = families.phones_of(tx, kpm_id)
    if not phones or proofs.count_codes_since(tx, kpm_id, now - WINDOW) >= CODES_PER_WINDOW_MAX:
        return None
    phone_id, person_id, sealed = phones[0]
    code_id = new_uuid7(now)
    code = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    proofs.add_code(
        tx,
        proofs.OneTimeCode(
            code_id=code_id,
            kpm_id=kpm_id,
            person_id=person_id,
            shop_id=bounds.shop_id,
            purchase_id=bounds.act_id,
            amount_max=bounds.amount_max,
            code_hmac=engine.keys.code_verifier(code_id, code),
            tries_left=TRIES_MAX,
            sent_at=now,
            expires_at=now + timedelta(seconds=engine.code_valid_s),
        ),
    )
    text = say(code, max(engine.code_valid_s // SECONDS_PER_MINUTE, 1))
    return Prepared(Message(engine.keys.open_personal(sealed, phone_id), text, now))


def send(engine: Engine, prepared: Prepared) -> bool:
    """Hand the code to the gateway; False when it cannot take it now."""
    try:
        engine.sms.send(prepared.message)
    except OSError:
        return False
    return True
