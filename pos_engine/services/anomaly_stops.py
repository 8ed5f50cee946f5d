"""What the machine stops by itself because of a case, and what officers let go on again.

A face or an officer, never a family's money and never a shop: every other method of the family
works the same minute, every other officer enrols.
"""

from pos_engine.engine import Engine
from pos_engine.rules.ids import new_uuid7
from pos_engine.services.enrolment_force import notify_family
from pos_engine.services.face_lock import NOTICES
from pos_engine.store import anomalies, enrolments, face_locks, shops, template_log
from pos_engine.store.anomalies import Case, Stop
from pos_engine.store.anomaly_facts import Alike
from pos_engine.store.database import Tx
from pos_engine.store.face_locks import FaceLock, Kind

FACES_STOPPED_MAX = 100  # of one run; a fault of the rule must not close faces by the thousand
STOPPED = "STOPPED"  # of an officer: her log-in is dead until two others have looked
FACE, OFFICER = "FACE", "OFFICER"
MACHINE = "ewarong"  # who locked it, in the log


def stop_faces(engine: Engine, case: Case, pair: Alike) -> int:
    """Close the face method of the two persons of a pair; how many templates."""
    done = 0
    for kpm_id, person_id in (
        (pair.kpm_id, pair.person_id),
        (pair.other_kpm_id, pair.other_person_id),
    ):
        done += engine.database.transact(
            lambda tx, k=kpm_id, p=person_id: _stop_face(tx, engine, case, k, p)  # type: ignore[misc]
        )
    return done


def _stop_face(tx: Tx, engine: Engine, case: Case, kpm_id: str, person_id: str) -> int:
    enrolments.lock_family(tx, kpm_id)
    now, faces = engine.now(), anomalies.faces_in_force(tx, kpm_id, person_id)
    if not faces:
        return 0
    for template_id in faces:
        template_log.revoke(tx, kpm_id, template_id, now)
        anomalies.add_stop(tx, Stop(case.case_id, template_id, FACE, kpm_id, now))
    _log(tx, engine, Kind.LOCK, kpm_id, person_id, faces)
    return len(faces)


def _log(tx: Tx, engine: Engine, kind: Kind, kpm_id: str, person_id: str, faces: list[str]) -> None:
    """As if she had locked it herself: her phones are told, her page shows it."""
    now = engine.now()
    newest = face_locks.newest_lock(tx, kpm_id, person_id)
    lock_id = new_uuid7(now)
    face_locks.add_lock(
        tx,
        FaceLock(
            lock_id=lock_id,
            kpm_id=kpm_id,
            person_id=person_id,
            number=newest.number + 1 if newest else 1,
            kind=kind,
            template_ids=faces,
            till_id="",
            staff_id=MACHINE,
            device_id="",
            at=now,
        ),
    )
    notify_family(tx, NOTICES[kind], kpm_id, lock_id, now)


def stop_officer(engine: Engine, case: Case) -> bool:
    """End an officer's log-ins until two others have looked; False when she is stopped already."""

    def work(tx: Tx) -> bool:
        staff = shops.find_staff(tx, case.subject_id)
        if staff is None or staff.status != shops.ACTIVE:
            return False
        shops.set_staff_status(tx, case.subject_id, STOPPED)
        anomalies.add_stop(tx, Stop(case.case_id, case.subject_id, OFFICER, None, engine.now()))
        return True

    return engine.database.transact(work)


def free(tx: Tx, engine: Engine, case_id: str) -> int:
    """The case was explained: what was stopped for it works again; how many."""
    living = [each for each in anomalies.stops_of(tx, case_id) if each.freed_at is None]
    now = engine.now()
    for stop in living:
        anomalies.free_stop(tx, stop, now)
    for stop in living:
        if stop.kind == OFFICER:
            _free_officer(tx, stop)
    faces: dict[tuple[str, str], list[str]] = {}
    for stop in living:
        if stop.kind == FACE and stop.kpm_id is not None:
            person_id = anomalies.person_of_face(tx, stop.kpm_id, stop.subject_id)
            faces.setdefault((stop.kpm_id, person_id or ""), []).append(stop.subject_id)
    for (kpm_id, person_id), templates in sorted(faces.items()):
        _free_faces(tx, engine, kpm_id, person_id, templates)
    return len(living)


def _free_officer(tx: Tx, stop: Stop) -> None:
    staff = shops.find_staff(tx, stop.subject_id)
    if staff is not None and staff.status == STOPPED:
        shops.set_staff_status(tx, stop.subject_id, shops.ACTIVE)


def _free_faces(tx: Tx, engine: Engine, kpm_id: str, person_id: str, templates: list[str]) -> None:
    """Back in force, unless she locked or withdrew her face herself, or has a newer one."""
    enrolments.lock_family(tx, kpm_id)
    newest = face_locks.newest_lock(tx, kpm_id, person_id)
    ours = newest is not None and newest.kind is Kind.LOCK and newest.staff_id == MACHINE
    if not ours or anomalies.faces_in_force(tx, kpm_id, person_id):
        return
    if anomalies.stopped_faces(tx, kpm_id, templates):
        return  # another case still holds it
    for template_id in templates:
        template_log.enlist(tx, kpm_id, template_id, engine.now())
    _log(tx, engine, Kind.UNLOCK, kpm_id, person_id, templates)
