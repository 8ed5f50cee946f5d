"""Identify a payer by KTP: the NIK claims who it is, the face is compared with her alone (1:1).

The NIK is of a member of the family, or of a delegate, who says for whom she buys when there are
several. A turn of the head and a sure likeness prove her, as with a face; else a factor follows.
"""

from dataclasses import dataclass, field, replace

from biometrics.policy import Accepted, Rejected, fpir_estimate, verify
from biometrics.template import Template
from pos_engine.engine import Engine
from pos_engine.matching.matcher import UNLIKE, Matcher, Sealed
from pos_engine.rules.delegation import DelegationState
from pos_engine.rules.face_risk import FaceEvidence, FaceVerdict, judge_face
from pos_engine.rules.identity import Method, masked_name
from pos_engine.rules.ids import KpmId, PersonId
from pos_engine.rules.reasons import Reason
from pos_engine.services.delegate_buys import Rights, allowed_as, rights_by
from pos_engine.services.delegates import in_force_of_family
from pos_engine.services.faces import Unreadable
from pos_engine.services.identification import (
    Asked,
    Identification,
    Searched,
    Status,
    factors_of,
    head_name,
    logged,
    proven,
    refused,
    retake,
    step_up_needed,
    with_evidence,
)
from pos_engine.services.payer import NIK
from pos_engine.services.probe import Probe, take_probe
from pos_engine.store import delegations, families, look_alikes, templates
from pos_engine.store.database import Tx, UnavailableError

PERSON = "PERSON"
FOR_WHOM = "Untuk keluarga siapa belanja ini?"
CHOOSE = "Pilih keluarganya, lalu foto sekali lagi."


@dataclass(frozen=True, slots=True)
class _Claim:
    """Whom a NIK claims. `wanted` are the families she may buy for, each by which right."""

    person: tuple[KpmId, PersonId] | None = None  # where her face is known
    wanted: dict[KpmId, Rights] = field(default_factory=dict)
    reason: Reason = Reason.PAYER_UNKNOWN  # when there is none


def identify_ktp(
    engine: Engine,
    asked: Asked,
    nik: str,
    images: list[bytes],
    *,
    challenge_id: str | None = None,
    for_kpm_id: str | None = None,
) -> Identification:
    """Compare her with the one person behind the NIK. `for_kpm_id` is said by a delegate."""
    matcher, probe = engine.matcher, take_probe(engine, asked.place, images, challenge_id)
    if isinstance(probe, Unreadable):
        answer = retake(Method.KTP, probe)
        return engine.database.transact(lambda tx: logged(tx, asked, answer))
    if matcher is None:
        raise UnavailableError
    with engine.database.read() as tx:
        claim = _claim(tx, engine, engine.keys.lookup(NIK, nik), for_kpm_id)
        stored = _stored(tx, claim)
    compared = _compared(engine, matcher, probe, claim, stored)
    return engine.database.transact(
        lambda tx: logged(tx, asked, _answer(tx, asked, claim, compared), *_whose(claim))
    )


def _claim(tx: Tx, engine: Engine, hashed: bytes, for_kpm_id: str | None) -> _Claim:
    known = families.find_credential(tx, NIK, hashed)
    person = (known.kpm_id, known.person_id) if known else None
    wanted: dict[KpmId, Rights] = {}
    own = allowed_as(tx, engine, *person, Method.KTP) if person else None
    if person and own and own.method is Method.KTP:
        wanted[person[0]] = own
    living = delegations.living_of_delegate(tx, hashed)
    for each in living:
        if in_force_of_family(tx, engine, each.kpm_id, [each]):
            wanted[each.kpm_id] = rights_by(each)
            person = person or (each.delegate_kpm_id, each.delegate_person_id)
    ended = any(each.status is DelegationState.APPROVED for each in living) or person is not None
    if for_kpm_id is not None:
        wanted = {kpm_id: right for kpm_id, right in wanted.items() if kpm_id == for_kpm_id}
        ended = True
    elif person and own and own.method is Method.KTP:
        wanted = {person[0]: own}  # who says nothing buys for her own family
    reason = Reason.DELEGATE_NOT_ALLOWED if ended else Reason.PAYER_UNKNOWN
    return _Claim(person, wanted, reason)


