"""Identify a payer by face: the shop's families, the village, the kecamatan, a birth date."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from biometrics.gallery import Candidate, Scope
from biometrics.policy import Ambiguous, Match, NoMatch, identify
from biometrics.scopes import ScopeKind, kecamatan_of
from biometrics.template import Template
from pos_engine.engine import Engine
from pos_engine.matching.matcher import Found, Matcher
from pos_engine.rules.face_risk import FaceEvidence, FaceVerdict, judge_face
from pos_engine.rules.identity import Method
from pos_engine.rules.ids import KpmId, PersonId
from pos_engine.rules.reasons import Reason
from pos_engine.services.delegate_buys import allowed_as
from pos_engine.services.faces import Unreadable
from pos_engine.services.identification import (
    Asked,
    Identification,
    Searched,
    factors_of,
    factors_of_live,
    logged,
    proven,
    refused,
    retake,
    step_up_needed,
    with_evidence,
)
from pos_engine.services.probe import take_probe
from pos_engine.services.refresh import with_frames
from pos_engine.store import look_alikes
from pos_engine.store.database import Tx, UnavailableError

VILLAGE_DOTS = 3  # PP.RR.DD.VVVV
CANDIDATES = 10  # enough to hold a second family: relatives of the first do not count as rivals


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


@dataclass(frozen=True, slots=True)
class _Hit:
    """What was found in the scope of this kind."""

    kind: str
    found: Found
    judged: Match | Ambiguous | NoMatch


def identify_face(engine: Engine, asked: Asked, ask: FaceAsk) -> Identification:
    """Search the shop's families, the village, the kecamatan, then everyone born on a date.

    Without a passed challenge a hit is a step-up; with one it identifies when the risk of taking
    a stranger for her, at the real size of the block, is within the budget.
    """
    search = _prepare(engine, asked, ask)
    if isinstance(search, Unreadable):
        answer = retake(Method.FACE, search)
        return engine.database.transact(lambda tx: logged(tx, asked, answer))
    if engine.matcher is None:
        raise UnavailableError
    hit = _find(engine, engine.matcher, asked, search)
    answer = engine.database.transact(
        lambda tx: logged(tx, asked, _judged(tx, engine, asked, search, hit))
    )
    return with_frames(engine, engine.matcher, answer, search.probe, live=search.live)


def _prepare(engine: Engine, asked: Asked, ask: FaceAsk) -> _Search | Unreadable:
    probe = take_probe(engine, asked.place, ask.images, ask.challenge_id)
    if isinstance(probe, Unreadable):
        return probe
    return _Search(probe.template, probe.live, ask.birth_date)


def _scopes(asked: Asked, birth_date: date | None) -> list[Scope]:
    """From the smallest block to the largest; a village too small to be known is left out."""
    region = asked.shop.region
    scopes = [Scope(ScopeKind.SHOP, asked.place.shop_id)]
    if region.count(".") == VILLAGE_DOTS:
        scopes.append(Scope(ScopeKind.VILLAGE, region))
        scopes.append(Scope(ScopeKind.KECAMATAN, kecamatan_of(region)))
    if birth_date is not None:
        scopes.append(Scope(ScopeKind.BIRTH_DATE, birth_date.isoformat()))
    return scopes


def _find(engine: Engine, matcher: Matcher, asked: Asked, search: _Search) -> _Hit:
    """The first scope that holds somebody like the probe, or the last that does not."""
    compared = 0
    for scope in _scopes(asked, search.birth_date):
        found = matcher.search(search.probe, scope, CANDIDATES)
        compared += found.templates  # a stranger had all these chances to be taken for somebody
        judged = identify(found.candidates, compared, engine.thresholds)
        if not isinstance(judged, NoMatch):
            break
    return _Hit(scope.kind, found, judged)


def _judged(tx: Tx, engine: Engine, asked: Asked, search: _Search, hit: _Hit) -> Identification:
    seen = Searched(hit.kind, hit.found.families, None, None, 0.0, search.probe.model_id)
    match hit.judged:
        case Match(candidate=best, margin=margin, fpir=fpir):
            seen = replace(seen, score=best.score, margin=margin, fpir_estimate=fpir)
            alike = _relative_close(hit.found.candidates, best, engine) or look_alikes.flagged(
                tx, best.person_id
            )
            verdict = judge_face(FaceEvidence(search.live, fpir, alike), engine.face_risk_budget)
            # a date that was given may have cut the gallery: it proves nothing more
            may_say_date = search.live and search.birth_date is None
            answer = _answer(tx, engine, asked, best, verdict, may_say_date=may_say_date)
        case Ambiguous(candidate=best, margin=margin):
            seen = replace(seen, score=best.score, margin=margin, fpir_estimate=1.0)
            answer = refused(Method.FACE, Reason.FACE_AMBIGUOUS)
        case NoMatch(best_score=score):
            seen = replace(seen, score=score)
            answer = refused(Method.FACE, Reason.FACE_NO_MATCH)
    return replace(answer, scope=seen)


def _answer(
    tx: Tx,
    engine: Engine,
    asked: Asked,
    best: Candidate,
    verdict: FaceVerdict,
    *,
    may_say_date: bool,
) -> Identification:
    kpm_id, person_id = KpmId(best.family_id), PersonId(best.person_id)
    if verdict is FaceVerdict.TOO_RISKY:
        return refused(Method.FACE, Reason.FACE_NO_MATCH)
    rights = allowed_as(tx, engine, kpm_id, person_id, Method.FACE)
    if rights is None:  # a delegate whose time is over
        return refused(Method.DELEGATE, Reason.DELEGATE_NOT_ALLOWED)
    if verdict is FaceVerdict.IDENTIFIED:
        return proven(tx, asked, kpm_id, person_id, rights.method, evidence=rights.evidence)
    factors = (
        factors_of_live(tx, asked, kpm_id, person_id) if may_say_date else factors_of(tx, kpm_id)
    )
    claim = step_up_needed(asked, kpm_id, person_id, rights.method, factors)
    return with_evidence(claim, rights.evidence)


def _relative_close(candidates: Sequence[Candidate], best: Candidate, engine: Engine) -> bool:
    """Does a second person of the same family look like the probe too."""
    return any(
        each.family_id == best.family_id
        and each.person_id != best.person_id
        and each.score >= engine.thresholds.identify_accept
        for each in candidates
    )
