"""The officers' desk of complaints: lists by due date, a case whole, and what is done with it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from pos_engine.engine import Engine
from pos_engine.rules.complaints import Act, Kind, MoneyStep, State, Swap, after
from pos_engine.rules.enrolment import in_scope
from pos_engine.services.complaint_swap import COMPLAINT_ANSWERED, finish_swap
from pos_engine.services.complaints import OUTCOME_LENGTH_MAX, close_in, note_of, photo_of
from pos_engine.services.dispute import settle_in
from pos_engine.services.install import Refused
from pos_engine.services.kin import own_family
from pos_engine.services.officers import OFFICES
from pos_engine.services.sessions import Role
from pos_engine.services.sync_review import NOTE_LENGTH_MAX, Decision, ReviewOrder
from pos_engine.store import complaint_desk, complaints, outbox
from pos_engine.store.complaint_desk import Case, Entry, Event, Paid
from pos_engine.store.complaints import Complaint
from pos_engine.store.database import Tx

TAKEN, ANSWERED, ESCALATED = "TAKEN", "ANSWERED", "ESCALATED"
MONEY_ASKED, MONEY_DONE = "MONEY_ASKED", "MONEY_DONE"
STEP_LENGTH_MAX = max(len(each.value) for each in MoneyStep)
MACHINE = "due-date"  # who hands up what is late
NO_SUCH = Refused("reference", "no complaint of this region has this number")
_Work: TypeAlias = Callable[[Tx, Complaint, Case], Refused | None]
ENDINGS = frozenset({MoneyStep.SHOP_PAYS, MoneyStep.LOSS, MoneyStep.HERS})


@dataclass(frozen=True, slots=True)
class Officer:
    """Who acts, with her region (None: the nation)."""

    staff_id: str
    role: Role
    region: str | None


@dataclass(frozen=True, slots=True)
class MoneyAsked:
    """What one officer proposed about the money, and another has not approved yet."""

    step: MoneyStep
    note: str
    by: str


@dataclass(frozen=True, slots=True, repr=False)
class Whole:
    """A case as an officer reads it. `paid` is the purchase that it is about."""

    complaint: Complaint
    case: Case
    note: str
    events: tuple[Event, ...]
    paid: Paid | None
    photo: bool
    asked: MoneyAsked | None
    acts: tuple[Act, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Step:
    """An act about a complaint. `act_id` is the form's UUIDv7: twice is once."""

    act_id: str
    reference: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Desk:
    """A list of cases, and how many there are in each state (LATE: past their date)."""

    entries: list[Entry]
    counts: dict[str, int]


def desk(engine: Engine, region: str | None, *, closed: bool, kind: Kind | None = None) -> Desk:
    """Cases of a region (of the family or of the shop), the first due first."""
    states = {State.CLOSED} if closed else set(State) - {State.CLOSED}
    with engine.database.read() as tx:
        entries = complaint_desk.listed(tx, region, states, kind)
        return Desk(entries, complaint_desk.counted(tx, region, engine.now()))


def whole(engine: Engine, officer: Officer, reference: str) -> Whole | None:
    """A case of the officer's region; None when there is none."""
    with engine.database.read() as tx:
        found = _found(tx, officer, reference)
        if found is None:
            return None
        complaint, case = found
        kpm_id, complaint_id = complaint.kpm_id, complaint.complaint_id
        events = tuple(complaint_desk.events_of(tx, kpm_id, complaint_id))
        about = complaint.purchase_id
        state = State(complaint.status)
        return Whole(
            complaint=complaint,
            case=case,
            note=note_of(tx, engine, complaint),
            events=events,
            paid=complaint_desk.paid(tx, kpm_id, about) if about else None,
            photo=complaint_desk.has_photo(tx, kpm_id, complaint_id),
            asked=_asked(events),
            acts=tuple(act for act in Act if after(state, act) is not None),
        )


def photo(engine: Engine, officer: Officer, reference: str) -> tuple[str, bytes] | None:
    """The photo of a case of the officer's region: media type and bytes."""
    with engine.database.read() as tx:
        found = _found(tx, officer, reference)
        return photo_of(tx, engine, found[0].kpm_id, found[0].complaint_id) if found else None


