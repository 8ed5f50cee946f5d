"""Cases of what looks wrong: read by officers, answered by the shop, closed by two people."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.anomaly_case import (
    Act,
    ActFacts,
    ActReason,
    CaseStatus,
    after,
)
from pos_engine.rules.enrolment import in_scope
from pos_engine.services.anomaly_stops import OFFICER, free
from pos_engine.services.sessions import Role, Session
from pos_engine.store import anomalies, shops
from pos_engine.store.anomalies import Case, Run, Step, Stop, Wanted
from pos_engine.store.database import Tx

READERS = frozenset({Role.DINSOS, Role.KEMENSOS, Role.AUDITOR})
DECIDERS = frozenset({Role.DINSOS, Role.KEMENSOS})  # an auditor reads
SHOP_SEES = (CaseStatus.ASKED, CaseStatus.EXPLAINED, CaseStatus.CONFIRMED, CaseStatus.CLOSED)


@dataclass(frozen=True, slots=True)
class Told:
    """A case with all that was done about it; `name` is the shop's, or the officer's."""

    case: Case
    name: str
    steps: Sequence[Step]
    stops: Sequence[Stop]


@dataclass(frozen=True, slots=True)
class Overview:
    """A list of cases, how many there are of each state, and the newest runs."""

    cases: Sequence[Case]
    names: dict[str, str]
    counts: dict[str, int]
    runs: Sequence[Run]


def overview(engine: Engine, wanted: Wanted) -> Overview:
    """Cases without their evidence, the strangest first."""
    with engine.database.read() as tx:
        cases = anomalies.listed(tx, wanted)
        counts, runs = anomalies.count_by_status(tx, wanted), anomalies.runs(tx)
        names = {each.subject_id: _name(tx, each) for each in cases}
    return Overview(cases, names, counts, runs)


def _name(tx: Tx, case: Case) -> str:
    if case.subject_kind == OFFICER:
        staff = shops.find_staff(tx, case.subject_id)
        return staff.name if staff else ""
    shop = shops.find_shop(tx, case.subject_id)
    return shop.name if shop else ""


def told(engine: Engine, session: Session, case_id: str) -> Told | None:
    """One case for an officer of its region; None for everybody else."""
    with engine.database.read() as tx:
        case = anomalies.find_case(tx, case_id)
        if case is None or session.role not in READERS:
            return None
        if not in_scope(session.region, case.region):
            return None
        steps, stops = anomalies.steps_of(tx, case_id), anomalies.stops_of(tx, case_id)
        return Told(case, _name(tx, case), steps, stops)


def asked_of_shop(engine: Engine, shop_id: str) -> list[tuple[Case, list[Step]]]:
    """What a shop was asked, with what it answered; never its score nor anybody else's case."""
    with engine.database.read() as tx:
        own = anomalies.listed(tx, Wanted(subject_id=shop_id, statuses=SHOP_SEES))
        return [(case, anomalies.steps_of(tx, case.case_id)) for case in own]


def act(
    engine: Engine, session: Session, case_id: str, act_id: str, what: Act, note: str
) -> Case | ActReason:
    """Do something with a case. The same act again changes nothing."""

    def work(tx: Tx) -> Case | ActReason:
        case = anomalies.find_case(tx, case_id, lock=True)
        if case is None or not _may_see(session, case):
            return ActReason.NOT_FOUND
        if not _may_do(session, what):
            return ActReason.ROLE_NOT_ALLOWED
        steps = anomalies.steps_of(tx, case_id)
        before = next((each for each in steps if each.act_id == act_id), None)
        if before is not None:
            same = (before.kind, before.made_by, before.note) == (
                what.value, session.staff_id, note.strip()
            )  # fmt: skip
            return case if same else ActReason.DUPLICATE_DIFFERENT
        return _do(tx, engine, session, case, steps, act_id, what, note)

    return engine.database.transact(work)


def _may_see(session: Session, case: Case) -> bool:
    if session.shop is not None:
        return case.subject_id == session.shop.shop_id and case.status in SHOP_SEES
    return session.role in READERS and in_scope(session.region, case.region)


def _may_do(session: Session, what: Act) -> bool:
    if what is Act.ANSWER:
        return session.role is Role.PEMILIK
    return session.role in DECIDERS


def _do(
    tx: Tx,
    engine: Engine,
    session: Session,
    case: Case,
    steps: Sequence[Step],
    act_id: str,
    what: Act,
    note: str,
) -> Case | ActReason:
    following = after(
        what,
        ActFacts(
            status=case.status,
            made_by=session.staff_id,
            note=note,
            about=case.subject_id if case.subject_kind == OFFICER else "",
            decided_by=_decided_by(steps),
            answers=sum(each.kind == Act.ANSWER.value for each in steps),
            one_is_enough=engine.is_demo(tx),
        ),
    )
    if isinstance(following, ActReason):
        return following
    new = Step(
        case_id=case.case_id,
        number=len(steps) + 1,
        act_id=act_id,
        kind=what.value,
        made_by=session.staff_id,
        role=session.role.value,
        note=note.strip(),
        content=content_of(case),
        made_at=engine.now(),
    )
    anomalies.add_step(tx, new, following)
    if following is CaseStatus.CLOSED and case.status is CaseStatus.EXPLAINED:
        free(tx, engine, case.case_id)
    return anomalies.find_case(tx, case.case_id) or case


def _decided_by(steps: Sequence[Step]) -> str | None:
    """Who explained or confirmed it last."""
    decided = (Act.EXPLAIN.value, Act.CONFIRM.value)
    return next((each.made_by for each in reversed(steps) if each.kind in decided), None)


def content_of(case: Case) -> str:
    """The hash of what was looked at: figures, sentence and rows."""
    seen = (
        case.case_id, case.counted, case.looked_at, case.value, case.bound, case.sentence,
        list(case.evidence),
    )  # fmt: skip
    text = json.dumps(seen, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
