"""A number that replaces another comes into force after its cool-down."""

from pos_engine.engine import Engine
from pos_engine.services.family_keys import open_sealed
from pos_engine.services.payer import PHONE
from pos_engine.services.registry_chunk import PHONE_WAITS
from pos_engine.store import families, phones
from pos_engine.store.database import Tx

ACTIVATED_AT_ONCE = 500


def activate_due_phones(engine: Engine) -> int:
    """Put the numbers in force whose time has come; the old ones stop. How many they were."""
    return engine.database.transact(lambda tx: _activate(tx, engine))


def _activate(tx: Tx, engine: Engine) -> int:
    due = phones.due_phones(tx, engine.now(), ACTIVATED_AT_ONCE)
    for each in due:
        number = open_sealed(tx, engine, each.kpm_id, each.sealed, each.phone_id)
        phones.forget_number(tx, PHONE_WAITS, engine.keys.lookup(PHONE_WAITS, number))
        for old in phones.working_phones(tx, each.kpm_id):
            before = open_sealed(tx, engine, each.kpm_id, old.sealed, old.phone_id)
            phones.forget_number(tx, PHONE, engine.keys.lookup(PHONE, before))
            phones.set_status(tx, old, phones.REPLACED)
        taken = phones.enter_number(
            tx, PHONE, engine.keys.lookup(PHONE, number), each, engine.now()
        )
        phones.set_status(tx, each, families.ACTIVE if taken else phones.REFUSED)
    return len(due)
