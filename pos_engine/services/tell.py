"""Tell a family something on every phone of hers, so that a stranger's act is seen."""

from pos_engine.engine import Engine
from pos_engine.services.family_keys import opener
from pos_engine.sms import Message
from pos_engine.store import families

PHONES_TOLD_MAX = 5


def tell_family(engine: Engine, kpm_id: str, text: str) -> bool:
    """False asks for another round. True also without a phone: that is a valid state."""
    with engine.database.read() as tx:
        phones = families.phones_of(tx, kpm_id)[:PHONES_TOLD_MAX]
        hers = opener(tx, engine, [kpm_id])
    try:
        for phone_id, _, sealed in phones:
            number = hers.open(kpm_id, sealed, phone_id)
            engine.sms.send(Message(number, text, engine.now(), kpm_id=kpm_id, phone_id=phone_id))
    except OSError:
        return False
    return True
