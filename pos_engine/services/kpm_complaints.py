"""A KPM reports a problem from her page: sealed, with a number that she can read out."""

import secrets
from dataclasses import dataclass, field

from pos_engine.engine import Engine
from pos_engine.rules.complaints import Kind, Swap, swap_after
from pos_engine.rules.ids import KpmId, shard_of
from pos_engine.services.complaint_swap import finish_swap
from pos_engine.services.complaints import (
    BY_FAMILY,
    Grievance,
    keep_complaint,
    reopen_in,
    usable_photo,
)
from pos_engine.store import complaint_desk, complaints, reversals
from pos_engine.store.complaint_desk import Entry
from pos_engine.store.database import Tx

CHANNEL = "PAGE"
WORDS_LENGTH_MAX = 300
OPEN_OF_A_FAMILY_MAX = 10
OWN_SHOWN_MAX = 10
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ23456789"  # none that is read as another one
RANDOM_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Report:
    """What she sends. `report_id` is a UUIDv7 of the form: sent twice it is one report."""

    report_id: str
    problem: Kind
    words: str
    purchase_id: str | None = None
    line: int | None = None
    photo: bytes | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, repr=False)
class Own:
    """One of her reports as she sees it."""

    entry: Entry
    answer: str


def complain(engine: Engine, kpm_id: KpmId, phone_id: str, report: Report) -> str | None:
    """Keep a report; its number. None when too many of hers are open already.

    A photo that cannot be kept is left out: her report is not lost with it.
    """
    return engine.database.transact(lambda tx: _keep(tx, engine, kpm_id, phone_id, report))


def _keep(tx: Tx, engine: Engine, kpm_id: KpmId, phone_id: str, report: Report) -> str | None:
    known = complaints.find_complaint(tx, kpm_id, report.report_id)
    if known is not None:
        return known.reference
    before = complaints.open_of(tx, kpm_id)
    if len(before) >= OPEN_OF_A_FAMILY_MAX:
        return None
    letters = "".join(secrets.choice(LETTERS) for _ in range(RANDOM_LETTERS))
    photo = report.photo
    said = Grievance(
        kpm_id=kpm_id,
        channel=CHANNEL,
        phone_id=phone_id,
        note=" ".join(report.words.split())[:WORDS_LENGTH_MAX],
        kind=report.problem,
        line=report.line,
        photo=photo if photo is not None and usable_photo(photo) else None,
        complaint_id=report.report_id,
        reference=f"L{engine.now():%y%m%d}{letters}",
    )
    return keep_complaint(tx, engine, said, _own(tx, kpm_id, report.purchase_id)).reference


def _own(tx: Tx, kpm_id: KpmId, purchase_id: str | None) -> str | None:
    """The purchase that it is about, when it is hers."""
    found = reversals.find_bought(tx, shard_of(kpm_id), purchase_id) if purchase_id else None
    return purchase_id if found is not None and found.kpm_id == kpm_id else None


def lines_of(engine: Engine, kpm_id: KpmId, purchase_id: str | None) -> list[str]:
    """The goods of one of her purchases, so that she can say which was bad."""
    if purchase_id is None:
        return []
    with engine.database.read() as tx:
        paid = complaint_desk.paid(tx, kpm_id, purchase_id)
    return [str(each["name"]) for each in paid.lines] if paid else []


def own_reports(engine: Engine, kpm_id: KpmId) -> list[Own]:
    """Her reports with their state and answer, the newest first."""
    with engine.database.read() as tx:
        found = complaint_desk.of_family(tx, kpm_id)
        found.sort(key=lambda each: each.opened_at, reverse=True)
        kept = found[:OWN_SHOWN_MAX]
        answers = [complaints.find_complaint(tx, kpm_id, each.case.complaint_id) for each in kept]
    return [
        Own(entry, (answer.outcome or "") if answer else "")
        for entry, answer in zip(kept, answers, strict=True)
    ]


def not_settled(engine: Engine, kpm_id: KpmId, act_id: str, reference: str) -> bool:
    """She says that an answer did not settle it: an officer goes on. Twice is once."""

    def work(tx: Tx) -> bool:
        found = complaints.find_reference(tx, reference)
        if found is None or found.kpm_id != kpm_id:
            return False
        if complaint_desk.find_event(tx, kpm_id, act_id) is not None:
            return True
        complaint_desk.find_case(tx, kpm_id, found.complaint_id, lock=True)
        return reopen_in(tx, engine, found, act_id)

    return engine.database.transact(work)


def swapped(engine: Engine, kpm_id: KpmId, act_id: str, reference: str) -> bool:
    """She says that she has the good one in its place. Twice is once."""

    def work(tx: Tx) -> bool:
        found = complaints.find_reference(tx, reference)
        if found is None or found.kpm_id != kpm_id:
            return False
        case = complaint_desk.find_case(tx, kpm_id, found.complaint_id, lock=True)
        if case is None or case.swap is Swap.DONE:
            return case is not None
        if swap_after(case.swap, by_shop=False) is None:
            return False
        finish_swap(tx, engine, found, act_id, BY_FAMILY)
        return True

    return engine.database.transact(work)
