"""A new PIN belanja by two factors: the card in her hand and a code on her phone."""

from pos_engine.engine import Engine
from pos_engine.rules.card import WORKING, CardState
from pos_engine.rules.ids import ShopId
from pos_engine.services.codes import Bounds, Prepared, send, write_code
from pos_engine.services.install import Refused
from pos_engine.services.payer import CARD, check_code
from pos_engine.services.phone_signs import trust_again
from pos_engine.services.register import births_of, pin_refused, write_pin
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
    return write_code(tx, engine, known.kpm_id, Bounds(NO_SHOP, reset_id), pin_code_text, now)


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
        refused = pin_refused(pin, births_of(tx, known.kpm_id))
        if refused is not None:
            return refused  # the code is still good for another PIN
        proofs.use_code(tx, known.kpm_id, checked.code_id, now)
        write_pin(tx, engine, known.kpm_id, pin)
        trust_again(tx, known.kpm_id, now)
        return None

    return engine.database.transact(work)
