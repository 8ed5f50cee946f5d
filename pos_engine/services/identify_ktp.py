"""Identify a payer by KTP: the NIK claims who it is, the face is compared with her alone (1:1)."""

from dataclasses import replace

from biometrics.policy import Rejected, verify
from biometrics.template import Template
from pos_engine.engine import Engine
from pos_engine.matching.matcher import UNLIKE, Matcher, Sealed
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId
from pos_engine.rules.reasons import Reason
from pos_engine.services.faces import Unreadable, one_template
from pos_engine.services.identification import (
    Asked,
    Identification,
    Searched,
    factors_of,
    logged,
    refused,
    retake,
    step_up_needed,
)
from pos_engine.services.payer import NIK
from pos_engine.store import families, templates
from pos_engine.store.database import Tx, UnavailableError

PERSON = "PERSON"


def identify_ktp(engine: Engine, asked: Asked, nik: str, images: list[bytes]) -> Identification:
    """A passed comparison is a claim: the NIK cut the gallery, so a second factor follows."""
    matcher, probe = engine.matcher, one_template(engine, images)
    if isinstance(probe, Unreadable):
        answer = retake(Method.KTP, probe)
        return engine.database.transact(lambda tx: logged(tx, asked, answer))
    if matcher is None:
        raise UnavailableError
    with engine.database.read() as tx:
        known = families.find_credential(tx, NIK, engine.keys.lookup(NIK, nik))
        stored = templates.in_force(tx, known.kpm_id, known.person_id) if known else []
    score = best_score(matcher, probe, stored)

    def work(tx: Tx) -> Identification:
        if known is None:
            return logged(tx, asked, refused(Method.KTP, Reason.PAYER_UNKNOWN))
        compared = Searched(PERSON, 1, score, None, 0.0, probe.model_id)
        if isinstance(verify(score, engine.thresholds), Rejected):
            answer = refused(Method.KTP, Reason.FACE_NO_MATCH)
        else:
            answer = _claimed(tx, asked, known.kpm_id, known.person_id)
        return logged(tx, asked, replace(answer, scope=compared))

    return engine.database.transact(work)


def _claimed(tx: Tx, asked: Asked, kpm_id: KpmId, person_id: PersonId) -> Identification:
    return step_up_needed(asked, kpm_id, person_id, Method.KTP, factors_of(tx, kpm_id))


def best_score(matcher: Matcher, probe: Template, stored: list[templates.SealedTemplate]) -> float:
    """Of the templates of the probe's model; -1 when there is none."""
    sealed = [Sealed(one.sealed, one.bound_to) for one in stored if one.model_id == probe.model_id]
    return max(matcher.scores(probe, sealed), default=UNLIKE)
