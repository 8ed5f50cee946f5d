"""Propose a face: consent, a factor of the KPM, pictures, look-alikes; nothing is in force yet."""

from dataclasses import dataclass
from datetime import date

import structlog

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import (
    OPEN,
    EnrolmentReason,
    ProposalFacts,
    Refusal,
    in_scope,
    may_propose,
)
from pos_engine.rules.ids import KpmId, new_uuid7
from pos_engine.services.consents import note_face_consent
from pos_engine.services.enrolment_factor import check_factor
from pos_engine.services.enrolment_search import Searched, search_look_alikes
from pos_engine.services.faces import Unreadable, one_template
from pos_engine.services.proposal import (
    Answered,
    Proposal,
    content_hash,
    declined,
    judged,
    step_of,
)
from pos_engine.services.sessions import Session
from pos_engine.store import enrolment_findings as log
from pos_engine.store import enrolments, families, proofs, shops, templates
from pos_engine.store.database import Tx
from pos_engine.store.enrolments import Enrolment

STOPPED = "STOPPED"
TWO_PEOPLE = ("NOT_SAME_PERSON", "TWO_FACES")
logger = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Case:
    """What was read before the pictures are opened."""

    region: str  # the family's
    birth_date: date | None
    day: date
    version: int
    already_open: bool


def propose(engine: Engine, session: Session, proposal: Proposal) -> Answered | Refusal:
    """Write a proposal, or say why not. The same id with the same content is the same answer.

    Only what is written is final: after any other refusal the same id may be sent again.
    Raises `UnavailableError` when the face workers or the matcher have no room.
    """
    case = _read(engine, session, proposal)
    if isinstance(case, Answered):
        return case
    if isinstance(case, Refusal):
        return _stopped(engine, session, proposal, case)
    if not proposal.consent.given:
        return _write(engine, session, declined(engine, session, proposal, case.region))
    refusal = may_propose(_facts(engine, session, proposal, case))
    if refusal is not None:
        return _stopped(engine, session, proposal, refusal)
    return _with_pictures(engine, session, proposal, case)


def _read(engine: Engine, session: Session, proposal: Proposal) -> _Case | Answered | Refusal:
    """The facts of the family, or the stored answer when this id is known."""
    with engine.database.read() as tx:
        if (stored := enrolments.find_enrolment(tx, proposal.enrolment_id)) is not None:
            return _stored(tx, session, stored, content_hash(proposal))
        family = families.find_family(tx, proposal.kpm_id)
        if family is None or not in_scope(session.region, family.region):
            return Refusal(EnrolmentReason.NOT_FOUND, "kpm_id")
        persons = families.persons_of(tx, proposal.kpm_id)
        person = next((each for each in persons if each.person_id == proposal.person_id), None)
        if person is None:
            return Refusal(EnrolmentReason.NOT_FOUND, "person_id")
        if proposal.shop_id is not None and shops.find_shop(tx, proposal.shop_id) is None:
            return Refusal(EnrolmentReason.NOT_FOUND, "place.shop_id")
        return _Case(
            region=family.region,
            birth_date=person.birth_date,
            day=engine.catalogue(tx).zones.local_day(proposal.region, engine.now()),
            version=templates.next_version(tx, proposal.kpm_id, proposal.person_id),
            already_open=_other_open(tx, proposal.person_id, proposal.enrolment_id),
        )


def _other_open(tx: Tx, person_id: str, enrolment_id: str) -> bool:
    return any(each.enrolment_id != enrolment_id for each in enrolments.of_person(tx, person_id))


def _stored(tx: Tx, session: Session, stored: Enrolment, content: bytes) -> Answered | Refusal:
    if not in_scope(session.region, stored.region) or stored.content != content:
        return Refusal(EnrolmentReason.DUPLICATE_DIFFERENT, "enrolment_id")
    return Answered(stored, log.findings_of(tx, stored.enrolment_id))


def _facts(engine: Engine, session: Session, proposal: Proposal, case: _Case) -> ProposalFacts:
    return ProposalFacts(
        faces_on=engine.faces is not None and engine.matcher is not None,
        birth_date=case.birth_date,
        day=case.day,
        place_in_scope=in_scope(session.region, proposal.region),
        pictures=len(proposal.images),
        started_at=proposal.started_at,
        finished_at=proposal.finished_at,
        now=engine.now(),
        already_open=case.already_open,
    )


