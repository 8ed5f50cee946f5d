"""A KPM reports a problem from her page: sealed, with a number that she can read out."""

import secrets
from dataclasses import dataclass
from enum import StrEnum

from pos_engine.engine import Engine
from pos_engine.rules.idle import Pause
from pos_engine.rules.ids import KpmId, new_uuid7, shard_of
from pos_engine.store import complaints, families, idle, reversals
from pos_engine.store.complaints import OPEN, Complaint
from pos_engine.store.database import Tx

CHANNEL = "PAGE"
WORDS_LENGTH_MAX = 300
OPEN_OF_A_FAMILY_MAX = 10
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ23456789"  # none that is read as another one
RANDOM_LETTERS = 4


class Problem(StrEnum):
    """What is wrong, as she chooses it."""

    BALANCE = "BALANCE"
    PRICE = "PRICE"
    FORCED = "FORCED"
    NOT_ME = "NOT_ME"
    CARD = "CARD"
    OTHER = "OTHER"


@dataclass(frozen=True, slots=True)
class Report:
    """What she sends. `report_id` is a UUIDv7 of the form: sent twice it is one report."""

    report_id: str
    problem: Problem
    words: str
    purchase_id: str | None = None


def complain(engine: Engine, kpm_id: KpmId, phone_id: str, report: Report) -> str | None:
    """Keep a report; its number. None when too many of hers are open already."""
    return engine.database.transact(lambda tx: _keep(tx, engine, kpm_id, phone_id, report))


def _keep(tx: Tx, engine: Engine, kpm_id: KpmId, phone_id: str, report: Report) -> str | None:
    before = complaints.open_of(tx, kpm_id)
    for each in before:
        if each.complaint_id == report.report_id:
            return each.reference
    if len(before) >= OPEN_OF_A_FAMILY_MAX:
        return None
    now = engine.now()
    words = f"{report.problem.value} {' '.join(report.words.split())}"[:WORDS_LENGTH_MAX]
    letters = "".join(secrets.choice(LETTERS) for _ in range(RANDOM_LETTERS))
    new = Complaint(
        complaint_id=report.report_id,
        reference=f"L{now:%y%m%d}{letters}",
        kpm_id=kpm_id,
        phone_id=phone_id,
        channel=CHANNEL,
        purchase_id=_own(tx, kpm_id, report.purchase_id),
        note_sealed=engine.keys.seal_personal(words, report.report_id),
        status=OPEN,
        opened_at=now,
    )
    complaints.add_complaint(tx, new)
    if not before:
        _pause_idleness(tx, engine, kpm_id, new.reference)
    return new.reference


def _own(tx: Tx, kpm_id: KpmId, purchase_id: str | None) -> str | None:
    """The purchase that it is about, when it is hers."""
    found = reversals.find_bought(tx, shard_of(kpm_id), purchase_id) if purchase_id else None
    return purchase_id if found is not None and found.kpm_id == kpm_id else None


def _pause_idleness(tx: Tx, engine: Engine, kpm_id: KpmId, reference: str) -> None:
    """While it is looked into no day counts against her money; an officer ends the pause."""
    family = families.find_family(tx, kpm_id)
    if family is None:
        raise LookupError(kpm_id)
    now = engine.now()
    today = engine.catalogue(tx).zones.local_day(family.region, now)
    idle.add_pause(tx, new_uuid7(now), idle.COMPLAINT, kpm_id, Pause(today, None), (reference, now))


def open_numbers(engine: Engine, kpm_id: KpmId) -> list[str]:
    """The numbers of her reports that are looked into."""
    with engine.database.read() as tx:
        return [each.reference for each in complaints.open_of(tx, kpm_id)]
