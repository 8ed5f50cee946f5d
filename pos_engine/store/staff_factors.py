"""Second factors of officers: what they are, their set-up and recovery codes, their events."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Update, insert, select, update

from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind as Fact
from pos_engine.store.announce import announce
from pos_engine.store.database import Tx
from pos_engine.store.schema_staff_factors import (
    staff_event,
    staff_factor,
    staff_recovery,
    staff_setup,
    staff_ticket,
)

FACTORS_MAX = 8  # of one officer, those that are not removed


class FactorKind(StrEnum):
    """What a second factor is."""

    TOTP = "TOTP"  # six digits of an app that counts time (RFC 6238)
    PASSKEY = "PASSKEY"  # a key in a telephone, computer or stick (WebAuthn)


class FactorState(StrEnum):
    """How far a factor is."""

    WAITING = "WAITING"  # shown to its officer, not proven yet
    ACTIVE = "ACTIVE"
    REMOVED = "REMOVED"


class FactorEvent(StrEnum):
    """What became of the factors of an officer."""

    SETUP_CODE = "SETUP_CODE"  # a code to make the first one was given out
    ACTIVE = "ACTIVE"  # proven by its officer
    RECOVERY_USED = "RECOVERY_USED"
    RESET_ASKED = "RESET_ASKED"
    RESET_DONE = "RESET_DONE"  # by a second person: all factors are gone
    LOCKED = "LOCKED"  # too many wrong codes


@dataclass(frozen=True, slots=True, repr=False)
class Factor:
    """One factor. `sealed` is a TOTP's secret; a passkey has a credential, key and site."""

    staff_id: str
    factor_id: str
    kind: str
    state: str
    sealed: bytes | None
    credential: str | None
    public_key: bytes | None
    rp_id: str | None
    sign_count: int
    last_step: int
    made_at: datetime
    active_at: datetime | None = None
    removed_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Setup:
    """A set-up code as it is kept."""

    code_hmac: bytes
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


_FACTOR = [staff_factor.c[name] for name in Factor.__slots__]
_SETUP = [staff_setup.c[name] for name in Setup.__slots__]


def add_factor(tx: Tx, new: Factor) -> None:
    """Write a factor."""
    values = {name: getattr(new, name) for name in new.__slots__}
    tx.execute(insert(staff_factor).values(shard=shard_of(new.staff_id), **values))


def factors_of(tx: Tx, staff_id: str, *states: FactorState) -> list[Factor]:
    """The factors of an officer in these states, the oldest first."""
    query = select(*_FACTOR).where(
        staff_factor.c.shard == shard_of(staff_id),
        staff_factor.c.staff_id == staff_id,
        staff_factor.c.state.in_([each.value for each in states]),
    )
    rows = tx.execute(query.order_by(staff_factor.c.made_at, staff_factor.c.factor_id))
    return [Factor(*row) for row in rows]


def find_factor(tx: Tx, staff_id: str, factor_id: str) -> Factor | None:
    """One factor of an officer."""
    query = select(*_FACTOR).where(
        staff_factor.c.shard == shard_of(staff_id),
        staff_factor.c.staff_id == staff_id,
        staff_factor.c.factor_id == factor_id,
    )
    row = tx.execute(query).one_or_none()
    return Factor(*row) if row else None


def take_step(tx: Tx, factor: Factor, step: int) -> bool:
    """Use a TOTP code up: none of this moment or before works again; False when one did."""
    done = tx.execute(_one(factor).where(staff_factor.c.last_step < step).values(last_step=step))
    return done.rowcount == 1


def set_sign_count(tx: Tx, factor: Factor, count: int) -> None:
    """What a passkey counted when it was last used."""
    tx.execute(_one(factor).values(sign_count=count))


def activate(tx: Tx, factor: Factor, now: datetime) -> None:
    """Its officer has proven that she holds it."""
    tx.execute(_one(factor).values(state=FactorState.ACTIVE.value, active_at=now))


def remove_all(tx: Tx, staff_id: str, now: datetime) -> None:
    """Neither factor nor recovery code nor set-up code of this officer works any more."""
    shard = shard_of(staff_id)
    tx.execute(
        update(staff_factor)
        .where(
            staff_factor.c.shard == shard,
            staff_factor.c.staff_id == staff_id,
            staff_factor.c.state != FactorState.REMOVED.value,
        )
        .values(state=FactorState.REMOVED.value, removed_at=now)
    )
    end_recovery_codes(tx, staff_id, now)
    tx.execute(
        update(staff_setup)
        .where(
            staff_setup.c.shard == shard,
            staff_setup.c.staff_id == staff_id,
            staff_setup.c.used_at.is_(None),
        )
        .values(used_at=now)
    )


