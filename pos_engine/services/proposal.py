"""What an officer sends to propose a face, what it becomes in the database, and its answer."""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from biometrics.template import Template
from pos_engine.engine import Engine
from pos_engine.matching.matcher import Matcher
from pos_engine.rules.enrolment import EnrolmentReason, Status, first_status
from pos_engine.rules.ids import KpmId, PersonId, new_uuid7
from pos_engine.services.enrolment_factor import Factor
from pos_engine.services.enrolment_search import Searched
from pos_engine.services.sessions import Session
from pos_engine.store.enrolment_findings import Event, Finding
from pos_engine.store.enrolments import Enrolment
from pos_engine.store.templates import SealedTemplate


@dataclass(frozen=True, slots=True)
class Consent:
    """What she was told and what she said."""

    given: bool
    text_version: str
    language: str
    witness: str | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Proposal:
    """Who, the pictures, and the honesty of their taking."""

    enrolment_id: str
    kpm_id: str
    person_id: str
    images: list[bytes]
    consent: Consent
    factor: Factor | None
    started_at: datetime
    finished_at: datetime
    region: str
    shop_id: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """An enrolment as it stands; `new` when this request wrote it."""

    enrolment: Enrolment
    findings: list[Finding]
    new: bool = False


def content_hash(proposal: Proposal) -> bytes:
    """The fingerprint of a proposal, without the factor's value; of a "no" only the asking."""
    consent = proposal.consent
    parts: list[object] = [
        proposal.kpm_id,
        proposal.person_id,
        [consent.given, consent.text_version, consent.language, consent.witness],
        [proposal.region, proposal.shop_id],
    ]
    if consent.given:
        times = (proposal.started_at, proposal.finished_at)
        parts.append([each.astimezone(UTC).isoformat() for each in times])
        parts.append([hashlib.sha256(image).hexdigest() for image in proposal.images])
        parts.append(proposal.factor.kind if proposal.factor else None)
    return hashlib.sha256(json.dumps(parts).encode()).digest()


def declined(engine: Engine, session: Session, proposal: Proposal, region: str) -> Enrolment:
    """She said no: that she was asked, by whom and where. Nothing else is kept."""
    return Enrolment(
        enrolment_id=proposal.enrolment_id,
        kpm_id=proposal.kpm_id,
        person_id=proposal.person_id,
        region=region,
        status=Status.DECLINED_BY_KPM,
        content=content_hash(proposal),
        consent_text=proposal.consent.text_version,
        consent_language=proposal.consent.language,
        consent_witness=proposal.consent.witness,
        place_region=proposal.region,
        place_shop_id=proposal.shop_id,
        proposed_by=session.staff_id,
        proposed_at=engine.now(),
    )


def judged(
    asked: Enrolment,
    proposal: Proposal,
    face: Template,
    searched: Searched,
    matcher: Matcher,
    version: int,
    accept: float,
) -> Enrolment:
    """The row of a face that was searched: stopped, to be reviewed, or plain."""
    if searched.staff_id is not None:
        return replace(asked, status=Status.REFUSED, reason=EnrolmentReason.STAFF_FACE.value)
    row = replace(
        asked,
        status=first_status(len(searched.findings), searched.likeness_to_old, accept),
        factor=proposal.factor.kind if proposal.factor else None,
        started_at=proposal.started_at,
        finished_at=proposal.finished_at,
        sealed=b"",
        model_id=face.model_id,
        version=version,
        quality=face.quality,
        pictures=len(proposal.images),
        likeness_to_old=searched.likeness_to_old,
        searched_families=searched.families,
        searched_templates=searched.templates,
    )
    return replace(row, sealed=matcher.seal(face, template_of(row).bound_to))


def template_of(row: Enrolment) -> SealedTemplate:
    """The template that this enrolment puts in force; it bears the enrolment's id."""
    if row.sealed is None or row.model_id is None or row.version is None or row.quality is None:
        raise LookupError(row.enrolment_id)
    return SealedTemplate(
        template_id=row.enrolment_id,
        kpm_id=KpmId(row.kpm_id),
        person_id=PersonId(row.person_id),
        model_id=row.model_id,
        version=row.version,
        sealed=row.sealed,
        quality=row.quality,
    )


def step_of(
    session: Session, row: Enrolment, kind: str, now: datetime, note: str | None = None
) -> Event:
    """One step of an enrolment for its log: who, in which role, from which device."""
    return Event(
        event_id=new_uuid7(now),
        enrolment_id=row.enrolment_id,
        kpm_id=row.kpm_id,
        kind=kind,
        reason=row.reason,
        staff_id=session.staff_id,
        role=session.role.value,
        device_id=session.device_id,
        note=note,
        at=now,
    )
