"""Phones that wait for their cool-down, and the numbers of the directory behind them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from pos_engine.rules.ids import KpmId, PersonId, shard_of
from pos_engine.store.database import Tx
from pos_engine.store.families import ACTIVE, Known, add_credential, find_credential
from pos_engine.store.schema import credential, phone

REPLACED = "REPLACED"
REFUSED = "REFUSED"  # meanwhile another family has the number


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone of a family; the number is sealed."""

    phone_id: str
    kpm_id: str
    person_id: str
    sealed: bytes


_COLUMNS = [phone.c[name] for name in Phone.__slots__]


def due_phones(tx: Tx, now: datetime, limit: int) -> Sequence[Phone]:
    """Numbers whose cool-down is over."""
    rows = tx.execute(
        select(*_COLUMNS)
        .where(phone.c.usable_from <= now)
        .order_by(phone.c.usable_from, phone.c.phone_id)
        .limit(limit)
    )
    return [Phone(*row) for row in rows]


def working_phones(tx: Tx, kpm_id: str) -> Sequence[Phone]:
    """Numbers of a family that are in force."""
    where = (phone.c.shard == shard_of(kpm_id)) & (phone.c.kpm_id == kpm_id)
    rows = tx.execute(select(*_COLUMNS).where(where, phone.c.status == ACTIVE))
    return [Phone(*row) for row in rows]


def set_status(tx: Tx, each: Phone, status: str) -> None:
    """What a phone is now; it no longer waits."""
    tx.execute(
        update(phone)
        .where(phone.c.shard == shard_of(each.kpm_id), phone.c.phone_id == each.phone_id)
        .values(status=status, usable_from=None)
    )


def forget_number(tx: Tx, kind: str, lookup: bytes) -> None:
    """A number leaves the directory; the phone's row stays as history."""
    tx.execute(
        delete(credential).where(credential.c.kind == kind, credential.c.lookup_hmac == lookup)
    )


def enter_number(tx: Tx, kind: str, lookup: bytes, each: Phone, now: datetime) -> bool:
    """Enter a number; False when another family has it meanwhile."""
    if find_credential(tx, kind, lookup) is not None:
        return False
    known = Known(KpmId(each.kpm_id), PersonId(each.person_id), each.phone_id)
    add_credential(tx, kind, lookup, known, now)
    return True