def _stored(tx: Tx, claim: _Claim) -> list[templates.SealedTemplate]:
    """Her own faces in force, and those of her relatives."""
    if claim.person is None:
        return []
    kpm_id, person_id = claim.person
    family = [each for each in templates.in_force(tx, kpm_id) if each.person_id != person_id]
    return [*templates.in_force(tx, kpm_id, person_id), *family]


def _whose(claim: _Claim) -> tuple[KpmId | None]:
    """The family under which the attempt is kept."""
    return (next(iter(claim.wanted), claim.person[0] if claim.person else None),)


@dataclass(frozen=True, slots=True)
class _Compared:
    """What the face said."""

    seen: Searched
    rejected: bool
    sure: bool  # alike, alive, and nobody of her family looks like her


def _compared(
    engine: Engine,
    matcher: Matcher,
    probe: Probe,
    claim: _Claim,
    stored: list[templates.SealedTemplate],
) -> _Compared:
    """Her own best score, and whether a relative would have passed as well."""
    person_id = claim.person[1] if claim.person else ""
    hers = [each for each in stored if each.person_id == person_id]
    others = [each for each in stored if each.person_id != person_id]
    score = best_score(matcher, probe.template, hers)
    rival = best_score(matcher, probe.template, others)
    thresholds, verdict = engine.thresholds, verify(score, engine.thresholds)
    risk = fpir_estimate(score, 1, thresholds)
    with engine.database.read() as tx:
        twin = look_alikes.flagged(tx, person_id)
    alike = twin or rival >= thresholds.identify_accept
    judged = judge_face(FaceEvidence(probe.live, risk, alike), engine.face_risk_budget)
    return _Compared(
        seen=Searched(PERSON, 1, score, None, risk, probe.template.model_id),
        rejected=isinstance(verdict, Rejected),
        sure=isinstance(verdict, Accepted) and judged is FaceVerdict.IDENTIFIED,
    )


def _answer(tx: Tx, asked: Asked, claim: _Claim, compared: _Compared) -> Identification:
    if not claim.wanted:
        method = Method.KTP if claim.reason is Reason.PAYER_UNKNOWN else Method.DELEGATE
        return refused(method, claim.reason)
    if compared.rejected:
        return replace(refused(Method.KTP, Reason.FACE_NO_MATCH), scope=compared.seen)
    if len(claim.wanted) > 1:
        return replace(_which_family(tx, claim), scope=compared.seen)
    [(kpm_id, right)] = claim.wanted.items()
    return replace(_for_family(tx, asked, claim, kpm_id, right, compared), scope=compared.seen)


def _which_family(tx: Tx, claim: _Claim) -> Identification:
    """Her face fits; now she must say for whom. No token: the next call brings one."""
    reason = Reason.STEP_UP_REQUIRED
    names = tuple((kpm_id, masked_name(head_name(tx, kpm_id))) for kpm_id in claim.wanted)
    return Identification(
        Status.STEP_UP, Method.DELEGATE, None, reason, FOR_WHOM, CHOOSE, families=names
    )


def _for_family(
    tx: Tx, asked: Asked, claim: _Claim, kpm_id: KpmId, right: Rights, compared: _Compared
) -> Identification:
    if claim.person is None:
        raise LookupError(kpm_id)  # a right without a person: a fault
    who = (kpm_id, claim.person[1], right.method)
    if compared.sure:
        return proven(tx, asked, *who, evidence=right.evidence)
    return with_evidence(step_up_needed(asked, *who, factors_of(tx, kpm_id)), right.evidence)


def best_score(matcher: Matcher, probe: Template, stored: list[templates.SealedTemplate]) -> float:
    """Of the templates of the probe's model; -1 when there is none."""
    sealed = [Sealed(one.sealed, one.bound_to) for one in stored if one.model_id == probe.model_id]
    return max(matcher.scores(probe, sealed), default=UNLIKE)
