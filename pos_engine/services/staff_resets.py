"""An officer lost her telephone: an ADMIN asks for a new beginning, a second person gives it."""

from dataclasses import dataclass
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.ids import parse_uuid7
from pos_engine.services.officers import same_person
from pos_engine.services.second_factor import give_setup_code, note
from pos_engine.services.sessions import FACTOR_ROLES, Role, Session
from pos_engine.store import session_bonds, shops, staff_factors, staff_resets
from pos_engine.store.database import Tx
from pos_engine.store.staff_factors import FactorEvent
from pos_engine.store.staff_resets import Officer, Reset

REASON_LENGTH_MAX = 200
SECOND = frozenset({Role.ADMIN, Role.KEMENSOS})  # whose second person may be


class ResetRefused(StrEnum):
    """Why nothing was done."""

    UNKNOWN = "UNKNOWN"  # no such officer, or no such wish
    DONE = "DONE"  # somebody was faster
    SAME_PERSON = "SAME_PERSON"  # two people are needed, and neither is the officer herself
    NO_REASON = "NO_REASON"
    ROLE = "ROLE"


@dataclass(frozen=True, slots=True, repr=False)
class NewBeginning:
    """Her factors are gone and she is logged out; the code is for her, shown once."""

    staff_id: str
    setup_code: str


@dataclass(frozen=True, slots=True)
class Desk:
    """The officers with their factors, and what waits for a second person."""

    officers: list[Officer]
    waiting: list[Reset]


def desk(engine: Engine) -> Desk:
    """What the page shows."""
    with engine.database.read() as tx:
        officers = staff_resets.officers(tx, [role.value for role in FACTOR_ROLES])
        return Desk(officers, staff_resets.waiting_resets(tx))


def ask_reset(
    engine: Engine, session: Session, reset_id: str, staff_id: str, reason: str
) -> ResetRefused | None:
    """An ADMIN asks that all factors of an officer go. The same id twice is once."""
    why = " ".join(reason.split())[:REASON_LENGTH_MAX]
    if session.role is not Role.ADMIN:
        return ResetRefused.ROLE
    if not why:
        return ResetRefused.NO_REASON

    def work(tx: Tx) -> ResetRefused | None:
        officer = shops.find_staff(tx, staff_id)
        if parse_uuid7(reset_id) is None or officer is None or officer.role not in FACTOR_ROLES:
            return ResetRefused.UNKNOWN
        if staff_resets.find_reset(tx, reset_id) is not None:
            return None
        now = engine.now()
        staff_resets.add_reset(tx, Reset(reset_id, staff_id, why, session.staff_id, now))
        note(engine, tx, staff_id, FactorEvent.RESET_ASKED, reset_id, session.staff_id)
        return None

    return engine.database.transact(work)


def approve_reset(engine: Engine, session: Session, reset_id: str) -> NewBeginning | ResetRefused:
    """A second person takes the factors away: her sessions end, and she gets a set-up code."""
    if session.role not in SECOND:
        return ResetRefused.ROLE

    def work(tx: Tx) -> NewBeginning | ResetRefused:
        asked = staff_resets.find_reset(tx, reset_id)
        if asked is None:
            return ResetRefused.UNKNOWN
        if asked.approved_at is not None:
            return ResetRefused.DONE
        by, officer = session.staff_id, asked.staff_id
        if same_person(tx, engine, asked.made_by, by) or same_person(tx, engine, officer, by):
            return ResetRefused.SAME_PERSON
        now = engine.now()
        staff_resets.approve_reset(tx, reset_id, by, now)
        staff_factors.remove_all(tx, officer, now)
        session_bonds.end_sessions_of(tx, officer, now)
        note(engine, tx, officer, FactorEvent.RESET_DONE, reset_id, by)
        return NewBeginning(officer, give_setup_code(engine, tx, officer, by))

    return engine.database.transact(work)
