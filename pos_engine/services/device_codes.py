"""One-time codes by which a shop's owner lets a device in: eight digits, ten minutes, one use."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.identity import TRIES_MAX
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.sessions import LoginRefusal, Session, check_pin_again
from pos_engine.store import devices
from pos_engine.store.database import Tx
from pos_engine.store.devices import DeviceCode

DEVICE_CODE_DIGITS = 8
FIRST_DIGITS = 4  # that find the code; the others prove it
DEVICE_CODE_LIFE = timedelta(minutes=10)
DEVICE_CODE = "DEVICE_CODE"


class CodeRefusal(StrEnum):
    """Why a code lets nobody in. Programs read it; people get a sentence."""

    CODE_WRONG = "CODE_WRONG"
    CODE_USED = "CODE_USED"


@dataclass(frozen=True, slots=True, repr=False)
class NewCode:
    """A code to be typed on the new device; shown once."""

    code: str
    expires_at: datetime


def make_code(engine: Engine, session: Session, pin: str) -> NewCode | LoginRefusal:
    """A code for the till of the owner's session, after her own PIN once more."""
    if session.shop is None or session.till_id is None:
        raise LookupError(session.session_id)  # an owner's session without a till: a fault
    refused = check_pin_again(engine, session.staff_id, pin)
    if refused is not None:
        return refused
    now = engine.now()
    code = f"{secrets.randbelow(10**DEVICE_CODE_DIGITS):0{DEVICE_CODE_DIGITS}d}"
    code_id = new_uuid7(now)
    made = DeviceCode(
        code_id=code_id,
        shop_id=session.shop.shop_id,
        till_id=session.till_id,
        first_hmac=_first(engine, code),
        code_hmac=engine.keys.code_verifier(code_id, code),
        tries_left=TRIES_MAX,
        made_by=session.staff_id,
        made_at=now,
        expires_at=now + DEVICE_CODE_LIFE,
        used_for=None,
        used_at=None,
    )
    with engine.database.begin() as tx:
        devices.add_code(tx, made)
    return NewCode(code, made.expires_at)


def use_code(tx: Tx, engine: Engine, code: str, device_id: str) -> DeviceCode | CodeRefusal:
    """Use a code up for a device. Whoever says it wrong spends a try of those that begin alike."""
    now = engine.now()
    alike = devices.codes_beginning(tx, _first(engine, code), now)
    living = [each for each in alike if each.tries_left > 0 and each.used_at is None]
    for each in living:
        if _says(engine, each, code):
            devices.use_code(tx, each, device_id, now)
            return each
    if any(each.used_at is not None and _says(engine, each, code) for each in alike):
        return CodeRefusal.CODE_USED
    for each in living:
        devices.take_try(tx, each)
    return CodeRefusal.CODE_WRONG


def _says(engine: Engine, kept: DeviceCode, code: str) -> bool:
    said = engine.keys.code_verifier(kept.code_id, code)
    return secrets.compare_digest(kept.code_hmac, said)


def _first(engine: Engine, code: str) -> bytes:
    return engine.keys.lookup(DEVICE_CODE, code[:FIRST_DIGITS])
