"""Decide a held credit: two officers say that the family is no double, or that it is one."""

from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.entitlement import Tranche, TrancheStatus
from pos_engine.rules.ids import shard_of
from pos_engine.rules.posting import taken_back_postings
from pos_engine.services.install import Refused
from pos_engine.store import ledger
from pos_engine.store import registry_holds as store
from pos_engine.store.database import Tx
from pos_engine.store.registry_holds import (
    DOUBLE,
    HELD,
    HOLDS_LISTED_MAX,
    RELEASED,
    WAITING,
    Hold,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """The first of two people said it; nothing has changed yet."""

    officer: str


def list_holds(engine: Engine) -> list[Hold]:
    """Families whose next credit waits, the oldest first."""
    with engine.database.read() as tx:
        return list(store.list_holds(tx, HOLDS_LISTED_MAX))


def release(engine: Engine, kpm_id: str, officer: str) -> Asked | Refused | None:
    """Say that the family is no double: what waits is hers, at the second officer's word."""
    return _decide(engine, kpm_id, officer, RELEASED)


def send_back(engine: Engine, kpm_id: str, officer: str) -> Asked | Refused | None:
    """Say that the family is a double: what waits goes back to its programme.

    Nothing that she may spend already is touched, and `release` by two officers corrects it.
    """
    return _decide(engine, kpm_id, officer, DOUBLE)


def _decide(engine: Engine, kpm_id: str, officer: str, decision: str) -> Asked | Refused | None:
    def work(tx: Tx) -> Asked | Refused | None:
        holds = store.holds_of(tx, [kpm_id])
        waiting = [each for each in holds if each.status in WAITING]
        if decision == DOUBLE and HELD not in {each.status for each in holds}:
            waiting = waiting if _held(tx, kpm_id) else []  # it was said; did more come since
        if not waiting and decision == RELEASED and _left_behind(tx, kpm_id, holds):
            ledger.release_held(tx, kpm_id)
            return None
        if not waiting:
            return Refused("family_id", f"{kpm_id} has no credit that waits")
        said = {(each.asked_by, each.asked_for or RELEASED) for each in waiting}
        first, wanted = said.pop()
        if said or first in {None, officer} or wanted != decision:
            store.ask(tx, kpm_id, officer, decision)
            return Asked(officer)
        store.decide(tx, kpm_id, officer, decision, engine.now())
        if decision == RELEASED:
            ledger.release_held(tx, kpm_id)
        else:
            _take_back(tx, engine, kpm_id)
        return None

    return engine.database.transact(work)


def _left_behind(tx: Tx, kpm_id: str, holds: list[Hold]) -> bool:
    """Was a credit written while two officers released the family: it is decided already."""
    if not holds or any(each.status != RELEASED for each in holds):
        return False
    return bool(_held(tx, kpm_id))


def _held(tx: Tx, kpm_id: str) -> list[Tranche]:
    tranches = ledger.tranches_of(tx, kpm_id, lock=True)
    return [each for each in tranches if each.status is TrancheStatus.HELD]


def _take_back(tx: Tx, engine: Engine, kpm_id: str) -> None:
    """Reversing entries, a movement for each tranche that waited."""
    held = _held(tx, kpm_id)
    ledger.close_held(tx, kpm_id)
    movements = [
        ledger.Movement(
            shard_of(kpm_id),
            f"{each.wallet_id}:double",
            taken_back_postings(each.wallet_id, each.left, each.programme, each.period),
            engine.now(),
        )
        for each in held
    ]
    ledger.post(tx, movements)
