"""Decide about a proposed face: another officer approves or refuses, anyone may withdraw it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import (
    OPEN,
    ApprovalFacts,
    Decision,
    EnrolmentReason,
    Refusal,
    Status,
    effective_at,
    is_duplicate,
    may_approve,
    may_decide,
)
from pos_engine.services.enrolment_force import FACE_REPLACING, notify_family, put_in_force
from pos_engine.services.enrolment_look import visible
from pos_engine.services.proposal import Answered, step_of
from pos_engine.services.sessions import Role, Session
from pos_engine.store import enrolment_findings as log
from pos_engine.store import enrolments, face_locks, look_alikes, standing_people
from pos_engine.store.database import Tx
from pos_engine.store.enrolments import Enrolment

APPROVED_ONCE = frozenset({Status.APPROVED, Status.IN_FORCE, Status.REPLACED})


@dataclass(frozen=True, slots=True)
class Said:
    """What an officer says of one look-alike, and why."""

    decision: Decision
    note: str


@dataclass(frozen=True, slots=True)
class _Case:
    """An enrolment under the lock of its family."""

    tx: Tx
    engine: Engine
    session: Session
    row: Enrolment
    findings: list[log.Finding]

    def answered(self, row: Enrolment | None = None) -> Answered:
        """The enrolment as it stands now."""
        found = row or enrolments.find_enrolment(self.tx, self.row.enrolment_id) or self.row
        return Answered(found, log.findings_of(self.tx, found.enrolment_id))

    def facts(self) -> ApprovalFacts:
        """What the rule asks."""
        proposed_by, decided_by = self.row.proposed_by, self.session.staff_id
        one = standing_people.same_person(self.tx, proposed_by, decided_by)  # also by two accounts
        return ApprovalFacts(
            status=self.row.status,
            proposed_by=proposed_by,
            decided_by=proposed_by if one else decided_by,
            may_review=self.session.role is Role.DINSOS,
            findings=[each.number for each in self.findings],
        )


def approve(
    engine: Engine, session: Session, enrolment_id: str, said: Mapping[int, Said]
) -> Answered | Refusal:
    """Approve as a second person. Approving what is approved is the same answer."""
    return _decide(engine, session, enrolment_id, lambda case: _approve(case, said))


def refuse(engine: Engine, session: Session, enrolment_id: str, note: str) -> Answered | Refusal:
    """Refuse as a second person; only this change is held, and the template is destroyed."""
    return _decide(engine, session, enrolment_id, lambda case: _refuse(case, note))


def withdraw(engine: Engine, session: Session, enrolment_id: str, note: str) -> Answered | Refusal:
    """Take a proposal back, also in its cool-down; the template is destroyed."""
    return _decide(engine, session, enrolment_id, lambda case: _withdraw(case, note))


def _decide(
    engine: Engine,
    session: Session,
    enrolment_id: str,
    decide: Callable[[_Case], Answered | Refusal],
) -> Answered | Refusal:
    def work(tx: Tx) -> Answered | Refusal:
        before = visible(tx, session.region, enrolment_id)
        if before is None:
            return Refusal(EnrolmentReason.NOT_FOUND, "enrolment_id")
        enrolments.lock_family(tx, before.kpm_id)
        row = enrolments.find_enrolment(tx, enrolment_id) or before
        return decide(_Case(tx, engine, session, row, log.findings_of(tx, enrolment_id)))

    return engine.database.transact(work)


def _approve(case: _Case, said: Mapping[int, Said]) -> Answered | Refusal:
    tx, row = case.tx, case.row
    if row.status in APPROVED_ONCE or _decided_alike(case, EnrolmentReason.SAME_PERSON):
        return case.answered(row)
    decisions = {number: each.decision for number, each in said.items()}
    refusal = may_approve(case.facts(), decisions)
    if refusal is not None:
        return refusal
    for number, each in said.items():
        log.decide_finding(tx, row.enrolment_id, number, each.decision, each.note)
    if is_duplicate(decisions):
        return _end(case, Status.REFUSED, EnrolmentReason.SAME_PERSON)
    _flag_twins(case, decisions)
    return _approved(case)


def _flag_twins(case: _Case, decisions: Mapping[int, Decision]) -> None:
    ids = (case.row.enrolment_id, case.session.staff_id, case.engine.now())
    for finding in case.findings:
        if decisions[finding.number] is Decision.TWIN:
            look_alikes.flag(case.tx, case.row.person_id, finding.person_id, *ids)


def _approved(case: _Case) -> Answered:
    """A first face is in force at once. Whoever had one, or locked hers, waits and is told."""
    tx, row, now = case.tx, case.row, case.engine.now()
    locked = face_locks.newest_lock(tx, row.kpm_id, row.person_id) is not None
    replaces = locked or face_locks.had_a_face(tx, row.kpm_id, row.person_id)
    due = effective_at(now, replaces=replaces)
    decided = {"decided_by": case.session.staff_id, "decided_at": now, "effective_at": due}
    enrolments.set_status(tx, row.enrolment_id, Status.APPROVED, **decided)
    log.add_event(tx, step_of(case.session, row, Status.APPROVED.value, now))
    if replaces:
        notify_family(tx, FACE_REPLACING, row.kpm_id, row.enrolment_id, now)
    else:
        put_in_force(tx, row, now)
    return case.answered()


def _refuse(case: _Case, note: str) -> Answered | Refusal:
    if _decided_alike(case, EnrolmentReason.BY_OFFICER):
        return case.answered(case.row)
    refusal = may_decide(case.facts())
    return refusal or _end(case, Status.REFUSED, EnrolmentReason.BY_OFFICER, note)


def _withdraw(case: _Case, note: str) -> Answered | Refusal:
    if case.row.status is Status.WITHDRAWN:
        return case.answered(case.row)
    if case.row.status not in OPEN:
        return Refusal(EnrolmentReason.WRONG_STATUS)
    return _end(case, Status.WITHDRAWN, None, note)


def _decided_alike(case: _Case, reason: EnrolmentReason) -> bool:
    """Has this officer decided the same before: then it is the same answer."""
    row = case.row
    mine = row.decided_by == case.session.staff_id
    return row.status is Status.REFUSED and row.reason == reason and mine


def _end(
    case: _Case, status: Status, reason: EnrolmentReason | None, note: str | None = None
) -> Answered:
    """End it without a face in force; nothing of the picture is left."""
    row, now = replace(case.row, reason=reason.value if reason else None), case.engine.now()
    decided = {"decided_by": case.session.staff_id, "decided_at": now, "reason": row.reason}
    enrolments.set_status(case.tx, row.enrolment_id, status, sealed=None, **decided)
    log.add_event(case.tx, step_of(case.session, row, status.value, now, note))
    return case.answered()
