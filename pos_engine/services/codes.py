"""One-time codes: drawn, stored as keyed hashes, sent by SMS, never logged."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pos_engine.engine import Engine
from pos_engine.rules.identity import PIN_DIGITS, TRIES_MAX
from pos_engine.rules.ids import KpmId, PersonId, ShopId, new_uuid7
from pos_engine.rules.outgoing_text import Urgency
from pos_engine.rules.phone_life import code_end
from pos_engine.services.family_keys import open_sealed
from pos_engine.services.outgoing import put, queued, send_after_commit
from pos_engine.services.phone_signs import phone_for_code
from pos_engine.sms import Message
from pos_engine.store import proofs, shops
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
    tx: Tx,
    engine: Engine,
    kpm_id: KpmId,
    shop: shops.Shop,
    bounds: tuple[str, int],
    now: datetime,
    phone_id: str | None = None,
) -> Prepared | None:
    """Write a code for (purchase, amount); None without a phone or past the resend limit.

    It goes to `phone_id`, else to a phone of hers that is not silent.
    """
    purchase_id, amount_max = bounds

    def say(code: str, minutes: int) -> str:
        return code_text(code, shop.name, amount_max, minutes)

    good_for = Bounds(shop.shop_id, purchase_id, amount_max)
    return write_code(tx, engine, kpm_id, good_for, say, now, phone_id)


def write_code(
    tx: Tx,
    engine: Engine,
    kpm_id: KpmId,
    bounds: Bounds,
    say: Say,
    now: datetime,
    phone_id: str | None = None,
) -> Prepared | None:
    """Write a code within bounds; None without a phone or past the resend limit.

    `say` makes the message of the code and the minutes that it is valid. A queued code lives ten
    minutes until its delivery report starts its own time.
    """
    phone = phone_for_code(tx, kpm_id, now, phone_id)
    if phone is None or proofs.count_codes_since(tx, kpm_id, now - WINDOW) >= CODES_PER_WINDOW_MAX:
        return None
    chosen, person_id, sealed = phone
    code_id, valid = new_uuid7(now), timedelta(seconds=engine.code_valid_s)
    code = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    proofs.add_code(
        tx,
        proofs.OneTimeCode(
            code_id=code_id,
            kpm_id=kpm_id,
            person_id=PersonId(person_id),
            shop_id=bounds.shop_id,
            purchase_id=bounds.act_id,
            amount_max=bounds.amount_max,
            code_hmac=engine.keys.code_verifier(code_id, code),
            tries_left=TRIES_MAX,
            sent_at=now,
            expires_at=code_end(now, None if queued(engine) else now, valid),
        ),
    )
    text = say(code, max(engine.code_valid_s // SECONDS_PER_MINUTE, 1))
    message = Message(
        open_sealed(tx, engine, kpm_id, sealed, chosen),
        text,
        now,
        kpm_id=kpm_id,
        phone_id=chosen,
        code_id=code_id,
        urgency=Urgency.CODE,
    )
    put(tx, engine, [message])
    return Prepared(message)


def send(engine: Engine, prepared: Prepared) -> bool:
    """Hand the code over unless it was queued; False when the gateway cannot take it now."""
    return send_after_commit(engine, [prepared.message])
