"""Look at enrolments: the list of a region, and one with its look-alikes and its log."""

from collections.abc import Mapping
from dataclasses import dataclass

from pos_engine.engine import Engine
from pos_engine.rules.enrolment import EnrolmentReason, Refusal, Status, in_scope
from pos_engine.rules.identity import masked_name
from pos_engine.store import enrolment_findings as log
from pos_engine.store import enrolments, families
from pos_engine.store.database import Tx
from pos_engine.store.enrolments import Enrolment


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody of another family who looks alike."""

    name: str
    region: str


@dataclass(frozen=True, slots=True)
class Shown:
    """An enrolment with everything that a reviewer may look at."""

    enrolment: Enrolment
    findings: list[log.Finding]
    events: list[log.Event]
    others: Mapping[str, Other]


def show(engine: Engine, region: str | None, enrolment_id: str) -> Shown | Refusal:
    """One enrolment of a region (None is the nation) with its look-alikes and its log."""
    with engine.database.read() as tx:
        row = visible(tx, region, enrolment_id)
        if row is None:
            return Refusal(EnrolmentReason.NOT_FOUND, "enrolment_id")
        findings = log.findings_of(tx, enrolment_id)
        return Shown(row, findings, log.events_of(tx, enrolment_id), _others(tx, findings))


def _others(tx: Tx, findings: list[log.Finding]) -> dict[str, Other]:
    found = {}
    for each in findings:
        family = families.find_family(tx, each.kpm_id) if each.kpm_id else None
        if family is None:
            continue
        persons = families.persons_of(tx, family.kpm_id)
        name = next((one.name for one in persons if one.person_id == each.person_id), "")
        found[each.person_id] = Other(masked_name(name), family.region)
    return found


def listed(
    engine: Engine, region: str | None, status: Status | None, limit: int, after: str = ""
) -> list[Enrolment]:
    """The enrolments of a region by id, after a cursor."""
    with engine.database.read() as tx:
        return enrolments.listed(tx, region, status, limit, after)


def visible(tx: Tx, region: str | None, enrolment_id: str) -> Enrolment | None:
    """The enrolment when it is inside the region."""
    row = enrolments.find_enrolment(tx, enrolment_id)
    return row if row is not None and in_scope(region, row.region) else None