def _with_pictures(
    engine: Engine, session: Session, proposal: Proposal, case: _Case
) -> Answered | Refusal:
    """Her factor first: no picture is compared with the nation before she agreed to it."""
    matcher = engine.matcher
    if matcher is None:  # the rule has said so already
        return Refusal(EnrolmentReason.FACES_OFF)
    agreed = engine.database.transact(
        lambda tx: check_factor(
            tx, engine, KpmId(proposal.kpm_id), proposal.enrolment_id, proposal.factor
        )
    )
    if isinstance(agreed, Refusal):
        return _stopped(engine, session, proposal, agreed)
    face = one_template(engine, proposal.images)
    if isinstance(face, Unreadable):
        return _stopped(engine, session, proposal, _unusable(face))
    searched = search_look_alikes(engine, matcher, face, proposal.kpm_id, proposal.person_id)
    asked = declined(engine, session, proposal, case.region)
    accept = engine.thresholds.verify_accept
    row = judged(asked, proposal, face, searched, matcher, case.version, accept)
    answer = _write(engine, session, row, searched, agreed.code_id)
    if isinstance(answer, Refusal):
        return _stopped(engine, session, proposal, answer)
    return answer


def _unusable(face: Unreadable) -> Refusal:
    two = face.detail.startswith(TWO_PEOPLE)
    reason = EnrolmentReason.TWO_PEOPLE if two else EnrolmentReason.PICTURES_UNUSABLE
    return Refusal(reason, "images", face.hint)


def _write(
    engine: Engine,
    session: Session,
    row: Enrolment,
    searched: Searched | None = None,
    code_id: str | None = None,
) -> Answered | Refusal:
    """Write what was found. A rival may have written the same id, or this person, meanwhile."""
    findings = searched.findings if searched else []
    staff_id = searched.staff_id if searched else None

    def work(tx: Tx) -> Answered | Refusal:
        enrolments.lock_family(tx, row.kpm_id)
        if (stored := enrolments.find_enrolment(tx, row.enrolment_id)) is not None:
            return _stored(tx, session, stored, row.content)
        if row.status in OPEN and _other_open(tx, row.person_id, row.enrolment_id):
            return Refusal(EnrolmentReason.ALREADY_OPEN, "person_id")
        if code_id is not None:
            proofs.use_code(tx, row.kpm_id, code_id, row.proposed_at)
        enrolments.add_enrolment(tx, row)
        note_face_consent(tx, row)
        log.add_findings(tx, row.enrolment_id, findings)
        note = f"staff {staff_id}" if staff_id else None
        log.add_event(tx, step_of(session, row, row.status.value, row.proposed_at, note))
        return Answered(row, findings, new=True)

    answer = engine.database.transact(work)
    if staff_id is not None:
        ids = {"enrolment_id": row.enrolment_id, "proposed_by": row.proposed_by}
        logger.warning("enrolment.staff_face", staff_id=staff_id, **ids)
    return answer


def _stopped(
    engine: Engine, session: Session, proposal: Proposal, refusal: Refusal
) -> Answered | Refusal:
    """A refusal that stores no enrolment still leaves a trace: who tried, for whom, why not.

    When the same request was written meanwhile (sent twice at once), its answer counts.
    """
    now = engine.now()
    event = log.Event(
        event_id=new_uuid7(now),
        enrolment_id=proposal.enrolment_id,
        kpm_id=proposal.kpm_id,
        kind=STOPPED,
        reason=refusal.reason.value,
        staff_id=session.staff_id,
        role=session.role.value,
        device_id=session.device_id,
        note=None,
        at=now,
    )

    def work(tx: Tx) -> Answered | Refusal:
        stored = enrolments.find_enrolment(tx, proposal.enrolment_id)
        answer = _stored(tx, session, stored, content_hash(proposal)) if stored else refusal
        if isinstance(answer, Refusal):
            log.add_event(tx, event)
        return answer

    return engine.database.transact(work)