def take(engine: Engine, officer: Officer, step: Step) -> Refused | None:
    """An officer works on it from now on."""

    def work(tx: Tx, complaint: Complaint, _case: Case) -> Refused | None:
        kpm_id, complaint_id = complaint.kpm_id, complaint.complaint_id
        state = after(State(complaint.status), Act.TAKE)
        if state is None:
            return _not_now(complaint)
        complaint_desk.set_status(tx, kpm_id, complaint_id, state, None)
        complaint_desk.change_case(tx, kpm_id, complaint_id, taken_by=officer.staff_id)
        _keep(tx, engine, complaint, step, TAKEN, None, officer)
        return None

    return _act(engine, officer, step, work)


def answer(engine: Engine, officer: Officer, step: Step) -> Refused | None:
    """What was found and done, in words for the family: no names. She is told by SMS."""
    words = step.words.strip()
    if not 1 <= len(words) <= OUTCOME_LENGTH_MAX:
        return Refused("words", f"1 to {OUTCOME_LENGTH_MAX} characters")

    def work(tx: Tx, complaint: Complaint, _case: Case) -> Refused | None:
        state = after(State(complaint.status), Act.ANSWER)
        if state is None:
            return _not_now(complaint)
        kpm_id, complaint_id = complaint.kpm_id, complaint.complaint_id
        complaint_desk.set_status(tx, kpm_id, complaint_id, state, words)
        _keep(tx, engine, complaint, step, ANSWERED, words, officer)
        outbox.add_event(tx, COMPLAINT_ANSWERED, step.act_id, kpm_id, complaint_id, engine.now())
        return None

    return _act(engine, officer, step, work)


def close(engine: Engine, officer: Officer, step: Step) -> Refused | None:
    """End it; with the last one of a family her idle money ages again."""
    words = step.words.strip()

    def work(tx: Tx, complaint: Complaint, _case: Case) -> Refused | None:
        said = words or complaint.outcome or ""
        if after(State(complaint.status), Act.CLOSE) is None:
            return _not_now(complaint)
        if not 1 <= len(said) <= OUTCOME_LENGTH_MAX:
            return Refused("words", f"1 to {OUTCOME_LENGTH_MAX} characters")
        close_in(tx, engine, complaint, officer.staff_id, said, step.act_id)
        return None

    return _act(engine, officer, step, work)


def confirm_swap(engine: Engine, officer: Officer, step: Step) -> Refused | None:
    """An officer saw that she has the good one."""

    def work(tx: Tx, complaint: Complaint, case: Case) -> Refused | None:
        if case.swap in (None, Swap.DONE):
            return Refused("swap", "nothing is to be swapped any more")
        finish_swap(tx, engine, complaint, step.act_id, officer.staff_id)
        return None

    return _act(engine, officer, step, work)


def ask_money(engine: Engine, officer: Officer, step: Step, money: MoneyStep) -> Refused | None:
    """Propose what becomes of the money of a purchase that she disputes; another one approves."""
    note = step.words.strip()
    room = NOTE_LENGTH_MAX - STEP_LENGTH_MAX - 1
    if not 1 <= len(note) <= room:
        return Refused("words", f"1 to {room} characters")

    def work(tx: Tx, complaint: Complaint, case: Case) -> Refused | None:
        if complaint.purchase_id is None or case.shop_id is None:
            return Refused("purchase", "the complaint names no purchase")
        if complaint.status == complaints.CLOSED:
            return _not_now(complaint)
        events = complaint_desk.events_of(tx, complaint.kpm_id, complaint.complaint_id)
        if any(_step(each) in ENDINGS for each in events if each.kind == MONEY_DONE):
            return Refused("money", "it was decided who bears it")
        _keep(tx, engine, complaint, step, MONEY_ASKED, f"{money.value} {note}", officer)
        return None

    return _act(engine, officer, step, work)


