"""A family says that something is wrong: a complaint with a number; a person answers it."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from pos_engine.engine import Engine
from pos_engine.rules.idle import Pause
from pos_engine.rules.ids import KpmId, new_uuid7
from pos_engine.services.install import Refused
from pos_engine.store import complaints, families, idle, sms_out
from pos_engine.store.complaints import Complaint
from pos_engine.store.database import Tx

ANSWER_WITHIN = timedelta(days=3)
NOTE_LENGTH_MAX = 300
OUTCOME_LENGTH_MAX = 200
BY_SMS, BY_USSD = "SMS", "USSD"
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
_REFERENCE_LETTERS = 7


@dataclass(frozen=True, slots=True, repr=False)
class Grievance:
    """Who complains by which way; `note` in her own words."""

    kpm_id: KpmId
    channel: str
    phone_id: str | None = None
    purchase_id: str | None = None
    note: str = ""


def open_complaint(tx: Tx, engine: Engine, said: Grievance) -> str:
    """Open a complaint about the purchase that she was told of last, or add nothing to an open one.

    Its number. While it is open, her idle money does not age. Nothing of hers is stopped.
    """
    purchase_id = said.purchase_id or sms_out.newest_subject(tx, said.kpm_id)
    before = complaints.open_of(tx, said.kpm_id)
    same = next((each for each in before if each.purchase_id == purchase_id), None)
    if same is not None:
        return same.reference
    now = engine.now()
    complaint_id = new_uuid7(now)
    note = said.note[:NOTE_LENGTH_MAX]
    new = Complaint(
        complaint_id=complaint_id,
        reference="L" + "".join(secrets.choice(_LETTERS) for _ in range(_REFERENCE_LETTERS)),
        kpm_id=said.kpm_id,
        phone_id=said.phone_id,
        channel=said.channel,
        purchase_id=purchase_id,
        note_sealed=engine.keys.seal_personal(note, complaint_id) if note else None,
        status=complaints.OPEN,
        opened_at=now,
    )
    complaints.add_complaint(tx, new)
    if not before:
        _pause(tx, engine, new)
    return new.reference


def _pause(tx: Tx, engine: Engine, new: Complaint) -> None:
    family = families.find_family(tx, new.kpm_id)
    if family is None:
        raise LookupError(new.complaint_id)
    today = engine.catalogue(tx).zones.local_day(family.region, new.opened_at)
    by = (new.channel, new.opened_at)
    idle.add_pause(tx, new.complaint_id, idle.COMPLAINT, new.kpm_id, Pause(today, None), by)


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """A complaint for an officer, with her words."""

    complaint: Complaint
    note: str
    late: bool


def list_complaints(engine: Engine, status: str) -> list[Shown]:
    """Complaints, the oldest first; `late` when nobody answered within three days."""
    with engine.database.read() as tx:
        found = complaints.listed(tx, status)
    now = engine.now()
    return [
        Shown(each, _note(engine, each), late=now - each.opened_at > ANSWER_WITHIN)
        for each in found
    ]


def _note(engine: Engine, each: Complaint) -> str:
    sealed = each.note_sealed
    return engine.keys.open_personal(sealed, each.complaint_id) if sealed else ""


def close_complaint(engine: Engine, reference: str, by: str, outcome: str) -> Refused | None:
    """An officer's answer; with the last open one of a family her idle money ages again."""
    if not 1 <= len(outcome.strip()) <= OUTCOME_LENGTH_MAX:
        return Refused("outcome", f"1 to {OUTCOME_LENGTH_MAX} characters")

    def work(tx: Tx) -> Refused | None:
        found = complaints.find_reference(tx, reference.strip().upper())
        if found is None or found.status != complaints.OPEN:
            return Refused("reference", "no open complaint has this number")
        complaints.close_complaint(tx, found, by, outcome.strip(), engine.now())
        if not complaints.open_of(tx, found.kpm_id):
            _resume(tx, engine, found.kpm_id)
        return None

    return engine.database.transact(work)


def _resume(tx: Tx, engine: Engine, kpm_id: KpmId) -> None:
    family = families.find_family(tx, kpm_id)
    if family is not None:
        today = engine.catalogue(tx).zones.local_day(family.region, engine.now())
        idle.end_pause(tx, idle.COMPLAINT, kpm_id, today)
