"""A family says that something is wrong: a complaint with a number and a date; a person answers it.

Every way in (text, menu, her page, till, paper) comes here.
"""

import base64
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from biometrics.decode import IMAGE_BYTES_MAX, sniff
from pos_engine.engine import Engine
from pos_engine.rules.complaints import Act, Kind, State, Swap, after, due_at, kind_of_words
from pos_engine.rules.idle import Pause
from pos_engine.rules.ids import KpmId, new_uuid7, shard_of
from pos_engine.services.answers import APPROVED
from pos_engine.services.family_keys import open_sealed, seal
from pos_engine.services.install import Refused
from pos_engine.store import (
    complaint_desk,
    complaints,
    families,
    idle,
    kpm_history,
    reversals,
    sms_out,
)
from pos_engine.store.complaint_desk import Case, Event, Paid
from pos_engine.store.complaints import Complaint
from pos_engine.store.database import Tx

NOTE_LENGTH_MAX = 300
OUTCOME_LENGTH_MAX = 200
OF_A_PURCHASE = frozenset({Kind.QUALITY, Kind.PRICE, Kind.NOT_ME})
MEANT_WITHIN = timedelta(days=7)
BY_SMS, BY_USSD = "SMS", "USSD"
BY_FAMILY = "KPM"
OPENED, REOPENED, CLOSED = "OPENED", "REOPENED", "CLOSED"
MEDIA_TYPES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"  # none that is read as another
_REFERENCE_LETTERS = 7


@dataclass(frozen=True, slots=True, repr=False)
class Grievance:
    """Who complains by which way; `note` in her own words, which say the kind when none is given.

    `complaint_id` is the form's own UUIDv7; `line` a line of the purchase, from 0; `photo` a
    picture that `usable_photo` takes; `brought_by` who typed it when it was not she.
    """

    kpm_id: KpmId
    channel: str
    phone_id: str | None = None
    purchase_id: str | None = None
    note: str = ""
    kind: Kind | None = None
    line: int | None = None
    photo: bytes | None = None
    complaint_id: str | None = None
    brought_by: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """The number to remember, and what it is about."""

    reference: str
    kind: Kind


def usable_photo(photo: bytes) -> bool:
    """Is it a JPEG, PNG or WebP of at most IMAGE_BYTES_MAX; it is kept as it is, never decoded."""
    return len(photo) <= IMAGE_BYTES_MAX and sniff(photo) is not None


def open_complaint(tx: Tx, engine: Engine, said: Grievance) -> Opened:
    """Open a complaint about the purchase that she was told of last, or add nothing to an open one.

    While it is open, her idle money does not age. Nothing of hers is stopped.
    """
    told_of = said.purchase_id or sms_out.newest_subject(tx, said.kpm_id)
    purchase_id = told_of or _newest_bought(tx, engine, said)
    before = complaints.open_of(tx, said.kpm_id)
    same = next((each for each in before if each.purchase_id == purchase_id), None)
    if same is not None:
        reopen_in(tx, engine, same, new_uuid7(engine.now()))
        known = complaint_desk.find_case(tx, said.kpm_id, same.complaint_id)
        return Opened(same.reference, known.kind if known else Kind.OTHER)
    return keep_complaint(tx, engine, said, purchase_id)


def _newest_bought(tx: Tx, engine: Engine, said: Grievance) -> str | None:
    """Who speaks of goods, a price or a stranger's purchase means the last one of these days."""
    if (said.kind or kind_of_words(said.note)) not in OF_A_PURCHASE:
        return None
    newest = kpm_history.bought_by(tx, said.kpm_id, skip=0, limit=1)
    lately = [each for each in newest if engine.now() - each.decided_at <= MEANT_WITHIN]
    return lately[0].purchase_id if lately else None


def reopen_in(tx: Tx, engine: Engine, found: Complaint, act_id: str) -> bool:
    """She says that the answer did not settle it: an officer goes on. False when none was given."""
    state = after(State(found.status), Act.REOPEN)
    if state is None:
        return False
    complaint_desk.set_status(tx, found.kpm_id, found.complaint_id, state, None)
    event = Event(act_id, found.complaint_id, REOPENED, None, BY_FAMILY, engine.now())
    complaint_desk.add_event(tx, found.kpm_id, event)
    return True


def keep_complaint(tx: Tx, engine: Engine, said: Grievance, purchase_id: str | None) -> Opened:
    """Write a new complaint with its case, first step, photo and the pause of her idle days."""
    family = families.find_family(tx, said.kpm_id)
    if family is None:
        raise LookupError(said.kpm_id)
    now, first = engine.now(), not complaints.open_of(tx, said.kpm_id)
    complaint_id = said.complaint_id or new_uuid7(now)
    note, kind = said.note[:NOTE_LENGTH_MAX], said.kind or kind_of_words(said.note)
    new = Complaint(
        complaint_id=complaint_id,
        reference=said.reference or _reference(),
        kpm_id=said.kpm_id,
        phone_id=said.phone_id,
        channel=said.channel,
        purchase_id=purchase_id,
        note_sealed=seal(tx, engine, said.kpm_id, note, complaint_id) if note else None,
        status=complaints.OPEN,
        opened_at=now,
    )
    complaints.add_complaint(tx, new)
    complaint_desk.add_case(
        tx, said.kpm_id, _case(tx, said, complaint_id, purchase_id, kind, family.region, now)
    )
    by = said.brought_by or BY_FAMILY
    event = Event(complaint_id, complaint_id, OPENED, f"{kind.value} {said.channel}", by, now)
    complaint_desk.add_event(tx, said.kpm_id, event)
    if said.photo is not None:
        _keep_photo(tx, engine, said.kpm_id, complaint_id, said.photo)
    if first:
        _pause(tx, engine, new, family.region)
    return Opened(new.reference, kind)


