"""Identify a payer by face: among a shop's families and the village, or against one NIK."""

from dataclasses import replace

from biometrics.gallery import ExactGallery, Scope
from biometrics.policy import Ambiguous, Match, NoMatch, Rejected, identify, verify
from biometrics.template import Template
from pos_engine.engine import Engine
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId
from pos_engine.rules.reasons import Reason
from pos_engine.services.faces import Unreadable, one_template, open_gallery
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
from pos_engine.store.database import Tx

CANDIDATES = 10  # enough to hold a second family: relatives of the first do not count as rivals


def identify_face(engine: Engine, asked: Asked, images: list[bytes]) -> Identification:
    """Search the shop's families, then the village. A hit is a step-up, never a name."""
    probe = one_template(engine, images)
    if isinstance(probe, Unreadable):
        answer = retake(Method.FACE, probe)
        return engine.database.transact(lambda tx: logged(tx, asked, answer))
    return engine.database.transact(lambda tx: logged(tx, asked, _search(tx, engine, asked, probe)))


def _search(tx: Tx, engine: Engine, asked: Asked, probe: Template) -> Identification:
    scopes = (
        (Scope("SHOP", asked.place.shop_id), {"shop_id": asked.place.shop_id}),
        (Scope("VILLAGE", asked.shop.region), {"village": asked.shop.region}),
    )
    answer = refused(Method.FACE, Reason.FACE_NO_MATCH)
    for scope, where in scopes:
        rows = templates.gallery(tx, probe.model_id, **where)
        gallery = open_gallery(engine.keys, rows, probe.model_id, scope)
        answer = _judge_search(tx, engine, asked, gallery, scope, probe)
        if answer.reason is not Reason.FACE_NO_MATCH:
            return answer
    return answer


def _judge_search(
    tx: Tx, engine: Engine, asked: Asked, gallery: ExactGallery, scope: Scope, probe: Template
) -> Identification:
    candidates = gallery.search(probe, scope, CANDIDATES)
    size = gallery.size_families(scope)
    match identify(candidates, gallery.size_templates(scope), engine.thresholds):
        case Match(candidate=best, margin=margin, fpir=fpir):
            searched = Searched(scope.kind, size, best.score, margin, fpir, probe.model_id)
            kpm_id, person_id = KpmId(best.family_id), PersonId(best.person_id)
            factors = factors_of(tx, kpm_id)
            hit = step_up_needed(asked, kpm_id, person_id, Method.FACE, factors)
            return replace(hit, scope=searched)
        case Ambiguous(candidate=best, margin=margin):
            searched = Searched(scope.kind, size, best.score, margin, 1.0, probe.model_id)
            return replace(refused(Method.FACE, Reason.FACE_AMBIGUOUS), scope=searched)
        case NoMatch(best_score=score):
            searched = Searched(scope.kind, size, score, None, 0.0, probe.model_id)
            return replace(refused(Method.FACE, Reason.FACE_NO_MATCH), scope=searched)


def identify_ktp(engine: Engine, asked: Asked, nik: str, images: list[bytes]) -> Identification:
    """A NIK claims who it is; the face is compared with that person alone (1:1)."""
    probe = one_template(engine, images)
    if isinstance(probe, Unreadable):
        answer = retake(Method.KTP, probe)
        return engine.database.transact(lambda tx: logged(tx, asked, answer))

    def work(tx: Tx) -> Identification:
        known = families.find_credential(tx, NIK, engine.keys.lookup(NIK, nik))
        if known is None:
            return logged(tx, asked, refused(Method.KTP, Reason.PAYER_UNKNOWN))
        return logged(tx, asked, _verify(tx, engine, asked, known, probe))

    return engine.database.transact(work)


def _verify(
    tx: Tx, engine: Engine, asked: Asked, known: families.Known, probe: Template
) -> Identification:
    rows = templates.gallery(tx, probe.model_id, kpm_id=known.kpm_id)
    mine = [row for row in rows if row.person_id == known.person_id]
    scope = Scope("PERSON", known.person_id)
    gallery = open_gallery(engine.keys, mine, probe.model_id, scope)
    best = next(iter(gallery.search(probe, scope, 1)), None)
    score = best.score if best else -1.0
    searched = Searched(scope.kind, 1, score, None, 0.0, probe.model_id)
    if isinstance(verify(score, engine.thresholds), Rejected):
        return replace(refused(Method.KTP, Reason.FACE_NO_MATCH), scope=searched)
    factors = factors_of(tx, known.kpm_id)
    hit = step_up_needed(asked, known.kpm_id, known.person_id, Method.KTP, factors)
    return replace(hit, scope=searched)
