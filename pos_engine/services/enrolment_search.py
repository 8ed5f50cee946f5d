"""Who else looks like a proposed face: staff, the enrolled of the nation, other proposals."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from biometrics.policy import fpir_estimate
from biometrics.scopes import NATION
from biometrics.template import Template
from biometrics.thresholds import Thresholds
from pos_engine.engine import Engine
from pos_engine.matching.matcher import Matcher, Sealed
from pos_engine.rules.enrolment import staff_stops
from pos_engine.store import enrolments, staff_faces, templates
from pos_engine.store.enrolment_findings import ENROLLED, FINDINGS_MAX, PROPOSED, STAFF, Finding

CANDIDATES = 10  # persons of the nation who are looked at
COMPARED_AT_ONCE_MAX = 1_000  # sealed templates in one call of the matcher


@dataclass(frozen=True, slots=True)
class Searched:
    """What was found. `staff_id`: a member of staff for sure, so nothing else was searched."""

    findings: list[Finding] = field(default_factory=list)
    families: int = 0
    templates: int = 0
    likeness_to_old: float | None = None
    staff_id: str | None = None


@dataclass(frozen=True, slots=True)
class _Search:
    """The proposed face and what it is compared with."""

    engine: Engine
    matcher: Matcher
    face: Template
    kpm_id: str
    person_id: str

    @property
    def thresholds(self) -> Thresholds:
        """The operating points of the face's model."""
        return self.engine.thresholds

    def risk(self, score: float, size: int) -> float:
        """How often a stranger reaches this score among so many."""
        return fpir_estimate(score, size, self.thresholds)


def search_look_alikes(
    engine: Engine, matcher: Matcher, face: Template, kpm_id: str, person_id: str
) -> Searched:
    """Staff first: one of them stops everything. Then other families, best first."""
    search = _Search(engine, matcher, face, kpm_id, person_id)
    staff = list(_staff(search))
    accept = search.thresholds.verify_accept
    for hit in staff:
        if staff_stops(hit.score, accept, hit.fpir_estimate):
            return Searched(staff_id=hit.person_id)
    found = matcher.search(face, NATION, CANDIDATES)
    enrolled = [
        _finding(ENROLLED, each.template_id, each.family_id, each.person_id, each.score,
                 search.risk(each.score, found.templates))
        for each in found.candidates
        if each.family_id != kpm_id and each.score >= search.thresholds.identify_accept
    ]  # fmt: skip
    hits = sorted([*staff, *enrolled, *_proposed(search)], key=lambda each: -each.score)
    return Searched(
        findings=[replace(each, number=at) for at, each in enumerate(hits[:FINDINGS_MAX], 1)],
        families=found.families,
        templates=found.templates,
        likeness_to_old=_likeness_to_old(search),
    )


def _staff(search: _Search) -> Iterator[Finding]:
    """Staff who look like the face, but for the one who is registered as this very person."""
    database, model_id = search.engine.database, search.face.model_id
    with database.read() as tx:
        size = staff_faces.count_faces(tx, model_id)
    after = ""
    for _ in range(0, staff_faces.STAFF_TEMPLATES_MAX, COMPARED_AT_ONCE_MAX):
        with database.read() as tx:
            page = staff_faces.faces_after(tx, model_id, after, COMPARED_AT_ONCE_MAX)
        if not page:
            return
        after = page[-1].staff_id
        scores = _scores(search, [Sealed(each.sealed, each.bound_to) for each in page])
        for each, score in zip(page, scores, strict=True):
            if score >= search.thresholds.verify_accept and each.person_id != search.person_id:
                risk = search.risk(score, size)
                yield _finding(STAFF, each.staff_id, None, each.staff_id, score, risk)


def _proposed(search: _Search) -> Iterator[Finding]:
    """Proposals of other families that nobody has decided yet: they are in no index."""
    after, seen = "", 0
    while seen < enrolments.PENDING_MAX:
        with search.engine.database.read() as tx:
            page = enrolments.pending(tx, search.face.model_id, after, COMPARED_AT_ONCE_MAX)
        if not page:
            return
        after, seen = page[-1].enrolment_id, seen + len(page)
        others = [each for each in page if each.kpm_id != search.kpm_id]
        scores = _scores(search, [Sealed(each.sealed, each.bound_to) for each in others])
        for each, score in zip(others, scores, strict=True):
            if score >= search.thresholds.identify_accept:
                risk = search.risk(score, seen)
                yield _finding(
                    PROPOSED, each.enrolment_id, each.kpm_id, each.person_id, score, risk
                )


def _likeness_to_old(search: _Search) -> float | None:
    """The best cosine with her own face in force; None when there is none to compare."""
    with search.engine.database.read() as tx:
        mine = templates.in_force(tx, search.kpm_id, search.person_id)
    same_model = [each for each in mine if each.model_id == search.face.model_id]
    scores = _scores(search, [Sealed(each.sealed, each.bound_to) for each in same_model])
    return max(scores, default=None)


def _scores(search: _Search, stored: Sequence[Sealed]) -> list[float]:
    return search.matcher.scores(search.face, stored) if stored else []


def _finding(
    source: str, template_id: str, kpm_id: str | None, person_id: str, score: float, risk: float
) -> Finding:
    return Finding(0, source, template_id, kpm_id, person_id, score, risk)
