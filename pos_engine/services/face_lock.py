"""A KPM locks, unlocks or withdraws her own face at a till; nobody else can do it for her."""

from dataclasses import dataclass
from datetime import datetime

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import Status
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import new_uuid7
from pos_engine.rules.reasons import Reason
from pos_engine.services.consents import note_face_withdrawal
from pos_engine.services.enrolment_force import notify_family
from pos_engine.services.payer import Place, TokenProof, check_proof, find_payer
from pos_engine.services.proposal import step_of
from pos_engine.services.sessions import Session
from pos_engine.services.tokens import PayerToken
from pos_engine.store import anomalies, enrolments, face_locks, template_log, templates
from pos_engine.store import enrolment_findings as log
from pos_engine.store.database import Tx
from pos_engine.store.face_locks import FaceLock, Kind

FACE_LOCKED, FACE_UNLOCKED, FACE_WITHDRAWN = "FACE_LOCKED", "FACE_UNLOCKED", "FACE_WITHDRAWN"
NOTICES = {
    Kind.LOCK: FACE_LOCKED,
    Kind.UNLOCK: FACE_UNLOCKED,
    Kind.WITHDRAW: FACE_WITHDRAWN,
}
# A face never unlocks a face.
NO_FACE = frozenset({Method.KKS, Method.PHONE, Method.QR})
# Who stands in for her may buy, and do nothing with her face.
NOT_HERSELF = frozenset({Method.DELEGATE, Method.SUPERVISED})


@dataclass(frozen=True, slots=True)
class Locked:
    """Her state now: what she did last, how many templates it took out or put back."""

    kind: Kind
    templates: int
    cancelled: int = 0


@dataclass(frozen=True, slots=True)
class _Case:
    """Who is at which till, proven."""

    tx: Tx
    session: Session
    till_id: str
    token: PayerToken
    now: datetime


def lock_face(
    engine: Engine, session: Session, place: Place, token_text: str, *, withdraw: bool = False
) -> Locked | Reason:
    """Take her face out of force at once and cancel what is proposed for her.

    A lock she can undo herself. A withdrawal destroys the templates (Law 27/2022 on personal
    data, Art. 9 and 43): a face is then found only after a new enrolment.
    """

    def work(tx: Tx) -> Locked | Reason:
        token = _proven(tx, engine, place, token_text)
        if not isinstance(token, PayerToken):
            return token
        enrolments.lock_family(tx, token.kpm_id)
        case = _Case(tx, session, place.till_id, token, engine.now())
        return _lock(case, Kind.WITHDRAW if withdraw else Kind.LOCK)

    return engine.database.transact(work)


def unlock_face(engine: Engine, session: Session, place: Place, token_text: str) -> Locked | Reason:
    """Put her locked face back, proven by something else than a face; a withdrawn one is gone."""

    def work(tx: Tx) -> Locked | Reason:
        token = _proven(tx, engine, place, token_text)
        if not isinstance(token, PayerToken):
            return token
        if token.method not in NO_FACE:
            return Reason.STEP_UP_REQUIRED
        enrolments.lock_family(tx, token.kpm_id)
        return _unlock(_Case(tx, session, place.till_id, token, engine.now()))

    return engine.database.transact(work)


def _proven(tx: Tx, engine: Engine, place: Place, token_text: str) -> PayerToken | Reason:
    """The payer token when it still buys; it is not used up, she may go on to buy with it."""
    proof = TokenProof(token_text)
    found = find_payer(tx, engine, proof, place)
    purchase_id = found.token.purchase_id if found.token else None
    checked = check_proof(tx, engine, found, proof, place, purchase_id or "", 0, engine.now())
    if not checked.proven or found.token is None:
        return checked.reasons[0]
    return Reason.STEP_UP_REQUIRED if found.token.method in NOT_HERSELF else found.token


def _lock(case: _Case, kind: Kind) -> Locked:
    tx, kpm_id, person_id = case.tx, case.token.kpm_id, case.token.person_id
    newest = face_locks.newest_lock(tx, kpm_id, person_id)
    mine = templates.in_force(tx, kpm_id, person_id)
    ended = Status.WITHDRAWN if kind is Kind.WITHDRAW else Status.CANCELLED
    cancelled = _cancel_open(case, ended)
    again = newest is not None and newest.kind in (kind, Kind.WITHDRAW)
    if newest is not None and again and not mine and not cancelled:
        return Locked(newest.kind, len(newest.template_ids))
    for each in mine:
        template_log.revoke(tx, kpm_id, each.template_id, case.now)
    if kind is Kind.WITHDRAW:
        face_locks.destroy_templates(tx, kpm_id, person_id)
        note_face_withdrawal(tx, kpm_id, person_id, case.session.staff_id, case.now)
        for row in enrolments.of_person(tx, person_id, frozenset({Status.IN_FORCE})):
            enrolments.set_status(tx, row.enrolment_id, Status.WITHDRAWN)
    ids = [each.template_id for each in mine]
    if not ids and newest is not None and newest.kind is kind:
        ids = list(newest.template_ids)  # locked before: those are what an unlock puts back
    return _done(case, kind, ids, newest, cancelled)


def _cancel_open(case: _Case, status: Status) -> int:
    """Her objection ends every proposal for her face, in its cool-down too."""
    open_ones = enrolments.of_person(case.tx, case.token.person_id)
    for row in open_ones:
        enrolments.set_status(case.tx, row.enrolment_id, status, sealed=None)
        log.add_event(case.tx, step_of(case.session, row, status.value, case.now, "KPM"))
    return len(open_ones)


def _unlock(case: _Case) -> Locked | Reason:
    tx, kpm_id, person_id = case.tx, case.token.kpm_id, case.token.person_id
    newest = face_locks.newest_lock(tx, kpm_id, person_id)
    if newest is None:
        return Locked(Kind.UNLOCK, 0)
    held = anomalies.stopped_faces(tx, kpm_id, newest.template_ids)  # two officers look first
    if newest.kind is not Kind.LOCK or held:
        return Locked(newest.kind, len(newest.template_ids))
    replaced = templates.in_force(tx, kpm_id, person_id)  # a new enrolment came meanwhile
    back = [] if replaced else list(newest.template_ids)
    for template_id in back:
        template_log.enlist(tx, kpm_id, template_id, case.now)
    return _done(case, Kind.UNLOCK, back, newest)


def _done(
    case: _Case,
    kind: Kind,
    template_ids: list[str],
    before: FaceLock | None,
    cancelled: int = 0,
) -> Locked:
    lock_id = new_uuid7(case.now)
    face_locks.add_lock(
        case.tx,
        FaceLock(
            lock_id=lock_id,
            kpm_id=case.token.kpm_id,
            person_id=case.token.person_id,
            number=before.number + 1 if before else 1,
            kind=kind,
            template_ids=template_ids,
            till_id=case.till_id,
            staff_id=case.session.staff_id,
            device_id=case.session.device_id,
            at=case.now,
        ),
    )
    notify_family(case.tx, NOTICES[kind], case.token.kpm_id, lock_id, case.now)
    return Locked(kind, len(template_ids), cancelled)
