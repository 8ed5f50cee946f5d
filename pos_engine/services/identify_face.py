"""Identify a payer by face: among a shop's families and the village, or against one NIK."""

from dataclasses import dataclass, replace
from datetime import date
from typing import TypedDict

from biometrics.challenge import Action
from biometrics.gallery import Candidate, ExactGallery, Scope
from biometrics.policy import Ambiguous, Match, NoMatch, Rejected, identify, verify
from biometrics.template import Template
from pos_engine.engine import Engine
from pos_engine.rules.face_risk import FaceEvidence, FaceVerdict, judge_face
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId
from pos_engine.rules.reasons import Reason
from pos_engine.services.challenge import take_challenge
from pos_engine.services.faces import Unreadable, live_template, one_template, open_gallery
from pos_engine.services.identification import (
    Asked,
    Identification,
    Searched,
    factors_of,
    logged,
    proven,
    refused,
    retake,
    step_up_needed,
)
from pos_engine.services.payer import NIK
from pos_engine.store import families, templates
from pos_engine.store.database import Tx

# an approach cannot tell a face from a photograph of it: only a turn counts as life
TURNS = (Action.TURN_LEFT, Action.TURN_RIGHT)
VILLAGE_DOTS = 3  # PP.RR.DD.VVVV
CANDIDATES = 10  # enough to hold a second family: relatives of the first do not count as rivals


class _Where(TypedDict, total=False):
    """The filters of a gallery; one of them is given."""

    shop_id: str
    village: str
    kecamatan: str
    birth_date: date


@dataclass(frozen=True, slots=True)
class FaceAsk:
    """Pictures of a face, and what else is known: an answered challenge, a spoken birth date."""

    images: list[bytes]
    challenge_id: str | None = None
    birth_date: date | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    """One face to be searched."""

    probe: Template
    live: bool
    birth_date: date | None


def identify_face(engine: Engine, asked: Asked, ask: FaceAsk) -> Identification:
    """Search the shop's families, the village, the kecamatan, then everyone born on a date.

    Without a passed challenge a hit is a step-up; with one it identifies when the risk of taking
    a stranger for her, at the real size of the block, is within the budget.
    """
    search = _prepare(engine, asked, ask)
    if isinstance(search, Unreadable):
        answer = retake(Method.FACE, search)
        return engine.database.transact(lambda tx: logged(tx, asked, answer))
    return engine.database.transact(
        lambda tx: logged(tx, asked, _search(tx, engine, asked, search))
    )


def _prepare(engine: Engine, asked: Asked, ask: FaceAsk) -> _Search | Unreadable:
    """Use the challenge up, then turn the pictures into one template."""
    if ask.challenge_id is None:
        probe = one_template(engine, ask.images)
        live = False
    else:
        challenge = take_challenge(engine, ask.challenge_id, asked.place)
        if challenge is None:
            return Unreadable(Reason.FACE_NOT_LIVE, "Ulangi dari awal.", "unknown or late")
        action = Action(challenge.action)
        probe, live = live_template(engine, ask.images, action), action in TURNS
    return probe if isinstance(probe, Unreadable) else _Search(probe, live, ask.birth_date)


def _scopes(asked: Asked, birth_date: date | None) -> list[tuple[Scope, _Where]]:
    """From the smallest block to the largest; a village too small to be known is left out."""
    region = asked.shop.region
    scopes: list[tuple[Scope, _Where]] = [
        (Scope("SHOP", asked.place.shop_id), {"shop_id": asked.place.shop_id})
    ]
    if region.count(".") == VILLAGE_DOTS:
        kecamatan = region.rpartition(".")[0]
        scopes.append((Scope("VILLAGE", region), {"village": region}))
        scopes.append((Scope("KECAMATAN", kecamatan), {"kecamatan": kecamatan}))
    if birth_date is not None:
        born = birth_date.isoformat()
        scopes.append((Scope("BIRTH_DATE", born), {"birth_date": birth_date}))
    return scopes


def _search(tx: Tx, engine: Engine, asked: Asked, search: _Search) -> Identification:
    answer = refused(Method.FACE, Reason.FACE_NO_MATCH)
    for scope, where in _scopes(asked, search.birth_date):
        rows = templates.gallery(tx, search.probe.model_id, **where)
        gallery = open_gallery(engine.keys, rows, search.probe.model_id, scope)
        answer = _judge_search(tx, engine, asked, gallery, scope, search)
        if answer.reason is not Reason.FACE_NO_MATCH:
            return answer
    return answer


def _judge_search(
    tx: Tx, engine: Engine, asked: Asked, gallery: ExactGallery, scope: Scope, search: _Search
) -> Identification:
    probe = search.probe
    candidates = gallery.search(probe, scope, CANDIDATES)
    size = gallery.size_families(scope)
    match identify(candidates, gallery.size_templates(scope), engine.thresholds):
        case Match(candidate=best, margin=margin, fpir=fpir):
            searched = Searched(scope.kind, size, best.score, margin, fpir, probe.model_id)
            evidence = FaceEvidence(search.live, fpir, _relative_close(candidates, best, engine))
            verdict = judge_face(evidence, engine.face_risk_budget)
            return replace(_answer(tx, asked, best, verdict), scope=searched)
        case Ambiguous(candidate=best, margin=margin):
            searched = Searched(scope.kind, size, best.score, margin, 1.0, probe.model_id)
            return replace(refused(Method.FACE, Reason.FACE_AMBIGUOUS), scope=searched)
        case NoMatch(best_score=score):
            searched = Searched(scope.kind, size, score, None, 0.0, probe.model_id)
            return replace(refused(Method.FACE, Reason.FACE_NO_MATCH), scope=searched)


def _answer(tx: Tx, asked: Asked, best: Candidate, verdict: FaceVerdict) -> Identification:
    kpm_id, person_id = KpmId(best.family_id), PersonId(best.person_id)
    match verdict:
        case FaceVerdict.IDENTIFIED:
            return proven(tx, asked, kpm_id, person_id, Method.FACE)
        case FaceVerdict.STEP_UP:
            return step_up_needed(asked, kpm_id, person_id, Method.FACE, factors_of(tx, kpm_id))
        case FaceVerdict.TOO_RISKY:
            return refused(Method.FACE, Reason.FACE_NO_MATCH)


def _relative_close(candidates: list[Candidate], best: Candidate, engine: Engine) -> bool:
    """Does a second person of the same family look like the probe too."""
    return any(
        each.family_id == best.family_id
        and each.person_id != best.person_id
        and each.score >= engine.thresholds.identify_accept
        for each in candidates
    )


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
