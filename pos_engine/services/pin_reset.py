"""A new PIN belanja by two factors: the card in her hand and a code on her phone."""

import secrets
from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.rules.card import WORKING, CardState
from pos_engine.rules.identity import PIN_DIGITS, TRIES_MAX
from pos_engine.rules.ids import ShopId, new_uuid7
from pos_engine.services.codes import (
    CODES_PER_WINDOW_MAX,
    SECONDS_PER_MINUTE,
    WINDOW,
    Prepared,
    send,
)
from pos_engine.services.install import Refused
from pos_engine.services.payer import CARD, check_code
from pos_engine.services.register import pin_refused, write_pin
from pos_engine.sms import Message
from pos_engine.store import families, proofs
from pos_engine.store.database import Tx
from pos_engine.store.families import Known
from pos_engine.wire.sms import pin_code_text

NO_SHOP = ShopId("PIN-RESET")  # such a code buys nowhere
NOT_PROVEN = Refused("code", "card and code do not belong together, or the code ran out")


def send_reset_code(engine: Engine, reset_id: str, card: str) -> bool:
    """Send a code to the phone of the card's family; False when there is none to send to."""
    prepared = engine.database.transact(lambda tx: _prepare(tx, engine, reset_id, card))
    return prepared is not None and send(engine, prepared)


def _owner(tx: Tx, engine: Engine, card: str) -> Known | None:
    """Whose working card this is; a lost or swallowed one proves nothing."""
    known = families.find_credential(tx, CARD, engine.keys.lookup(CARD, card))
    if known is None:
        return None
    status = families.card_status(tx, known.kpm_id, known.reference)
    works = status is not None and CardState(status) in WORKING
    return known if works and status != CardState.BLOCKED else None


def _prepare(tx: Tx, engine: Engine, reset_id: str, card: str) -> Prepared | None:
    known, now = _owner(tx, engine, card), engine.now()
    if known is None:
        return None
    phones = families.phones_of(tx, known.kpm_id)
    if not phones or proofs.count_codes_since(tx, known.kpm_id, now - WINDOW) >= (
        CODES_PER_WINDOW_MAX
    ):
        return None
    phone_id, person_id, sealed = phones[0]
    code_id = new_uuid7(now)
    code = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}d}"
    proofs.add_code(
        tx,
        proofs.OneTimeCode(
            code_id=code_id,
            kpm_id=known.kpm_id,
            person_id=person_id,
            shop_id=NO_SHOP,
            purchase_id=reset_id,
            amount_max=0,
            code_hmac=engine.keys.code_verifier(code_id, code),
            tries_left=TRIES_MAX,
            sent_at=now,
            expires_at=now + timedelta(seconds=engine.code_valid_s),
        ),
    )
    text = pin_code_text(code, max(engine.code_valid_s // SECONDS_PER_MINUTE, 1))
    return Prepared(Message(engine.keys.open_personal(sealed, phone_id), text, now))


def reset_pin(engine: Engine, reset_id: str, card: str, code: str, pin: str) -> Refused | None:
    """Set a new PIN; a wrong code spends a try, and neither factor alone is enough."""
    refused = pin_refused(pin)
    if refused is not None:
        return refused

    def work(tx: Tx) -> Refused | None:
        known, now = _owner(tx, engine, card), engine.now()
        if known is None:
            return NOT_PROVEN
        checked = check_code(tx, engine, known.kpm_id, NO_SHOP, reset_id, code, 0, now)
        if not checked.proven or checked.code_id is None:
            return NOT_PROVEN
        proofs.use_code(tx, known.kpm_id, checked.code_id, now)
        write_pin(tx, engine, known.kpm_id, pin)
        return None

    return engine.database.transact(work)
