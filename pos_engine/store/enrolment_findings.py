"""Look-alikes of a proposal, what a person said of each, and the log of who did what."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping, insert, select, update

from pos_engine.rules.enrolment import Decision
from pos_engine.rules.ids import shard_of
from pos_engine.store.announce import Kind, announce
from pos_engine.store.database import Tx
from pos_engine.store.schema_enrolment import enrolment_event, enrolment_finding

FINDINGS_MAX = 20
EVENTS_MAX = 200
# where a look-alike was found
ENROLLED, PROPOSED, STAFF = "ENROLLED", "PROPOSED", "STAFF"


@dataclass(frozen=True, slots=True)
class Finding:
    """A face of somebody else that is like the proposed one. `kpm_id` is None for staff."""

    number: int
    source: str
    template_id: str
    kpm_id: str | None
    person_id: str
    score: float
    fpir_estimate: float
    decision: Decision | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One step: PROPOSED, STOPPED, APPROVED, REFUSED, ... by whom, in which role, from where."""

    event_id: str
    enrolment_id: str
    kpm_id: str
    kind: str
    reason: str | None
    staff_id: str
    role: str
    device_id: str
    note: str | None
    at: datetime


def add_findings(tx: Tx, enrolment_id: str, findings: list[Finding]) -> None:
    """Write the look-alikes of a new proposal, at most FINDINGS_MAX."""
    for each in findings[:FINDINGS_MAX]:
        tx.execute(
            insert(enrolment_finding).values(
                shard=shard_of(enrolment_id), enrolment_id=enrolment_id, **asdict(each)
            )
        )


def findings_of(tx: Tx, enrolment_id: str) -> list[Finding]:
    """The look-alikes of an enrolment by number."""
    columns = enrolment_finding.c
    rows = tx.execute(
        select(
            columns.number,
            columns.source,
            columns.template_id,
            columns.kpm_id,
            columns.person_id,
            columns.score,
            columns.fpir_estimate,
            columns.decision,
            columns.note,
        )
        .where(columns.shard == shard_of(enrolment_id), columns.enrolment_id == enrolment_id)
        .order_by(columns.number)
        .limit(FINDINGS_MAX)
    )
    return [_finding(row) for row in rows.mappings()]


def _finding(row: RowMapping) -> Finding:
    values: dict[str, Any] = {str(name): value for name, value in row.items()}
    decision = Decision(row["decision"]) if row["decision"] else None
    return Finding(**values | {"decision": decision})


def decide_finding(tx: Tx, enrolment_id: str, number: int, decision: Decision, note: str) -> None:
    """Write what a person said of one look-alike."""
    columns = enrolment_finding.c
    tx.execute(
        update(enrolment_finding)
        .where(
            columns.shard == shard_of(enrolment_id),
            columns.enrolment_id == enrolment_id,
            columns.number == number,
        )
        .values(decision=decision.value, note=note)
    )


def add_event(tx: Tx, event: Event) -> None:
    """Append a step to the log."""
    shard = shard_of(event.event_id)
    tx.execute(insert(enrolment_event).values(shard=shard, **asdict(event)))
    announce(tx, Kind.ENROLMENT_EVENT, [(shard, event.event_id)])


def events_of(tx: Tx, enrolment_id: str) -> list[Event]:
    """The steps of an enrolment, oldest first."""
    columns = enrolment_event.c
    rows = tx.execute(
        select(
            columns.event_id,
            columns.enrolment_id,
            columns.kpm_id,
            columns.kind,
            columns.reason,
            columns.staff_id,
            columns.role,
            columns.device_id,
            columns.note,
            columns.at,
        )
        .where(columns.enrolment_id == enrolment_id)
        .order_by(columns.at, columns.event_id)
        .limit(EVENTS_MAX)
    )
    return [Event(**row) for row in rows.mappings()]
