"""Counts the wrong PINs and codes of staff, and locks for a while: by person, never by address."""

from collections.abc import Callable
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.lockout import STAFF_TRIES_MAX, Tries, lock_after, take_try
from pos_engine.services.second_factor import note
from pos_engine.store import shops, staff_locks
from pos_engine.store.database import Tx
from pos_engine.store.staff_factors import FactorEvent
from pos_engine.store.staff_locks import Locked


class NotProven(StrEnum):
    """Why a second factor was not taken."""

    WRONG = "FACTOR_WRONG"
    LOCKED = "FACTOR_LOCKED"


def judged(engine: Engine, tx: Tx, staff_id: str, right: Callable[[], bool]) -> NotProven | None:
    """Look at a proof of this officer's if she has a try left; the try is spent first."""
    after = take_try(staff_locks.find_tries(tx, staff_id, Locked.FACTOR), engine.now())
    if after is None:
        return NotProven.LOCKED
    if right():
        staff_locks.set_tries(tx, staff_id, Locked.FACTOR, Tries())
        return None
    staff_locks.set_tries(tx, staff_id, Locked.FACTOR, after)
    if after.until is not None:
        note(engine, tx, staff_id, FactorEvent.LOCKED, staff_id, staff_id)
    return NotProven.WRONG


def take_pin_try(engine: Engine, tx: Tx, staff_id: str) -> bool:
    """Spend one try of a PIN; False while it is locked. A lock ends by itself."""
    if shops.take_staff_try(tx, staff_id):
        return True
    now, tries = engine.now(), staff_locks.find_tries(tx, staff_id, Locked.PIN)
    if tries.until is None:  # it begins now, or was made when locks had no end
        locks = tries.locks + 1
        staff_locks.set_tries(tx, staff_id, Locked.PIN, Tries(0, locks, lock_after(locks, now)))
        return False
    if now < tries.until:
        return False
    staff_locks.set_tries(tx, staff_id, Locked.PIN, Tries(locks=tries.locks))
    shops.set_staff_tries(tx, staff_id, STAFF_TRIES_MAX - 1)
    return True


def give_pin_tries(tx: Tx, staff_id: str) -> None:
    """A right PIN: all tries are back, and the next lock is a short one."""
    shops.set_staff_tries(tx, staff_id, STAFF_TRIES_MAX)
    if staff_locks.find_tries(tx, staff_id, Locked.PIN) != Tries():
        staff_locks.set_tries(tx, staff_id, Locked.PIN, Tries())
