"""What is known of a number: whether it is still hers, and whether she wants news."""

from collections.abc import Collection
from datetime import datetime

from pos_engine.rules.phone_life import silent, worth_noting
from pos_engine.store import families, phone_signs
from pos_engine.store.database import Tx


def is_silent(tx: Tx, kpm_id: str, phone_id: str, now: datetime) -> bool:
    """Was nothing heard of this phone for 90 days: it shows no balance and proves nobody alone."""
    sign = phone_signs.signs_of(tx, [(kpm_id, phone_id)]).get(phone_id)
    return sign is None or silent(sign.heard_at, now)


def heard_all(tx: Tx, phones: Collection[tuple[str, str]], now: datetime) -> None:
    """These phones gave a sign of life; one that was silent is not trusted again by it."""
    signs = phone_signs.signs_of(tx, phones).values()
    phone_signs.note_heard(tx, [each for each in signs if worth_noting(each.heard_at, now)], now)


def trust_again(tx: Tx, kpm_id: str, now: datetime) -> None:
    """A code reached her beside another proof: the phone that got it is hers."""
    chosen = phone_for_code(tx, kpm_id, now)
    if chosen is not None:
        signs = phone_signs.signs_of(tx, [(kpm_id, chosen[0])])
        phone_signs.note_heard(tx, list(signs.values()), now)


def phone_for_code(
    tx: Tx, kpm_id: str, now: datetime, asked: str | None = None
) -> tuple[str, str, bytes] | None:
    """Where a code goes: to the phone that was asked for, else to one that is not silent."""
    phones = families.phones_of(tx, kpm_id)
    if asked is not None:
        return next((each for each in phones if each[0] == asked), None)
    signs = phone_signs.signs_of(tx, [(kpm_id, each[0]) for each in phones])
    living = [each for each in phones if not silent(signs[each[0]].heard_at, now)]
    return next(iter(living or phones), None)


def set_stopped(tx: Tx, kpm_id: str, phone_id: str, stopped_at: datetime | None) -> None:
    """News of purchases end on this phone, or begin again (None)."""
    for sign in phone_signs.signs_of(tx, [(kpm_id, phone_id)]).values():
        phone_signs.note_stopped(tx, sign, stopped_at)