def approve_money(engine: Engine, officer: Officer, step: Step) -> Refused | None:
    """A second officer carries out what the first proposed: the money moves in the ledger."""

    def work(tx: Tx, complaint: Complaint, _case: Case) -> Refused | None:
        events = complaint_desk.events_of(tx, complaint.kpm_id, complaint.complaint_id)
        asked = _asked(tuple(events))
        if asked is None or complaint.purchase_id is None:
            return Refused("money", "nothing waits for a second officer")
        order = ReviewOrder(
            subject=complaint.purchase_id,
            decision=Decision(asked.step.value),
            note=asked.note,
            made_by=asked.by,
            approved_by=officer.staff_id,
        )
        refused = settle_in(tx, engine, order)
        if refused is None:
            detail = f"{asked.step.value} {asked.note}"
            _keep(tx, engine, complaint, step, MONEY_DONE, detail, officer)
        return refused

    return _act(engine, officer, step, work)


def escalate_overdue(engine: Engine) -> int:
    """Hand up what is late, a bounded number: it stands first on the ministry's list. How many."""
    now = engine.now()
    with engine.database.read() as tx:
        late = complaint_desk.overdue(tx, now)
    for each in late:
        engine.database.transact(lambda tx, e=each: _hand_up(tx, engine, e))  # type: ignore[misc]
    return len(late)


def _hand_up(tx: Tx, engine: Engine, each: Entry) -> None:
    kpm_id, complaint_id, now = each.kpm_id, each.case.complaint_id, engine.now()
    case = complaint_desk.find_case(tx, kpm_id, complaint_id, lock=True)
    if case is None or case.escalated_at is not None:
        return
    complaint_desk.change_case(tx, kpm_id, complaint_id, escalated_at=now)
    event = Event(f"late:{complaint_id}", complaint_id, ESCALATED, None, MACHINE, now)
    complaint_desk.add_event(tx, kpm_id, event)


def _act(engine: Engine, officer: Officer, step: Step, work: _Work) -> Refused | None:
    """One act under the case's lock; the same act again is the same."""

    def guarded(tx: Tx) -> Refused | None:
        found = _found(tx, officer, step.reference, lock=True)
        if found is None:
            return NO_SUCH
        complaint, case = found
        if officer.role not in OFFICES:
            return Refused("role", "officers of an office alone")
        if own_family(tx, complaint.kpm_id, officer.staff_id):
            return Refused("officer", "an officer does not deal with her own family's complaint")
        if complaint_desk.find_event(tx, complaint.kpm_id, step.act_id) is not None:
            return None
        return work(tx, complaint, case)

    return engine.database.transact(guarded)


def _found(
    tx: Tx, officer: Officer, reference: str, *, lock: bool = False
) -> tuple[Complaint, Case] | None:
    complaint = complaints.find_reference(tx, reference.strip().upper())
    if complaint is None:
        return None
    case = complaint_desk.find_case(tx, complaint.kpm_id, complaint.complaint_id, lock=lock)
    if case is None:
        return None
    inside = [place for place in (case.region, case.shop_region) if place]
    if not any(in_scope(officer.region, place) for place in inside):
        return None
    again = complaints.find_reference(tx, reference.strip().upper()) if lock else complaint
    return (again, case) if again is not None else None


def _keep(
    tx: Tx,
    engine: Engine,
    complaint: Complaint,
    step: Step,
    kind: str,
    detail: str | None,
    officer: Officer,
) -> None:
    event = Event(step.act_id, complaint.complaint_id, kind, detail, officer.staff_id, engine.now())
    complaint_desk.add_event(tx, complaint.kpm_id, event)


def _asked(events: tuple[Event, ...]) -> MoneyAsked | None:
    """The proposal that waits: the newest word about money is one."""
    about = [each for each in events if each.kind in (MONEY_ASKED, MONEY_DONE)]
    if not about or about[-1].kind == MONEY_DONE:
        return None
    _, _, note = (about[-1].detail or "").partition(" ")
    return MoneyAsked(_step(about[-1]), note, about[-1].by_id)


def _step(event: Event) -> MoneyStep:
    return MoneyStep((event.detail or "").partition(" ")[0])


def _not_now(complaint: Complaint) -> Refused:
    return Refused("state", f"the complaint is {complaint.status}")