def _reference() -> str:
    return "L" + "".join(secrets.choice(_LETTERS) for _ in range(_REFERENCE_LETTERS))


def _case(
    tx: Tx,
    said: Grievance,
    complaint_id: str,
    purchase_id: str | None,
    kind: Kind,
    region: str,
    now: datetime,
) -> Case:
    """Which shop and line it is about; the shop swaps bad goods of an approved purchase."""
    bought = _bought(tx, said.kpm_id, purchase_id)
    paid = complaint_desk.paid(tx, said.kpm_id, bought.purchase_id) if bought else None
    swapped = kind is Kind.QUALITY and bought is not None and bought.status == APPROVED
    return Case(
        complaint_id=complaint_id,
        kind=kind,
        region=region,
        shop_id=bought.shop_id if bought else None,
        shop_region=paid.region if paid else None,
        line=_line(paid, said.line),
        brought_by=said.brought_by,
        due_at=due_at(kind, now),
        swap=Swap.WAITING if swapped else None,
    )


def _bought(tx: Tx, kpm_id: KpmId, purchase_id: str | None) -> reversals.Bought | None:
    found = reversals.find_bought(tx, shard_of(kpm_id), purchase_id) if purchase_id else None
    return found if found is not None and found.kpm_id == kpm_id else None


def _line(paid: Paid | None, line: int | None) -> int | None:
    """The line that is meant, when the purchase has it; the only one needs no word."""
    count = len(paid.lines) if paid else 0
    if line is None:
        return 0 if count == 1 else None
    return line if 0 <= line < count else None


def _keep_photo(tx: Tx, engine: Engine, kpm_id: KpmId, complaint_id: str, photo: bytes) -> None:
    if not usable_photo(photo):
        raise ValueError(complaint_id)  # whoever let it in did not ask `usable_photo`
    media_type = MEDIA_TYPES[sniff(photo) or ""]
    text = base64.b64encode(photo).decode()
    sealed = seal(tx, engine, kpm_id, text, f"complaint {complaint_id} photo")
    complaint_desk.add_photo(tx, kpm_id, complaint_id, media_type, sealed, engine.now())


def photo_of(tx: Tx, engine: Engine, kpm_id: str, complaint_id: str) -> tuple[str, bytes] | None:
    """Media type and bytes of a photo, for who may see the complaint."""
    found = complaint_desk.find_photo(tx, kpm_id, complaint_id)
    if found is None:
        return None
    text = open_sealed(tx, engine, kpm_id, found[1], f"complaint {complaint_id} photo")
    return found[0], base64.b64decode(text)


def _pause(tx: Tx, engine: Engine, new: Complaint, region: str) -> None:
    """While it is looked into no day counts against her money."""
    today = engine.catalogue(tx).zones.local_day(region, new.opened_at)
    by = (new.reference, new.opened_at)
    idle.add_pause(tx, new.complaint_id, idle.COMPLAINT, new.kpm_id, Pause(today, None), by)


@dataclass(frozen=True, slots=True, repr=False)
class Shown:
    """A complaint for an officer, with her words."""

    complaint: Complaint
    note: str
    late: bool
    case: Case | None = None


def list_complaints(engine: Engine, status: str) -> list[Shown]:
    """Complaints, the oldest first; OPEN is all that is not closed, `late` what is overdue."""
    now = engine.now()
    with engine.database.read() as tx:
        found = complaints.listed(tx, status)
        cases = [complaint_desk.find_case(tx, each.kpm_id, each.complaint_id) for each in found]
        return [
            Shown(each, note_of(tx, engine, each), late=_late(each, case, now), case=case)
            for each, case in zip(found, cases, strict=True)
        ]


def _late(each: Complaint, case: Case | None, now: datetime) -> bool:
    waits = each.status in (State.OPEN, State.IN_WORK)
    return waits and case is not None and now > case.due_at


def note_of(tx: Tx, engine: Engine, each: Complaint) -> str:
    """Her words."""
    sealed = each.note_sealed
    return open_sealed(tx, engine, each.kpm_id, sealed, each.complaint_id) if sealed else ""


def close_complaint(engine: Engine, reference: str, by: str, outcome: str) -> Refused | None:
    """An officer's answer; with the last open one of a family her idle money ages again."""
    if not 1 <= len(outcome.strip()) <= OUTCOME_LENGTH_MAX:
        return Refused("outcome", f"1 to {OUTCOME_LENGTH_MAX} characters")

    def work(tx: Tx) -> Refused | None:
        found = complaints.find_reference(tx, reference.strip().upper())
        if found is None or found.status == complaints.CLOSED:
            return Refused("reference", "no open complaint has this number")
        complaint_desk.find_case(tx, found.kpm_id, found.complaint_id, lock=True)
        close_in(tx, engine, found, by, outcome.strip(), new_uuid7(engine.now()))
        return None

    return engine.database.transact(work)


def close_in(
    tx: Tx, engine: Engine, found: Complaint, by: str, outcome: str, event_id: str
) -> None:
    """Close a complaint inside a transaction of the caller."""
    now = engine.now()
    complaints.close_complaint(tx, found, by, outcome, now)
    event = Event(event_id, found.complaint_id, CLOSED, outcome, by, now)
    complaint_desk.add_event(tx, found.kpm_id, event)
    if not complaints.open_of(tx, found.kpm_id):
        _resume(tx, engine, found.kpm_id)


def _resume(tx: Tx, engine: Engine, kpm_id: KpmId) -> None:
    family = families.find_family(tx, kpm_id)
    if family is not None:
        today = engine.catalogue(tx).zones.local_day(family.region, engine.now())
        idle.end_pause(tx, idle.COMPLAINT, kpm_id, today)