def _one(factor: Factor) -> Update:
    return update(staff_factor).where(
        staff_factor.c.shard == shard_of(factor.staff_id),
        staff_factor.c.staff_id == factor.staff_id,
        staff_factor.c.factor_id == factor.factor_id,
    )


def set_setup(tx: Tx, staff_id: str, new: Setup) -> None:
    """Give an officer a set-up code; the one before it works no more."""
    values: dict[str, Any] = {name: getattr(new, name) for name in new.__slots__}
    shard = shard_of(staff_id)
    done = tx.execute(
        update(staff_setup)
        .where(staff_setup.c.shard == shard, staff_setup.c.staff_id == staff_id)
        .values(**values)
    )
    if done.rowcount == 0:
        tx.execute(insert(staff_setup).values(shard=shard, staff_id=staff_id, **values))


def find_setup(tx: Tx, staff_id: str) -> Setup | None:
    """The newest set-up code of an officer, used or not."""
    query = select(*_SETUP).where(
        staff_setup.c.shard == shard_of(staff_id), staff_setup.c.staff_id == staff_id
    )
    row = tx.execute(query).one_or_none()
    return Setup(*row) if row else None


def use_setup(tx: Tx, staff_id: str, now: datetime) -> bool:
    """Use the set-up code up; False when somebody was faster."""
    done = tx.execute(
        update(staff_setup)
        .where(
            staff_setup.c.shard == shard_of(staff_id),
            staff_setup.c.staff_id == staff_id,
            staff_setup.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return done.rowcount == 1


def add_recovery_codes(tx: Tx, staff_id: str, hmacs: Sequence[bytes], now: datetime) -> None:
    """Fresh recovery codes; none of those before works any more."""
    end_recovery_codes(tx, staff_id, now)
    shard = shard_of(staff_id)
    rows = [
        {"shard": shard, "staff_id": staff_id, "code_hmac": each.hex(), "made_at": now}
        for each in hmacs
    ]
    tx.execute(insert(staff_recovery), rows)


def end_recovery_codes(tx: Tx, staff_id: str, now: datetime) -> None:
    """None of an officer's recovery codes works any more."""
    tx.execute(
        update(staff_recovery)
        .where(
            staff_recovery.c.shard == shard_of(staff_id),
            staff_recovery.c.staff_id == staff_id,
            staff_recovery.c.used_at.is_(None),
        )
        .values(used_at=now)
    )


def use_recovery_code(tx: Tx, staff_id: str, hmac: bytes, now: datetime) -> bool:
    """Use a recovery code up; False when it is none or was used."""
    done = tx.execute(
        update(staff_recovery)
        .where(
            staff_recovery.c.shard == shard_of(staff_id),
            staff_recovery.c.staff_id == staff_id,
            staff_recovery.c.code_hmac == hmac.hex(),
            staff_recovery.c.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return done.rowcount == 1


def use_ticket(tx: Tx, staff_id: str, ticket_id: str, now: datetime) -> bool:
    """Finish a log-in; False when it was finished before."""
    shard = shard_of(staff_id)
    query = select(staff_ticket.c.used_at).where(
        staff_ticket.c.shard == shard,
        staff_ticket.c.staff_id == staff_id,
        staff_ticket.c.ticket_id == ticket_id,
    )
    if tx.execute(query).first() is not None:
        return False
    tx.execute(
        insert(staff_ticket).values(
            shard=shard, staff_id=staff_id, ticket_id=ticket_id, used_at=now
        )
    )
    return True


def add_event(
    tx: Tx, event_id: str, staff_id: str, kind: FactorEvent, subject_id: str, by: str, now: datetime
) -> None:
    """Write what became of an officer's factors, for ever."""
    shard = shard_of(staff_id)
    tx.execute(
        insert(staff_event).values(
            shard=shard,
            event_id=event_id,
            staff_id=staff_id,
            kind=kind.value,
            subject_id=subject_id,
            by_id=by,
            at=now,
        )
    )
    announce(tx, Fact.STAFF_EVENT, [(shard, event_id)])
