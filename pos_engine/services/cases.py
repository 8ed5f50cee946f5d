"""Cases of DINSOS: listed by region, closed with a note by somebody who did not make them."""

from collections.abc import Sequence
from dataclasses import replace

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import in_scope
from pos_engine.services.sessions import Session
from pos_engine.store import aid_cases, supervisions
from pos_engine.store.aid_cases import CLOSED, AidCase


def list_cases(engine: Engine, region: str | None, status: str, after: str) -> Sequence[AidCase]:
    """Cases of a region in a state, by id, after a cursor."""
    with engine.database.read() as tx:
        return aid_cases.listed(tx, region, status, after)


def close_case(engine: Engine, session: Session, case_id: str, note: str) -> AidCase | None:
    """Say what there was. Twice is once; None when not found, or when she vouched herself."""
    with engine.database.begin() as tx:
        case = aid_cases.find_case(tx, case_id, lock=True)
        if case is None or not in_scope(session.region, case.region):
            return None
        if case.status == CLOSED:
            return case
        made = (
            supervisions.find_supervision(tx, case.supervision_id) if case.supervision_id else None
        )
        if made is not None and session.staff_id in (made.asked_by, made.decided_by):
            return None
        now = engine.now()
        aid_cases.close_case(tx, case_id, session.staff_id, note, now)
    return replace(case, status=CLOSED, closed_by=session.staff_id, closed_at=now, note=note)
